# SPDX-License-Identifier: GPL-2.0-or-later
# The key lies on a second device, which nixos-generate-config cannot know.
{
  boot.initrd.luks.devices.crypt = {
    keyFile = "/dev/disk/by-id/virtio-d1";
    keyFileOffset = 4096;
    keyFileSize = 64;
  };
}
