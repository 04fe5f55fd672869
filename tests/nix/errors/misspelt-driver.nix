# SPDX-License-Identifier: GPL-2.0-or-later
# A word below a set whose kernel's part is done, with another place where it is done.
{
  services.xserver.videoDrivers = [ "nvidia" ];
  hardware.nvidia = {
    open = true;
    modestting.enable = false;
  };
}
