# SPDX-License-Identifier: GPL-2.0-or-later
# Copies the device trees of $dtbSource that $filter names to $out and applies $overlays (lines: name, pattern, kind, file) to
# each tree that is for one of the machines that an overlay is for.

if [ ! -d "$dtbSource" ]; then
    echo "error: hardware.deviceTree: $dtbSource does not exist: this kernel has no device trees (buildDTBs)" >&2
    exit 1
fi
mkdir -p "$out"
(cd "$dtbSource" && find . -type f -name "$filter" -print0 | xargs -0 -r cp --parents --no-preserve=mode -t "$out")

compile() { # SOURCE RESULT
    local folder
    local -a words=()
    for folder in $includes; do words+=(-I "$folder"); done
    # shellcheck disable=SC2086 # the flags are words
    cpp -nostdinc "${words[@]}" -undef -D__DTS__ -x assembler-with-cpp $preprocessorFlags "$1" | dtc -@ -I dts -O dtb -o "$2" -
}

# Whether two trees have a word of `compatible` in common; one that has none is for all.
fits() { # TREE OVERLAY
    local word have
    have=" $(fdtget -t s "$1" / compatible 2>/dev/null) "
    local words
    words=$(fdtget -t s "$2" / compatible 2>/dev/null) || return 0
    for word in $words; do
        case $have in *" $word "*) return 0 ;; esac
    done
    return 1
}

used=0
while IFS=$'\t' read -r name pattern kind file; do
    [ -n "$name" ] || continue
    overlay=$NIX_BUILD_TOP/$name.dtbo
    if [ "$kind" = dtbo ]; then cp "$file" "$overlay"; else compile "$file" "$overlay"; fi
    while IFS= read -r -d '' tree; do
        # shellcheck disable=SC2254 # a pattern is meant
        case ${tree##*/} in $pattern) ;; *) continue ;; esac
        fits "$tree" "$overlay" || continue
        echo "applying $name to ${tree#"$out"/}"
        fdtoverlay -o "$tree.new" -i "$tree" "$overlay"
        mv "$tree.new" "$tree"
        used=$((used + 1))
    done < <(find "$out" -name '*.dtb' -print0)
done <<<"$overlays"
if [ "$used" = 0 ] && [ -n "$overlays" ]; then
    echo "warning: hardware.deviceTree: no overlay is for any of the trees that the filter '$filter' leaves" >&2
fi
