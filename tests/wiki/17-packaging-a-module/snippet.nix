{ config, ... }:
let yourprogram = config.boot.kernelPackages.callPackage ../packages/droidcam.nix {}; in
{ boot.extraModulePackages = [ yourprogram ]; }
