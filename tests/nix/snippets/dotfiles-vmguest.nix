# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of whatever it is.
# kind: configuration
{ virtualisation.vmware.guest.enable = true; virtualisation.virtualbox.guest.enable = true; virtualisation.hypervGuest.enable = true; services.qemuGuest.enable = true; services.xe-guest-utilities.enable = true; }
