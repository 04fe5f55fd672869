# SPDX-License-Identifier: GPL-2.0-or-later
# buildLinux only for its .config, with another environment.
let pkgs = import <nixpkgs> { }; in pkgs.callPackage ({ lib, linuxManualConfig, buildLinux, linux_latest, kernelPatches, ... }@args: (linuxManualConfig rec {
  inherit (linux_latest) src version modDirVersion;
  kernelPatches = with args.kernelPatches; [ bridge_stp_helper request_key_helper ];
  extraMeta = { branch = lib.versions.majorMinor version; };
  randstructSeed = "";
  configfile = (buildLinux { inherit src version modDirVersion kernelPatches extraMeta; structuredExtraConfig = with lib.kernel; { RUST = yes; SAMPLES = yes; SAMPLES_RUST = yes; SAMPLE_RUST_MINIMAL = module; }; ignoreConfigErrors = true; }).configfile.overrideAttrs (o: { RUST_LIB_SRC = "x"; nativeBuildInputs = (o.nativeBuildInputs or [ ]) ++ [ ]; });
})) { }
