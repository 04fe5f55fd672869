# SPDX-License-Identifier: GPL-2.0-or-later
# What the machines share and what is made once: Debian's userland with kernix in it, the store with what the generations are made of (guests have no
# network), the installer's initrd. All of it is kept in BUILD/machine; sourced by run.sh.
source "$KERNIX_SRC/tests/vm/lib.sh"
bin=$KERNIX_BUILD/bin house=$KERNIX_BUILD/machine here=$KERNIX_SRC/tests/machine
export NIX_PATH=nixpkgs=$KERNIX_SRC/nixpkgs
unset NIX_REMOTE NIXOS_CONFIG NIX_PROFILE
packages=systemd-sysv,udev,kmod,procps,dbus,lvm2,thin-provisioning-tools,mdadm,cryptsetup-bin,btrfs-progs,xfsprogs,f2fs-tools,dosfstools,e2fsprogs,fdisk,grub-pc-bin,grub-efi-amd64-bin,grub2-common,systemd-boot,ca-certificates,zstd,xz-utils

# Debian as its mirror has it: the release that this machine runs, since kernix is linked to its libraries.
debian_userland() {
  local dir=$house/debian suite
  suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  [ ! -e "$dir/done-$packages" ] || return 0
  rm -rf "$dir" && mkdir -p "$dir"
  debootstrap --variant=minbase --include="$packages" "${suite:-bookworm}" "$dir/root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$dir/log" 2>&1 || {
    tail -n 5 "$dir/log"
    echo "no Debian could be unpacked"
    exit 77
  }
  rm -rf "$dir"/root/var/cache/apt/* "$dir"/root/var/lib/apt/lists/* "$dir"/root/usr/share/{doc,locale,man,info,zoneinfo} "$dir"/root/usr/bin/python3* "$dir"/root/usr/lib/{python3*,udev/hwdb.*,x86_64-linux-gnu/gconv,grub/x86_64-efi/monolithic}
  touch "$dir/done-$packages"
}

copy_libraries() { # ROOT FILE...: what they are linked with, where the userland does not have it
  local root=$1 library
  shift
  for library in $(ldd "$@" | sed -n 's/.*[[:blank:]]\(\/[^ ]*\) (0x.*/\1/p' | sort -u); do
    [ -e "$root$library" ] || [ -e "$root/usr$library" ] || cp -L "$library" "$root/usr/lib/x86_64-linux-gnu/"
  done
}
# kernix as `make install` puts it there, with the libraries that it loads.
install_kernix() { # ROOT
  local loaded
  make -s -C "$KERNIX_SRC" -o build BUILD="$KERNIX_BUILD" DESTDIR="$1" install >"$house/install.log" 2>&1 || {
    tail -n 5 "$house/install.log"
    return 1
  }
  mapfile -t loaded < <(find /usr/lib/x86_64-linux-gnu -maxdepth 1 -name 'libarchive.so.13' -o -maxdepth 1 -name 'libcurl.so.4' -o -maxdepth 1 -name 'libgit2.so.1.*' -o -maxdepth 1 -name 'libkmod.so.2')
  cp -nL "${loaded[@]}" "$1/usr/lib/x86_64-linux-gnu/"
  copy_libraries "$1" "$KERNIX_BUILD/kernix" "${loaded[@]}"
}

