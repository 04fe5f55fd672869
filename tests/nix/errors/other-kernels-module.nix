{ pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_debian;
  boot.extraModulePackages = [ pkgs.linuxPackages_debian_6_1.acpi_call ];
}
