{
  services.earlyoom.enable = true;
  systemd.oomd.enable = true;
}
