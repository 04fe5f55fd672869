# SPDX-License-Identifier: GPL-2.0-or-later
# what: make xconfig KCONFIG_CONFIG=build/.config: its window is seen under Xvfb
must "the same shell as real Nix" same -E "$(cat "$row/snippet.nix")"
shell='with import <nixpkgs> {}; linux_debian.overrideAttrs (o: {nativeBuildInputs=o.nativeBuildInputs ++ [ pkg-config qt5.qtbase ];})'
must "unpackPhase && cd linux-*; patchPhase" kernel_sources "$shell"
# Sixty packages of Qt and X11 are fetched: several at once.
limit=900 must "Qt from Debian's archive" ours nix-shell -j 4 -E "$shell" --run true
at=$PWD
mkdir -p "$sources/build"
must "an initial config" make -s -C "$sources" KCONFIG_CONFIG=build/.config allnoconfig
display=$((100 + RANDOM % 400))
Xvfb ":$display" -screen 0 1024x768x24 -fbdir "$at" >xvfb.log 2>&1 &
server=$!
(cd "$sources" && DISPLAY=:$display limit=600 ours nix-shell -E "$shell" --run 'make xconfig KCONFIG_CONFIG=build/.config' >"$at/xconfig.log" 2>&1) &
shell_pid=$!
trap 'kill $server $shell_pid 2>/dev/null; term_end' EXIT
window_seen() {
  for _ in $(seq 300); do
    DISPLAY=:$display xwininfo -root -tree 2>/dev/null | grep -E '"Linux/x86 [0-9.]+ Kernel Configuration"' && return
    kill -0 $shell_pid 2>/dev/null || break
    sleep 1
  done
  DISPLAY=:$display xwininfo -root -tree
  tail -n 15 xconfig.log
  return 1
}
must "a window with the configuration's title" window_seen
# The picture of the screen: an X window dump, after whose head four bytes are a dot.
drawn() {
  local colours
  for _ in $(seq 20); do
    colours=$(tail -c $((4 * 1024 * 768)) Xvfb_screen0 | od -An -v -w4 -tx1 | LC_ALL=C sort -u | wc -l)
    [ "$colours" -gt 20 ] && return
    sleep 1
  done
  echo "only $colours colours are on the screen"
  return 1
}
must "with its menus drawn" drawn
