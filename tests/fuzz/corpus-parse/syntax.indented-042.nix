''
  ${"a"}  
  ${''
      inner
        indented
    ''}
  end
''