''
  crlf
    lines
''