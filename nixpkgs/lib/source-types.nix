# SPDX-License-Identifier: GPL-2.0-or-later
# How much of a package was built from source: the values of meta.sourceProvenance.
{ lib }:

builtins.mapAttrs
  (shortName: isSource: { inherit shortName isSource; })
  {
    fromSource = true;
    binaryNativeCode = false;
    binaryBytecode = false;
    binaryFirmware = false;
    obfuscatedCode = false;
  }
