# SPDX-License-Identifier: GPL-2.0-or-later
# Each of them would be a line of its own in a file that is read at boot.
{
  boot.kernelModules = [ "loop\nevil" ];
  boot.initrd.availableKernelModules = [ "a\rb" ];
  boot.kernel.sysctl."vm.swappiness" = "10\nkernel.core_pattern=|/evil";
  boot.kernel.sysctl."kernel.x\ny" = 1;
  boot.extraModprobeConfig = "options a b=${builtins.fromJSON "\"\\u0001\""}";
  fileSystems."/" = { device = "/dev/sda\n/dev/sdb / ext4"; options = [ "ro\n" ]; };
  fileSystems."/a\nb".device = "/dev/sdc";
  swapDevices = [ { device = "/dev/sdd\n"; } ];
  specialisation."one\ntwo".configuration = { };
  specialisation."a/b".configuration = { };
  system.configurationRevision = "1\n2";
  system.name = "name\nof two lines";
}
