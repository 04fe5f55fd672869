#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Deep nesting, deep recursion, large values, cyclic values, little stack and little memory: an answer or a clear error, never a crash or a hang.
# extremes.sh NIX_INSTANTIATE
set -u
nix=$(realpath -s "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export HOME=$work NIX_REMOTE="local?root=$work/root" NIX_STATE_DIR= NIX_PATH=
unset NIX_STATE_DIR
passed=0 failed=0
deep=200000

say() { # OK NAME WORDS...
  if [ "$1" = 1 ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: ${*:2}"
  fi
}

# Exit status 0 with a line on stdout, or 1 with 'error:' on stderr; within the time.
run() { # NAME ARGS...
  local name=$1 status ok=0
  shift
  timeout -k 1 30 "$nix" "$@" >out 2>err
  status=$?
  [ $status = 0 ] && [ -s out ] && ok=1
  [ $status = 1 ] && grep -q '^error:' err && ok=1
  say $ok "$name: exit $status: $(head -c 300 err)"
}
want() { # NAME TEXT ARGS...: the output, or a part of the error
  local name=$1 text=$2
  shift 2
  run "$name" "$@"
  if grep -qF -- "$text" out err; then say 1; else say 0 "$name: no '$text' in $(head -c 200 out err)"; fi
}

many() { awk -v s="$1" -v n="$deep" 'BEGIN { while (n--) printf "%s", s }'; }
nest() { # BEFORE INNERMOST [AFTER]
  many "$1"
  echo "$2"
  [ -z "${3:-}" ] || many "$3"
}

# Nesting of every kind that the grammar has; the parser's own stack is the machine's memory.
nest - 1 >minus.nix
nest '!' true >not.nix
nest '(' 1 ')' >parens.nix
nest '[' '' ']' >lists.nix
nest '{a=' 1 ';}' >sets.nix
nest 'rec{a=' 1 ';}' >recs.nix
nest '{}//' '{}' >update.nix
nest '[]++' '[]' >concat.nix
nest '1+' 1 >plus.nix
nest 'let a=1;in ' a >let.nix
nest '"${' '"a"' '}"' >string.nix
nest "''\${" '"a"' "}''" >indented.nix
nest 'with{a=1;};' a >with.nix
nest 'x: ' 1 >lambda.nix
nest '{}: ' 1 >formals.nix
nest 'if true then ' 1 ' else 2' >if.nix
nest 'assert true;' 1 >assert.nix
nest 'true->' true >implies.nix
nest 'true&&' true >and.nix
{ echo '{}'; many .a; echo ' or 1'; } >select.nix
{ echo '{a'; many .a; echo '=1;}'; } >path.nix
{ echo '(x: x)'; many ' (x: x)'; } >call.nix
for f in *.nix; do
  run "$f, eval" --eval "$f"
done
for f in minus not parens lists sets plus string select path; do
  run "$f, parse" --parse $f.nix
  run "$f, strict" --eval --strict --json $f.nix
done
want 'select' 1 --eval select.nix
want 'not' true --eval not.nix
( ulimit -s 128
  for f in minus parens lists string lambda; do run "$f, little stack" --eval --strict $f.nix; done
  echo "$passed $failed" >counts )
read -r passed failed <counts
want 'unclosed' 'syntax error' --parse -E "$(head -c 100000 lists.nix)"

# Recursion of the program's own.
want 'calls' 'stack overflow; max-call-depth exceeded' --eval -E 'let f = x: f x; in f 1'
want 'calls, a stack for each' 'stack overflow' --eval -E 'let f = n: 1 + f (n + 1); in f 1'
want 'sets' 'stack overflow' --eval --strict -E 'let f = n: { a = f (n + 1); }; in f 0'
want 'itself' 'infinite recursion encountered' --eval -E 'let x = x; in x'

# Values that contain themselves.
want 'printed' '{ a = «repeated»; }' --eval --strict -E 'let x = { a = x; }; in x'
want 'JSON' 'stack overflow' --eval --strict --json -E 'let x = [ x ]; in x'
want 'toJSON' 'stack overflow' --eval -E 'let x = { a = x; }; in builtins.toJSON x'
want 'XML' 'stack overflow' --eval --xml --strict -E 'let x = [ x ]; in x'
want 'equal to itself' true --eval -E 'let x = { a = x; }; in x == x'
want 'compared' 'stack overflow' --eval -E 'let x = [ x ]; y = [ y ]; in x == y'
want 'less' 'stack overflow' --eval -E 'let x = [ x ]; y = [ y ]; in x < y'
want 'deepSeq' 1 --eval -E 'let x = { a = x; }; in builtins.deepSeq x 1'
want 'toString' 'stack overflow' --eval -E 'let x = [ x ]; in toString x'
want '__toString' 'stack overflow' --eval -E 'let x = { __toString = s: s; }; in "${x}"'

# Size.
double='let d = s: n: if n == 0 then s else d (s + s) (n - 1); in'
want 'a string of 160 MB' 167772160 --eval -E "$double builtins.stringLength (d \"0123456789\" 24)"
want 'its hash' 2b65c5f2bb2a75cc --eval -E "$double builtins.hashString \"sha256\" (d \"aaaaaaaaaa\" 23)"
want 'its match' true --eval -E "$double builtins.match \"a*\" (d \"aaaaaaaaaa\" 18) == []"
want 'a list of ten million' 10000000 --eval -E 'builtins.length (builtins.genList (x: x) 10000000)'
want 'its sum' 49999995000000 --eval -E "builtins.foldl' builtins.add 0 (builtins.genList (x: x) 10000000)"
run 'too long' --eval -E 'builtins.genList (x: x) 1000000000000'
run 'longer still' --eval -E 'builtins.genList (x: x) 9223372036854775807'

# Little memory.
( ulimit -v 100000
  want 'one and one' 2 --eval -E '1 + 1'
  want 'a long list' 'out of memory' --eval -E 'builtins.length (builtins.genList (x: x) 10000000)'
  want 'a long string' 'out of memory' --eval -E "$double builtins.stringLength (d \"0123456789\" 24)"
  want 'calls' 'stack overflow' --eval -E 'let f = x: f x; in f 1'
  echo "$passed $failed" >counts )
read -r passed failed <counts

echo "$passed passed, $failed failed"
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed 0" >"$KERNIX_REPORT"
[ $failed = 0 ]
