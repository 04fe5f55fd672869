# SPDX-License-Identifier: GPL-2.0-or-later
# boot.tmp, boot.runSize, boot.devSize, boot.devShmSize, and the limits of the menu, as NixOS has them.
{ pkgs, lib, nixpkgs }:
let
  eval = module: (import (nixpkgs + "/nixos") { configuration = { imports = [ module ]; fileSystems."/" = { device = "/dev/vda1"; fsType = "ext4"; }; }; }).config;
  commands = boot: (eval { inherit boot; }).boot.postBootCommands;
  says = text: boot: lib.hasInfix text (commands boot);
  limit = loader: (eval { boot.loader = loader; }).boot.bootspec.extensions."org.kernix.loader.v1".configurationLimit or null;
  refuses = boot: lib.any (a: !a.assertion) (eval { inherit boot; }).assertions;
  warned = boot: lib.any (lib.hasInfix "boot.") (eval { inherit boot; }).warnings;
in
{
  nothing = commands { } == "";
  defaults = let boot = (eval { }).boot; in [ boot.devSize boot.devShmSize boot.runSize ] == [ "5%" "50%" "25%" ];
  run = says "mount -o remount,size=10% /run" { runSize = "10%"; } && !says "/dev" { runSize = "10%"; };
  shm = says "size=1g tmpfs /dev/shm" { devShmSize = "1g"; };
  dev = says "mount -o remount,size=16m /dev;" { devSize = "16m"; };
  noWarning = !warned { devSize = "16m"; runSize = "10%"; devShmSize = "1g"; tmp.useTmpfs = true; tmp.tmpfsHugeMemoryPages = "advise"; };
  badSize = refuses { runSize = "10%; evil"; } && refuses { tmp = { useTmpfs = true; tmpfsSize = "much"; }; } && !refuses { tmp = { useTmpfs = true; tmpfsSize = 1000000; }; };
  tmpfs = says "size=50% tmpfs /tmp" { tmp.useTmpfs = true; };
  huge = says "size=50%,huge=within_size tmpfs /tmp" { tmp = { useTmpfs = true; tmpfsHugeMemoryPages = "within_size"; }; };
  clean = says "find /tmp -xdev -mindepth 1 ! -type d" { tmp.cleanOnBoot = true; };
  grub = limit { } == 100 && limit { grub.configurationLimit = 7; } == 7;
  systemd = limit { systemd-boot.enable = true; } == null && limit { systemd-boot = { enable = true; configurationLimit = 3; }; } == 3;
  extlinux = limit { generic-extlinux-compatible.enable = true; } == 20 && limit { generic-extlinux-compatible = { enable = true; configurationLimit = 4; }; grub.enable = false; } == 4;
}
