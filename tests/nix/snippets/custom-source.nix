# kind: configuration
{ config, lib, pkgs, ... }: {
  boot.kernelPackages = let
    linux_pkg = { fetchFromGitHub, buildLinux, ... }@args: buildLinux (args // rec {
      version = "6.6.31-custom"; modDirVersion = "6.6.31";
      src = fetchFromGitHub { owner = "torvalds"; repo = "linux"; rev = "v6.6"; hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; };
      defconfig = "tinyconfig"; structuredExtraConfig = with lib.kernel; { DRM_AMDGPU = module; HZ = freeform "1000"; PREEMPT = lib.mkForce yes; PREEMPT_VOLUNTARY = lib.mkForce no; };
      ignoreConfigErrors = true; extraMeta.branch = "6.6";
    } // (args.argsOverride or {}));
  in pkgs.recurseIntoAttrs (pkgs.linuxPackagesFor (pkgs.callPackage linux_pkg {}));
}
