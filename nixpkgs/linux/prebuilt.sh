# SPDX-License-Identifier: GPL-2.0-or-later
# Unpacks a distribution's kernel packages into the outputs out, modules and dev.

mkdir -p image headers "$out" "$modules/lib/modules" "$dev/lib/modules/$modDirVersion"
dpkg-deb --fsys-tarfile "$image" | tar -x -C image --no-same-owner
for deb in $headersDebs; do dpkg-deb --fsys-tarfile "$deb" | tar -x -C headers --no-same-owner; done

cp "image/boot/vmlinuz-$modDirVersion" "$out/bzImage"
# The kernel proper, from within its boot image: for what looks into it.
extractKernel() { # IMAGE OUTPUT
    local magic program offset
    for magic in '28b52ffd zstd' 'fd377a585a00 xz' '1f8b08 gzip'; do
        program=${magic#* }
        for offset in $(LC_ALL=C grep -obUaP "$(sed 's/../\\x&/g' <<<"${magic% *}")" "$1" | head -n 8 | cut -d: -f1); do
            tail -c "+$((offset + 1))" "$1" | "$program" -dc >"$2" 2>/dev/null || true
            if [ "$(head -c 4 "$2" | tail -c 3)" = ELF ]; then return; fi
        done
    done
    rm -f "$2"
}
extractKernel "$out/bzImage" "$dev/vmlinux"

cp "image/boot/System.map-$modDirVersion" "$out/System.map"
cp "image/boot/config-$modDirVersion" "$out/config"

for folder in image/lib/modules image/usr/lib/modules; do
    if [ -d "$folder/$modDirVersion" ]; then cp -r "$folder/$modDirVersion" "$modules/lib/modules/"; fi
done
rm -f "$modules/lib/modules/$modDirVersion/build" "$modules/lib/modules/$modDirVersion/source"
depmod -b "$modules" -F "$out/System.map" "$modDirVersion"

# The headers name each other by absolute paths below /usr; here they name the paths in $dev.
mkdir -p "$dev/src"
cp -r headers/usr/src/. "$dev/src/"
if [ -d headers/usr/lib ]; then cp -r headers/usr/lib/. "$dev/lib/"; fi
build="$dev/src/linux-headers-$modDirVersion"
common="$dev/src/linux-headers-$baseRelease-common"
find "$dev" -type l | while IFS= read -r link; do
    to=$(readlink "$link")
    case $to in
        */linux-kbuild-*) ln -sfn "$dev/lib/linux-kbuild-${to##*/linux-kbuild-}" "$link" ;;
        /usr/src/*) ln -sfn "$dev/src/${to#/usr/src/}" "$link" ;;
    esac
done
grep -rl --include=Makefile -e /usr/src/linux-headers "$build" | xargs -r sed -i "s|/usr/src/linux-headers|$dev/src/linux-headers|g"
rm -f "$dev/lib/modules/$modDirVersion/build" "$dev/lib/modules/$modDirVersion/source"
ln -s "$build" "$dev/lib/modules/$modDirVersion/build"
ln -s "$common" "$dev/lib/modules/$modDirVersion/source"

# With the map beside it, kbuild runs depmod when a module is installed, as it does for kernels that are built here.
cp "$out/System.map" "$build/System.map"
