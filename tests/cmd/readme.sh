#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the command blocks of README.md one after the other as written, in a copy of the project with a HOME of its own, where `sudo` drops the
# environment as sudo does, and the machine that is changed is a folder. What takes long or changes the machine is in a table below.
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
export HOME=$work/home
unset NIX_REMOTE NIX_PATH NIXOS_CONFIG
copy=$work/kernix machine=$HOME/kernix
mkdir -p "$copy" "$machine"/{boot/grub,etc} "$work/bin"
cp -r README.md Makefile examples tools "$copy"
ln -s "$KERNIX_BUILD" "$copy/build"
echo 'UUID=5d3c0b1e-7a52-4f0e-9c1b-2f6d8e4a9b10 / ext4 defaults 0 1' >"$machine/etc/fstab"
printf 'set default="0"\nmenuentry "host" { true }\nif [ -f $prefix/custom.cfg ]; then source $prefix/custom.cfg; fi\n' >"$machine/boot/grub/grub.cfg"
cat >"$work/bin/sudo" <<END
#!/bin/sh
exec env -i HOME=$HOME PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin NIX_REMOTE="local?root=$machine" "\$@"
END
chmod 755 "$work/bin/sudo"

# Lines that are not run (the start of the line), and why.
skips=(
  'make demo|a suite of its own'
  'make test-faults|hours'
  'make test|this is part of it'
  'make fuzz|hours'
  'make |the build that is tested is there'
  "nix-build '<nixpkgs>' -A linuxPackages_debian.kernel.configfile|minutes; the suites demo and wiki build it"
  "nix-build '<nixpkgs>' --arg config '{ kernix.buildRoot = true; }'|minutes; the suite nix-build-root builds in the root"
)
[ -e /usr/src/linux-source-6.12.tar.xz ] || skips+=('tar -xf|linux-source-6.12 is not installed' 'kernix config|no kernel source' 'cd |no kernel source')
skipped() { # LINE: says why
  local row
  for row in "${skips[@]}"; do
    case $1 in "${row%%|*}"*)
      echo "not run: $1: ${row#*|}"
      return 0 ;;
    esac
  done
  return 1
}

# Blocks are lines with four spaces before them; each becomes a file.
awk -v dir="$work" '/^```/ { fence = !fence } !fence && /^    / { if (!open) n++; open = 1; print substr($0, 5) >(dir "/block-" n); next } { open = 0 }' README.md
typist() { while sleep 1 && echo exit 2>/dev/null; do :; done; }
export -p >"$work/state"
run() { # FILE: in a shell that knows what the blocks before exported
  bash -e -o pipefail -c '. "$1"; cd "$2"; . "$3"; export -p >"$1"' - "$work/state" "$copy" "$1"
}
block() { # N
  local line status
  while IFS= read -r line; do skipped "$line" || printf '%s\n' "$line" >&3; done <"$work/block-$1" 3>"$work/now"
  [ -s "$work/now" ] || return 0
  if grep -q '^kernix vm' "$work/now"; then typist | run "$work/now"; else run "$work/now" </dev/null; fi >"$work/said-$1" 2>&1
  status=$?
  if [ $status = 0 ]; then ok "block $1: $(grep -c . "$work/now") lines"; else
    bad "block $1: $(head -n 1 "$work/now")" "$work/said-$1"
  fi
}
PATH=$work/bin:$PATH
export -p >"$work/state"
count=$(ls "$work" | grep -c '^block-')
for ((n = 1; n <= count; n++)); do block "$n"; done

# That they did what the text beside them says.
check "there are blocks" test "$count" -ge 4
check "a guest came up" grep -q 'stage 2: Linux .* is up' "$work/said-1"
check "a boot entry" grep -q "init=/nix/store" "$machine/boot/kernix/grub.cfg"
check "its initrd is made for the root of fstab" eval 'grep -l UUID=5d3c0b1e-7a52-4f0e-9c1b-2f6d8e4a9b10 "$machine"/nix/store/*-initrd.drv | xargs grep -q ext4'
if [ -e "$copy/linux-source-6.12" ]; then
  check "the requests are in .config" test "$(grep -cxE 'CONFIG_(NFS_FS=y|USB_SERIAL=m|NR_CPUS=16|LOCALVERSION="-mine")' "$copy/.config")" = 4
fi
check "build/bin has what README calls" test -x "$KERNIX_BUILD/bin/kernix"

# The configuration at the top is one that can be built.
awk '/^```nix/ { on = 1; next } /^```/ { on = 0 } on' README.md >"$work/first.nix"
export NIX_REMOTE="local?root=$machine"
check "the first configuration evaluates" eval '"$bin/nixos-rebuild" dry-build -I nixos-config="$work/first.nix" >"$work/dry" 2>&1'
check "with its kernel and module" test "$(grep -cE -- '-(linux|bbswitch-[0-9.]*)-6.12[0-9.]*\.drv$' "$work/dry")" = 2
finish
