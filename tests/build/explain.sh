#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nix-build --explain: in what a derivation differs from the last one of its name, down to the first input that differs; and what is told while kbuild's
# lines go by: objects of how many, time left, from the last build, in the file STATE/kernix/builds, which may be damaged. Small derivations, no kernels.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
export NIX_REMOTE="local?root=$work/store" NIX_CONF_DIR=$work XDG_CACHE_HOME=$work/cache
unset NIX_PATH NIXOS_CONFIG
printf 'build-users-group =\nsubstitute = false\n' >"$work/nix.conf"
rows=$work/store/nix/var/nix/kernix/builds
builds() { timeout 120 "$bin/nix-build" --no-out-link "$@" >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }; }
says() { # NAME 'TEXT|TEXT|!TEXT...': what --explain said has each, and none of those with !
  local name=$1 text missing=
  local IFS='|'
  for text in $2; do
    case $text in
      '!'*) grep -qF -- "${text#!}" "$work/err" && missing="$missing [$text]" ;;
      *) grep -qF -- "$text" "$work/err" || missing="$missing [$text]" ;;
    esac
  done
  if [ -z "$missing" ]; then ok "$name"; else bad "$name: not so:$missing" "$work/err"; fi
}

# A kernel of three derivations: .config and source, and the kernel of them.
cat >"$work/k.nix" <<'X'
{ requests ? [ ], flags ? "ARCH=x86_64", patch ? null, toolchain ? "gcc-14", source ? "one", version ? "6.1", lines ? 10 }:
let
  sh = name: text: more: derivation ({ inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" text ]; } // more);
  config = sh "linux-config-${version}" "echo $requests >$out" { requests = builtins.toJSON requests; inherit toolchain; };
  src = sh "linux-source-${version}" "echo $text $patches >$out" { text = source; patches = if patch == null then "" else "${patch}"; };
in sh "linux-${version}" ''i=0; while [ $i -lt $lines ]; do i=$((i+1)); echo "  CC      kernel/f$i.o"; echo "  LD      kernel/x"; done; echo a >$out'' {
  inherit lines src; configfile = config; makeFlags = flags;
}
X
k() { builds "$work/k.nix" "$@"; }
check "a first build" k --explain
says "never built" "why linux-6.1 is built: nothing of that name was built in this store before"
check "the same again" k --explain
says "it is there" "linux-6.1 is there: nothing is built|!why"
on='[ { name = "IKCONFIG"; value = "y"; why = "me"; } { name = "NET"; value = "m"; } ]'
check "an option" k --explain --arg requests "$on"
says "which option, its values and who asks" "why linux-6.1 is built: since its last build there differs|linux-config-6.1:|option IKCONFIG: was not asked for, is y (me)|option NET: was not asked for, is m|!linux-source|!flags"
now=${on/\"m\"/\"n\"}
check "an option changed" k --explain --arg requests "$now"
says "only that" "option NET: was m, is n|!IKCONFIG"
check "flags" k --explain --arg requests "$now" --argstr flags "ARCH=x86_64 KCFLAGS=-O3"
says "which flag" "flags: 'KCFLAGS=-O3' is new|!linux-config"
check "toolchain" k --explain --arg requests "$now" --argstr flags "ARCH=x86_64 KCFLAGS=-O3" --argstr toolchain gcc-12
says "was, is" "toolchain: was 'gcc-14', is 'gcc-12'"
echo diff >"$work/fix.patch"
base=(--arg requests "$now" --argstr flags "ARCH=x86_64 KCFLAGS=-O3" --argstr toolchain gcc-12)
check "a patch" k --explain "${base[@]}" --arg patch "$work/fix.patch"
says "which patch" "linux-source-6.1:|patch fix.patch is new|!toolchain|!linux-config"
echo diff2 >"$work/fix.patch"
check "another patch of that name" k --explain "${base[@]}" --arg patch "$work/fix.patch"
says "its content" "patch fix.patch differs in its content"
check "source" k --explain "${base[@]}" --arg patch "$work/fix.patch" --argstr source two
says "what of the source" "linux-source-6.1:|text: was 'one', is 'two'"
check "another version" k --explain "${base[@]}" --arg patch "$work/fix.patch" --argstr source two --argstr version 6.2
says "beside the last of that kind" "none of that name was built before; beside linux-6.1 there differs"
check "only said" k --explain --dry-run --argstr version 6.2
says "and nothing is built" "why linux-6.2 is built|toolchain: was 'gcc-12', is 'gcc-14'"

# What is gone: the result, or the derivation that it is compared with.
base+=(--argstr source three)
k "${base[@]}" && result=$(cat "$work/out")
"$bin/nix-store" --delete "$result" >/dev/null 2>&1
check "collected" k --explain "${base[@]}"
says "nothing differs" "nothing differs from its last build, whose result $result was garbage collected"
"$bin/nix-store" --gc >/dev/null 2>&1
rm -rf "$work"/store/nix/store/*.drv
check "after a collection" k --explain
says "its derivation is gone" "its last derivation was garbage collected|!error"

# Objects and time. Nothing is known of a first build; off a terminal each tenth is a line.
k --argstr source a --arg lines 20
check "the file has how many" grep -q '^linux-6.1 20 [0-9]* /nix/store/.*-linux-6.1.drv$' "$rows"
k --argstr source b --arg lines 20
says "lines off a terminal" "linux-6.1: 50 %, 10 of 20 objects|linux-6.1: 100 %, 20 of 20 objects"
k --argstr source c --arg lines 40
says "more than the last time" "linux-6.1: 100 %, 20 of 20 objects|!of 20 objects, about|!110 %"
pty() { # COLUMNS ENV COMMAND...
  local columns=$1
  shift
  timeout 60 script -qec "stty cols $columns; $*" /dev/null </dev/null >"$work/err" 2>&1
}
sed 's|echo "  LD|/usr/bin/sleep 0.05 2>/dev/null; echo "  LD|' "$work/k.nix" >"$work/slow.nix"
pty 100 "$bin/nix-build" --no-out-link "$work/slow.nix" --argstr source d --arg lines 40
check "on a terminal: in the status line" grep -qa 'linux-6.1 .*[0-9]* of 40 objects' "$work/err"
NO_COLOR=1 pty 30 "$bin/nix-build" --no-out-link "$work/slow.nix" --argstr source e --arg lines 40
widest() { tr '\r' '\n' <"$work/err" | sed 's/\x1b\[K//g' | grep -a '^\[' | awk '{ if (length($0) > m) m = length($0) } END { print m + 0 }'; }
check "in a narrow window the line is cut" test "$(widest)" -gt 10 -a "$(widest)" -le 29
check "and has no colours" sh -c "! grep -qa '$(printf '\033')\[[0-9;]*m' '$work/err'"

n=0
# A file that is damaged is not used, and one that cannot be is no matter.
for text in 'nonsense' 'kernix-builds 1
linux-6.1 x 3 /nix/store/a.drv' 'kernix-builds 1
linux-6.1 20' "$(printf 'kernix-builds 1\n\001')"; do
  printf '%s\n' "$text" >"$rows"
  check "damaged: ${text:0:30}" k --explain --arg lines 12 --argstr source "s$((++n))"
  says "said" "is damaged and not used"
  check "and made anew" grep -q '^linux-6.1 12 ' "$rows"
done
rm -rf "${rows%/*}" && ln -s /nonexistent "${rows%/*}"
check "no folder for it" k --argstr source last
finish
