# SPDX-License-Identifier: GPL-2.0-or-later
# debPackage { pname, debs = [ "libncurses-dev" ... ] }: packages of Debian's archive, as pinned in debian/lock.json,
# unpacked into one store path in the layout that builds expect (bin, lib, include, share), with pkg-config files and
# linker scripts that name that path. All outputs are one path.
{ lib, stdenvNoCC, debLock, fetchDeb }:
{ pname, debs, version ? null, postInstall ? "", passthru ? { }, meta ? { }, ... }@args:
let
  entry = name: debLock.${name} or (throw "the Debian package '${name}' is not pinned: run tools/debian-lock.sh ${name}");
  debVersion = builtins.elemAt (builtins.match "([0-9]+:)?([^-+~]*).*" (entry (builtins.head debs)).version) 1;
  package = stdenvNoCC.mkDerivation ({
    inherit pname;
    version = if version != null then version else debVersion;
    debFiles = map (name: fetchDeb ({ package = name; } // entry name)) debs;
    preferLocalBuild = true;
    buildCommand = ''
      mkdir -p $out tree
      for deb in $debFiles; do dpkg-deb --fsys-tarfile $deb | tar -x -C tree --no-same-owner; done
      source ${./deb-layout.sh}
      debLayout tree $out
      ${postInstall}
      _recordPropagated
    '';
    passthru = passthru // { dev = package; bin = package; lib = package; out = package; };
    inherit meta;
  } // removeAttrs args [ "pname" "debs" "version" "postInstall" "passthru" "meta" ]);
in
package
