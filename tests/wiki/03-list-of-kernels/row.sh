# SPDX-License-Identifier: GPL-2.0-or-later
# what: nix repl, :l <nixpkgs>, pkgs.linuxPackages TAB: every name of the page is on the terminal, and newer ones
term_rows=200 must "nix repl" term_start "env NIX_REMOTE=local?root=$store HOME=$PWD $build/bin/nix repl"
must "the prompt" term_sees 'nix-repl>'
term_line ':l <nixpkgs>'
must "the words of the page" term_sees 'Added [0-9]+ variables\.'
term_keys -l pkgs.linuxPackages
sleep 0.5
term_keys Tab
sleep 1
term_keys Tab
must "names in columns" term_sees '^pkgs\.linuxPackages[^ ]* +pkgs\.linuxPackages'
all_seen() {
  local name missing=
  while read -r name; do
    grep -qE -- "pkgs\.$name( |\$)" screen || missing="$missing $name"
  done <"$row/names"
  [ -z "$missing" ] || { echo "missing:$missing"; return 1; }
}
must "all $(wc -l <"$row/names") names of the page" all_seen
must "a newer one" says screen 'pkgs\.linuxPackages_6_12'
same_kinds() {
  is true value "with import <nixpkgs> { }; builtins.all (n: (pkgs.\${n}.kernel.modDirVersion or \"function\") != \"\") [ $(sed 's/.*/"&"/' "$row/names" | tr '\n' ' ') ]"
}
must "behind each is a set with a kernel, or a function" same_kinds
