# SPDX-License-Identifier: GPL-2.0-or-later
# virtualisation.*: the system as a virtual machine. system.build.vm is a script that boots it in QEMU (the terminal is its
# console); what it boots is this very configuration with vm-variant.nix and virtualisation.vmVariant added, as in NixOS.
{ config, lib, options, pkgs, extendModules, ... }:
let
  inherit (lib) mkOption types;
  variant = extendModules { modules = [ ./vm-variant.nix ]; };
in
{
  options.virtualisation = {
    vmVariant = mkOption {
      inherit (variant) type;
      default = { };
      visible = "shallow";
      example = { virtualisation.memorySize = 2048; };
      description = "Configuration that only the virtual machine has.";
    };
    memorySize = mkOption { type = types.ints.positive; default = 512; description = "Memory of the virtual machine, in MiB."; };
    cores = mkOption { type = types.ints.positive; default = 1; description = "Processors of the virtual machine."; };
    qemu.options = mkOption { type = types.listOf types.str; default = [ ]; example = [ "-device" "virtio-rng-pci" ]; description = "More words for QEMU's command line."; };
    extraDiskSpace = mkOption { type = types.ints.positive; default = 32; description = "Room in the virtual machine's root file system, in MiB. Nothing that is written there is kept."; };
    guestScript = mkOption {
      type = types.nullOr types.lines;
      default = null;
      example = "uname -a; cat /proc/cmdline";
      description = "Shell script that the virtual machine runs when it is up, instead of a shell; then it ends.";
    };
    graphics = mkOption { type = types.bool; default = false; visible = false; };
    diskSize = mkOption { type = types.nullOr types.int; default = null; visible = false; };
  };

  config.kernix.leftOut = builtins.filter (name: (lib.getAttrFromPath (lib.splitString "." name) options).highestPrio < 1500) [ "virtualisation.graphics" "virtualisation.diskSize" ];
  config.system.build.vm = lib.mkDefault (pkgs.makeVm {
    name = if config.networking.hostName == "" then "nixos" else config.networking.hostName;
    toplevel = config.virtualisation.vmVariant.system.build.toplevel;
    inherit (config.virtualisation.vmVariant.virtualisation) memorySize cores extraDiskSpace;
    qemuOptions = config.virtualisation.vmVariant.virtualisation.qemu.options;
  });
}
