#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Pins the packages of build roots, nixpkgs/debian/roots/NAME.json: a person writes `suite`, `arch`, `wanted` (names of packages), `unwanted` (what their
# closure may lack), `links` and `without` (src/build/debroot.h says what they are); this writes `packages`, from the archive's signed index.
#   debian-roots.sh NAME...      the closure of `wanted`, as the archive has it today, into these sets
#   debian-roots.sh --refresh    writes NAME.local.json for those sets of which the archive has dropped packages (make lock, demo and test call it)
# A file is replaced when its successor is complete, and never before.
set -eu -o pipefail
roots=$(cd "$(dirname "$0")/../nixpkgs/debian/roots" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "debian-roots: $*" >&2; }
needs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null && continue
    say "$program is not installed; what is pinned is taken as it is"
    exit 0
  done
}

# The archives that this machine uses; `debian` and `debian-security` are those of the mirror that comes first.
archives() {
  { sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources; sed -n 's/^deb \(\[[^]]*\] \)\?\(http[^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list; } \
    2>/dev/null | tr ' ' '\n' | sed 's|/*$|/|'
  echo http://deb.debian.org/debian/
  echo http://deb.debian.org/debian-security/
}
archive_of() { archives | grep "/$1/\$" | head -n 1; }

# apt with the lists of one suite and architecture, apart from the machine's own.
apt_of() { # SUITE ARCH PROGRAM WORD...
  local suite=$1 arch=$2 program=$3 at=$work/$1-$2
  shift 3
  "$program" -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::Etc::sourcelist="$at/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$at/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$at/cache" -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root "$@"
}
apt_lists() { # SUITE ARCH
  local suite=$1 arch=$2 at=$work/$1-$2 key='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
  [ ! -e "$at/done" ] || return 0
  mkdir -p "$at/lists/partial" "$at/cache/archives/partial"
  echo "deb $key $(archive_of debian) $suite main" >"$at/sources.list"
  if [ "$suite" != sid ]; then
    echo "deb $key $(archive_of debian) $suite-updates main" >>"$at/sources.list"
    echo "deb $key $(archive_of debian-security) $suite-security main" >>"$at/sources.list"
  fi
  # A list that cannot be had leaves apt's exit code 0: an older closure must not pass for today's.
  apt_of "$suite" "$arch" apt-get -o APT::Update::Error-Mode=any update >"$at/log" 2>&1 || { tail -n 3 "$at/log" >&2; return 1; }
  touch "$at/done"
}

# The closure of a set's wanted packages as a JSON list, sorted by name.
closure() { # SET
  local suite arch
  suite=$(jq -r .suite "$1") arch=$(jq -r .arch "$1")
  apt_lists "$suite" "$arch" || { say "the lists of $suite for $arch cannot be had"; return 1; }
  mapfile -t wanted < <(jq -r '.wanted[]' "$1")
  apt_of "$suite" "$arch" apt-get -s --no-install-recommends install "${wanted[@]}" >"$work/plan" 2>"$work/why" || { cat "$work/why" >&2; return 1; }
  jq -r '.unwanted // [] | .[]' "$1" >"$work/unwanted"
  awk -v no="$work/unwanted" 'BEGIN { while ((getline name <no) > 0) skip[name] = 1 } $1 == "Inst" && !skip[$2] { sub(/^\(/, "", $3); print $2 "=" $3 }' "$work/plan" | sort >"$work/names"
  apt_of "$suite" "$arch" apt-cache show $(cat "$work/names") | awk '
    function out() { if (p != "" && f != "" && !seen[p]++) printf "%s\t%s\t%s\t%s\t%s\t%s\n", p, v, a, f, s, z; p = v = a = f = s = z = "" }
    /^Package: / { out(); p = $2 }
    /^Version: / { v = $2 } /^Architecture: / { a = $2 } /^Filename: / { f = $2 } /^SHA256: / { s = $2 } /^Size: / { z = $2 }
    END { out() }' | LC_ALL=C sort >"$work/rows"
  [ "$(wc -l <"$work/rows")" = "$(wc -l <"$work/names")" ] || { say "apt does not know all packages of $1"; return 1; }
  jq -Rn '[inputs | split("\t") | { name: .[0], version: .[1], arch: .[2], filename: .[3], sha256: .[4], size: (.[5] | tonumber) }]' <"$work/rows"
}

# SET with other packages, one on a line, as TO.
write_set() { # SET PACKAGES TO
  jq -r --slurpfile packages "$2" '
    def line: tojson;
    def lines: if length == 0 then "" else "\n" + (map("    " + .) | join(",\n")) + "\n  " end;
    "{",
    "  \"suite\": \(.suite | line),",
    "  \"arch\": \(.arch | line),",
    "  \"wanted\": [\(.wanted | map(line) | lines)],",
    "  \"unwanted\": [\(.unwanted // [] | map(line) | lines)],",
    "  \"links\": {\(.links // {} | to_entries | map("\(.key | line): \(.value | line)") | lines)},",
    "  \"without\": [\(.without // [] | map(line) | lines)],",
    "  \"packages\": [\($packages[0] | map(line) | lines)]",
    "}"' "$1" >"$3.new"
  jq -e '.packages | length > 0' "$3.new" >/dev/null
  mv "$3.new" "$3"
}

pin() { # SET TO
  closure "$1" >"$work/packages" && write_set "$1" "$work/packages" "$2" && say "$(basename "$2"): $(jq length "$work/packages") packages"
}

# What people write of a set, for a comparison.
written() { jq -S 'del(.packages)' "$1"; }

# Which of these files (pool/...) no archive has, by asking for their headers; fails when no archive answers.
gone_of() { # FILE with one a line
  local archive
  cp "$1" "$work/left"
  : >"$work/answers"
  for archive in $(archives | awk '/debian/ && !seen[$0]++'); do
    [ -s "$work/left" ] || break
    sed "s|.*|url = \"$archive&\"\noutput = \"/dev/null\"|; s|+|%2B|g" "$work/left" >"$work/urls"
    curl -sIL --parallel --parallel-max 16 --connect-timeout 10 --max-time 120 -w '%{http_code} %{url}\n' -K "$work/urls" >"$work/got" 2>/dev/null || true
    cat "$work/got" >>"$work/answers"
    sed -n "s|^200 $archive||p" "$work/got" | sed 's|%2B|+|g' | sort -u >"$work/has"
    sort -u "$work/left" | comm -23 - "$work/has" >"$work/still"
    mv "$work/still" "$work/left"
  done
  grep -q '^[24]' "$work/answers" || return 1
  cat "$work/left"
}

# The snapshot archive keeps what others drop: as long as it answers, a set stays what it is.
snapshot_has() { # FILE with one a line
  local file name version
  while read -r file; do
    name=$(basename "$file" .deb)
    version=$(jq -r --arg f "$file" '.packages[] | select(.filename == $f) | .version' "$2" | head -n 1)
    curl -sf --connect-timeout 5 --max-time 20 -o /dev/null "http://snapshot.debian.org/mr/binary/${name%%_*}/${version//:/%3A}/binfiles" || return 1
  done <"$1"
}

refresh_one() { # SET
  local local=${1%.json}.local.json name
  name=$(basename "$1" .json)
  jq -r '.packages[].filename' "$1" | sort >"$work/files"
  if ! comm -12 "$work/files" "$work/gone" | grep . >"$work/missing" || snapshot_has "$work/missing" "$1"; then
    rm -f "$local"
    return
  fi
  if [ -s "$local" ] && [ "$(written "$local")" = "$(written "$1")" ] &&
    ! jq -r '.packages[].filename' "$local" | sort | comm -12 - "$work/gone" | grep -q .; then
    return # an earlier one still serves
  fi
  pin "$1" "$local" || { say "$name: it stays as it is, without $(wc -l <"$work/missing") packages that the archive has no more"; return; }
}

case ${1:-} in
  "" | -h | --help)
    sed -n '3,7s/^# \{0,1\}//p' "$0"
    ;;
  --refresh)
    needs jq curl apt-get
    for set in "$roots"/*.json; do jq -r '.packages[].filename' "$set"; done | sort -u >"$work/all"
    gone_of "$work/all" >"$work/gone.new" || { say "no archive answers; the sets are taken as they are"; exit 0; }
    sort -u "$work/gone.new" >"$work/gone"
    for set in "$roots"/*.json; do
      case $set in *.local.json) ;; *) refresh_one "$set" ;; esac
    done
    ;;
  *)
    needs jq apt-get
    for name in "$@"; do
      [ -s "$roots/$name.json" ] || { say "there is no set $roots/$name.json"; exit 1; }
      pin "$roots/$name.json" "$roots/$name.json"
    done
    ;;
esac
