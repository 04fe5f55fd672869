{ inputs, pkgs, ... }: { imports = [ inputs.nixos-hardware.nixosModules.common-cpu-amd ]; }
