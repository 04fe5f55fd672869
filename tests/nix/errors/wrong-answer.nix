{ pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_debian;
  boot.kernelPatches = [ { name = "first"; patch = null; structuredExtraConfig.DEBUG_FS = "y"; } ];
}
