# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of other machines.
# kind: configuration
{ boot.binfmt.emulatedSystems = [ "aarch64-linux" "armv7l-linux" ]; nix.settings.extra-platforms = [ "aarch64-linux" ]; }
