# SPDX-License-Identifier: GPL-2.0-or-later
# The operations over which the faults go. setup_NAME makes the state before it in $D and sets cmd, the command; optional: holds_NAME, what
# must be true at every moment beside the general rules (run.sh), says what is not; output=no when what it prints may differ from run to run,
# rows_differ=yes when what is valid after it may, must_fail=yes when it may never succeed.
# What stands behind ':' in a name is the argument of its setup.
# shellcheck shell=bash disable=SC2034
OPERATIONS="add add-again add-leftover import export gc gc-leftovers gc-runtime delete delete-live verify optimise instantiate build build-half build-fixed
  fetch profile-set profile-rollback profile-delete query-requisites query-dead query-generations read-log hash dump
  gc-beside build-beside
  boot:grub boot:systemd-boot boot:extlinux switch:grub boot-rollback:grub boot-rollback:systemd-boot boot-delete:grub boot-delete:systemd-boot boot-confirm:grub boot-confirm:systemd-boot"

# What every store has to lose: a rooted chain of derivations with a source, a root through a link in a folder, and garbage.
base_store() {
  mkdir -p tree/sub
  seq 1 2000 >tree/numbers
  echo a >tree/a && echo a >tree/sub/b && ln -s a tree/link && printf '#!/bin/sh\n' >tree/run && chmod 755 tree/run
  cat >chain.nix <<'N'
let d = name: dep: derivation { inherit name dep; system = "s"; builder = "b"; src = ./tree/a; }; in d "three" (d "two" (d "one" ""))
N
  "$bin/nix-instantiate" --add-root "$D/three" chain.nix >out 2>&1
  live=$("$bin/nix-store" -q --resolve "$(readlink three)" 2>/dev/null || readlink three)
  echo garbage >garbage-file
  garbage=$("$bin/nix-store" --add garbage-file)
}
# builders NAME...: an expression with what is built
expression() {
  cat >build.nix <<'N'
let
  drv = name: script: attrs: derivation ({ inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; PATH = "/usr/bin:/bin"; } // attrs);
in rec {
  lib = drv "lib" "echo lib >$out" { };
  app = drv "app" "mkdir -p $out/bin $dev; echo ${lib} >$out/bin/x; echo $out >$dev/uses; echo log of it" { outputs = [ "out" "dev" ]; };
  random = drv "random-two" "read x </proc/sys/kernel/random/uuid; mkdir $out $dev; echo $x >$out/a; echo $x >$dev/b" { outputs = [ "out" "dev" ]; };
  fixed = drv "fixed" "echo content >$out" { outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53"; };
  slow = drv "slow" "sleep 0.2; echo ${./tree/run} >$out" { dep = lib; };
}
N
}

setup_add() { base_store; cmd=("$bin/nix-store" --add tree); }
setup_add-again() {
  base_store
  mkdir -p r/nix/var/nix/gcroots
  ln -s "$("$bin/nix-store" --add tree)" r/nix/var/nix/gcroots/tree
  cmd=("$bin/nix-store" --add tree)
}
setup_add-leftover() { # the files of a valid path that a killed process left
  base_store
  local path
  path=$("$bin/nix-store" --add tree)
  cp -a "r$path" left
  "$bin/nix-store" --delete "$path" >/dev/null 2>&1
  mv left "r$path"
  echo other >"r$path/a"
  cmd=("$bin/nix-store" --add tree)
}
setup_import() {
  base_store
  mkdir from
  echo "import" >tree/more
  NIX_REMOTE="local?root=$D/from" "$bin/nix-instantiate" chain.nix >out 2>&1
  NIX_REMOTE="local?root=$D/from" "$bin/nix-store" --add tree >out2
  # shellcheck disable=SC2046
  NIX_REMOTE="local?root=$D/from" "$bin/nix-store" --export $(NIX_REMOTE="local?root=$D/from" "$bin/nix-store" -qR $(cat out) $(cat out2)) >in
  remove from
  rm -f out2
  "$bin/nix-store" --delete "$garbage" >/dev/null 2>&1
  cmd=("$bin/nix-store" --import)
}
setup_export() {
  base_store
  # shellcheck disable=SC2046
  cmd=("$bin/nix-store" --export $("$bin/nix-store" -qR "$(readlink three)" | sort))
}
setup_gc() { base_store; output=no; cmd=("$bin/nix-store" --gc); }
setup_gc-leftovers() { # beside garbage: what killed processes left in the store
  base_store
  mkdir -p r/nix/store/00000000000000000000000000000000-left/sub && echo x >r/nix/store/00000000000000000000000000000000-left/sub/f
  : >r/nix/store/00000000000000000000000000000000-left.lock
  mkdir -p r/nix/var/nix/temproots && printf '/nix/store/00000000000000000000000000000000-left\0' >r/nix/var/nix/temproots/999999999
  output=no
  cmd=("$bin/nix-store" --gc)
}
setup_gc-runtime() { # what only a running process names, in a variable
  base_store
  NAMED=$garbage sleep 100000 &
  server=$!
  output=no
  cmd=("$bin/nix-store" --gc)
}
setup_delete() { base_store; output=no; cmd=("$bin/nix-store" --delete "$garbage"); }
setup_delete-live() { base_store; output=no must_fail=yes; cmd=("$bin/nix-store" --delete "$(readlink three)"); }
setup_verify() { base_store; output=no; cmd=("$bin/nix-store" --verify --check-contents); }
setup_optimise() {
  base_store
  mkdir -p r/nix/var/nix/gcroots
  ln -s "$("$bin/nix-store" --add tree)" r/nix/var/nix/gcroots/tree
  output=no
  cmd=("$bin/nix-store" --optimise)
}
setup_instantiate() {
  base_store
  sed -i 's/"three"/"four"/' chain.nix
  cmd=("$bin/nix-instantiate" --add-root "$D/four" chain.nix)
}
setup_build() { base_store; expression; cmd=("$bin/nix-build" build.nix -A app -o "$D/result"); }
setup_build-half() { # one of two outputs is valid and in use, the other is gone; a second build would give other contents
  base_store
  expression
  "$bin/nix-build" build.nix -A random.dev -o "$D/dev" >out 2>err
  "$bin/nix-build" build.nix -A random -o "$D/result" >out 2>err
  rm -f result
  "$bin/nix-store" --delete "$(cat out)" >out 2>&1
  sha256sum "r$(readlink dev-dev)"/b >dev.sum
  cmd=("$bin/nix-build" build.nix -A random -o "$D/result")
}
holds_build-half() { (cd "$D" && sha256sum --quiet -c dev.sum 2>&1) || echo "the valid output has other contents"; }
setup_build-fixed() { base_store; expression; cmd=("$bin/nix-build" build.nix -A fixed -o "$D/result"); }
setup_fetch() {
  base_store
  local sum
  sum=$(sha256sum tree/numbers)
  serve
  cat >fetch.nix <<N
derivation { name = "numbers"; system = "builtin"; builder = "builtin:fetchurl"; url = "http://127.0.0.1:$port/numbers"; urls = [ "http://127.0.0.1:$port/numbers" ];
  outputHash = "${sum%% *}"; outputHashAlgo = "sha256"; outputHashMode = "flat"; unpack = false; executable = false; preferLocalBuild = true; }
N
  cmd=("$bin/nix-build" fetch.nix -o "$D/result")
}
serve() { # a server on this machine, of the folder tree
  mkdir -p "$D/../site" && cp tree/numbers "$D/../site/"
  port=$((20000 + RANDOM % 20000))
  busybox httpd -f -p "127.0.0.1:$port" -h "$D/../site" &
  server=$!
  for _ in $(seq 100); do ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break; sleep 0.05; done
}
profile_base() {
  base_store
  mkdir profiles
  echo one >p1 && echo two >p2 && echo three >p3
  p1=$("$bin/nix-store" --add p1) p2=$("$bin/nix-store" --add p2) p3=$("$bin/nix-store" --add p3)
  mkdir -p r/nix/var/nix/gcroots && ln -s "$p3" r/nix/var/nix/gcroots/p3
  profile=$D/r/nix/var/nix/profiles/test
  "$bin/nix-env" -p "$profile" --set "$p1" >out 2>&1
  "$bin/nix-env" -p "$profile" --set "$p2" >out 2>&1
}
profile_holds() { # the profile is a link to a generation whose path is there, and no generation became another
  local link
  link=$(readlink "$D/r/nix/var/nix/profiles/test") || { echo "no profile"; return; }
  [ -e "$D/r$(readlink "$D/r/nix/var/nix/profiles/$link")" ] || echo "the profile's generation $link is not there"
}
setup_profile-set() { profile_base; cmd=("$bin/nix-env" -p "$profile" --set "$p3"); }
holds_profile-set() {
  profile_holds
  [ "$(readlink "$D/r/nix/var/nix/profiles/test-1-link") $(readlink "$D/r/nix/var/nix/profiles/test-2-link")" = "$p1 $p2" ] || echo "a generation was lost or overwritten"
}
setup_profile-rollback() { profile_base; "$bin/nix-env" -p "$profile" --set "$p3" >out 2>&1; output=no cmd=("$bin/nix-env" -p "$profile" --rollback); }
holds_profile-rollback() { holds_profile-set; }
setup_profile-delete() { profile_base; output=no; cmd=("$bin/nix-env" -p "$profile" --delete-generations old); }
holds_profile-delete() { profile_holds; }

setup_query-requisites() { base_store; cmd=("$bin/nix-store" -qR "$(readlink three)"); }
setup_query-dead() { base_store; cmd=("$bin/nix-store" --gc --print-dead); }
setup_query-generations() { profile_base; cmd=("$bin/nix-env" -p "$profile" --list-generations); }
setup_read-log() { base_store; expression; "$bin/nix-build" build.nix -A app -o "$D/result" >out 2>&1; cmd=("$bin/nix-store" --read-log "$(cat out | tail -n 1)"); }
setup_hash() { base_store; cmd=("$bin/nix-hash" --type sha256 tree); }
setup_dump() { base_store; cmd=("$bin/nix-store" --dump tree); }

# Beside each other: the collector is hit while something is built, a build while something is collected.
beside() { # the other one: started before the command, must end well
  case $op in
    gc-beside) "$bin/nix-build" build.nix -A slow -o "$D/slow" >beside.out 2>&1 & ;;
    build-beside) (for _ in 1 2 3 4 5; do "$bin/nix-store" --gc || exit 1; done) >beside.out 2>&1 & ;;
    *) return ;;
  esac
  beside=$!
  [ $op != gc-beside ] || for _ in $(seq 100); do ! compgen -G "r/nix/store/*-slow.lock" >/dev/null || break; sleep 0.01; done
}
setup_gc-beside() {
  base_store
  expression
  "$bin/nix-build" build.nix -A slow.dep -o "$D/lib" >out 2>&1
  : >beside.out
  output=no rows_differ=yes
  cmd=("$bin/nix-store" --gc)
}
setup_build-beside() {
  base_store
  expression
  : >beside.out
  cmd=("$bin/nix-build" build.nix -A app -o "$D/result")
  "${cmd[@]}" >out 2>&1
  rows >../rows.more # an output without a root is there or not, as the collector comes by
  rm -f result
  "$bin/nix-store" --gc >out 2>&1
  rows_differ=yes
}
