# SPDX-License-Identifier: GPL-2.0-or-later
# The operations on boot entries and system generations (operations.sh says how they are written), and what must hold for a menu: every file
# that it names is there and whole, it is wholly the old or the new one, and the machine starts what was normal or what was asked for.
# shellcheck shell=bash disable=SC2034

# boot_base LOADER: a machine in $D/r with three built systems, of which the first is normal.
boot_base() {
  local n
  export NIX_PATH=nixpkgs=$KERNIX_SRC/tests/boot/nixpkgs
  loader=$1 R=$D/r profiles=$D/r/nix/var/nix/profiles system=$D/r/nix/var/nix/profiles/system
  unset NIX_REMOTE
  new_root "$loader"
  for n in 1 2 3; do
    printf '{ kernel = "kernel %s"; initrd = "initrd %s"; }\n' "$n" "$n" >"c$n.nix"
    "$bin/nixos-rebuild" build --root "$R" -I nixos-config="$D/c$n.nix" >out 2>&1
    mv result "system$n"
  done
  boot_as 1 --permanent
  "$kernix" boot confirm --root "$R" --booted "$(generation 1)" >out 2>&1
  export NIX_REMOTE="local?root=$R"
}
boot_as() { (unset NIX_REMOTE; "$bin/nixos-rebuild" boot --root "$R" -I nixos-config="$D/c$1.nix" "${@:2}" >out 2>&1); }
setup_boot() {
  boot_base "$1"
  output=no
  cmd=("$bin/nixos-rebuild" boot --root "$R" -I nixos-config="$D/c2.nix")
  counts_tries "$1" || cmd+=(--permanent)
}
# extlinux cannot count tries, nor can GRUB where it cannot write.
counts_tries() { # LOADER
  case $1,$(stat -f -c %T "$R") in extlinux,* | grub,btrfs) return 1 ;; esac
}
setup_switch() {
  boot_base "$1"
  output=no
  cmd=("$bin/nixos-rebuild" switch --root "$R" -I nixos-config="$D/c2.nix")
  counts_tries "$1" || cmd+=(--permanent)
}
setup_boot-rollback() {
  boot_base "$1"
  boot_as 2 --permanent
  boot_as 3 --permanent
  output=no
  cmd=("$bin/nixos-rebuild" boot --rollback --permanent --root "$R")
}
setup_boot-delete() {
  boot_base "$1"
  boot_as 2 --permanent
  boot_as 3 --permanent
  output=no
  cmd=("$bin/nix-env" -p "$system" --delete-generations old --root "$R")
}
setup_boot-confirm() {
  boot_base "$1"
  boot_as 2
  output=no
  cmd=("$kernix" boot confirm --root "$R" --booted "$(generation 2)")
}

# One line an entry: what the menu shows and starts, wherever it stands, without times and counters of tries.
menu() {
  case $loader in
    grub) awk '{ sub(/^[ \t]+/, "") } /^menuentry .*kernix-/ { one = $0; next } one != "" { one = one ";" $0 } /^}/ && one != "" { print one; one = "" }' "$R/boot/kernix/grub.cfg" ;;
    extlinux) cat "$R/boot/extlinux/extlinux.conf" ;;
    *) (
      cd "$R/boot/loader/entries" && for entry in kernix-*.conf; do
        echo "$(sed -E 's/\+[0-9-]+\.conf/.conf/' <<<"$entry"): $(grep -v '^sort-key' "$entry" | tr '\n' ';')"
      done
    ) ;;
  esac | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}/TIME/g' | sort -u
}
# What starts at the next two starts; tries are counted by the loader, so it works on a copy.
starts() {
  [ "$loader" != extlinux ] || { sed -n 's/^DEFAULT //p' "$R/boot/extlinux/extlinux.conf"; return; }
  local machine=$R
  rm -rf ../starts && mkdir ../starts && cp -a "$R/boot" ../starts/
  R=$D/../starts
  "start_${loader%-boot}"
  "start_${loader%-boot}"
  R=$machine
}
boot_remember() { # before | after
  menu >"../menu.$1"
  starts >"../starts.$1"
}
boot_holds() {
  local file word sys
  for file in "$R"/boot/kernix/*-kernel "$R"/boot/kernix/*-initrd; do
    [ -e "$file" ] || continue
    word=$(basename "$file")
    [[ $("$bin/nix-hash" --type sha256 --flat --base32 "$file") == "${word%-*}"* ]] || echo "$word is not whole"
  done
  local texts=("$R/boot/kernix/grub.cfg" "$R"/boot/loader/entries/kernix-*.conf "$R/boot/extlinux/extlinux.conf")
  for word in $(cat "${texts[@]}" 2>/dev/null | grep -oE '[0-9a-z]{32}-(kernel|initrd)' | sort -u); do
    [ -e "$R/boot/kernix/$word" ] || echo "an entry names $word, which is not there"
  done
  for sys in $(cat "${texts[@]}" 2>/dev/null | grep -oE '/nix/store/[^ ]*nixos-system[^ /]*' | sort -u); do
    [ -e "$R$sys/init" ] || echo "an entry's system $sys is gone"
  done
  word=$(readlink "$system") && [ -e "$R$(readlink "$profiles/$word")/boot.json" ] || echo "the system profile leads nowhere"
  menu_holds
  starts | while read -r word; do grep -qx -- "$word" ../starts.before ../starts.after || echo "the machine starts '$word'"; done
}
# A loader with one file for all entries has the old or the new; one with a file an entry nothing but old and new ones, and all that are in both.
menu_holds() {
  menu >../menu.now
  cmp -s ../menu.now ../menu.before || cmp -s ../menu.now ../menu.after && return
  [ "$loader" = systemd-boot ] || { echo "the menu is neither the old nor the new one: $(diff ../menu.after ../menu.now | head -n 4)"; return; }
  [ -z "$(comm -23 ../menu.now <(sort -u ../menu.before ../menu.after))" ] || echo "an entry is neither old nor new: $(diff ../menu.after ../menu.now | head -n 4)"
  [ -z "$(comm -13 ../menu.now <(comm -12 ../menu.before ../menu.after))" ] || echo "an entry that was to stay is gone"
}
holds_boot() { boot_holds; }
holds_switch() { boot_holds; }
holds_boot-rollback() { boot_holds; }
holds_boot-delete() { boot_holds; }
holds_boot-confirm() { boot_holds; }
