#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Packs the package set for a static kernix, the same bytes from the same files: embed-set.sh SOURCE OUT.tar.xz OUT.h
set -eu
cd "$1" # meson's outputs are relative to its folder: they are made absolute by the caller
tar --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --exclude=lock.local.json -cf - nixpkgs src/stage1 | xz -9e -T1 >"$2"
echo "#define EMBEDDED_SET_HASH \"$(sha256sum "$2" | cut -c1-32)\"" >"$3"
