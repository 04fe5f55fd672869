# SPDX-License-Identifier: GPL-2.0-or-later
# The card of another board or purpose: what sd-image.nix says.
{ imports = [ ./sd-image-raspberrypi.nix ]; }
