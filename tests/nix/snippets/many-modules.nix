# SPDX-License-Identifier: GPL-2.0-or-later
# Modules of the package set by name.
# kind: configuration
{ config, lib, pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_6_6;
  boot.extraModulePackages = with config.boot.kernelPackages; [ acpi_call cpupower v4l2loopback zenpower rtl8821ce rtw88 framework-laptop-kmod tp_smapi nct6687d it87 xone universal-pidff ddcci-driver apfs ryzen-smu tuxedo-drivers turbostat facetimehd openrazer perf usbip vendor-reset ];
}
