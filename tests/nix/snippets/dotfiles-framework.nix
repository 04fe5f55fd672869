# SPDX-License-Identifier: GPL-2.0-or-later
# A Framework laptop.
# kind: configuration
{ config, pkgs, lib, ... }: { boot.kernelParams = [ "mem_sleep_default=deep" "nvme.noacpi=1" ]; boot.blacklistedKernelModules = [ "hid-sensor-hub" ]; boot.extraModulePackages = with config.boot.kernelPackages; [ framework-laptop-kmod ]; boot.kernelModules = [ "cros_ec" "cros_ec_lpcs" ]; services.fwupd.enable = true; hardware.sensor.iio.enable = true; boot.extraModprobeConfig = "options snd-hda-intel model=dell-headset-multi"; services.power-profiles-daemon.enable = true; hardware.i2c.enable = true; }
