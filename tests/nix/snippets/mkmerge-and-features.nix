# kind: configuration
{ pkgs, lib, ... }: {
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_6_12.override {
    structuredExtraConfig = with lib.kernel; lib.mkMerge [ { A = yes; } (lib.mkIf true { B = lib.mkDefault module; }) ];
  });
  boot.kernel.sysctl."net.ipv4.tcp_congestion_control" = "bbr";
  boot.kernel.sysctl."net.core.rmem_max" = 2500000;
  boot.kernel.features.debug = true;
  boot.kernel.randstructSeed = "my seed";
  boot.crashDump.enable = true;
  systemd.services.wg = { script = "modprobe wireguard || true"; wantedBy = [ "multi-user.target" ]; after = [ "network.target" ]; serviceConfig.Type = "oneshot"; path = [ pkgs.kmod ]; };
  environment.systemPackages = with pkgs; [ pciutils kmod linuxPackages.perf (linuxPackages.cpupower) ];
  environment.etc."modprobe.d/x.conf".text = "install pcspkr /bin/true";
  security.protectKernelImage = true;
  hardware.deviceTree.enable = false;
}
