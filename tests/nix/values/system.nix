# SPDX-License-Identifier: GPL-2.0-or-later
# What the options of a system come to.
{ pkgs, lib, nixpkgs }:
let
  system = modules: import "${toString nixpkgs}/nixos/lib/eval-config.nix" { system = "x86_64-linux"; modules = lib.toList modules; };
  base = { boot.kernelPackages = pkgs.linuxPackages_debian; nixpkgs.pkgs = pkgs; };
  of = module: (system [ base module ]).config;
  plain = of { };
  drv = path: builtins.unsafeDiscardStringContext path.drvPath;
  kernelDrv = config: drv config.system.build.kernel;

  changed = of {
    boot.kernelParams = [ "quiet" "splash" "a=1" ];
    boot.kernel.sysctl."kernel.sysrq" = 1;
    boot.kernel.sysctl."net.ipv4.tcp_syncookies" = false;
    boot.kernel.sysctl."vm.x" = null;
    boot.kernelModules = [ "loop" "hello" ];
    boot.initrd.kernelModules = [ "dummy" ];
    boot.blacklistedKernelModules = [ "pcspkr" ];
    boot.extraModprobeConfig = "options loop max_loop=5";
  };
  patched = of { boot.kernelPatches = [ { name = "x"; patch = null; extraConfig = "DEBUG_FS y"; } ]; };
  requests = lib.listToAttrs (map (r: lib.nameValuePair r.name r) patched.boot.kernelPackages.kernel.requests);
  etc = changed.environment.etc;
in
{
  parametersKeepTheirOrder = lib.sublist 0 3 (builtins.filter (p: !lib.hasPrefix "loglevel" p) changed.boot.kernelParams) == [ "quiet" "splash" "a=1" ];
  listsDoNotChangeTheKernel = kernelDrv changed == kernelDrv plain;
  listsDoNotChangeTheConfig = drv changed.boot.kernelPackages.kernel.configfile == drv plain.boot.kernelPackages.kernel.configfile;
  listsChangeTheSystem = drv changed.system.build.toplevel != drv plain.system.build.toplevel;
  modprobe = lib.hasInfix "options loop max_loop=5" etc."modprobe.d/nixos.conf".text && lib.hasInfix "blacklist pcspkr\n" etc."modprobe.d/nixos.conf".text;
  modulesLoad = lib.hasInfix "loop\nhello\n" etc."modules-load.d/nixos.conf".text;
  sysctl = lib.hasInfix "kernel.sysrq=1\n" etc."sysctl.d/60-nixos.conf".text && lib.hasInfix "net.ipv4.tcp_syncookies=0\n" etc."sysctl.d/60-nixos.conf".text
    && !lib.hasInfix "vm.x" etc."sysctl.d/60-nixos.conf".text;
  patchesChangeTheKernel = kernelDrv patched != kernelDrv plain;
  patchesKeepTheTree = drv patched.boot.kernelPackages.kernel.tree == drv plain.boot.kernelPackages.kernel.tree;
  patchIsARequest = (lib.last patched.boot.kernelPackages.kernel.requests).name == "DEBUG_FS" && (lib.last patched.boot.kernelPackages.kernel.requests).why == "kernel patch 'x' (extraConfig)";
  modulesFollowThePatchedKernel = drv patched.boot.kernelPackages.acpi_call != drv plain.boot.kernelPackages.acpi_call;
  crashDump = lib.subtractLists (map (r: r.name) (of { boot.crashDump.enable = true; }).boot.kernelPackages.kernel.requests)
    [ "CRASH_DUMP" "DEBUG_INFO" "PROC_VMCORE" "LOCKUP_DETECTOR" "HARDLOCKUP_DETECTOR" ] == [ ];
  unitsAreEnabled =
    let files = (of { services.earlyoom.enable = true; systemd.oomd.enable = true; }).environment.etc;
    in files ? "systemd/system/earlyoom.service" && files ? "systemd/system/multi-user.target.wants/earlyoom.service"
      && files ? "systemd/system/multi-user.target.wants/systemd-oomd.service";
  defaultIsNewestLts = (system { }).config.boot.kernelPackages.kernel.version == pkgs.linux.version && pkgs.linux.isLTS;
  overlaysReachTheKernel = (system { nixpkgs.overlays = [ (final: previous: { linuxPackages = previous.linuxPackages_debian_6_1; }) ]; }).config.boot.kernelPackages.kernel.version == pkgs.linux_debian_6_1.version;
  packageOverrides = (system { nixpkgs.config.packageOverrides = p: { mine = p.linux_debian; }; }).pkgs.mine.version == pkgs.linux_debian.version;
  pkgsNixos = lib.isDerivation (pkgs.nixos { boot.kernelPackages = pkgs.linuxPackages_debian; }).toplevel;
  # ZFS is no part of Linux: who asks for it gets its module.
  zfsModule = lib.all (module: let c = of module; in map (p: p.pname) c.boot.extraModulePackages == [ plain.boot.kernelPackages.zfs.pname ] && lib.elem "zfs" c.boot.kernelModules) [
    { boot.supportedFilesystems = [ "zfs" ]; }
    { boot.initrd.supportedFilesystems = [ "zfs" ]; }
    { fileSystems."/tank" = { device = "tank/data"; fsType = "zfs"; }; }
    { boot.zfs.extraPools = [ "tank" ]; }
  ];
  noZfsUnasked = plain.boot.extraModulePackages == [ ] && (of { boot.supportedFilesystems.zfs = false; }).boot.extraModulePackages == [ ];
}
