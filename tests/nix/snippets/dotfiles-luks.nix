# SPDX-License-Identifier: GPL-2.0-or-later
# An encrypted root.
# kind: configuration
{ boot.initrd.luks.devices."luks-1".device = "/dev/disk/by-uuid/1"; boot.initrd.luks.devices."luks-1".crypttabExtraOpts = [ "tpm2-device=auto" ]; fileSystems."/" = { device = "/dev/mapper/luks-1"; fsType = "ext4"; }; boot.initrd.systemd.enable = true; security.tpm2.enable = true; boot.initrd.secrets = { "/crypto_keyfile.bin" = null; }; }
