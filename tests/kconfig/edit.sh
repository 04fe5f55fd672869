#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernix config edit in a real terminal (tmux): an option changed in menuconfig comes back as Nix, with that Nix the option is so, and a closed
# terminal leaves no menu behind. Needs the headers of ncurses.
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/../.." || exit 1
KERNIX_SRC=$PWD
KERNIX_BUILD=$(realpath "$KERNIX_BUILD")
tools=$work
. tests/cmd/lib.sh
scratch=$work work=$tools
s=$(tree 6.12) || exit
export TMPDIR=$scratch
socket=$scratch/tmux
tmux_() { tmux -S "$socket" -f /dev/null "$@"; }
trap 'tmux_ kill-server 2>/dev/null; rm -rf "$scratch"' EXIT
base=(--source "$s" --arch x86_64 --base x86_64_defconfig)
printf 'export PATH=%q TMPDIR=%q\n%q config edit --source %q --arch x86_64 --base x86_64_defconfig >%q/nix 2>%q/err\necho $? >%q/status\n' \
  "$PATH" "$scratch" "$kernix" "$s" "$scratch" "$scratch" "$scratch" >"$scratch/run"
start() { rm -f "$scratch/status" && tmux_ new-session -d -x 110 -y 40 "bash '$scratch/run'"; }
screen() { # TEXT: waits until it is there
  for _ in $(seq 600); do
    tmux_ capture-pane -p 2>/dev/null | grep -qF -- "$1" && return
    [ ! -f "$scratch/status" ] || break
    sleep 0.2
  done
  tmux_ capture-pane -p >"$scratch/out" 2>&1
  cat "$scratch/err" >>"$scratch/out" 2>/dev/null
  bad "the screen does not show: $1" "$scratch/out"
  finish
  exit 1
}
menus() { pgrep -f "mconf .*Kconfig" | while read -r p; do readlink "/proc/$p/cwd"; done | grep -c "^$scratch/"; }

start
screen "General setup"
tmux_ send-keys / && screen "Enter (sub)string"
tmux_ send-keys 'KVM$' && sleep 0.5 && tmux_ send-keys Enter && screen "Symbol: KVM [=n]"
tmux_ send-keys 1 && screen "< >   Kernel-based Virtual Machine"
tmux_ send-keys m && screen "<M>   Kernel-based Virtual Machine"
for _ in 1 2 3 4 5 6; do
  tmux_ capture-pane -p | grep -q "wish to save" && break
  tmux_ send-keys Escape && sleep 0.3 && tmux_ send-keys Escape
  sleep 1
done
screen "wish to save" && tmux_ send-keys Enter
for _ in $(seq 300); do [ -f "$scratch/status" ] && break || sleep 0.2; done
if [ "$(cat "$scratch/status" 2>/dev/null)" = 0 ] && grep -qx '  KVM = lib.kernel.module;' "$scratch/nix"; then ok "what was changed comes back as Nix"; else
  cat "$scratch/err" >>"$scratch/nix"
  bad "what was changed does not come back" "$scratch/nix"
fi
requests=$("$KERNIX_BUILD/bin/nix-instantiate" --eval --strict --json -I "nixpkgs=$KERNIX_SRC/nixpkgs" -E "let lib = import <nixpkgs/lib>; in { $(cat "$scratch/nix") }.structuredExtraConfig")
echo "$requests" >"$scratch/requests.json"
"$kernix" config solve "${base[@]}" --request "$scratch/requests.json" -o "$scratch/config" 2>"$scratch/err"
if grep -qx CONFIG_KVM=m "$scratch/config"; then ok "with that Nix the option is so"; else bad "with that Nix it is not so" "$scratch/err"; fi

start
screen "General setup"
before=$(menus)
tmux_ kill-server
for _ in $(seq 50); do [ "$(menus)" = 0 ] && break || sleep 0.2; done
if [ "$before" = 1 ] && [ "$(menus)" = 0 ]; then ok "a closed terminal leaves no menu behind"; else bad "menus: $before before, $(menus) after the terminal was closed"; fi
for _ in $(seq 20); do ls -d "$scratch"/kernix-edit* >/dev/null 2>&1 || break; sleep 0.2; done
if ls -d "$scratch"/kernix-edit* >/dev/null 2>&1; then bad "a folder is left behind"; else ok "and no folder"; fi
if setsid "$kernix" config edit "${base[@]}" </dev/null >"$scratch/out" 2>&1; then bad "edit without a terminal"; else
  if grep -q "needs a terminal" "$scratch/out"; then ok "without a terminal it says so"; else bad "without a terminal" "$scratch/out"; fi
fi
finish
