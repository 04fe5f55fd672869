# SPDX-License-Identifier: GPL-2.0-or-later
# what: unpackPhase, patchPhase and make menuconfig in a terminal
must "the same shell as real Nix" same "$row/snippet.nix"
small='with import <nixpkgs> {}; (linux_debian.override { defconfig = "allnoconfig"; enableCommonConfig = false; autoModules = false; }).overrideAttrs (o: {nativeBuildInputs=o.nativeBuildInputs ++ [ pkg-config ncurses ];})'
limit=900 must "menuconfig draws itself" shell_says -E "$small" --run \
  'unpackPhase && cd linux-* && patchPhase && make allnoconfig >/dev/null && TERM=linux timeout 60 make menuconfig </dev/null' -- 'Kernel Configuration'
