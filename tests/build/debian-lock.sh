#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tools/debian-lock.sh and tools/debian-roots.sh do to the files with pinned packages when the archive does not answer as it should: a run that
# fails leaves every file as it was, and with them the derivations. The programs of apt, and curl, are ours here.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/debian-lock.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tools" "$work/nixpkgs/debian/roots" "$work/bin"
cp "$here/tools/debian-lock.sh" "$here/tools/debian-roots.sh" "$work/tools/"
export PATH=$work/bin:$PATH ANSWERS=$work/answers
debian=$work/nixpkgs/debian roots=$work/nixpkgs/debian/roots
passed=0 failed=0
ok() { # WHAT COMMAND...
  if "${@:2}" >/dev/null; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $1"
    tail -n 5 "$work/said" | sed 's/^/    /'
  fi
}
says() { grep -qE -- "$1" "$work/said"; }
lock() { bash "$work/tools/debian-lock.sh" "$@" >"$work/said" 2>&1; }
sets() { bash "$work/tools/debian-roots.sh" "$@" >"$work/said" 2>&1; }
answers() { # NAME=WORD...: what our apt and curl say
  printf '%s\n' "$@" >"$ANSWERS"
}
version_of() { jq -r --arg n "$2" '.[$n].version' "$1"; }
pinned_of() { jq -r --arg n "$2" '.packages[] | select(.name == $n) | .version' "$1"; }
same() { cmp -s "$1" "$2"; }

cat >"$work/bin/apt-cache" <<'END'
#!/bin/bash
. "$ANSWERS"
while [ $# != 0 ]; do case $1 in -o) shift 2 ;; -q) shift ;; *) break ;; esac; done
record() { printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nFilename: pool/main/%s_%s_amd64.deb\nSHA256: %064d\nSize: 10\n\n' "$1" "$2" "$1" "$2" 7; }
case $1 in
madison) for name in one two; do echo "$name | $now | http://x bookworm/main amd64 Packages"; done ;;
show)
  [ "$show" = yes ] || exit 100
  for name in "${@:2}"; do case $name in -*) ;; *) record "${name%%=*}" "$now" ;; esac; done
  ;;
esac
END
cat >"$work/bin/apt-get" <<'END'
#!/bin/bash
. "$ANSWERS"
case " $* " in
*" update "*) [ "$update" = yes ] ;;
*" install "*) for name in one two; do echo "Inst $name ($now Debian:13/stable [amd64])"; done ;;
esac
END
# For each url of the config file: 200 if its version is the one there is now.
cat >"$work/bin/curl" <<'END'
#!/bin/bash
. "$ANSWERS"
case " $* " in *" -K "*) ;; *) [ "${snapshot:-no}" = yes ]; exit ;; esac
[ "$net" = yes ] || exit 7
sed -n 's/^url = "\(.*\)"$/\1/p' "${@: -1}" | while read -r url; do
  case $url in *_"$now"_*) echo "200 $url" ;; *) echo "404 $url" ;; esac
done
END
chmod +x "$work/bin"/*

test_lock() {
  local file=$debian/lock.local.json
  jq -n '{ one: { version: "1" }, two: { version: "1" }, other: { version: "1", suite: "sid" } }' >"$debian/lock.json"
  answers now=2 show=yes update=yes
  ok 'lock: what is gone is pinned anew' lock --refresh
  ok 'lock: to what there is' eval '[ "$(version_of $debian/lock.local.json one)" = 2 ]'
  cp "$file" "$work/before"
  answers now=3 show=no update=no
  lock --refresh
  ok 'lock: a run without answers changes nothing' same "$file" "$work/before"
  answers now=3 show=yes update=yes
  lock --refresh
  ok 'lock: a later one goes on' eval '[ "$(version_of $debian/lock.local.json two)" = 3 ]'
  answers now=1 show=yes update=yes
  lock --refresh
  ok 'lock: no file where everything is there' test ! -e "$file"
}

test_roots() {
  local set=$roots/small.json file=$roots/small.local.json
  jq -n '{ suite: "trixie", arch: "amd64", wanted: ["one", "two"], links: { "usr/bin/x": "one" }, without: [], packages: [] }' >"$set"
  answers now=1 show=yes update=no net=yes
  ok 'sets: without lists nothing is written' eval '! sets small && [ "$(jq ".packages | length" "$set")" = 0 ]'
  answers now=1 show=yes update=yes net=yes
  ok 'sets: packages of what is wanted' sets small
  ok 'sets: both, with their hashes' jq -e '.packages | length == 2 and all(.sha256 | length == 64)' "$set"
  ok 'sets: what a person wrote stays' jq -e '.links["usr/bin/x"] == "one" and .wanted == ["one", "two"]' "$set"
  cp "$set" "$work/set"
  ok 'sets: refreshed, when all is there' sets --refresh
  ok 'sets: nothing to write then' test ! -e "$file"
  answers now=2 show=yes update=yes net=yes
  ok 'sets: refreshed, when packages are gone' sets --refresh
  ok 'sets: newer ones beside it' eval '[ "$(pinned_of $roots/small.local.json one)" = 2 ]'
  ok 'sets: its own file is as it was' same "$set" "$work/set"
  cp "$file" "$work/before"
  sets --refresh
  ok 'sets: one that serves stays' same "$file" "$work/before"
  answers now=3 show=no update=yes net=yes
  sets --refresh
  ok 'sets: a run that fails in the middle changes nothing' same "$file" "$work/before"
  answers now=3 show=yes update=no net=yes
  sets --refresh
  ok 'sets: nor one without lists' same "$file" "$work/before"
  ok 'sets: which is said' says 'stays as it is'
  answers now=3 show=yes update=yes net=no
  ok 'sets: nor one without a network' sets --refresh
  ok 'sets: which is said, too' says 'no archive answers'
  ok 'sets: and changes nothing' same "$file" "$work/before"
  answers now=2 show=yes update=yes net=yes
  jq '.wanted += ["three"]' "$set" >"$work/more" && cp "$work/more" "$set"
  sets --refresh
  ok 'sets: one of another wish is made anew' jq -e '.wanted | length == 3' "$file"
  answers now=3 show=yes update=yes net=yes snapshot=yes
  sets --refresh
  ok 'sets: what the snapshot archive has need not be replaced' test ! -e "$file"
  ok 'sets: no scraps are left' eval '[ "$(ls "$roots")" = small.json ]'
}

test_lock
test_roots
echo "$passed passed, $failed failed"
[ $failed = 0 ]
