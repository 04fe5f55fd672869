# SPDX-License-Identifier: GPL-2.0-or-later
# A camera that needs drivers from elsewhere.
# kind: configuration
{ hardware.ipu6 = { enable = true; platform = "ipu6ep"; }; hardware.firmware = [ ]; services.thermald.enable = true; hardware.sensor.iio.enable = true; }
