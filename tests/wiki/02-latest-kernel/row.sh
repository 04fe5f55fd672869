# SPDX-License-Identifier: GPL-2.0-or-later
# what: nixos-rebuild boot: a generation, to be tried at the next boot; nothing of the running system changes (after a reboot: tests/boot); the newest kernel that there is source for is built and boots
must "the same system as real Nix" same_system "$row/snippet.nix"
must "it is the newest" is true value "with import <nixpkgs> { }; (import <nixpkgs/nixos> { configuration = $row/snippet.nix; }).config.boot.kernelPackages.kernel.version == linux_latest.version"
# A machine whose / is the folder that the store is in, with GRUB as Debian sets it up; the kernel is one that can be reached.
mkdir -p "$store/boot/grub" "$store/etc"
cat >"$store/boot/grub/grub.cfg" <<'G'
set default="0"
menuentry 'Debian GNU/Linux' --id 'gnulinux-simple' { linux /vmlinuz root=/dev/vda1 }
if [ -f $prefix/custom.cfg ]; then source $prefix/custom.cfg; fi
G
cat >configuration.nix <<'N'
{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian_bin; fileSystems."/" = { device = "LABEL=nixos"; fsType = "ext4"; }; }
N
rebuild() { limit=900 ours nixos-rebuild "$@" --no-boot-test --root "$store" --loader grub -I nixos-config="$PWD/configuration.nix"; }
(cd "$store" && find etc -type f | sort | xargs -r sha256sum) >before
must "nixos-rebuild boot" rebuild boot
cp must.log said
must "a generation is made" rebuild list-generations
must "it is in the list" says must.log '6\.12\.[0-9]+'
must "its kernel is in /boot" eval 'test -s "$(ls "$store"/boot/kernix/*-kernel)"'
must "and its initrd" eval 'test -s "$(ls "$store"/boot/kernix/*-initrd)"'
must "GRUB has an entry for it" grep -E 'init=/nix/store/[a-z0-9]*-nixos-system-' "$store/boot/kernix/grub.cfg"
must "GRUB's own file is as it was" grep -q gnulinux-simple "$store/boot/grub/grub.cfg"
(cd "$store" && find etc -type f | sort | xargs -r sha256sum) >after
must "the running system's files are as they were" cmp before after
must "the next boot only: then it has to come up" says said 'generation [0-9]+ starts at the next boot. When it has come up it stays the default'
must "taken back again" rebuild uninstall
must "nothing is left in /boot" not test -e "$store/boot/kernix"

# The newest release that there is source for here (kernel.org cannot be reached by every machine that tests): Debian's newest suite.
newest="(import $row/small.nix { series = \"linux_debian_latest\"; })"
must "the newest release, as real Nix" same "$nixpkgs/nixos" --arg configuration "$newest" -A vm
limit=1400
must "it is built" ours nix-build "$nixpkgs/nixos" --arg configuration "$newest" -A vm -o vm
echo 'echo "RELEASE $(uname -r)"' >probe
must "it boots" kernix vm ./vm --timeout 300 --check probe --log console
version=$(value 'with import <nixpkgs> { }; linux_debian_latest.modDirVersion')
must "uname -r is its version: $version" eval 'tr -d "\r" <console | grep -qx "RELEASE ${version//\"/}"'
