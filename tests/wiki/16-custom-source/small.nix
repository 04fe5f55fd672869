# SPDX-License-Identifier: GPL-2.0-or-later
# The page's configuration with a source that can be reached (Debian's linux-source) and options for a small kernel: it is
# built and booted, and row 29 looks into it with gdb.
{ lib, pkgs, ... }:

{
  boot.kernelPackages = let
      linux_sgx_pkg = { linux_debian, buildLinux, ... } @ args:

        buildLinux (args // rec {
          version = linux_debian.version;
          modDirVersion = "${version}-sgx";

          src = linux_debian.src;
          kernelPatches = [];

          extraConfig = ''
            LOCALVERSION -sgx
            IKCONFIG y
            IKCONFIG_PROC y
            DEBUG_INFO y
          '';

          extraMeta.branch = "6.12";
        } // import ../small-kernel.nix { inherit lib; } // (args.argsOverride or {}));
      linux_sgx = pkgs.callPackage linux_sgx_pkg{};
    in
      pkgs.recurseIntoAttrs (pkgs.linuxPackagesFor linux_sgx);

  imports = [ ../small-system.nix ];
}
