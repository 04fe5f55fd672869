# SPDX-License-Identifier: GPL-2.0-or-later
# What the rows of the wiki's table share. A row.sh is run by run.sh in a bash of its own, in an empty folder ($PWD), with this
# file read first. It does what the page says; each of its checks is a `must`, whose first failure ends the row.
#   $row the row's folder      $store the suite's store      $nixpkgs the embedded package set      $work the suite's own folder

ours() { NIX_REMOTE="local?root=$store" timeout "${limit:-180}" "$build/bin/$1" "${@:2}"; }
kernix() { NIX_REMOTE="local?root=$store" timeout "${limit:-180}" "$build/kernix" "$@"; }
real() { NIX_REMOTE="local?root=$work/real" timeout 180 /usr/bin/nix-instantiate "$@"; }

# must WHAT COMMAND...: the command has to succeed; else the row has failed, and WHAT and the command's words say why.
# What the last one that said something said is in must.log.
must() {
  local what=$1 start=$SECONDS
  shift
  if "$@" >must.new 2>&1; then
    [ ! -s must.new ] || mv must.new must.log
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
# offline COMMAND...: run where nothing can be downloaded, whatever this machine's network is.
offline() { http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9 "$@"; }
# built WORD...: nix-build's path, as a path that can be looked into from here.
built() {
  local path
  path=$(limit=${limit:-900} ours nix-build "$@" --no-out-link) || return
  path=$(tail -n 1 <<<"$path")
  echo "$store${path%%!*}"
}

# The page's hello.c, made in the page's own way for the prebuilt kernel; a module needs a licence since 5.x, so it gets one.
make_hello() {
  local folder=$work/hello
  mkdir "$folder" || return
  cp "$here"/18-developing-a-module/{hello.c,Makefile} "$folder/"
  cd "$folder" || return
  echo 'MODULE_LICENSE("GPL");' >>hello.c
  limit=900 ours nix-shell '<nixpkgs>' -A linux_debian_bin.dev --run \
    "make -C \$(nix-build -E '(import <nixpkgs> {}).linux_debian_bin.dev' --no-out-link)/lib/modules/*/build M=\$(pwd) modules"
}

# The one guest that many rows look into: guest.nix, whose facts probe.sh prints. Built and booted by the first row that asks.
guest_words() { words=("$nixpkgs/nixos" --arg configuration "import $here/guest.nix { hello = $work/hello; }"); }
need_guest() {
  local words
  guest_words
  if [ ! -f "$work/console" ]; then
    : >"$work/console"
    {
      (make_hello)
      limit=1200 ours nix-build "${words[@]}" -A vm -o "$work/vm" && boot_guest
    } >"$work/guest.log" 2>&1
  fi
  grep -q '^FACT end' "$work/console" && return 0
  echo "the guest did not come to its end$([ -f "$work/guest.told" ] && echo ", as said above")"
  [ -f "$work/guest.told" ] || tail -n 25 "$work/guest.log"
  : >"$work/guest.told"
  return 1
}
# QEMU's monitor is a pair of pipes; a key is pressed when the probe asks for it.
boot_guest() {
  local presser
  rm -f "$work"/monitor.*
  mkfifo "$work/monitor.in" "$work/monitor.out"
  (
    until grep -q '^FACT press' "$work/console"; do sleep 0.5; done
    echo 'sendkey alt-sysrq-h' >"$work/monitor.in"
  ) &
  presser=$!
  NIX_REMOTE="local?root=$store" timeout 700 "$build/kernix" vm "$work/vm" --timeout 600 --check "$here/probe.sh" --log "$work/console" \
    -- -chardev "pipe,id=keys,path=$work/monitor" -mon chardev=keys,mode=readline </dev/null
  kill "$presser" 2>/dev/null
}
# guest FACT PATTERN: what the guest said of FACT.
guest() {
  need_guest || return
  tr -d '\r' <"$work/console" | sed -n "s/^FACT $1 //p" >guest.fact
  grep -qE -- "$2" guest.fact && return 0
  echo "the guest says of $1: $(cat guest.fact)"
  return 1
}
# guest_warns PATTERN: what the build of the guest's system warned of.
guest_warns() {
  local words system
  need_guest || return
  guest_words
  system=$(built "${words[@]}" -A config.virtualisation.vmVariant.system.build.toplevel) || return
  says "$store$(readlink "$system/warnings")" "$1"
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

# A terminal (tmux): term_start COMMAND; term_keys KEY...; term_sees PATTERN [SECONDS]; term_end.
tmux_() { tmux -L "kernix-wiki-$$" -f /dev/null "$@"; }
term_start() { tmux_ new-session -d -s t -x 120 -y "${term_rows:-100}" "$1"; }
term_keys() { tmux_ send-keys -t t "$@"; }
term_line() { tmux_ send-keys -t t -l "$1" && tmux_ send-keys -t t Enter; }
term_sees() {
  local n
  for ((n = 0; n < 5 * ${2:-30}; n++)); do
    tmux_ capture-pane -p -S -2000 -t t >screen 2>&1
    if grep -qE -- "$1" screen; then return 0; fi
    sleep 0.2
  done
  echo "the terminal does not show '$1':"
  grep . screen | tail -n 15
  return 1
}
term_end() { tmux_ kill-server 2>/dev/null; }
trap term_end EXIT

# The kernel's sources unpacked and patched as the page does it, in nix-shell, by the first row that asks; rows share them.
# kernel_sources EXPR: sets $sources.
kernel_sources() {
  local at=$fast/sources
  [ -f "$at/path" ] || {
    mkdir -p "$at"
    (cd "$at" && limit=900 ours nix-shell -E "$1" --run 'unpackPhase && cd linux-* && patchPhase && pwd >../path' </dev/null) || return
  }
  sources=$(cat "$at/path")
  [ -f "$sources/Kbuild" ]
}
# The page's nix-shell in the terminal: term_shell WORD... for nix-shell, a word with spaces in quotes of its own.
term_shell() { term_start "env HOME=$HOME NIX_PATH=$NIX_PATH NIX_REMOTE='local?root=$store' $build/bin/nix-shell $*"; }
