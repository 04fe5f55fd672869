''
  last line closes further out
    ''