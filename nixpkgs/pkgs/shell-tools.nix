# SPDX-License-Identifier: GPL-2.0-or-later
# Tools that people put into their shells beside what builds kernels, { NAME = "Debian-package program-or-file"; }: the JSON
# file has them by what they are for, since it is read faster than Nix. A system's modules leave these names to the
# distribution (nixos/modules/misc/nixpkgs.nix), so that a unit with one is no reason to fail.
builtins.fromJSON (builtins.readFile ./shell-tools.json)
