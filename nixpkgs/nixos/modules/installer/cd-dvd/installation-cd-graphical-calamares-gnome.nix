# SPDX-License-Identifier: GPL-2.0-or-later
# An image of NixOS; see ../image.nix.
{ imports = [ ../image.nix ]; }
