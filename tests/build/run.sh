#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds hand-written derivations with src/build in private stores: isolation, failures, references, interruptions. Real Nix
# writes the .drv files, checks the stores, and builds some of them itself for comparison. `run.sh user` is what an ordinary
# user can do; root runs that as well, as a user made for it.
set -u
. "$(dirname "$0")/lib.sh"
command -v nix-instantiate >/dev/null || { echo "nix-bin is not installed"; exit 77; }

test_basic() {
  new_store basic
  same "trivial builds" "hello" "$(out=$(build trivial); cat "$root$out")"
  out=$(build chain)
  same "output is canonical" "444 1 0" "$(stat -c '%a %Y' "$root$out/self") $(find "$root$out" -newermt 1970-01-02 | wc -l)"
  same "executables stay so" 555 "$(stat -c %a "$root$out/run")"
  same "references" "$(printf '%s\n' "$out" "$(drv_of trivial | sed s/-trivial.drv//)" | wc -l)" "$(nix-store -q --references "$out" | wc -l)"
  same "deriver" "$(drv_of chain)" "$(nix-store -q --deriver "$out")"
  build multi >/dev/null
  same "log of a silent builder" "status 0" "$("$driver" --read-log "$(drv_of trivial)"; echo "status $?")"
  check "nothing is rebuilt" test -z "$(build chain >/dev/null; grep building "$work/err")"
  check "real Nix agrees" verify
  check "nothing is left" leftovers
}

test_isolation() {
  new_store isolation
  out=$(SECRET=1 build sees)
  same "what a builder sees" "root: /bin /build /dev /etc /lib /nix /proc /sbin /tmp /usr
store: $(basename "$out")
home: 
links: lo
id: 1000:100 nixbld:nixbld
host: localhost
umask: 0022
core: 0
secrets: 0
HOME=/homeless-shelter
NIX_BUILD_CORES=$(nproc)
NIX_BUILD_TOP=/build
NIX_LOG_FD=2
NIX_STORE=/nix/store
OLDPWD=/build
PATH=/usr/bin:/bin
PWD=/
TEMP=/build
TEMPDIR=/build
TERM=xterm-256color
TMP=/build
TMPDIR=/build
builder=/bin/sh
n=0
name=sees
out=$out
system=$(nix-instantiate --eval -E builtins.currentSystem | tr -d '"')" "$(cat "$root$out")"
  build tmp >/dev/null
  check "/tmp is private" test ! -e /tmp/kernix-test-0
  SECONDS=0
  build daemon >/dev/null
  check "daemons end with the builder" test $SECONDS -lt 10
  out=$(build setuid)
  same "no setuid" "444 555" "$(stat -c %a "$root$out/b" "$root$out/a" | xargs)"
  check "nothing is left" leftovers
}

test_environment() {
  new_store env
  out=$(build as-file)
  same "passAsFile" "$(printf "one\ntwo 'quoted'\n0\nsmall")" "$(cat "$root$out")"
  out=$(KERNIX_TEST_IMPURE=yes build network)
  same "fixed outputs have the network's files" content "$(cat "$root$out" 2>&1)"
  build place >/dev/null
  check "placeholders" test $? = 0
}

# The same derivations built by real Nix must give the same hashes.
nix_builds() { # DRV
  nix-store --realise "$1" --option sandbox true --option sandbox-fallback false \
    --option sandbox-paths "/bin=/usr/bin /usr /lib=/usr/lib /lib64=/usr/lib64" >/dev/null 2>"$work/nix-err"
}
either() { # ATTR of cases.nix, or of builtins.nix when it is env
  if [ "$1" = env ]; then nix-instantiate "$here/builtins.nix" -A env 2>/dev/null; else drv_of "$1"; fi
}
test_like_nix() {
  local attr drv path theirs
  local attrs="chain multi many as-file graph place setuid env"
  [ "$(id -u)" = 0 ] || { skip "building with real Nix for comparison needs root"; return; }
  new_store nix
  nix_builds "$(drv_of trivial)" || { skip "real Nix cannot build here: $(tail -n 1 "$work/nix-err")"; return; }
  for attr in $attrs; do
    drv=$(either "$attr")
    nix_builds "$drv" || { bad "real Nix builds $attr: $(tail -n 3 "$work/nix-err")"; continue; }
    for path in $(nix-store -q --outputs "$drv"); do
      echo "$path $(nix-store -q --hash "$path") $(nix-store -q --references "$path" | xargs)"
    done
  done >"$work/list-theirs"
  new_store ours
  for attr in $attrs; do
    drv=$(either "$attr")
    "$driver" "$drv" >/dev/null 2>"$work/err" || { bad "$attr: $(errors | tail -n 3)"; continue; }
    for path in $(nix-store -q --outputs "$drv"); do
      echo "$path $(nix-store -q --hash "$path") $(nix-store -q --references "$path" | xargs)"
    done
  done >"$work/list-ours"
  theirs=$(cat "$work/list-theirs")
  same "outputs and references as real Nix has them" "$theirs" "$(cat "$work/list-ours")"
  check "there is something to compare" test "$(wc -l <"$work/list-theirs")" -ge 8
}

# Structured attributes, to the byte; but newer Nix says of each path of a graph that it is valid, older does not, and we are like the newer ones.
test_structured() {
  local drv path file theirs
  [ "$(id -u)" = 0 ] || { skip "building with real Nix for comparison needs root"; return; }
  new_store nix-structured
  drv=$(drv_of structured)
  nix_builds "$drv" || { skip "real Nix cannot build here: $(tail -n 1 "$work/nix-err")"; return; }
  path=$(nix-store -q --outputs "$drv")
  theirs=$work/theirs-structured
  cp -r "$root$path" "$theirs"
  nix-store -q --references "$path" >"$theirs.refs"
  new_store ours-structured
  out=$(build structured)
  same "structured: the path" "$path" "$out"
  same "structured: references" "$(cat "$theirs.refs")" "$(nix-store -q --references "$path")"
  for file in .attrs.json .attrs.sh; do
    same "structured: $file" "$(sed 's/,"valid":true//g' "$theirs/$file")" "$(sed 's/,"valid":true//g' "$root$out/$file")"
  done
  same "structured: each path of a graph is said to be valid" "$(jq '.graph | length' "$root$out/.attrs.json")" "$(jq '[.graph[] | select(.valid == true)] | length' "$root$out/.attrs.json")"
}

# The name of a build's folder is free only when its own build gives it back: what was examined is emptied by a process beside, but a name that
# two remove is, the second time, another build's.
test_same_name() {
  local drvs main
  command -v strace >/dev/null || { skip "strace is not installed"; return; }
  new_store same-name
  drvs=$(nix-instantiate "$here/cases.nix" -A same-name 2>/dev/null)
  # shellcheck disable=SC2086 # several
  strace -f -qq -o "$work/trace" -e trace=unlinkat,renameat2 "$driver" $drvs >/dev/null 2>"$work/err" || bad "builds of one name: $(errors | tail -n 3)"
  main=$(sed -n 's/^\([0-9]*\) .*renameat2.*nix-build-same-name.drv-[0-9]*".*/\1/p' "$work/trace" | sort -u)
  same "one process names the folders of builds" 1 "$(wc -w <<<"$main")"
  same "and it alone removes them" "$main" "$(sed -n 's/^\([0-9]*\) .*unlinkat.*nix-build-same-name.drv-[0-9]*", AT_REMOVEDIR.*/\1/p' "$work/trace" | sort -u)"
}

# The reason of a failed start ends where it ends.
test_reason() {
  new_store reason
  build no-builder >/dev/null
  same "the last word of a reason" "executing '/nonexistent/builder': No such file or directory" "$(errors | grep -o "executing '/nonexistent.*" | head -n 1)"
}

until_locked() { # NAME: somebody builds it
  for _ in $(seq 100); do
    [ -z "$(find "$root/nix/store" -maxdepth 1 -name "*-$1.lock")" ] || return
    sleep 0.05
  done
}
# Either waits for the other that is building the same path.
test_locks_with_nix() {
  local drv
  [ "$(id -u)" = 0 ] || return
  new_store nix-locks
  nix_builds "$(drv_of trivial)" || { skip "real Nix cannot build here: $(tail -n 1 "$work/nix-err")"; return; }
  drv=$(drv_of sleeps.0)
  nix_builds "$drv" &
  until_locked sleep-0
  "$driver" "$drv" >/dev/null 2>"$work/err"
  same "after real Nix" 0 $?
  check "it was waited for" grep -q "^waiting for lock" "$work/err"
  check "it built" test -z "$(grep ^building "$work/err")"
  wait
  drv=$(drv_of sleeps.1)
  "$driver" "$drv" >/dev/null 2>&1 &
  until_locked sleep-1
  nix_builds "$drv"
  same "real Nix after us" 0 $?
  check "we built" test -z "$(grep ^building "$work/nix-err")"
  wait
  check "real Nix agrees" verify
  check "nothing is left" leftovers
}

test_failures() {
  new_store failures
  build fails --log-lines 10 >/dev/null
  same "exit code" 100 $?
  has "says which" "$(errors)" "error: builder for '$(drv_of fails)' failed with exit code 3;"
  has "shows the last lines" "$(errors)" "last 10 log lines:
> line 31"
  has "says where the log is" "$(errors)" "nix-store --read-log $(drv_of fails)"
  same "the whole log" 40 "$("$driver" --read-log "$(drv_of fails)" | wc -l)"
  check "log is compressed" test -e "$(sed -n "s/.*(file \(.*\))\./\1/p" "$work/err")"
  build needs-fails >/dev/null
  has "dependents" "$(errors)" "error: 1 dependencies of derivation '$(drv_of needs-fails)' failed to build"
  check "no word about memory" test -z "$(grep -i memory "$work/err")"
  build killed >/dev/null
  has "killed" "$(errors)" "failed due to signal 9 (Killed)"
  has "killed: memory" "$(errors)" "most often the machine has too little of it"
  has "killed: option" "$(errors)" "turn the option DEBUG_INFO_BTF off"
  build pahole >/dev/null
  has "pahole" "$(errors)" "turn the option DEBUG_INFO_BTF off"
  build no-output >/dev/null
  has "no output" "$(errors)" "failed to produce output path for output 'out' at '/nix/store/"
  check "nothing is left" leftovers
  build fails --keep-failed >/dev/null
  kept=$(sed -n "s/^note: keeping build directory '\(.*\)'$/\1/p" "$work/err")
  same "kept directory" "$TMPDIR/nix-build-fails.drv-0" "$kept"
  same "its content" broken "$(cat "$kept/evidence")"
  build fails --keep-failed >/dev/null
  has "the next one has another name" "$(errors)" "nix-build-fails.drv-1'"
  rm -rf "$TMPDIR"/nix-build-*
  check "real Nix agrees" verify
}

test_fixed() {
  new_store fixed
  check "right hash" test "$(build fixed-good)" = "$(nix-store -q --outputs "$(drv_of fixed-good)")"
  build fixed-bad >/dev/null
  same "exit code of a wrong hash" 102 $?
  has "wrong hash" "$(errors)" "error: hash mismatch in fixed-output derivation '$(drv_of fixed-bad)':
  specified: sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
     got:    sha256-Q0copBCnj1b8G1iZw1k0NuYasMcx6QctleltspAgXlM="
  build fixed-tree >/dev/null
  has "wrong hash of a tree" "$(errors)" "     got:    sha256-"
  check "a wrong output is not there" test ! -e "$root$(nix-store -q --outputs "$(drv_of fixed-bad)")"
  check "nothing is left" leftovers
  check "real Nix agrees" verify
}

test_references() {
  new_store references
  check "allowedReferences" build allowed >/dev/null
  check "self reference allowed" build self-allowed >/dev/null
  for attr in not-allowed self-not-allowed requisites; do
    build $attr >/dev/null
    has "$attr" "$(errors)" "is not allowed to refer to the following paths:
  /nix/store/"
  done
  check "nothing is left" leftovers
}

test_check() {
  new_store check
  build chain >/dev/null
  check "--check of a reproducible build" test -n "$(build chain --check)"
  
  build random >/dev/null
  out=$(nix-store -q --outputs "$(drv_of random)")
  before=$(nix-store -q --hash "$out")
  build random --check >/dev/null
  same "exit code" 104 $?
  has "not deterministic" "$(errors)" "derivation '$(drv_of random)' may not be deterministic: output '$out' differs"
  has "names the file" "$(errors)" "sub/noise: differs from byte 0 on"
  check "the other output is kept" test -e "$root$out.check/sub/noise"
  same "the first output stays" "$before" "$(nix-store -q --hash "$out")"
  drv=$(drv_of multi)
  "$driver" "$drv" --check 2>"$work/err"
  has "--check needs valid outputs" "$(errors)" "are not valid, so checking is not possible"
  check "real Nix agrees" verify
}

test_time() {
  new_store time
  SECONDS=0
  build slow --timeout 1 >/dev/null
  same "exit code" 101 $?
  has "timeout" "$(errors)" "timed out after 1 seconds"
  build silent --max-silent-time 1 >/dev/null
  has "silence" "$(errors)" "timed out after 1 seconds of silence"
  check "in time" test $SECONDS -lt 10
  check "nothing is left" leftovers
}

test_parallel() {
  new_store parallel
  local start end
  start=$(date +%s%N)
  build all-sleeps -j 4 >/dev/null
  end=$(date +%s%N)
  check "four at a time: $(((end - start) / 1000000)) ms" test $((end - start)) -lt 1800000000
  build many -j 4 >/dev/null
  check "30 inputs" test $? = 0
  # Two processes build the same thing: one builds, the other waits for the lock.
  new_store locks
  drv=$(drv_of all-sleeps)
  "$driver" "$drv" -j 2 >"$work/out1" 2>"$work/err1" &
  "$driver" "$drv" -j 2 >"$work/out2" 2>"$work/err2"
  wait $!
  same "both end well" "$(cat "$work/out1")" "$(cat "$work/out2")"
  same "each is built once" 5 "$(cat "$work/err1" "$work/err2" | grep -c "^building")"
  has "one waits" "$(cat "$work/err1" "$work/err2")" "waiting for lock on"
  check "real Nix agrees" verify
  check "nothing is left" leftovers
}

test_going_on() {
  new_store going
  drv="$(drv_of fails) $(drv_of chain) $(drv_of needs-fails)"
  # shellcheck disable=SC2086
  "$driver" $drv -j 1 --keep-going 2>"$work/err" >/dev/null
  check "--keep-going builds the rest" nix-store -q --hash "$(nix-store -q --outputs "$(drv_of chain)")" >/dev/null
  same "errors" 2 "$(grep -c '^error: ' "$work/err")"
  new_store dry
  build chain --dry-run >/dev/null
  same "--dry-run" "these 2 derivations will be built:
  $(drv_of trivial)
  $(drv_of chain)" "$(errors)"
  build trivial --dry-run >/dev/null
  has "--dry-run of one" "$(errors)" "this derivation will be built:"
}

test_log() {
  new_store log
  build json-log >/dev/null
  same "lines" "progress 2
Running phase: installPhase
last line without newline" "$(errors | tail -n +4)"
  same "log is kept as it was" "$(printf '@nix {"action":"setPhase","phase":"buildPhase"}\nprogress 1\rprogress 2\nRunning phase: installPhase
last line without newline')" "$("$driver" --read-log "$(drv_of json-log)")"
  build json-log --check --status >/dev/null
  has "status line" "$(errors)" "json-log"
}

test_interrupt() {
  local signal
  for signal in INT TERM; do
    new_store "interrupt-$signal"
    drv=$(drv_of long)
    "$driver" "$drv" 2>"$work/err" >/dev/null &
    pid=$!
    sleep 0.4
    kill -$signal $pid
    wait $pid
    same "SIG$signal ends it" 1 $?
    has "says so" "$(errors)" "error: interrupted by the user"
    check "nothing is left after SIG$signal" leftovers
  done
}

# kill -9 of the builder's first process or of kernix itself at random moments.
test_kill() {
  new_store kill
  local i drv pid victims ms
  for ((i = 0; i < ${KERNIX_KILLS:-20}; i++)); do
    drv=$(drv_of long --argstr n "$((i / 5))")
    "$driver" "$drv" >/dev/null 2>"$work/err" &
    pid=$!
    ms=$((RANDOM % 900))
    sleep "$(printf '0.%03d' $ms)"
    victims=$(pgrep -P $pid)
    if [ $((i % 2)) = 1 ] && [ -n "$victims" ]; then kill -9 $victims; else kill -9 $pid; fi 2>/dev/null
    wait $pid 2>/dev/null
    sleep 0.05
    pgrep -xf "sleep $mark" >/dev/null && bad "a process is left after kill number $i at $ms ms"
    grep -qF "$root" /proc/mounts && bad "a mount is left after kill number $i"
    [ $((i % 5)) != 4 ] || check "the next run finishes" "$driver" "$drv" >/dev/null 2>&1
  done
  build multi >/dev/null # any further build removes what the last kill left
  # A kill after the row and before the lock is gone leaves the lock file of a valid path, as with Nix: nobody holds it.
  find "$root/nix/store" -maxdepth 1 -name '*.lock' | while read -r lock; do
    [ ! -e "${lock%.lock}" ] || ! flock -n "$lock" true || rm "$lock"
  done
  check "real Nix agrees" verify
  check "nothing is left" leftovers
}

# The same for a builtin that runs programs of the host: git, which waits for a server that says nothing.
test_kill_host() {
  local pid drv port=$((20000 + RANDOM % 20000)) rev=refs/heads/x$mark server
  new_store kill-host
  busybox nc -l -p "$port" -e /bin/sleep 60 &
  server=$!
  drv=$(nix-instantiate "$here/builtins.nix" -A git --argstr repo "git://127.0.0.1:$port/x" --argstr rev "$rev" 2>/dev/null)
  "$driver" "$drv" >/dev/null 2>&1 &
  pid=$!
  for _ in $(seq 50); do
    pgrep -f "$rev" >/dev/null && break
    sleep 0.1
  done
  check "the program runs" test -n "$(pgrep -f "$rev")"
  kill -9 $pid
  wait $pid 2>/dev/null
  sleep 0.2
  check "it ends with kernix" test -z "$(pgrep -f "$rev")"
  kill $server 2>/dev/null
  wait $server 2>/dev/null
  build trivial >/dev/null
  check "the next run removes what was left" leftovers
}

test_namespaces() {
  new_store namespaces
  drv=$(drv_of trivial)
  chmod -R a+rX "$work"
  unshare -U --map-root-user true 2>/dev/null || { skip "user namespaces cannot be made here"; return; }
  unshare -U --map-root-user sh -c "echo 0 >/proc/sys/user/max_user_namespaces; \"$driver\" $drv" >/dev/null 2>"$work/err"
  has "without namespaces" "$(errors)" "error: making the namespaces of the sandbox: no more of them are allowed
builds need user namespaces: see sysctl"
  check "no word about disks" test -z "$(grep -i "space left" "$work/err")"
  unshare -U --map-root-user "$driver" "$drv" >/dev/null 2>"$work/err"
  same "in a user namespace" 0 $?
  check "nothing is left" leftovers
}

test_full() {
  local inner
  [ "$(id -u)" = 0 ] || { skip "a small file system needs root"; return; }
  mkdir -p "$work/small"
  inner='mount -t tmpfs -o size=20m small "$work/small" && . "$here/lib.sh" && root=$small && new_store x'
  export here driver
  out=$(unshare -m bash -c '
    set -u
    mount -t tmpfs -o size=24m small "$1" || exit 77
    export NIX_REMOTE="local?root=$1" NIX_CONF_DIR="$2"
    one() { "$driver" "$(nix-instantiate "$here/cases.nix" -A "$1" 2>/dev/null)" 2>&1; echo "status $?"; }
    one fills
    one trivial
    echo "left: $(find "$1/nix/store" -maxdepth 1 -name "*.chroot" -o -maxdepth 1 -name "*-fills" | wc -l)"
    nix-store --verify --check-contents 2>&1 | grep -vE "^(checking|reading|warning: the group)"
    mkdir "$1/tmp"
    TMPDIR=$1/tmp one fills-tmp
    df --output=used -k "$1" | tail -n 1
  ' sh "$work/small" "$NIX_CONF_DIR")
  has "no space: says so" "$out" "note: no space left on the file system of '"
  has "no space: names the builder's message" "$out" "No space left on device"
  has "no space: fails" "$out" "status 100"
  has "no space: goes on afterwards" "$out" "status 0"
  has "no space: nothing half-made" "$out" "left: 0"
  check "no space: no complaint" test "$(echo "$out" | grep -c "is not valid\|modified")" = 0
}

# ATTR [ARG...]: as build, of builtins.nix
builtin() {
  local attr=$1
  shift
  "$driver" "$(nix-instantiate "$here/builtins.nix" -A "$attr" "$@" 2>/dev/null)" 2>"$work/err"
}
test_builtins() {
  local dir=$work/src hash out rev
  new_store builtins
  mkdir -p "$dir/tree/sub"
  echo content >"$dir/file"
  echo a >"$dir/tree/a" && echo é >"$dir/tree/sub/naïve" && ln -s a "$dir/tree/link" && chmod 755 "$dir/tree/a"
  tar -C "$dir" -czf "$dir/tree.tar.gz" tree
  nix-store --dump "$dir/tree" | xz >"$dir/tree.nar.xz"
  hash=$(nix-hash --type sha256 --flat --base32 "$dir/file")
  out=$(builtin file --argstr dir "$dir" --argstr hash "sha256:$hash")
  same "fetchurl, second mirror" content "$(cat "$root$out" 2>&1)"
  builtin missing --argstr dir "$dir" >/dev/null
  has "fetchurl names all addresses" "$(errors)" "'file:///nor/this': "
  hash=sha256:$(nix-hash --type sha256 --base32 "$dir/tree")
  out=$(builtin tree --argstr dir "$dir" --argstr hash "$hash")
  check "fetchurl unpacks" test -x "$root$out/a"
  out=$(builtin nar --argstr dir "$dir" --argstr hash "$hash")
  check "fetchurl unpacks NARs" test -L "$root$out/link"
  mkdir -p "$dir/evil" && ln -s /tmp "$dir/evil/x" && tar -C "$dir/evil" -cf "$dir/evil.tar" x
  rm "$dir/evil/x" && mkdir "$dir/evil/x" && echo evil >"$dir/evil/x/kernix-evil" && tar -C "$dir/evil" -rf "$dir/evil.tar" x/kernix-evil
  builtin evil --argstr dir "$dir" >/dev/null
  check "archives do not write elsewhere" test ! -e /tmp/kernix-evil
  git -C "$dir" -c init.defaultBranch=main init -q repo
  cp -r "$dir/tree/." "$dir/repo/" && git -C "$dir/repo" add -A
  git -C "$dir/repo" -c user.name=t -c user.email=t@t commit -qm one
  rev=$(git -C "$dir/repo" rev-parse HEAD)
  for rev in HEAD main "$rev"; do
    check "fetchgit $rev" test -n "$(builtin git --argstr dir "$dir" --argstr hash "$hash" --argstr rev "$rev")"
  done
  builtin git --argstr dir "$dir" --argstr rev 1111111111111111111111111111111111111111 >/dev/null
  has "fetchgit: no such revision" "$(errors)" "1111111111111111111111111111111111111111"
  hash=sha256:$(nix-hash --type sha256 --flat --base32 "$dir/file")
  out=$(builtin deb --argstr dir "$dir" --argstr hash "$hash" --argstr package no-such-package --argstr version 1)
  same "fetch-deb at its own address" content "$(cat "$root$out" 2>&1)"
  out=$(builtin env)
  same "buildenv" "1 2 1 $(cat "$root$out/manifest.nix" 2>/dev/null)" \
    "$(for f in bin/one bin/two both; do cat "$root$(readlink "$root$out/$f")"; done | xargs) "
  check "buildenv links whole folders" test -L "$root$out/lib"
  builtin env-collides >/dev/null
  has "buildenv: collision" "$(errors)" "conflict; use 'nix-env --set-flag priority"
  out=$(builtin channel --argstr dir "$dir")
  check "unpack-channel" test -x "$root$out/mine/a"
  builtin unknown >/dev/null
  has "unknown builtin" "$(errors)" "unsupported builtin builder 'builtin:unknown'"
  check "real Nix agrees" verify
  check "nothing is left" leftovers
}

# A package of this machine's archive, whose address the derivation has for another one; skipped where apt has none to give.
test_deb() {
  local version sum file
  new_store deb
  version=$(apt-cache policy hostname 2>/dev/null | sed -n 's/^ *Candidate: //p')
  apt-cache show "hostname=$version" >"$work/row" 2>/dev/null
  sum=$(sed -n 's/^SHA256: //p' "$work/row" | head -n 1)
  file=$(sed -n 's/^Filename: //p' "$work/row" | head -n 1)
  if [ -z "$sum" ] || ! (cd "$TMPDIR" && timeout 60 apt-get -q download "hostname=$version" >/dev/null 2>&1); then
    skip "fetch-deb from the archive of this machine: apt has no package index or no network"
    return
  fi
  rm -f "$TMPDIR"/*.deb
  builtin deb --argstr hash "sha256:$sum" --argstr package hostname --argstr version "$version" --argstr arch "$(dpkg --print-architecture)" \
    --argstr address "http://127.0.0.1:9/debian/$file" >/dev/null
  same "fetch-deb from the machine's archive" 0 $?
}

all_user="builtins deb basic isolation environment failures fixed references check time parallel going_on log interrupt kill kill_host namespaces"
run() {
  local t
  for t in $1; do "test_$t"; done
}

case ${1:-all} in
user) KERNIX_KILLS=5 run "$all_user" ;;
all)
  run "$all_user like_nix structured reason same_name locks_with_nix full"
  if [ "$(id -u)" != 0 ]; then
    skip "root's half: not root"
  elif ! id kernixtest >/dev/null 2>&1 && ! useradd -m kernixtest 2>"$work/useradd"; then
    skip "as an ordinary user: $(cat "$work/useradd")"
  else
    user_dir=$(mktemp -d /tmp/build-user.XXXXXX)
    cp -r "$here" "$user_dir/build" && cp "$driver" "$user_dir/" && chown -R kernixtest "$user_dir"
    mkdir -p "$user_dir/b/tests/build" && mv "$user_dir/build-drv" "$user_dir/b/tests/build/"
    chmod -R a+rX "$user_dir"
    su kernixtest -c "cd $user_dir && env -u KERNIX_REPORT TMPDIR=$user_dir KERNIX_BUILD=$user_dir/b PATH=$PATH bash build/run.sh user" >"$work/user" 2>&1
    read -r p _ f _ s _ <<<"$(tail -n 1 "$work/user")"
    sed 's/^/user: /' "$work/user"
    passed=$((passed + p)) failed=$((failed + ${f:-1})) skipped=$((skipped + ${s:-0}))
    rm -rf "$user_dir"
    userdel -r kernixtest 2>/dev/null
  fi
  ;;
*) run "$*" ;;
esac
[ "$failed" = 0 ]
