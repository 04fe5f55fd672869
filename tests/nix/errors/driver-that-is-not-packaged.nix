{ config, pkgs, ... }: {
  boot.extraModulePackages = [ config.boot.kernelPackages.nvidiaPackages.vulkan_beta ];
}
