# SPDX-License-Identifier: GPL-2.0-or-later
# aggregate-modules.sh OUT KERNEL-MODULES [PACKAGE...]: links all modules below OUT/lib/modules/VERSION and runs depmod.
set -e -o pipefail
out=$1 kernel=$2
shift 2

version=$(ls "$kernel/lib/modules")
if [ "$(wc -w <<<"$version")" != 1 ]; then
    echo "error: $kernel holds modules of more or less than one kernel: $version" >&2
    exit 1
fi
folder=$out/lib/modules/$version
mkdir -p "$out/lib/modules"

# Without packages it is the kernel's own tree, with the depmod data that came with it.
if [ $# = 0 ]; then
    ln -s "$kernel/lib/modules/$version" "$folder"
    exit 0
fi

# A module's name as the kernel sees it: no folder, no .ko, no compression, dashes as underscores.
moduleNames() { sed -e 's|.*/||' -e 's/\.ko\(\.[a-z]*\)\?$//' | tr - _; }
modulesOf() { (cd "$1" && find -L . -type f \( -name '*.ko' -o -name '*.ko.xz' -o -name '*.ko.gz' -o -name '*.ko.zst' \) | LC_ALL=C sort); }

cp -rsT "$kernel/lib/modules/$version" "$folder"
chmod -R u+w "$folder"
find "$folder" -maxdepth 1 -name 'modules.*' ! -name 'modules.builtin' ! -name 'modules.builtin.modinfo' ! -name modules.order -delete

declare -A own owner
while IFS=$'\t' read -r name file; do own[$name]=$file; done \
    < <(paste <(modulesOf "$folder" | moduleNames) <(modulesOf "$folder"))

for package in "$@"; do
    if [ ! -d "$package/lib/modules" ]; then
        echo "error: $package is in boot.extraModulePackages but holds no lib/modules" >&2
        exit 1
    fi
    for other in "$package"/lib/modules/*; do
        if [ "${other##*/}" != "$version" ]; then
            echo "error: $package is built for kernel ${other##*/}, but the system's kernel is $version." >&2
            echo "       Take it from the same set: boot.extraModulePackages = with config.boot.kernelPackages; [ ... ];" >&2
            exit 1
        fi
    done
    source=$package/lib/modules/$version
    while IFS= read -r file; do
        name=$(moduleNames <<<"$file")
        if [ -n "${owner[$name]-}" ]; then
            echo "error: the module $name is in both ${owner[$name]} and $package" >&2
            exit 1
        fi
        owner[$name]=$package
        if [ -n "${own[$name]-}" ]; then
            echo "the kernel's own ${own[$name]#./} gives way to that of $package"
            rm "$folder/${own[$name]}"
        fi
        mkdir -p "$folder/$(dirname "$file")"
        ln -sfn "$source/${file#./}" "$folder/$file"
    done < <(modulesOf "$source")
    # Firmware that comes with a module package stays reachable.
    if [ -d "$package/lib/firmware" ]; then
        mkdir -p "$out/lib/firmware"
        cp -rsn "$package/lib/firmware/." "$out/lib/firmware/"
    fi
done

depmod -b "$out" -C /dev/null "$version"
