# SPDX-License-Identifier: GPL-2.0-or-later
# The builder of makeModulesClosure: modules and what modprobe says they need, then the firmware that they name.

version=$(ls "$tree/lib/modules")
destination=$out/lib/modules/$version
mkdir -p "$destination" "$out/lib/firmware"

# FILE of a firmware folder, compressed or not, into $out.
copyFirmware() {
    local package suffix
    for package in $firmware; do
        for suffix in "" .xz .zst; do
            if [ -e "$package/lib/firmware/$1$suffix" ]; then
                mkdir -p "$out/lib/firmware/$(dirname "$1")"
                cp -L "$package/lib/firmware/$1$suffix" "$out/lib/firmware/$1$suffix"
                return 0
            fi
        done
    done
    echo "modules closure: no package has the firmware $1"
}

for module in $rootModules; do
    if ! modprobe --config /dev/null -d "$tree" --set-version "$version" --show-depends "$module" >found; then
        if [ -z "$allowMissing" ]; then
            echo "error: the kernel $version has no module $module (allowMissing would leave it out)" >&2
            exit 1
        fi
        echo "modules closure: the kernel $version has no module $module; left out"
        continue
    fi
    sed -n 's/^insmod \([^ ]*\).*/\1/p' found >>files
    basename "$module" >>"$out/insmod-list"
done
[ -e files ] || : >files

sort -u files | while read -r file; do
    inside=${file#*"/lib/modules/$version/"}
    mkdir -p "$destination/$(dirname "$inside")"
    cp "$tree/lib/modules/$version/$inside" "$destination/$inside"
    for name in $(modinfo -b "$tree" -k "$version" -F firmware "$tree/lib/modules/$version/$inside" 2>/dev/null); do
        copyFirmware "$name"
    done
done
for name in $extraFirmwarePaths; do copyFirmware "$name"; done

cp "$tree/lib/modules/$version/"modules.{order,builtin,builtin.modinfo} "$destination/" 2>/dev/null || true
depmod -b "$out" -a "$version"
