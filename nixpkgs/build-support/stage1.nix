# SPDX-License-Identifier: GPL-2.0-or-later
# The init of the initrd, compiled statically from src/stage1 for the machine that will boot it. Result: bin/init.
{ lib, stdenv }:
let
  source = builtins.path {
    name = "stage1-source";
    path = ../../src/stage1;
    filter = path: type: type == "regular" && builtins.match ".*\\.[ch]" path != null;
  };
in
stdenv.mkDerivation {
  name = "stage1";
  src = source;
  buildCommand = ''
    mkdir -p include $out/bin
    ln -s $src include/stage1
    if ! $CC -std=gnu17 -D_GNU_SOURCE -Os -static -Wl,--build-id=none -Iinclude include/stage1/*.c -o init; then
      echo "error: stage 1 is linked statically and needs the C library's libc.a for $CC (on Debian: libc6-dev or its cross package)" >&2
      exit 1
    fi
    $STRIP init
    install -m 555 init $out/bin/init
  '';
  meta.description = "Static init of the initrd";
}
