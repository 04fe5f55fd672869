{ inputs, outputs, pkgs, ... }: {
  imports = [ inputs.hardware.nixosModules.common-cpu-intel inputs.home-manager.nixosModules.home-manager ./hardware-configuration.nix ] ++ builtins.attrValues outputs.nixosModules;
  boot.kernelPackages = pkgs.linuxKernel.packages.linux_6_12;
  networking.hostName = "atlas";
}
