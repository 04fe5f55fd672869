# SPDX-License-Identifier: GPL-2.0-or-later
# what: make xconfig: its window under Xvfb
must "the same shell as real Nix" same -E "$(cat "$row/snippet.nix")"
shell='with import <nixpkgs> {}; linux_debian.overrideAttrs (o: {nativeBuildInputs=o.nativeBuildInputs ++ [ pkg-config qt5.qtbase ];})'
must "unpackPhase && cd linux-*; patchPhase" kernel_sources "$shell"
at=$PWD
mkdir -p "$sources/build"
display=$((100 + RANDOM % 400))
Xvfb ":$display" -screen 0 1024x768x24 -fbdir "$at" >xvfb.log 2>&1 &
server=$!
must "allnoconfig in build/" make -C "$sources" KCONFIG_CONFIG=build/.config allnoconfig
(cd "$sources" && DISPLAY=:$display limit=600 ours nix-shell -E "$shell" --run 'make xconfig KCONFIG_CONFIG=build/.config' >"$at/xconfig.log" 2>&1) &
shell_pid=$!
trap 'kill $server $shell_pid 2>/dev/null; term_end' EXIT
# The screen is one colour until a window is there.
colours() { tail -c +4000 "$1" | od -An -v -w4 -tx1 | sort | uniq -c | sort -rn | head -n 50 | wc -l; }
window_seen() {
  for _ in $(seq 300); do
    [ "$(colours Xvfb_screen0)" -lt 20 ] || return 0
    kill -0 $shell_pid 2>/dev/null || break
    sleep 2
  done
  tail -n 15 xconfig.log
  return 1
}
must "a window" window_seen

