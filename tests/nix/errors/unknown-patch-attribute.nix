{ pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_debian;
  boot.kernelPatches = [ { name = "first"; patch = null; extraconfig = "DEBUG_FS y"; } ];
}