# The compiler is not in the guests, for what is compiled is in their store; the derivations have its fingerprint (nixpkgs/stdenv/toolchain.nix).
# Of binutils there is what tells which libraries an initrd's programs need.
note_toolchain() { # ROOT
  local name version
  version=$(find /usr/lib/gcc/x86_64-linux-gnu -maxdepth 1 -name '[0-9]*' -printf '%f\n' | sort -n | tail -n 1)
  mkdir -p "$1/usr/lib/gcc/x86_64-linux-gnu/$version"
  for name in "gcc-$version" "cpp-$version" binutils-x86-64-linux-gnu make libc6-dev libc6; do
    cp /var/lib/dpkg/info/"$name"{,:amd64}.md5sums "$1/var/lib/dpkg/info/" 2>/dev/null || :
  done
  cp -L /usr/bin/readelf "$1/usr/bin/"
  copy_libraries "$1" /usr/bin/readelf
}
# Loaders and signing of this machine's Debian, and what systemd loads for a TPM2 chip; the keys are made here, since the firmware that is to
# know them is.
loaders_and_keys() { # ROOT
  local keys=$house/keys
  cp -L /usr/bin/{extlinux,sbsign,sbverify,sbattach,mksquashfs} "$1/usr/bin/"
  mkdir -p "$1/usr/lib/EXTLINUX" "$1/usr/lib/shim" "$1/usr/lib/grub/x86_64-efi-signed" "$1/usr/local/lib/machine"
  cp /usr/lib/EXTLINUX/gptmbr.bin "$1/usr/lib/EXTLINUX/"
  cp /usr/lib/shim/shimx64.efi.signed "$1/usr/lib/shim/"
  cp /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed "$1/usr/lib/grub/x86_64-efi-signed/"
  cp -a /usr/lib/x86_64-linux-gnu/libtss2-*.so.* "$1/usr/lib/x86_64-linux-gnu/"
  copy_libraries "$1" /usr/bin/{sbsign,sbverify,sbattach,mksquashfs} /usr/lib/x86_64-linux-gnu/libtss2-esys.so.0
  if [ ! -e "$keys/done" ]; then
    rm -rf "$keys" && mkdir -p "$keys"
    ssh-keygen -q -t ed25519 -N '' -f "$keys/client" && ssh-keygen -q -t ed25519 -N '' -C '' -f "$keys/host" || return 1
    "$KERNIX_BUILD/kernix" boot keys --root "$house" --dir "$keys/secureboot" >/dev/null && "$KERNIX_BUILD/kernix" boot keys --root "$house" --dir "$keys/secureboot" --own >/dev/null || return 1
    touch "$keys/done"
  fi
  cp -a "$keys" "$1/usr/local/lib/machine/"
}

# Everything that a generation of any row is made of, built here and copied; what depends on the row (initrd, its programs, system) is made in the guest.
sample() { # PARAMETER MORE
  cat <<END
{ pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_debian_bin;
  boot.kernelParams = [ "console=ttyS0" "quiet" "no_timer_check" "mitigations=off" "panic=2" $1 ];
  boot.kernelModules = [ "kvm-amd" ]; # of QEMU's processor: with that the checks of the whole system are those of the rows
  nixpkgs.hostPlatform = "x86_64-linux";
  fileSystems."/" = { device = "/dev/vda2"; fsType = "ext4"; };
  imports = [ { $2 } ];
}
END
}
everything='
  boot.swraid.enable = true;
  boot.initrd.services.lvm.enable = true;
  boot.initrd.luks.devices.crypt = { device = "/dev/vda"; crypttabExtraOpts = [ "tpm2-device=auto" ]; };
  boot.initrd.network = { enable = true; ssh = { enable = true; authorizedKeys = [ "ssh-ed25519 none" ]; hostKeys = [ "/none" ]; }; };
  boot.kernix.uki.enable = true;
  fileSystems."/nix" = { device = "/dev/vda3"; fsType = "f2fs"; };
  fileSystems."/usr" = { device = "/dev/vda4"; fsType = "xfs"; };
  fileSystems."/var" = { device = "/dev/vda5"; fsType = "btrfs"; };
  fileSystems."/etc" = { device = "/dev/vda6"; fsType = "vfat"; };
