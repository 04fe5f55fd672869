#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Pins Debian packages for nixpkgs/debian/lock.json: version, architecture, file name, SHA-256 and size, from apt's signed index.
#   debian-lock.sh PACKAGE...    adds or updates these packages in lock.json; NAME:ARCH for another architecture
#   debian-lock.sh --update      updates all packages of lock.json
#   debian-lock.sh --suite SUITE PACKAGE...   the same from another suite (sid, experimental), whose lists are fetched apart
#   debian-lock.sh --refresh     writes lock.local.json for those pinned versions that the archive no longer has (make lock, demo and test call it)
#   debian-lock.sh --refresh-suites   the same for what is pinned from other suites (make test calls it)
set -eu -o pipefail
folder=$(cd "$(dirname "$0")/../nixpkgs/debian" && pwd)
lock=$folder/lock.json
local=$folder/lock.local.json

command -v apt-cache >/dev/null || { echo "debian-lock: there is no apt on this machine; nothing to do" >&2; exit 0; }
command -v jq >/dev/null || { echo "debian-lock: jq is not installed; what is pinned is taken as it is" >&2; exit 0; }
work=$(mktemp -d)
rows=$work/rows
trap 'rm -rf "$work"' EXIT

# apt with the index of another architecture, in a folder of our own: the machine's settings stay as they are.
foreign() { # ARCH PROGRAM WORD...
  local arch=$1 program=$2
  shift 2
  mkdir -p "$work/$arch/partial"
  "$program" -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::State::lists="$work/$arch" -o Dir::State::status=/dev/null \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root "$@"
}

# apt with the lists of another suite, from the mirror that the machine uses.
of_suite() { # SUITE PROGRAM WORD...
  local suite=$1 program=$2 mirror
  shift 2
  mkdir -p "$work/$suite/partial" "$work/$suite-cache/archives/partial"
  mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\?\(http[^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | head -n 1)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} $suite main contrib non-free non-free-firmware" >"$work/$suite.list"
  "$program" -q -o Dir::Etc::sourcelist="$work/$suite.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$work/$suite" -o Dir::State::status=/dev/null \
    -o Dir::Cache="$work/$suite-cache" -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root "$@"
}
suite_records() { # SUITE PACKAGE...
  local suite=$1
  shift
  [ -d "$work/$suite" ] || of_suite "$suite" apt-get update >/dev/null || return
  of_suite "$suite" apt-cache show --no-all-versions "$@" 2>/dev/null | as_rows | sed "s/$/\t$suite/"
}

as_rows() {
  awk '
    function out() { if (p != "" && f != "") printf "%s\t%s\t%s\t%s\t%s\t%s\n", p, v, a, f, s, z; p = v = a = f = s = z = "" }
    /^Package: / { out(); p = $2 }
    /^Version: / { v = $2 } /^Architecture: / { a = $2 } /^Filename: / { f = $2 } /^SHA256: / { s = $2 } /^Size: / { z = $2 }
    END { out() }'
}

