# SPDX-License-Identifier: GPL-2.0-or-later
# The card of 64-bit ARM boards with the newest kernel.
{ imports = [ ./sd-image-aarch64.nix ../cd-dvd/latest-kernel.nix ]; }
