# SPDX-License-Identifier: GPL-2.0-or-later
# what: unpackPhase, patchPhase, make menuconfig in a terminal: an option toggled, saved, seen in .config
must "the same shell as real Nix" same -E "$(cat "$row/snippet.nix")"
shell='with import <nixpkgs> {}; linux_debian.overrideAttrs (o: {nativeBuildInputs=o.nativeBuildInputs ++ [ pkg-config ncurses ];})'
must "unpackPhase && cd linux-*; patchPhase" kernel_sources "$shell"
cd "$sources" || exit 1
rm -f .config
term_rows=40 must "nix-shell" term_shell "-E '$shell'"
must "the prompt" term_sees 'nix-shell:.*\]' 120
# The typed line, which the terminal may wrap, must not look like what it prints.
term_line 'make allnoconfig >/dev/null && make menuconfig; echo =le""ft='
must "the menu" term_sees 'Kernel Configuration' 240
term_keys /
must "search" term_sees 'Search Configuration' 20
term_line EXPERT
must "the option" term_sees 'Configure standard kernel features|EXPERT \[=n\]' 20
term_keys 1
must "its place" term_sees '\[ \] Configure standard kernel features' 20
term_keys y
must "toggled" term_sees '\[\*\] Configure standard kernel features' 20
for _ in 1 2 3 4 5 6; do
  term_keys Escape Escape
  term_sees 'save your new configuration' 2 >/dev/null && break
done
must "asks to save" term_sees 'save your new configuration' 5
term_keys Enter
must "saved" term_sees '^=left=' 20
must "in the .config" says .config '^CONFIG_EXPERT=y$'
term_end
