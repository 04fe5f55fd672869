# SPDX-License-Identifier: GPL-2.0-or-later
# Options around the kernel, and those that are not ours.
{ pkgs, lib, nixpkgs }:
let
  of = module: (import "${toString nixpkgs}/nixos/lib/eval-config.nix" {
    system = "x86_64-linux";
    modules = [ { boot.kernelPackages = pkgs.linuxPackages_debian; nixpkgs.pkgs = pkgs; } module ];
  }).config;
  typical = of {
    boot.loader.systemd-boot.enable = true;
    boot.loader.efi.canTouchEfiVariables = true;
    networking.hostName = "alice";
    networking.networkmanager.enable = true;
    time.timeZone = "Europe/Amsterdam";
    services.openssh.enable = true;
    services.xserver.videoDrivers = [ "nvidia" ];
    users.users.alice = { isNormalUser = true; extraGroups = [ "wheel" ]; };
    environment.systemPackages = [ pkgs.git ];
    hardware.graphics.enable = true;
    system.stateVersion = "24.05";
  };
  variants = of { specialisation.old.configuration.boot.kernelPackages = lib.mkForce pkgs.linuxPackages_debian_6_1; };
in
{
  typicalEvaluates = lib.isString typical.system.build.toplevel.name;
  typicalIsTold = lib.any (lib.hasInfix "services.openssh") typical.warnings && !lib.any (lib.hasInfix "hostName") typical.warnings;
  ownIsNotTold = (of { services.earlyoom.enable = true; networking.hostName = "x"; }).warnings == [ ];
  specialisation = lib.hasInfix "specialisation/old" variants.system.systemBuilderCommands
    && variants.specialisation.old.configuration.boot.kernelPackages.kernel.version == pkgs.linux_debian_6_1.version;
  moduleNamesAsSet = (of { boot.kernelModules = { loop = true; nbd = false; }; }).boot.kernelModules == [ "loop" ];
  moduleNamesMixed = (of { imports = [ { boot.kernelModules = [ "b" "a" ]; } { boot.kernelModules = { c = true; a = lib.mkForce false; }; } ]; }).boot.kernelModules == [ "b" "c" ];
  zram = let c = of { zramSwap.enable = true; }; in lib.elem "zram" c.boot.kernelModules && c.system.requiredKernelConfig != [ ];
  governor = lib.elem "cpufreq.default_governor=performance" (of { powerManagement.cpuFreqGovernor = "performance"; }).boot.kernelParams;
  orders = let p = (of { imports = [ { boot.kernelParams = lib.mkAfter [ "last" ]; } { boot.kernelParams = lib.mkBefore [ "first" ]; } { boot.kernelParams = [ "middle" ]; } ]; }).boot.kernelParams;
    in lib.head p == "first" && lib.last p == "last";
  sysctlForce = (of { imports = [ { boot.kernel.sysctl."a.b" = 1; } { boot.kernel.sysctl."a.b" = lib.mkForce 2; } ]; }).boot.kernel.sysctl."a.b" == 2;
  fstab = lib.hasInfix "LABEL=x / ext4 defaults 0 1" (of { fileSystems."/" = { device = "LABEL=x"; fsType = "ext4"; }; }).environment.etc.fstab.text;
  timeout = let waits = c: (of c).boot.bootspec.extensions."org.kernix.loader.v1".timeout or "not said"; in
    map waits [ { } { boot.loader.timeout = 0; } { boot.loader.timeout = null; } { boot.loader.timeout = lib.mkDefault 3; } ] == [ "not said" 0 (-1) 3 ];
  limits = let said = c: (of c).boot.bootspec.extensions."org.kernix.loader.v1" or { }; in
    !(said { }) ? trialLimit && (said { boot.kernix.trialLimit = null; }).trialLimit == null && (said { boot.kernix.stage1Limit = 60; }).stage1Limit == 60
    && (said { boot.loader.grub.enable = false; boot.loader.generic-extlinux-compatible = { enable = true; configurationLimit = 3; }; }).configurationLimit == 3;
  watchdog = let c = of { boot.kernix.watchdog = { enable = true; timeout = 20; modules = [ "iTCO_wdt" ]; }; }; in
    lib.elem "kernix.watchdog=20,iTCO_wdt,softdog" c.boot.kernelParams && lib.elem "iTCO_wdt" c.boot.initrd.availableKernelModules
    && !lib.any (lib.hasPrefix "kernix.watchdog") (of { }).boot.kernelParams;
}
