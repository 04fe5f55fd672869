# kind: configuration
{ pkgs, lib, ... }: {
  boot.kernelPackages = let
    linux_bcachefs_pkg = { fetchFromGitHub, buildLinux, ... } @ args: buildLinux (args // rec {
      version = "6.7.0-rc7"; modDirVersion = version;
      src = fetchFromGitHub { owner = "koverstreet"; repo = "bcachefs"; tag = "v6.7"; hash = lib.fakeHash; };
      kernelPatches = [ ];
      structuredExtraConfig = with lib.kernel; { BCACHEFS_FS = module; BCACHEFS_POSIX_ACL = yes; } // lib.optionalAttrs (lib.versionAtLeast version "6.0") { FOO = yes; };
      extraMeta.branch = lib.versions.majorMinor version;
      extraMeta.platforms = lib.platforms.x86_64;
    } // (args.argsOverride or {}));
  in pkgs.recurseIntoAttrs (pkgs.linuxPackagesFor (pkgs.callPackage linux_bcachefs_pkg { kernelPatches = [ pkgs.kernelPatches.bridge_stp_helper ]; }));
  boot.zfs.package = pkgs.zfs_unstable;
}