'
fill_store() { # ROOT
  local mine="local?root=$house/store" parameter more drv conf=$house/sample.nix
  mkdir -p "$house/store"
  : >"$house/paths"
  for parameter in '' '"rdinit=/none"'; do
    for more in '' "$everything"; do
      sample "$parameter" "$more" >"$conf"
      NIX_REMOTE=$mine timeout 900 "$bin/nix-build" '<nixpkgs/nixos>' -A system -I nixos-config="$conf" --no-out-link >"$house/build.log" 2>&1 || {
        tail -n 20 "$house/build.log"
        return 1
      }
      drv=$(NIX_REMOTE=$mine "$bin/nix-instantiate" '<nixpkgs/nixos>' -A system -I nixos-config="$conf" 2>/dev/null)
      NIX_REMOTE=$mine "$bin/nix-store" -qR --include-outputs "$drv" >>"$house/paths"
    done
  done
  # What the kernel was unpacked from stays here, and the systems themselves; of its headers, many small files, only what systems are checked by is copied.
  grep -vE '/[^/]*-linux-(image|headers|kbuild)-[^/]*\.deb$|\.drv$|-nixos-system-|-initrd$' "$house/paths" | sort -u >"$house/wanted"
  mkdir -p "$1/nix"
  NIX_REMOTE=$mine xargs "$bin/nix-store" --export <"$house/wanted" | NIX_REMOTE="local?root=$1" "$bin/nix-store" --import >/dev/null || return 1
  chmod -R u+w "$1"/nix/store/*-linux-debian-*-dev
  rm -rf "$1"/nix/store/*-linux-debian-*-dev/src
}

# The medium: a disk with all that, from which the installer runs and which it copies.
medium() {
  local root=$house/root unit size
  [ "$house/medium.img" -nt "$KERNIX_BUILD/kernix" ] && [ -z "$(find "$here/guest" "$here/configurations" "$here/lib.sh" "$KERNIX_SRC/nixpkgs" "$KERNIX_SRC/src/stage1" -newer "$house/medium.img" -type f | head -n 1)" ] && return 0
  echo "the medium is made anew"
  chmod -R u+w "$root" 2>/dev/null || :
  rm -rf "$root"
  cp -a "$house/debian/root" "$root"
  install_kernix "$root" && note_toolchain "$root" && loaders_and_keys "$root" && fill_store "$root" || return 1
  mkdir -p "$root/usr/local/lib/machine" "$root/boot/grub" "$root/etc/nixos" "$root/etc/systemd/system/multi-user.target.wants" "$root/etc/systemd/journald.conf.d" "$root/etc/lvm/archive" "$root/etc/lvm/backup"
  cp "$here"/guest/* "$root/usr/local/lib/machine/"
  cp -r "$here/configurations" "$root/usr/local/lib/machine/"
  mv "$root/usr/local/lib/machine/report.service" "$root/etc/systemd/system/"
  ln -s ../report.service "$root/etc/systemd/system/multi-user.target.wants/"
  for unit in getty@tty1.service serial-getty@ttyS0.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer e2scrub_reap.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit" # prompts in the middle of reports, and what only costs time
  done
  printf '[Journal]\nStorage=volatile\n' >"$root/etc/systemd/journald.conf.d/test.conf"
  mkdir -p "$root/etc/systemd/system.conf.d" # on a busy host udev may need more than the usual 90 seconds
  printf '[Manager]\nDefaultDeviceTimeoutSec=600\nDefaultTimeoutStartSec=600\n' >"$root/etc/systemd/system.conf.d/test.conf"
  echo machine >"$root/etc/hostname"
  echo '127.0.0.1 localhost machine' >"$root/etc/hosts"
  echo uninitialized >"$root/etc/machine-id"
  cp "$KERNEL" "$root/boot/vmlinuz-$V"
  size=$(($(du -sm --apparent-size "$root" | cut -f1) * 115 / 100 + 150))
  rm -f "$house/new.img"
  mke2fs -q -F -t ext4 -O ^has_journal -m 0 -L medium -d "$root" "$house/new.img" "${size}M" >"$house/mke2fs.log" 2>&1 || {
    cat "$house/mke2fs.log"
    return 1
  }
  chmod -R u+w "$root"
  rm -rf "$root"
  mv "$house/new.img" "$house/medium.img"
}

installer_initrd() {
  build_stage1
  local modules='virtio_pci virtio_blk dm_mod dm_crypt xts cbc ecb essiv algif_skcipher squashfs overlay dm_thin_pool raid1 dm_raid dm_snapshot btrfs xfs f2fs vfat nls_cp437 nls_ascii nls_iso8859_1 efivarfs aesni_intel'
  initrd "$house/installer-initrd" "\"kernelModules\":[$(for m in $modules; do printf '{"name":"%s","optional":true},' "$m"; done | sed 's/,$//')],\"fileSystems\":[{\"device\":\"LABEL=medium\",\"mountPoint\":\"/\",\"fsType\":\"ext4\"}]"
}

house_is_ready() {
  mkdir -p "$house/logs"
  debian_kernel
  debian_userland
  medium || return 1
  installer_initrd
}