# The records of packages, one line each: name, version, architecture, file name, SHA-256, size.
records() {
  local own=() name arch
  for name in "$@"; do
    arch=${name#*:}
    if [ "$arch" = "$name" ]; then
      own+=("$name")
      continue
    fi
    # An index that cannot be had leaves those that can.
    [ -d "$work/$arch" ] || foreign "$arch" apt-get update >/dev/null || true
    foreign "$arch" apt-cache show --no-all-versions "${name%:*}" 2>/dev/null | as_rows | sed "s/^[^\t]*/$name/" || true
  done
  [ ${#own[@]} = 0 ] || apt-cache show --no-all-versions "${own[@]}" 2>/dev/null | as_rows || true
}

# Rows to JSON, over what the file in $1 holds already.
write_lock() { # FILE NEW-ROWS
  local old='{}'
  [ ! -s "$1" ] || old=$(cat "$1")
  jq -S --argjson old "$old" -Rn '
    reduce (inputs | split("\t") | select(length >= 6)) as $r ($old;
      .[$r[0]] = (if ($r[0] | contains(":")) then { package: ($r[0] | sub(":.*"; "")) } else {} end)
        + { version: $r[1], arch: $r[2], filename: $r[3], sha256: $r[4], size: ($r[5] | tonumber) }
        + if $r[6] then { suite: $r[6] } else {} end)' <"$2" >"$1.new"
  mv "$1.new" "$1"
}

# Whether the archive has a pinned package: of another architecture if it has the same version for this one, but for
# the number of a rebuild (+bN).
is_there() { # NAME<TAB>VERSION
  case $1 in
    *:*$'\t'*) sed 's/+b[0-9]*$//' "$rows" | grep -qxF "$(sed 's/:[^\t]*//; s/+b[0-9]*$//' <<<"$1")" ;;
    *) grep -qxF "$1" "$rows" ;;
  esac
}

# A prebuilt kernel has its release in its name, and its headers want that release's compiler: where apt does not know the pinned one (another
# release of Debian, or a newer kernel), the newest that it has, with headers.
own_kernel() {
  local pinned flavour newest base
  pinned=$(jq -r 'keys[] | select(test("^linux-image-[0-9]"))' "$lock" | sort -V | tail -n 1)
  flavour=${pinned##*-}
  apt-cache pkgnames linux-image- >"$work/images"
  if [ -z "$pinned" ] || grep -qxF "$pinned" "$work/images"; then return; fi
  newest=$(grep -E "^linux-image-[0-9][0-9.]*(\+deb[0-9]+)?-$flavour\$" "$work/images" | sort -V | tail -n 1) || return 0
  newest=${newest#linux-image-}
  base=${newest%-"$flavour"}
  printf '%s\n' "linux-image-$newest" "linux-headers-$newest" "linux-headers-$base-common" "linux-kbuild-$base"
}

case ${1:-} in
  "" | -h | --help)
    sed -n '3,8s/^# \{0,1\}//p' "$0"
    ;;
  --update)
    mapfile -t names < <(jq -r 'to_entries[] | select(.value.suite | not) | .key' "$lock")
    records "${names[@]}" >"$rows"
    write_lock "$lock" "$rows"
    ;;
  --refresh)
    # A version that some configured archive still has is left alone: its pool has the file.
    mapfile -t pinned < <(jq -r 'to_entries[] | select(.value.suite | not) | .key + "\t" + .value.version' "$lock")
    apt-cache madison $(jq -r 'keys[] | sub(":.*"; "")' "$lock") 2>/dev/null | awk -F'|' '{ gsub(/ /, ""); print $1 "\t" $2 }' | sort -u >"$rows"
    if [ ! -s "$rows" ]; then
      echo "debian-lock: apt has no package lists (apt-get update); lock.json is taken as it is" >&2
      exit 0
    fi
    gone=()
    for row in "${pinned[@]}"; do
      is_there "$row" || gone+=("${row%%$'\t'*}")
    done
    mapfile -t -O ${#gone[@]} gone < <(own_kernel)
    # The file is replaced when its successor is there. What apt cannot say today stays as an earlier run found it.
    { jq 'with_entries(select(.value.suite or (.key | IN($ARGS.positional[]))))' "$local" --args "${gone[@]}" 2>/dev/null || echo '{}'; } >"$work/local"
    [ ${#gone[@]} = 0 ] || records "${gone[@]}" >"$work/new"
    [ ! -s "$work/new" ] || write_lock "$work/local" "$work/new"
    if [ "$(jq length "$work/local")" = 0 ]; then
      rm -f "$local"
    elif ! cmp -s "$work/local" "$local"; then
      cp "$work/local" "$local.new"
      mv "$local.new" "$local"
    fi
    [ ${#gone[@]} = 0 ] || echo "debian-lock: the archive has newer versions of: ${gone[*]} (lock.local.json)" >&2
    ;;
  --refresh-suites)
    for suite in $(jq -r '[.[].suite // empty] | unique[]' "$lock"); do
      mapfile -t names < <(jq -r --arg s "$suite" 'to_entries[] | select(.value.suite == $s) | .key' "$lock")
      if ! suite_records "$suite" "${names[@]}" >"$rows" || [ ! -s "$rows" ]; then
        echo "debian-lock: the lists of $suite cannot be had; what is pinned is taken as it is" >&2
        continue
      fi
      : >"$rows.new"
      while IFS=$'\t' read -r name version rest; do
        [ "$(jq -r --arg n "$name" '.[$n].version' "$lock")" = "$version" ] || printf '%s\t%s\t%s\n' "$name" "$version" "$rest" >>"$rows.new"
      done <"$rows"
      if [ -s "$rows.new" ]; then
        write_lock "$local" "$rows.new"
        echo "debian-lock: $suite has newer versions of: $(cut -f1 "$rows.new" | paste -sd' ') (lock.local.json)" >&2
      fi
    done
    ;;
  --suite)
    suite=$2
    shift 2
    suite_records "$suite" "$@" >"$rows"
    write_lock "$lock" "$rows"
    for name in "$@"; do
      cut -f1 "$rows" | grep -qxF "$name" || { echo "debian-lock: $suite has no package '$name'" >&2; exit 1; }
    done
    ;;
  *)
    records "$@" >"$rows"
    write_lock "$lock" "$rows"
    for name in "$@"; do
      cut -f1 "$rows" | grep -qxF "$name" || { echo "debian-lock: apt knows no package '$name'" >&2; exit 1; }
    done
    ;;
esac
