# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that builds for another machine: the drivers of a QEMU guest.
{ imports = [ ./qemu-guest.nix ]; }
