# SPDX-License-Identifier: GPL-2.0-or-later
# initrdTools { programs = [ "cryptsetup" "lvm" "mdadm" "busybox" "dropbear" ]; }: programs of Debian's pinned packages with the libraries that
# they need and nothing else, laid out as an initrd has them (`folders`: /bin, /sbin, /lib, /lib64). Linked programs for x86_64, static ones
# (e2fsck) for whatever machine they are pinned for.
{ lib, stdenv, debLock, fetchDeb }:
{ programs }:
let
  static = name: name + { x86_64-linux = ""; aarch64-linux = ":arm64"; armv7l-linux = ":armhf"; }.${stdenv.hostPlatform.system} or ":${stdenv.hostPlatform.system}";
  base = [ "libc6" "libgcc-s1" "libudev1" ];
  deviceMapper = [ "libdevmapper1.02.1" "libselinux1" "libpcre2-8-0" ];
  systemd = [ "systemd" "libsystemd-shared" "libacl1" "libapparmor1" "libaudit1" "libcap-ng0" "libcap2" "libcrypt1" "libgcrypt20" "libgpg-error0" "libip4tc2" "libkmod2" "liblz4-1" "liblzma5" "libmount1" "libpam0g" "libseccomp2" "libzstd1" "libselinux1" "libpcre2-8-0" ];
  plugin = kind: { file = "usr/lib/x86_64-linux-gnu/cryptsetup/libcryptsetup-token-systemd-${kind}.so"; target = "lib/x86_64-linux-gnu/cryptsetup/libcryptsetup-token-systemd-${kind}.so"; };
  rows = {
    # argon2's threads load libgcc_s when they end, and no header of a program says so.
    cryptsetup = { file = "sbin/cryptsetup"; also = [ "libgcc_s.so.1" ]; debs = [ "cryptsetup-bin" "libcryptsetup12" "libpopt0" "libjson-c5" "libargon2-1" "libssl3" "libblkid1" "libuuid1" ] ++ deviceMapper; };
    # systemd's plugins for cryptsetup; what they load when they are asked stands in no header.
    cryptsetup-tpm2 = plugin "tpm2" // { also = [ "libtss2-esys.so.0" "libtss2-rc.so.0" "libtss2-mu.so.0" "libtss2-tcti-device.so.0" ]; debs = [ "libtss2-esys-3.0.2-0" "libtss2-rc0" "libtss2-mu0" "libtss2-tcti-device0" "libtss2-sys1" ] ++ systemd; };
    cryptsetup-fido2 = plugin "fido2" // { also = [ "libfido2.so.1" ]; debs = [ "libfido2-1" "libcbor0.8" "zlib1g" ] ++ systemd; };
    lvm = { file = "sbin/lvm"; also = [ ]; debs = [ "lvm2" "libaio1" "libdevmapper-event1.02.1" "libedit2" "libbsd0" "libmd0" "libtinfo6" "libblkid1" "libsystemd0" "libcap2" "libgcrypt20" "liblz4-1" "liblzma5" "libzstd1" "libgpg-error0" ] ++ deviceMapper; };
    e2fsck = { file = "sbin/e2fsck.static"; target = "sbin/e2fsck"; static = true; also = [ ]; debs = [ (static "e2fsck-static") ]; };
    "fsck.fat" = { file = "sbin/fsck.fat"; also = [ ]; debs = [ "dosfstools" ]; };
    "fsck.f2fs" = { file = "sbin/fsck.f2fs"; also = [ ]; debs = [ "f2fs-tools" "libselinux1" "libpcre2-8-0" ]; };
    # A shell, ip, udhcpc and the rest, each by its name.
    busybox = { file = "bin/busybox"; also = [ ]; debs = [ "busybox" ]; };
    # An ssh server, and what reads OpenSSH's keys.
    dropbear = { file = "usr/sbin/dropbear"; more = [ "usr/bin/dropbearconvert" "usr/bin/dropbearkey" ]; also = [ "libgcc_s.so.1" ]; debs = [ "dropbear-bin" "libtomcrypt1" "libtommath1" "zlib1g" "libcrypt1" "libgmp10" ]; };
    mdadm = { file = "sbin/mdadm"; also = [ ]; debs = [ "mdadm" ]; };
  };
  chosen = map (name: rows.${name} or (throw "initrdTools has no program '${name}'; it has ${lib.concatStringsSep ", " (builtins.attrNames rows)}")) programs;
  linked = lib.any (row: !(row.static or false)) chosen;
  debs = lib.unique (lib.optionals linked base ++ lib.concatMap (row: row.debs) chosen);
  entry = name: debLock.${name} or (throw "the Debian package '${name}' is not pinned: run tools/debian-lock.sh ${name}");
  folders = [ "/bin" "/sbin" ] ++ lib.optionals linked [ "/lib" "/lib64" ];
in
stdenv.mkDerivation {
  name = "initrd-tools";
  debFiles = map (name: fetchDeb ({ package = name; } // entry name)) debs;
  wanted = lib.concatMap (row: map (file: "${file}:${row.target or (lib.removePrefix "usr/" file)}") ([ row.file ] ++ row.more or [ ])) chosen;
  also = lib.concatMap (row: row.also) chosen;
  preferLocalBuild = true;
  buildCommand = ''
    mkdir -p tree ${lib.concatMapStringsSep " " (folder: "$out${folder}") folders}
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
        *) add "$file" "lib/$triple/$1" ;;
      esac
    }
    triple=$(basename "$(dirname "$(library libc.so.6)")")
    for program in $wanted; do add "tree/''${program%:*}" "''${program#*:}"; done
    if [ -e $out/bin/busybox ]; then
      for name in $(tree/bin/busybox --list); do [ -e $out/bin/$name ] || ln -s busybox $out/bin/$name; done
    fi
    for name in $also; do addLibrary "$name"; done
  '';
  passthru = { inherit folders linked; };
  meta.description = "Programs of the initrd with their libraries";
}
