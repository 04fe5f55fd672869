{ pkgs, lib, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_debian;
  boot.kernelPatches = [
    { name = "first"; patch = null; structuredExtraConfig.DEBUG_FS = lib.kernel.yes; }
    { name = "second"; patch = null; structuredExtraConfig.DEBUG_FS = lib.kernel.no; }
  ];
}
