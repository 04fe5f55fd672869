''  first
  second
    third''