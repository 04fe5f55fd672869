# SPDX-License-Identifier: GPL-2.0-or-later
# A machine with a distribution of its own, small enough to boot in seconds: busybox, Debian's cloud kernel, kernix, and a real boot loader.
# Its root is the folder $M; the test boots it in QEMU from a disk image that is made of the folder, and reads back what it wrote.
source "$(dirname "${BASH_SOURCE[0]}")/../vm/lib.sh"
trap 'chmod -R u+w "$W" 2>/dev/null; rm -rf "$W"' EXIT
bin=$KERNIX_BUILD/bin M=$W/machine
VM_STORE=$KERNIX_BUILD/vm-store # what is built is kept, also for other tests
export NIX_PATH=nixpkgs=$KERNIX_SRC/nixpkgs
unset NIX_REMOTE NIXOS_CONFIG

configuration() { # MORE
  cat >"$W/configuration.nix" <<END
{ pkgs, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_debian_bin;
  boot.kernelParams = [ "console=ttyS0" "quiet" "no_timer_check" ];
  boot.initrd.includeDefaultModules = false;
  boot.initrd.availableKernelModules = [ "virtio_pci" "virtio_blk" ];
  fileSystems."/" = { device = "LABEL=machine"; fsType = "ext4"; };
  boot.kernel.sysctl."kernel.sysrq" = 1;
  boot.kernelModules = [ "dummy" ];
  imports = [ { $1 } ];
}
END
}
# Builds in the kept store and copies the closure into the machine's, so that the machine's own nixos-rebuild finds everything built.
provide() {
  local system
  system=$(NIX_REMOTE="local?root=$VM_STORE" timeout 900 "$bin/nix-build" '<nixpkgs/nixos>' -A system -I nixos-config="$W/configuration.nix" --no-out-link 2>"$W/build.log") || {
    tail -n 20 "$W/build.log"
    return 1
  }
  NIX_REMOTE="local?root=$VM_STORE" "$bin/nix-store" -qR "$system" | NIX_REMOTE="local?root=$VM_STORE" xargs "$bin/nix-store" --export |
    NIX_REMOTE="local?root=$M" "$bin/nix-store" --import >/dev/null
}
rebuild() { timeout 300 "$bin/nixos-rebuild" "$@" --no-boot-test --root "$M" -I nixos-config="$W/configuration.nix"; }

machine_new() {
  local lib applet
  mkdir -p "$M"/{bin,sbin,dev,proc,sys,run,tmp,etc,boot,lib64,nix} "$M/usr/local/bin"
  cp /bin/busybox "$M/bin/busybox"
  for applet in $(/bin/busybox --list); do [ -e "$M/bin/$applet" ] || ln -s busybox "$M/bin/$applet"; done
  cp "$KERNIX_BUILD/kernix" "$M/usr/local/bin/kernix"
  cp /usr/bin/kmod "$M/sbin/modprobe"
  for lib in $(ldd "$KERNIX_BUILD/kernix" /usr/bin/kmod | sed -n 's/.*[[:blank:]]\(\/[^ ]*\) (0x.*/\1/p' | sort -u); do
    mkdir -p "$M$(dirname "$lib")" && cp -L "$lib" "$M$lib"
  done
  cat >"$M/sbin/init" <<'END'
#!/bin/sh
# The distribution's init: says what runs, does what the unit kernix-boot-confirm.service does, and turns the machine off.
export PATH=/usr/local/bin:/sbin:/bin
for fs in proc:/proc sysfs:/sys devtmpfs:/dev; do mount -t ${fs%%:*} none ${fs#*:} 2>/dev/null; done
echo "BOOTED $(uname -r)"
echo "CMDLINE $(cat /proc/cmdline)"
if [ -d /sys/firmware/efi ]; then modprobe -a vfat nls_cp437 nls_ascii; mount -t vfat /dev/vdb /boot; fi
kernix boot confirm 2>&1 | sed 's/^/CONFIRM /'
kernix boot status 2>&1 | sed 's/^/STATUS /'
if [ -e /switches ]; then # the running system gets what it is told, after it was put out of order
  echo 0 >/proc/sys/kernel/sysrq
  modprobe -r dummy
  ln -s /usr/local/bin/kernix /usr/local/bin/nixos-rebuild
  nixos-rebuild switch --rollback 2>&1 | sed 's/^/SWITCH /'
  echo "SYSRQ $(cat /proc/sys/kernel/sysrq) $(cat /etc/sysctl.d/60-kernix.conf | tail -n 1) DUMMY $(ls -d /sys/module/dummy)"
  nixos-rebuild switch --rollback 2>&1 | sed 's/^/AGAIN /'
fi
umount /boot 2>/dev/null
sync
mount -o remount,ro /
echo "END"
reboot -f
END
  chmod +x "$M/sbin/init"
  echo 'LABEL=machine / ext4 defaults 0 1' >"$M/etc/fstab"
  cp "$KERNEL" "$M/boot/vmlinuz"
  initrd "$M/boot/initrd.img" '"availableKernelModules":["virtio_pci","virtio_blk"],"fileSystems":[{"device":"LABEL=machine","mountPoint":"/","fsType":"ext4"}]'
}

machine_image() { # OFFSET: the folder as an ext4 file system in $W/disk.img
  truncate -s 0 "$W/disk.img"
  truncate -s "$(($(du -sm --apparent-size "$M" | cut -f1) + 96))M" "$W/disk.img"
  mke2fs -q -F -t ext4 -O ^metadata_csum,^64bit -L machine -d "$M" -E offset="$1" "$W/disk.img" "$((($(stat -c %s "$W/disk.img") - $1) / 1024))k" >"$W/mke2fs.log" 2>&1 || {
    cat "$W/mke2fs.log"
    return 1
  }
}
qemu() { # SECONDS OPTION...: one start of the machine, its console in $W/log
  local limit=$1
  shift
  timeout -k 5 "$limit" qemu-system-x86_64 -accel tcg -m 512 -nodefaults -display none -serial stdio -no-reboot "$@" </dev/null 2>&1 | tr -d '\r' >"$W/log" || :
}
ran() { # NAME PATTERN...: each is in the log of the last start
  local name=$1 pattern before=$failed
  shift
  for pattern; do ok "$name: $pattern" says "$W/log" "$pattern"; done
  [ "$failed" = "$before" ] || tail -n 40 "$W/log" | sed 's/^/    /'
}
