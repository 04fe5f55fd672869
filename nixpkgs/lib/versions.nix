# SPDX-License-Identifier: GPL-2.0-or-later
# The components of version strings.
{ lib }:

let
  inherit (builtins) elemAt splitVersion;
in
rec {
  inherit (builtins) compareVersions splitVersion;

  major = v: elemAt (splitVersion v) 0;
  minor = v: elemAt (splitVersion v) 1;
  patch = v: elemAt (splitVersion v) 2;
  majorMinor = v: lib.concatStringsSep "." (lib.take 2 (splitVersion v));

  # Exactly n numeric components before the first dash, with zeros added or components dropped.
  pad =
    n: version:
    let
      parts = lib.splitString "-" version;
      numbers = lib.splitString "." (builtins.head parts);
      have = builtins.length numbers;
      fixed = lib.take n numbers ++ lib.replicate (lib.max 0 (n - have)) "0";
    in
    lib.concatStringsSep "-" ([ (lib.concatStringsSep "." fixed) ] ++ builtins.tail parts);
}
