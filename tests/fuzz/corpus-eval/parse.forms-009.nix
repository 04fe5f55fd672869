''
  two
    lines
''