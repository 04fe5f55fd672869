# SPDX-License-Identifier: GPL-2.0-or-later
# What the rows of the wiki's table share. A row.sh is run by run.sh in a bash of its own, in an empty folder ($PWD), with this
# file read first. It does what the page says; each of its checks is a `must`, whose first failure ends the row.
#   $row the row's folder      $store the suite's store      $nixpkgs the embedded package set      $work the suite's own folder

ours() { NIX_REMOTE="local?root=$store" timeout "${limit:-180}" "$build/bin/$1" "${@:2}"; }
kernix() { NIX_REMOTE="local?root=$store" timeout "${limit:-180}" "$build/kernix" "$@"; }
real() { NIX_REMOTE="local?root=$work/real" timeout 180 /usr/bin/nix-instantiate "$@"; }

# must WHAT COMMAND...: the command has to succeed; else the row has failed, and WHAT and the command's words say why.
# What the last one said is in must.log.
must() {
  local what=$1 start=$SECONDS
  shift
  if "$@" >must.new 2>&1; then
    mv must.new must.log
    echo "ok: $what ($((SECONDS - start)) s)"
    return 0
  fi
  echo "not so: $what ($*)"
  tail -n "${must_lines:-25}" must.new
  exit 1
}
not() { ! "$@"; }
# The row cannot be seen to its end here; only for what this machine lacks and apt does not have.
skip() {
  echo "$1"
  exit 77
}
# says FILE PATTERN: a line of FILE matches; its end is shown if none does.
says() {
  grep -qE -- "$2" "$1" && return 0
  echo "$1 has nothing like '$2':"
  tail -n 15 "$1"
  return 1
}

# same FILE WORD...: our nix-instantiate and the real one name the same derivation for the same words.
same() {
  local a b
  a=$(ours nix-instantiate "$@" 2>same.ours | tail -n 1)
  b=$(real "$@" 2>same.real | tail -n 1)
  [ -n "$a" ] && [ "${a%%!*}" = "${b%%!*}" ] && return 0
  echo "ours: $a"
  tail -n 5 same.ours
  echo "Nix:  $b"
  tail -n 5 same.real
  return 1
}
# same_system FILE [ATTR]: the same for a configuration.nix.
same_system() { same "$nixpkgs/nixos" --arg configuration "$1" -A "${2:-system}"; }

# The value of an expression, and of an option of a system: value EXPR; option FILE PATH.
value() { ours nix-instantiate --eval --strict -E "$1"; }
option() { value "(import <nixpkgs/nixos> { configuration = $1; }).config.$2"; }
is() { # WANT COMMAND...: the command's last line is WANT
  local got
  got=$("${@:2}" 2>is.err | tail -n 1)
  [ "$got" = "$1" ] && return 0
  echo "want: $1"
  echo "got:  $got"
  tail -n 10 is.err
  return 1
}
# fails PATTERN COMMAND...: the command fails and says so in these words.
fails() {
  local pattern=$1
  shift
  if "$@" >fails.log 2>&1; then
    echo "it does not fail: $*"
    return 1
  fi
  says fails.log "$pattern"
}
# built WORD...: nix-build's path, as a path that can be looked into from here.
built() {
  local path
  path=$(limit=${limit:-900} ours nix-build "$@" --no-out-link) || return
  path=$(tail -n 1 <<<"$path")
  echo "$store${path%%!*}"
}

# The one guest that many rows look into: guest.nix, whose facts probe.sh prints. Built and booted by the first row that asks.
need_guest() {
  local log=$work/guest-log
  if [ ! -f "$work/console" ]; then
    touch "$work/console"
    limit=1200 ours nix-build "$nixpkgs/nixos" --arg configuration "$here/guest.nix" -A vm -o "$work/vm" >"$log" 2>&1 &&
      NIX_REMOTE="local?root=$store" timeout 700 "$build/kernix" vm "$work/vm" --timeout 600 --check "$here/probe.sh" --log "$work/console" \
        </dev/null >>"$log" 2>&1
  fi
  grep -q '^FACT end' "$work/console" && return 0
  echo "the guest did not come to its end:"
  tail -n 15 "$log"
  return 1
}
# guest FACT PATTERN: what the guest said of FACT.
guest() {
  need_guest || return
  tr -d '\r' <"$work/console" | sed -n "s/^FACT $1 //p" >guest.fact
  grep -qE -- "$2" guest.fact && return 0
  echo "the guest says of $1: $(cat guest.fact)"
  return 1
}
# What the build of the guest's system warned of: the file `warnings` of the system.
guest_warnings() {
  local system
  need_guest || return
  system=$(limit=300 ours nix-build "$nixpkgs/nixos" --arg configuration "$here/guest.nix" -A vm --no-out-link >/dev/null &&
    built "$nixpkgs/nixos" --arg configuration "$here/guest.nix" -A system) || return
  cat "$store$(readlink "$system/warnings")"
}

# shell_says WORDS-FOR-NIX-SHELL... -- PATTERN: what the shell printed matches.
shell_says() {
  local words=()
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  limit=${limit:-600} ours nix-shell "${words[@]}" >shell.log 2>&1 </dev/null
  says shell.log "$2"
}
