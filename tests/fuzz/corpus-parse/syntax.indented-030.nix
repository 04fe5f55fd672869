''
  spaces only on the next line
    
  end
''