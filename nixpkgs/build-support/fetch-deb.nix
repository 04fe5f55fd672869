# SPDX-License-Identifier: GPL-2.0-or-later
# fetchDeb { package, version, arch, filename, sha256 }: one Debian package file, as a fixed-output derivation.
#
# Contract with the builder `builtin:fetch-deb`: what follows /pool/ in `url` is looked for below the archives of this
# machine's apt sources, then `url` itself is tried: plain http as in Debian's own sources.list, since the hash decides and a
# small machine may have no certificates. Where all say that it is gone, `package`, `version` and `arch` name it for
# snapshot.debian.org.
{ lib }:
{ package, version, arch ? "all", filename ? null, url ? null, sha256, size ? null, suite ? null }:
let
  archive = if lib.hasPrefix "pool/updates/" filename then "debian-security" else "debian";
  address = if url != null then url else "http://deb.debian.org/${archive}/${filename}";
  # Store names have no place for the colon of an epoch.
  cleanVersion = builtins.replaceStrings [ ":" "~" "%" ] [ "-" "-" "-" ] version;
in
derivation {
  name = "${package}_${cleanVersion}_${arch}.deb";
  builder = "builtin:fetch-deb";
  system = "builtin";
  inherit package version arch;
  url = address;
  outputHashAlgo = "sha256";
  outputHashMode = "flat";
  outputHash = sha256;
  preferLocalBuild = true;
  impureEnvVars = [ "http_proxy" "https_proxy" ];
}
// { inherit package version arch; }
