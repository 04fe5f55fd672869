# SPDX-License-Identifier: GPL-2.0-or-later
# initrdKeymap { keyMap = "de-latin1"; } or { xkb = { model; layout; variant; options; }; }: a keyboard's table as stage 1 loads it, made
# by Debian's loadkeys from a keymap of the package console-data, a file, or an XKB layout (ckbcomp of console-setup).
{ lib, stdenvNoCC, debLock, fetchDeb }:
{ keyMap ? null, xkb ? null }:
let
  deb = package: fetchDeb ({ inherit package; } // debLock.${package} or (throw "the Debian package '${package}' is not pinned: run tools/debian-lock.sh ${package}"));
  # Names of kbd's own keymaps, which NixOS has, where Debian's are called otherwise or only XKB has that layout.
  names = {
    sv-latin1 = "se-latin1"; sv = "se-latin1"; de_CH-latin1 = "sg-latin1"; de_CH = "sg"; cz = "cz-us-qwertz"; cz-qwertz = "cz-us-qwertz"; br-abnt = "br-abnt2";
    gb = "uk"; ua-utf = "ua-utf"; pt = "pt-latin1"; be = "be-latin1"; "us-intl" = "us-intl.iso15"; us-acentos = "us-intl.iso15"; jp = "jp106"; "de-latin9" = "de-latin1"; fr-bepo = "dvorak-fr-bepo";
  };
  layouts = {
    colemak = { layout = "us"; variant = "colemak"; }; "en-latin9" = { layout = "us"; variant = "altgr-intl"; }; "dvorak-programmer" = { layout = "us"; variant = "dvp"; };
    neo = { layout = "de"; variant = "neo"; }; bone = { layout = "de"; variant = "bone"; }; workman = { layout = "us"; variant = "workman"; };
  };
  isFile = keyMap != null && lib.hasInfix "/" (toString keyMap);
  layout = if keyMap == null then xkb else if isFile then null else layouts.${keyMap} or null;
  word = name: lib.optionalString (layout.${name} or "" != "") "-${lib.removeSuffix "s" name} ${lib.escapeShellArg layout.${name}}";
in
stdenvNoCC.mkDerivation {
  name = "initrd-keymap";
  kbd = deb "kbd";
  layouts = if layout != null then map deb [ "console-setup" "xkb-data" ] else if isFile then [ ] else [ (deb "console-data") ];
  preferLocalBuild = true;
  file = if isFile then "${keyMap}" else "";
  wanted = if layout == null && !isFile then names.${keyMap} or keyMap else "";
  buildCommand = ''
    mkdir tree
    for deb in $kbd $layouts; do dpkg-deb --fsys-tarfile $deb | tar -x -C tree --no-same-owner; done
    maps=tree/usr/share/keymaps
  '' + (if layout != null then ''
    perl tree/usr/bin/ckbcomp -I"$PWD/tree/usr/share/X11/xkb" ${lib.concatMapStringsSep " " word [ "model" "layout" "variant" "options" ]} >map 2>said || { cat said >&2; echo "error: this XKB layout cannot be made a keymap of the console" >&2; exit 1; }
    file=$PWD/map
  '' else lib.optionalString (!isFile) ''
    file=$(find $PWD/$maps/i386 -name "$wanted.kmap.gz" | head -n 1)
    if [ -z "$file" ]; then
      echo "error: console.keyMap: Debian's console-data has no keymap '$wanted'. It has:" >&2
      find $maps/i386 -name '*.kmap.gz' -printf '%f\n' | sed 's/\.kmap\.gz$//' | sort | tr '\n' ' ' >&2
      exit 1
    fi
  '') + ''
    if ! tree/bin/loadkeys -b -u "$file" >$out 2>said; then
      cat said >&2
      echo "error: loadkeys cannot read the keymap $file" >&2
      exit 1
    fi
  '';
  meta.description = "Keyboard table of the initrd";
}
