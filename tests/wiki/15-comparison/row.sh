# SPDX-License-Identifier: GPL-2.0-or-later
# what: kernix config compare: ours beside Debian's (from its package) and any file or URL, for what is asked or all that differs
cat >arch <<'C'
# A file as Arch's package has it.
CONFIG_CRASH_DUMP=y
CONFIG_EXT4_FS=m
CONFIG_HZ=300
# CONFIG_KSM is not set
C
cat >configuration.nix <<'N'
{ pkgs, lib, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_debian;
  boot.kernelPatches = [ { name = "mine"; patch = null; structuredExtraConfig = { KSM = lib.kernel.yes; EXT4_FS = lib.kernel.yes; MINIX_FS = lib.kernel.no; }; } ];
}
N
port=$((20000 + RANDOM % 20000))
busybox httpd -f -p "127.0.0.1:$port" -h "$PWD" &
server=$!
trap 'kill $server; term_end' EXIT
limit=900
must "three columns for what is asked" kernix config compare --configuration configuration.nix debian "http://127.0.0.1:$port/arch"
cp must.log table
must "whose they are" says table "^2: http://127.0.0.1:$port/arch"
must "their heads" says table '^option +here +1 +2$'
must "ours, Debian's, Arch's" says table '^EXT4_FS +y +m +m$'
must "where we differ from Debian" says table '^MINIX_FS +n +m +[-n]$'
must "and from Arch" says table '^KSM +y +y +n$'
must "nothing that nobody asked for" not grep -E '^HZ ' table
must "all that differ" kernix config compare --configuration configuration.nix --all debian "$PWD/arch"
must "also what nobody asked for" says must.log '^HZ +1000 +250 +300$'
must "one alone" kernix config compare --configuration configuration.nix debian
must "as a list" says must.log '^ EXT4_FS y -> m$'
must "as JSON" kernix config compare --configuration configuration.nix debian --json
must "by name" says must.log '"name": "EXT4_FS"'
must "a URL that is not there" fails "http://127.0.0.1:$port/none" kernix config compare --configuration configuration.nix "http://127.0.0.1:$port/none"
must "a word that is nothing" fails "no_such_thing" kernix config compare --configuration configuration.nix no_such_thing
