{
  boot.kernel.sysctl."kernel.sysrq" = 1;
  services.earlyoom.enable = true;
  systemd.oomd.enable = true;
}
