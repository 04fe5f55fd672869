# SPDX-License-Identifier: GPL-2.0-or-later
# boot.initrd.network and hardware.cpu.*.updateMicrocode in NixOS's shapes: what they put into the initrd, and what they refuse.
{ pkgs, lib, nixpkgs }:
let
  eval = module: (import (nixpkgs + "/nixos") { configuration = { imports = [ module ]; fileSystems."/" = { device = "/dev/vda1"; fsType = "ext4"; }; }; }).config;
  files = config: builtins.attrNames config.boot.initrd.extraFiles;
  has = file: config: builtins.elem file (files config);
  programs = config: lib.remove "e2fsck" (lib.sort (a: b: a < b) config.boot.initrd.programs); # that is the root's
  failed = config: map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions);
  refuses = text: config: lib.any (lib.hasInfix text) (failed config);
  warns = text: config: lib.any (lib.hasInfix text) config.warnings;
  key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me";
  ssh = more: eval { boot.initrd.network = { enable = true; ssh = { enable = true; authorizedKeys = [ key ]; hostKeys = [ "/etc/secrets/key" ]; } // more; }; };
  plain = eval { boot.initrd.network.enable = true; };
  cpu = module: (eval { hardware.cpu = module; }).boot.initrd.prepend;
in
{
  off = !has "/sbin/net-up" (eval { });
  on = has "/sbin/net-up" plain && has "/sbin/net-down" plain && !has "/etc/passwd" plain && programs plain == [ "busybox" ];
  noFlush = !has "/sbin/net-down" (eval { boot.initrd.network = { enable = true; flushBeforeStage2 = false; }; });
  commands = has "/etc/stage1/post-commands" (eval { boot.initrd.network = { enable = true; postCommands = "true"; }; });
  sshFine = failed (ssh { }) == [ ] && (ssh { }).boot.initrd.secrets == { "/etc/secrets/key" = "/etc/secrets/key"; };
  sshPrograms = programs (ssh { }) == [ "busybox" "dropbear" ];
  keyLiteral = builtins.attrNames (ssh { hostKeys = [ /root/some/host_key ]; }).boot.initrd.secrets == [ "/etc/ssh/host_key" ];
  noKeys = refuses "nobody could log in" (ssh { authorizedKeys = [ ]; });
  noHostKey = refuses "ssh-keygen -t ed25519" (ssh { hostKeys = [ ]; });
  ignored = failed (ssh { hostKeys = [ ]; ignoreEmptyHostKeys = true; }) == [ ];
  oddShell = refuses "must be a path in the initrd" (ssh { shell = "ash"; });
  keysOfRoot = (eval { users.users.root.openssh.authorizedKeys.keys = [ key ]; boot.initrd.network = { enable = true; ssh = { enable = true; hostKeys = [ "/k" ]; }; }; }).boot.initrd.network.ssh.authorizedKeys == [ key ];
  nothingLeftOut = !warns "boot.initrd" (ssh { });
  noUsers = (eval { boot.initrd.network = { enable = true; ssh.enable = false; }; }).boot.initrd.network.ssh.authorizedKeys == [ ];
  sshWithoutNetwork = warns "has no effect without boot.initrd.network.enable" (eval { boot.initrd.network.ssh = { enable = true; authorizedKeys = [ key ]; hostKeys = [ "/k" ]; }; });
  noAddress = warns "stage 1 gets no address" (eval { boot.initrd.network.enable = true; networking.useDHCP = false; });
  addressByParameter = !warns "stage 1 gets no address" (eval { boot.initrd.network.enable = true; networking.useDHCP = false; boot.kernelParams = [ "ip=dhcp" ]; });
  hostKeyInStore = warns "is in the store" (ssh { hostKeys = [ "${./initrd-network.nix}" ]; });
  extraConfig = warns "has no sshd_config" (ssh { extraConfig = "UseDNS no"; });

  microcodeOff = cpu { } == [ ];
  microcodeIntel = map baseNameOf (cpu { intel.updateMicrocode = true; }) == [ "intel-ucode.img" ];
  microcodeBoth = map baseNameOf (cpu { intel.updateMicrocode = true; amd.updateMicrocode = true; }) == [ "intel-ucode.img" "amd-ucode.img" ];
  microcodeFirst = map baseNameOf (eval { hardware.cpu.amd.updateMicrocode = true; boot.initrd.prepend = [ "/tables.cpio" ]; }).boot.initrd.prepend == [ "amd-ucode.img" "tables.cpio" ];
  microcodeNamed = !warns "updateMicrocode" (eval { hardware.cpu.intel.updateMicrocode = true; });
}
