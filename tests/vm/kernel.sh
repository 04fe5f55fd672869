# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's prebuilt kernel, stage 1 and initrds for boots in QEMU. Sourced; needs KERNIX_BUILD and KERNIX_SRC; $W is the test's own folder.

debian_kernel_made() { # FOLDER
  local cache=$1 package
  [ ! -e "$cache/done" ] || return 0
  rm -rf "$cache" && mkdir -p "$cache/deb" || return
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1)
  (cd "$cache/deb" && apt-get -q download "$package") >"$cache/log" 2>&1 || {
    cat "$cache/log"
    echo "cannot download $package"
    return 1
  }
  dpkg-deb --fsys-tarfile "$cache"/deb/*.deb | tar -x -C "$cache" ./boot ./lib && depmod -b "$cache" "$(ls "$cache/lib/modules")" || return
  rm -r "$cache/deb"
  touch "$cache/done"
}
# The kernel image and module tree of Debian's newest kernel, unpacked once into the build folder, by one suite while others wait;
# sets K (the tree), V (the version), KERNEL and CONFIG.
debian_kernel() {
  local cache=$KERNIX_BUILD/debian-kernel
  (flock 8 && debian_kernel_made "$cache") 8>"$cache.lock" || exit 1
  K=$cache V=$(ls "$cache/lib/modules")
  KERNEL=$K/boot/vmlinuz-$V CONFIG=$K/boot/config-$V
}

build_stage1() { # [COMPILER]: sets STAGE1
  STAGE1=$W/stage1
  "${1:-gcc}" -std=gnu17 -D_GNU_SOURCE -Os -static -I"$KERNIX_SRC/src" "$KERNIX_SRC"/src/stage1/*.c -o "$STAGE1"
}

# initrd OUT SPEC-MEMBERS: the spec gets stage1, modulesTree and kernelConfig by itself.
initrd() {
  printf '{"stage1":"%s","modulesTree":"%s","kernelConfig":"%s",%s}' "$STAGE1" "$K" "$CONFIG" "$2" >"$W/spec.json"
  "$KERNIX_BUILD/tests/unit/mkinitrd" "$W/spec.json" "$1"
}
