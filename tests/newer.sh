#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# newer.sh PACKAGE...: downloads packages of Debian's newer suites (trixie, sid, experimental: the newest version that any has), without touching the
# machine's own apt, and prints the paths of the .deb files. They are kept in $KERNIX_NEWER (default: /var/cache/kernix-tests). Exit status 77, with a word
# on standard error, where the archive cannot be reached. KERNIX_SUITES limits the suites.
set -u
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
dir=${KERNIX_NEWER:-/var/cache/kernix-tests}
suites=${KERNIX_SUITES:-bookworm trixie sid experimental}
refuse() {
  echo "newer.sh: $*" >&2
  exit 77
}
command -v apt-get >/dev/null || refuse "this machine has no apt"
mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/debs" || refuse "cannot write $dir"
exec 9>"$dir/lock"
flock 9

found() { # PACKAGE
  find "$dir/debs" -name "$1_*.deb" | sort -V | tail -n 1
}
apt() {
  apt-get -q -o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache" \
    -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root "$@"
}
update() {
  local mirror
  # The machine's own mirror; the archive's front page where its sources name none.
  mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\?\(http[^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | head -n 1)
  for s in $suites; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} $s main"
  done >"$dir/sources.list"
  apt update >"$dir/log" 2>&1 || refuse "apt-get update: $(grep '^E:' "$dir/log" | head -n 1)"
}

for p; do
  deb=$(found "$p")
  if [ -z "$deb" ]; then
    [ -s "$dir/sources.list" ] && [ -n "$(find "$dir/sources.list" -mmin -600)" ] || update
    (cd "$dir/debs" && apt download "$p") >"$dir/log" 2>&1 || refuse "$p: $(grep '^E:' "$dir/log" | head -n 1)"
    deb=$(found "$p")
  fi
  [ -n "$deb" ] || refuse "$p: nothing came"
  echo "$deb"
done
