# SPDX-License-Identifier: GPL-2.0-or-later
# The module system. properties.nix: mkIf, mkForce and the like; collect.nix: modules and their imports; merge.nix:
# declarations and definitions become options with values; eval.nix: evalModules; errors.nix: what is said when
# something does not fit; rename.nix: modules that rename, remove and alias options.
{ lib }:

import ./properties.nix { inherit lib; }
// import ./collect.nix { inherit lib; }
// import ./merge.nix { inherit lib; }
// import ./eval.nix { inherit lib; }
// import ./rename.nix { inherit lib; }
