let
  assertMsg = cond: msg: if cond then true else throw msg;
in
assert assertMsg (1 == 2) "one is not two";
"unreachable"