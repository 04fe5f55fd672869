{ pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_debian;
  boot.kernelPatches = [ { name = "first"; patch = null; extraConfig = "CONFIG_DEBUG_FS=y"; } ];
}
