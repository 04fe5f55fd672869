# SPDX-License-Identifier: GPL-2.0-or-later
{
  boot.initrd.luks.devices.crypt.crypttabExtraOpts = [ "tpm2-device=auto" ];
}
