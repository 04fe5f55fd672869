{ pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_debian;
  boot.initrd.luks.devices = [ { device = "/dev/sda2"; } ];
}
