''
    '''ticks at the start of a line
  less
''