#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The REPL in a real terminal (tmux: keys sent, screen read), as a reader of the wiki page uses it; and with input from a pipe.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
export NIX_REMOTE=dummy:// HOME=$work XDG_DATA_HOME=$work/data
session=kernix-repl-$$
tmux_() { tmux -L "$session" -f /dev/null "$@"; }
trap 'tmux_ kill-server 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
screen() { tmux_ capture-pane -p -S -300 -t r; }
wait_for() { # TEXT
  for _ in $(seq 100); do
    screen | grep -qF -- "$1" && return 0
    sleep 0.2
  done
  return 1
}
see() { # NAME TEXT
  if wait_for "$2"; then ok "$1"; else
    screen >"$work/screen"
    bad "$1: no '$2' on the screen" "$work/screen"
  fi
}
keys() { tmux_ send-keys -t r "$@"; }
line() {
  tmux_ send-keys -t r -l "$1"
  tmux_ send-keys -t r Enter
}
start() { tmux_ new-session -d -s r -x 110 -y 90 "$bin/nix repl"; }

start
see "prompt" "nix-repl>"
line ':l <nixpkgs>'
see "the package set is loaded" "Added "
see "the words of the wiki" " variables."
tmux_ send-keys -t r -l 'pkgs.linuxPackages'
keys Tab
sleep 0.5
keys Tab
for name in linuxPackages_latest linuxPackages_6_1 linuxPackages-rt_latest linuxPackagesFor linuxPackages_zen linuxPackages_custom_tinyconfig_kernel; do
  see "TAB lists pkgs.$name" "pkgs.$name"
done
screen | grep -qE 'pkgs\.linuxPackages[^ ]+ +pkgs\.linuxPackages' && ok "in columns" || bad "not in columns"
keys C-u
tmux_ send-keys -t r -l 'pkgs.linuxPackages_lat'
keys Tab
sleep 0.5
line '.kernel.version'
see "a completed path evaluates" '"7.'
line 'answer = 40 + 2'
line 'answer'
see "definitions" '42'
line 'let seven = 7; ' # tmux takes a ';' at the end for its own
line 'in seven * 11'
see "several lines" '77'
line '{ a = 1; b = { c = { d = 5; }; }; }'
see "depth is cut" '{ ... }'
line ':p { b = { c = { d = 55; }; }; }'
see ":p prints all" 'd = 55;'
line ':t answer'
see ":t" 'an integer'
line 'with builtins; foldl'"'"' (a: i: a + foldl'"'"' (b: j: b + j) 0 (genList (x: x) 20000)) 0 (genList (x: x) 20000)'
sleep 1
keys C-c
see "Ctrl-C ends one evaluation" 'interrupted'
# What is typed while the prompt is on its way may be dropped with the rest.
tmux_ send-keys -t r -l 'dropped +'
wait_for 'dropped +' || :
keys C-c
sleep 1
line '1000 +'
wait_for '1000 +' || :
keys C-c
sleep 1
line '4000 + 321'
see "Ctrl-C drops what was typed, and the prompt is there again" '4321'
line '1 + 1000'
see "and the REPL goes on" '1001'
line ':b pkgs.runCommand "slow" { } "echo begun; sleep 1000"'
sleep 2
keys C-c
see "Ctrl-C ends a build" 'interrupted by the user'
line '500 + 55'
see "and the REPL goes on" '555'
line 'pkgs.linuxPackages_lattest'
see "an error shows and suggests" 'Did you mean'
line ':q'
sleep 1
start
see "a new run" "nix-repl>"
keys Up Up
see "has the history" 'pkgs.linuxPackages_lattest'
tmux_ kill-server

printf '1 + 2\nx = 10\nx * 2\n:t {}\nlet a = 1;\nin a + 6\n' | "$bin/nix" repl >"$work/out" 2>&1
for text in 3 20 'a set' 7; do
  grep -qx -- "$text" "$work/out" && ok "piped: $text" || bad "piped: $text" "$work/out"
done
finish
