{
  disko.devices.disk.main = {
    device = "/dev/sda";
    type = "disk";
    content = { type = "gpt"; partitions.root = { size = "100%"; priority = 2; content = { type = "filesystem"; format = "ext4"; mountpoint = "/"; }; }; };
  };
}
