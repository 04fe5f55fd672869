# SPDX-License-Identifier: GPL-2.0-or-later
# An image of NixOS with the newest kernel; see ../image.nix.
{ imports = [ ../image.nix ./latest-kernel.nix ]; }
