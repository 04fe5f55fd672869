''
  only the interpolation is indented ${
"z"
  } yes
''