#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The wiki page's table: each NN-NAME/ holds a snippet as the page has it and a row.sh that does what the page tells the reader
# to do (lib.sh has its words). Prints a line a row.
#   run.sh BUILD [NN...]      KERNIX_WIKI_STORE=DIR keeps the store between runs
#   run.sh --table            the rows as they stand in README.md
set -u
here=$(cd "$(dirname "$0")" && pwd)
table() {
  local folder name
  echo "# The wiki page, row by row"
  echo
  echo "Each folder holds a snippet of the page as it is there and a \`row.sh\` that does what the page says; \`run.sh\` runs them."
  echo
  echo "| row | what is seen |"
  echo "|---|---|"
  for folder in "$here"/[0-9][0-9]-*/; do
    name=$(basename "$folder")
    echo "| [$name]($name) | $(sed -n 's/^# what: //p' "$folder/row.sh" | head -n 1) |"
  done
}
if [ "${1:-}" = --table ]; then
  table
  exit
fi
build=$(realpath "${1:-$here/../../build}")
shift
nixpkgs=$(realpath "$here/../../nixpkgs")
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
work=$(mktemp -d "${TMPDIR:-/tmp}/kernix-wiki.XXXXXX")
chmod 711 "$work" # files that rows have fetched are read by the user that builds
# The 80,000 files of a kernel's source come and go in seconds where there is memory for them, in minutes on a slow disk.
fast=$work
if [ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt 6000000 ] && [ "$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 ]; then
  fast=$(mktemp -d /dev/shm/kernix-wiki.XXXXXX)
fi
trap 'chmod -R u+w "$work" "$fast"; rm -rf "$work" "$fast"' EXIT
store=${KERNIX_WIKI_STORE:-$work/store}
mkdir -p "$store" "$work/real" "$work/home" "$work/rows"
export here build nixpkgs work fast store HOME=$work/home NIX_PATH=nixpkgs=$nixpkgs
passed=0 failed=0 skipped=0

run_row() { # FOLDER
  local name=${1##*/} start=$SECONDS status word what log
  log=$work/$name.log
  what=$(sed -n 's/^# what: //p' "$1/row.sh" | head -n 1)
  mkdir "$work/rows/$name"
  (cd "$work/rows/$name" && row=$1 timeout -k 10 1500 bash -uc '. "$here/lib.sh"; . "$row/row.sh"') >"$log" 2>&1 </dev/null
  status=$?
  case $status in
    0) word=passed passed=$((passed + 1)) ;;
    77) word="skipped: $(tail -n 1 "$log")" skipped=$((skipped + 1)) ;;
    *) word=FAILED failed=$((failed + 1)) ;;
  esac
  printf '%-26s %-90s %-6s %4s s\n' "$name" "$what" "$word" $((SECONDS - start))
  if [ "$word" = FAILED ] || [ -n "${KERNIX_WIKI_VERBOSE:-}" ]; then sed 's/^/    /' "$log" | tail -n 40; fi
  chmod -R u+w "$work/rows/$name"
  rm -rf "$work/rows/$name"
}

for folder in "$here"/[0-9][0-9]-*/; do
  number=${folder%/} number=${number##*/} number=${number%%-*}
  if [ $# = 0 ] || [[ " $* " == *" $number "* ]]; then run_row "${folder%/}"; fi
done
[ "$failed" = 0 ] || [ ! -s "$work/console" ] || tr -d '\r' <"$work/console" | tail -n 40
table | cmp -s - "$here/README.md" || echo "tests/wiki/README.md is not current: tests/wiki/run.sh --table >tests/wiki/README.md"
echo "rows: $passed passed, $failed failed, $skipped skipped"
[ -z "${KERNIX_REPORT:-}" ] || echo "$passed $failed $skipped" >"$KERNIX_REPORT"
[ "$failed" = 0 ]
