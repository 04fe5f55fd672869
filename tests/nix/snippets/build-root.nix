# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels, modules and tools that are built in pinned roots: the default, others by compiler, target and language, a set of one's own.
let
  pinned = import <nixpkgs> { system = "x86_64-linux"; config.kernix.buildRoot = true; };
  older = import <nixpkgs> { system = "x86_64-linux"; config.kernix.buildRoot = "debian-12-amd64"; };
  own = import <nixpkgs> { system = "x86_64-linux"; config.kernix.buildRoot = pinned.buildRoots.make { name = "own"; set = <nixpkgs/debian/roots/debian-13-amd64.json>; }; };
  arm = import <nixpkgs> { system = "aarch64-linux"; config.kernix.buildRoot = true; };
in
[
  pinned.linux pinned.linux.dev pinned.linux_debian_bin pinned.linuxPackages.zfs pinned.linuxPackages_debian_bin.zfs
  (pinned.linux.override { structuredExtraConfig.RUST = pinned.lib.kernel.yes; })
  (pinned.linux.override { stdenv = pinned.clangStdenv; })
  (pinned.linux.override { stdenv = pinned.withCFlags [ "-O3" ] pinned.gcc12Stdenv; })
  pinned.pkgsCross.aarch64-multiplatform.linux pinned.pkgsCross.riscv64.linux pinned.pkgsCross.mips64el-linux-gnuabi64.stdenv.cc
  pinned.git (pinned.runCommandCC "needs-the-host" { nativeBuildInputs = [ pinned.git ]; } "git --version > $out")
  older.linux own.linux arm.linux
  (pinned.nixos { boot.loader.grub.enable = false; fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; }).toplevel
]
