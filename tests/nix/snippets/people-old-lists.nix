# SPDX-License-Identifier: GPL-2.0-or-later
# Users as they were written ten years ago.
# kind: configuration
{ ... }: { imports = [ ./hardware/scanned.nix ]; users = { extraGroups = [ { name = "x"; } ]; extraUsers = [ { name = "y"; group = "x"; } ]; }; services.nixosManual.showManual = true; }
