# SPDX-License-Identifier: GPL-2.0-or-later
# The builder of cross-toolchain.nix: $debFiles are unpacked to $out/toolchain, which is Debian's /usr, so that the compiler
# finds its parts by relative paths as it does there; $out/bin has each program as $prefix... and as $triple-...
mkdir -p "$out/bin" tree
for deb in $debFiles; do dpkg-deb --fsys-tarfile "$deb" | tar -x -C tree --no-same-owner; done
top=$out/toolchain
mv tree/usr "$top"
if [ -d tree/lib ]; then cp -a tree/lib/. "$top/lib/"; fi
rm -rf "$top/share" "$top/lib/gcc-cross/$triple/$gccVersion/"{lto1,lto-wrapper,plugin,libcc1.so} "$top/bin/"*-{lto-dump,gcov}*

# Debian's links without a version are in packages of their own.
for program in "$top/bin/$triple-"*"-$gccVersion"; do
    plain=${program%"-$gccVersion"}
    if [ ! -e "$plain" ]; then ln -s "$(basename "$program")" "$plain"; fi
done
if [ ! -e "$top/bin/$triple-ld" ]; then ln -s "$triple-ld.bfd" "$top/bin/$triple-ld"; fi
# Linker scripts name their libraries by absolute paths.
grep -rIlZ "/usr/$triple" "$top/$triple/lib" --include='*.so' | xargs -0 -r sed -i "s|/usr/$triple|$top/$triple|g"

libraries=$top/lib/$(basename "$(compgen -G "$top/lib/*/libgmp.so.10" | sed 's|/libgmp.*||')")
for program in "$top/bin/$triple-"*; do
    name=${program##*/}
    wrapper=$out/bin/$prefix${name#"$triple-"}
    {
        echo '#!/bin/sh'
        echo "export LD_LIBRARY_PATH=\"$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}\""
        echo "exec $program \"\$@\""
    } >"$wrapper"
    chmod +x "$wrapper"
    if [ ! -e "$out/bin/$name" ]; then ln -s "$prefix${name#"$triple-"}" "$out/bin/$name"; fi
done

echo 'int main(void) { return 0; }' >try.c
if ! "$out/bin/${prefix}gcc" -static try.c -o try; then
    echo "error: Debian's cross compiler does not run on this machine; its C library may be older than Debian 12's" >&2
    exit 1
fi
