# SPDX-License-Identifier: GPL-2.0-or-later
# The same by its older name.
{ imports = [ ./nix-builder-vm.nix ]; }
