# SPDX-License-Identifier: GPL-2.0-or-later
# initrdTools { programs = [ "cryptsetup" "lvm" "mdadm" ]; }: programs of Debian's pinned packages with the libraries that they
# need and nothing else, laid out as an initrd has them (sbin, lib/TRIPLE, lib64). For the machine that builds.
{ lib, stdenv, debLock, fetchDeb }:
{ programs }:
let
  base = [ "libc6" "libgcc-s1" "libudev1" ];
  deviceMapper = [ "libdevmapper1.02.1" "libselinux1" "libpcre2-8-0" ];
  rows = {
    # argon2's threads load libgcc_s when they end, and no header of a program says so.
    cryptsetup = { file = "sbin/cryptsetup"; also = [ "libgcc_s.so.1" ]; debs = [ "cryptsetup-bin" "libcryptsetup12" "libpopt0" "libjson-c5" "libargon2-1" "libssl3" "libblkid1" "libuuid1" ] ++ deviceMapper; };
    lvm = { file = "sbin/lvm"; also = [ ]; debs = [ "lvm2" "libaio1" "libdevmapper-event1.02.1" "libedit2" "libbsd0" "libmd0" "libtinfo6" "libblkid1" "libsystemd0" "libcap2" "libgcrypt20" "liblz4-1" "liblzma5" "libzstd1" "libgpg-error0" ] ++ deviceMapper; };
    mdadm = { file = "sbin/mdadm"; also = [ ]; debs = [ "mdadm" ]; };
  };
  chosen = map (name: rows.${name} or (throw "initrdTools has no program '${name}'; it has ${lib.concatStringsSep ", " (builtins.attrNames rows)}")) programs;
  debs = lib.unique (base ++ lib.concatMap (row: row.debs) chosen);
  entry = name: debLock.${name} or (throw "the Debian package '${name}' is not pinned: run tools/debian-lock.sh ${name}");
in
stdenv.mkDerivation {
  name = "initrd-tools";
  debFiles = map (name: fetchDeb ({ package = name; } // entry name)) debs;
  wanted = map (row: row.file) chosen;
  also = lib.concatMap (row: row.also) chosen;
  preferLocalBuild = true;
  buildCommand = ''
    mkdir -p tree $out/sbin $out/lib $out/lib64
    for deb in $debFiles; do dpkg-deb --fsys-tarfile $deb | tar -x -C tree --no-same-owner; done
    library() { # NAME: its place in the tree
      find tree/lib tree/usr/lib -name "$1" \( -type f -o -type l \) | head -n 1
    }
    add() { # FILE PLACE: it, and what it needs
      local name
      [ ! -e "$out/$2" ] || return 0
      mkdir -p "$(dirname "$out/$2")"
      cp -L "$1" "$out/$2"
      chmod 555 "$out/$2"
      # Without its libraries a program is "not in this initrd": an answer that is none must end the build.
      readelf -d "$1" >dynamic || { echo "error: readelf cannot say what libraries $2 needs (Debian's package binutils)" >&2; exit 1; }
      for name in $(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' dynamic); do addLibrary "$name"; done
    }
    addLibrary() { # NAME
      local file=$(library "$1")
      [ -n "$file" ] || { echo "error: $1 is in none of the pinned packages of the initrd's programs" >&2; exit 1; }
      # The loader's place is written in each program; libraries are found by it in the usual folders.
      case $1 in
        ld-linux-x86-64.so.*) add "$file" "lib64/$1" ;;
        ld-linux*) add "$file" "lib/$1" ;;
        *) add "$file" "lib/$(basename "$(dirname "$file")")/$1" ;;
      esac
    }
    for program in $wanted; do add "tree/$program" "$program"; done
    for name in $also; do addLibrary "$name"; done
  '';
  meta.description = "Programs of the initrd with their libraries";
}
