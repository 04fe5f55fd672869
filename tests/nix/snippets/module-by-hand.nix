# kind: configuration
{ config, lib, pkgs, ... }: let k = pkgs.linuxPackages_6_12.kernel; in {
  boot.kernelPackages = lib.mkDefault pkgs.linuxPackages_6_12;
  boot.extraModulePackages = [ (k.stdenv.mkDerivation { pname = "foo"; version = k.version; inherit (k) src nativeBuildInputs; kernelVersion = k.modDirVersion; modulePath = "fs/btrfs"; patches = [ ]; buildPhase = "make"; installPhase = "true"; meta = { inherit (k.meta) license platforms; }; }) ];
  systemd.services.foo = { description = "foo"; wantedBy = [ "multi-user.target" ]; after = [ "network.target" ]; path = [ pkgs.kmod ]; serviceConfig.ExecStart = "${pkgs.kmod}/bin/modprobe foo"; };
  assertions = [ { assertion = lib.versionAtLeast config.boot.kernelPackages.kernel.version "6.1"; message = "old"; } ];
  boot.zfs.forceImportRoot = false;
}
