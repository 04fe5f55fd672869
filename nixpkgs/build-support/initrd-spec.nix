# SPDX-License-Identifier: GPL-2.0-or-later
# makeInitrd without a stage 1 of its own: hands the specification to `builtin:initrd` (src/boot/initrd.h).
{ lib, stdenvNoCC }:
spec:
derivation {
  name = "initrd";
  builder = "builtin:initrd";
  inherit (stdenvNoCC.buildPlatform) system;
  spec = builtins.toJSON spec;
  formatVersion = "1";
}
