# SPDX-License-Identifier: GPL-2.0-or-later
# Derivations for tests/build/run.sh. Each is small; `n` makes a new derivation of the same kind;
# `mark` is a number by which the test knows its processes.
{ n ? "0", mark ? "98765" }:
let
  drv = name: script: attrs: derivation ({
    inherit name n;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" script ];
    PATH = "/usr/bin:/bin";
  } // attrs);
  mib = "1048576";
in rec {
  trivial = drv "trivial" "echo hello > $out" { };
  same-name = builtins.genList (i: drv "same-name" "echo ${toString i} > $out" { inherit i; }) 6;
  no-builder = derivation { name = "no-builder"; system = builtins.currentSystem; builder = "/nonexistent/builder"; inherit n; };
  chain = drv "chain" "mkdir $out; ln -s ${trivial} $out/link; echo $out > $out/self; echo '#!/bin/sh' > $out/run; chmod 755 $out/run" { };
  multi = drv "multi" "mkdir $out $dev; echo $dev > $out/a; echo b > $dev/b" { outputs = [ "out" "dev" ]; };

  # What a builder sees.
  sees = drv "sees" ''
    {
      echo "root: $(echo /* | sed -E 's# /lib(32|x32|64)##g')"
      echo "store: $(cd /nix/store; echo *)"
      echo "home: $(ls -d /home /root /var /mnt 2>/dev/null)"
      echo "links: $(ls /sys/class/net 2>/dev/null)$(sed -n 's/^ *\([a-z0-9]*\):.*/\1/p' /proc/net/dev)"
      echo "id: $(id -u):$(id -g) $(id -un):$(id -gn)"
      echo "host: $(hostname)"
      echo "umask: $(umask)"
      echo "core: $(ulimit -c)"
      echo "secrets: $(cat /proc/*/environ 2>/dev/null | tr '\0' '\n' | grep -c SECRET)"
      cd /; env | sort
    } > $out
  '' { };
  tmp = drv "tmp" "echo x > /tmp/kernix-test-$n; cp /tmp/kernix-test-$n $out" { };
  daemon = drv "daemon" "(setsid sleep ${mark} >/dev/null 2>&1 &) ; echo ok > $out" { };
  setuid = drv "setuid" ''
    mkdir $out; cp /bin/true $out/a; chmod 4755 $out/a 2>/dev/null && exit 1
    cp /bin/true $out/b; chmod g+s $out/b 2>/dev/null && exit 1
    chmod 700 $out/a; chmod 666 $out/b; touch -d 2001-01-01 $out/b
  '' { };

  # Kinds of failure.
  fails = drv "fails" "for i in $(seq 1 40); do echo line $i; done; echo broken > /build/evidence; exit 3" { };
  needs-fails = drv "needs-fails" "cat ${fails} > $out" { };
  killed = drv "linux-6.12" "echo LD vmlinux; kill -9 $$" { };
  pahole = drv "pahole" "echo 'BTF .btf.vmlinux.bin.o'; echo 'pahole: failed' >&2; exit 1" { };
  no-output = drv "no-output" "true" { };
  slow = drv "slow" "echo sleeping; sleep 60; echo x > $out" { };
  silent = drv "silent" "echo talking; sleep 60; echo x > $out" { };
  fixed = hash: drv "fixed" "echo content > $out" { outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = hash; };
  fixed-good = fixed "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53";
  fixed-bad = fixed "0000000000000000000000000000000000000000000000000000000000000000";
  fixed-tree = drv "fixed-tree" "mkdir $out; echo content > $out/f" {
    outputHashMode = "recursive"; outputHashAlgo = "sha256"; outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  };
  network = drv "network" "test -e /etc/resolv.conf; ls /etc > /dev/null; echo content > $out" {
    outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53";
    impureEnvVars = [ "KERNIX_TEST_IMPURE" ];
  };
  fills = drv "fills" "head -c 100000000 /dev/zero > $out" { };
  fills-tmp = drv "fills-tmp" "head -c 100000000 /dev/zero > /build/big; echo x > $out" { };
  random = drv "random" "mkdir -p $out/sub; echo same > $out/a; head -c 16 /dev/urandom > $out/sub/noise" { };

  # References.
  allowed = drv "allowed" "echo ${trivial} > $out" { allowedReferences = [ trivial ]; };
  not-allowed = drv "not-allowed" "echo ${trivial} > $out" { allowedReferences = [ ]; };
  self-allowed = drv "self-allowed" "echo $out > $out" { allowedReferences = [ "out" ]; };
  self-not-allowed = drv "self-not-allowed" "echo $out > $out" { allowedReferences = [ ]; };
  requisites = drv "requisites" "ln -s ${chain} $out" { disallowedRequisites = [ trivial ]; };

  # What comes with the environment.
  as-file = drv "as-file" ''cp "$bigPath" $out; env | grep -c '^big=' >> $out; echo "$small" >> $out'' {
    passAsFile = [ "big" ]; big = "one\ntwo 'quoted'\n"; small = "small";
  };
  graph = drv "graph" "mkdir $out; cp a $out/a; cp b $out/b" { exportReferencesGraph = [ "a" chain "b" chain.drvPath ]; };
  structured = derivation {
    name = "structured"; system = builtins.currentSystem; builder = "/bin/sh"; __structuredAttrs = true;
    args = [ "-c" ''
      out=$(/usr/bin/sed -n 's/.*"outputs":{"out":"\([^"]*\)".*/\1/p' .attrs.json)
      /usr/bin/mkdir $out; /usr/bin/cp .attrs.json .attrs.sh $out/
    '' ];
    inherit n; str = "it's \"quoted\" \\ \t end"; int = 42; neg = -7; float = 1.5; whole = 2.0; yes = true; no = false; nothing = null;
    list = [ 1 "two" true ]; set = { a = 1; "b c" = "x"; }; nested = { a = { b = [ 1 { c = 2; } ]; }; }; "odd name" = 1;
    unicode = "é → \n"; exportReferencesGraph.graph = [ chain ]; place = builtins.placeholder "out";
  };
  place = drv "place" "mkdir $out; echo $place > $out/a; test $place = $out" { place = builtins.placeholder "out"; };

  # Parallel: each waits for the other's file through time only.
  sleeps = builtins.genList (i: drv "sleep-${toString i}" "sleep 0.5; echo ${toString i} > $out" { }) 4;
  all-sleeps = drv "all-sleeps" "cat ${toString sleeps} > $out" { };
  # A build of about two seconds in several steps, for being killed.
  long = let
    step = i: input: drv "long-${toString i}" ''
      mkdir $out; for k in 1 2 3 4 5 6 7 8; do head -c 200000 /dev/zero > $out/$k; echo step $k; sleep 0.04; done
      ln -s ${input} $out/input; (setsid sleep ${mark} &) ; true
    '' { };
  in step 4 (step 3 (step 2 (step 1 trivial)));
  json-log = drv "json-log" ''
    echo '@nix {"action":"setPhase","phase":"buildPhase"}'; printf 'progress 1\rprogress 2\n'; echo "Running phase: installPhase"
    printf 'no newline' > $out; printf 'last line without newline'
  '' { };
  many = drv "many" "echo ${toString (builtins.genList (i: drv "m-${toString i}" "echo ${toString i} > $out" { }) 30)} > $out" { };
}
