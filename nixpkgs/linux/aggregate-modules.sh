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
mkdir -p "$folder"

# A module's name as the kernel sees it: no folder, no .ko, no compression, dashes as underscores.
moduleName() {
    local name=${1##*/}
    name=${name%%.ko*}
    printf '%s\n' "${name//-/_}"
}

isModule() { case $1 in *.ko | *.ko.xz | *.ko.gz | *.ko.zst) true ;; *) false ;; esac }

declare -A replaced
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
    while IFS= read -r file; do
        isModule "$file" || continue
        name=$(moduleName "$file")
        if [ -n "${replaced[$name]-}" ]; then
            echo "error: the module $name is in both ${replaced[$name]} and $package" >&2
            exit 1
        fi
        replaced[$name]=$package
        relative=${file#"$package/lib/modules/$version/"}
        mkdir -p "$folder/$(dirname "$relative")"
        ln -s "$file" "$folder/$relative"
    done < <(find -L "$package/lib/modules/$version" -type f | LC_ALL=C sort)
done

while IFS= read -r file; do
    relative=${file#"$kernel/lib/modules/$version/"}
    case $relative in
        modules.builtin | modules.builtin.modinfo | modules.order) ln -s "$file" "$folder/$relative"; continue ;;
        modules.*) continue ;;
    esac
    if isModule "$file"; then
        name=$(moduleName "$file")
        if [ -n "${replaced[$name]-}" ]; then
            echo "the kernel's own $relative gives way to that of ${replaced[$name]}"
            continue
        fi
    fi
    mkdir -p "$folder/$(dirname "$relative")"
    [ -e "$folder/$relative" ] || ln -s "$file" "$folder/$relative"
done < <(find -L "$kernel/lib/modules/$version" -type f | LC_ALL=C sort)

depmod -b "$out" -C /dev/null "$version"
# Firmware that comes with module packages stays reachable.
for package in "$@"; do
    if [ -d "$package/lib/firmware" ]; then
        mkdir -p "$out/lib/firmware"
        cp -rsn "$package/lib/firmware/." "$out/lib/firmware/"
    fi
done
