# SPDX-License-Identifier: GPL-2.0-or-later
# Firmware under nixpkgs' names: from Debian where it has a package, else left out with a word.
# kind: configuration
# says: pkgs.facetimehd-firmware: Debian has no package of this firmware
{ config, pkgs, lib, ... }: {
  hardware.enableRedistributableFirmware = lib.mkDefault true;
  hardware.firmware = with pkgs; [
    sof-firmware rtw89-firmware rtw88-firmware rtl8761b-firmware broadcom-bt-firmware libreelec-dvb-firmware zd1211fw ipw2200fw
    facetimehd-firmware alsa-firmware xow_dongle-firmware wireless-regdb raspberrypiWirelessFirmware rtl8192su-firmware
  ];
  boot.initrd.prepend = [ "${pkgs.microcode-intel}/intel-ucode.img" "${pkgs.microcodeAmd}/amd-ucode.img" ];
}
