# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests with faults: where things are, how a store is made and looked at from outside (sqlite3, real Nix), and how a folder's
# state is compared with what it should be. $W is the test's own folder; an operation works in $D, whose copy $S is put back for each run.
# shellcheck shell=bash disable=SC2034
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export KERNIX_SRC=$root KERNIX_BUILD=${KERNIX_BUILD:-$root/build}
bin=$KERNIX_BUILD/bin kernix=$KERNIX_BUILD/kernix inject=$KERNIX_BUILD/tests/faults/inject
real_nix=$(PATH=/usr/bin:/bin command -v nix-store) # Debian's
export LC_ALL=C.UTF-8
unset NIX_STORE_DIR NIX_STATE_DIR NIX_LOG_DIR NIX_PATH NIX_REMOTE NIXOS_CONFIG NIX_PROFILE

# Thousands of small stores are made and thrown away: in memory, where there is some.
faults_tmp() {
  if [ -n "${FAULTS_TMP:-}" ]; then echo "$FAULTS_TMP"; elif [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ]; then echo /dev/shm; else echo "${TMPDIR:-/tmp}"; fi
}
remove() {
  chmod -R u+w "$@" 2>/dev/null
  rm -rf "$@"
}
# alone ARGUMENT...: the script once more, where it sees no processes and mounts of others: the collector takes what any process names for in
# use, and a sandbox of another operation would keep a copy of our mounts.
alone() {
  [ -z "${FAULTS_ALONE:-}" ] && [ "$(id -u)" = 0 ] || return 0
  FAULTS_ALONE=1 exec unshare --mount --propagation private --pid --fork --mount-proc "$0" "$@"
}
place() { :; } # gets $D when it is made
# work_in FOLDER: variables for an operation there; the store is private, its builds are sandboxed.
work_in() {
  D=$1/d S=$1/snapshot
  remove "$D" "$S"
  mkdir -p "$D"
  place
  mkdir -p "$D"/{r,tmp,home,conf}
  printf 'build-users-group =\nsubstitute = false\n' >"$D/conf/nix.conf"
  export NIX_CONF_DIR=$D/conf HOME=$D/home TMPDIR=$D/tmp NIX_REMOTE="local?root=$D/r"
  db=$D/r/nix/var/nix/db/db.sqlite
  cd "$D" || exit 1
}
# Everything that the database says of each valid path but when it was registered. What a builder makes different each time is masked.
rows() {
  sqlite3 -batch "$db" "select p.path || '|' || case when p.path like '%-random-%' then '' else p.hash || '|' || p.narSize end || '|' || coalesce(p.deriver, '') ||
    '|' || ifnull((select group_concat(path) from (select q.path from Refs r join ValidPaths q on q.id = r.reference where r.referrer = p.id order by q.path)), '')
    from ValidPaths p order by 1" 2>&1
}
# What there is below $D but contents: names, kinds, targets. The database's own files come and go.
names() {
  find . -path ./r/nix/var/nix/db -prune -o \( -path './r/nix/store/*/*' -prune \) -o -path './home/.cache' -prune -o -path ./r/nix/var/log -prune -o -path './r/nix/var/nix/userpool*' -prune -o -name per-user -prune -o -path './*/per-user/root' -prune -o -printf '%y %P %l\n' |
    grep -v -e '^f \(out\|err\|in\) *$' -e ' lost+found ' | sed 's/-random-[^ ]*//' | LC_ALL=C sort
}
mounts() { grep -F "$D/" /proc/self/mountinfo; }
verify_ours() { "$bin/nix-store" --verify --check-contents; }
verify_nix() { "$real_nix" --verify --check-contents 2>&1 | grep -vE '^(checking|reading|warning: the group)' && return 1 || return 0; }
