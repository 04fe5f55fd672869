# SPDX-License-Identifier: GPL-2.0-or-later
# Derivations for held.sh. Builders wait until they find /build/go; the test finds them by `mark`.
{ mark, holder, victim ? "/nowhere" }:
let
  drv = name: script: attrs: derivation ({
    inherit name;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" script ];
    PATH = "/usr/bin:/bin";
  } // attrs);
  wait = "sleep ${mark} & until test -e /build/go; do sleep 0.02; done; kill $!";
  flat = { outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53"; };
  tree = hash: { outputHashMode = "recursive"; outputHashAlgo = "sha256"; outputHash = hash; };
  program = /. + holder;
  many = "mkdir $out; for i in $(seq 0 199); do mkdir $out/d$i; echo x >$out/d$i/secret; ln -s ${victim} $out/l$i; done; ${wait}";
in {
  socket = drv "socket" "echo content >$out; chmod 666 $out; ${program} pass kernix-${mark} $out; true" flat;
  file = drv "file" "echo content >$out; chmod 666 $out; ${wait}" flat;
  folder = drv "folder" "mkdir -p $out/sub; echo content >$out/sub/file; chmod -R 777 $out; ${wait}" (tree "sha256-U62oW6Rrjv/uOOznwj5eMnyOWZrCzR3Cf8P6Cg2cPSQ=");
  open = drv "open" "chmod 777 /build; echo x >/build/seen; ${wait}; echo content >$out" { };
  swapped = drv "swapped" many { };
  swapped-fixed = drv "swapped-fixed" many (tree "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
}
