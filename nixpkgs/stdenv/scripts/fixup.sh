# SPDX-License-Identifier: GPL-2.0-or-later
# The fixup phase: moves files to the outputs they belong in, strips debug information, records what is propagated.

# moveToOutput PATTERN OUTPUT-FOLDER: from all other outputs.
moveToOutput() {
    local pattern=$1 destination=$2 output from
    for output in $outputs; do
        [ "${!output}" != "$destination" ] || continue
        for from in "${!output}"/$pattern; do
            [ -e "$from" ] || [ -L "$from" ] || continue
            local to="$destination/${from#"${!output}"/}"
            mkdir -p "${to%/*}"
            if [ -d "$from" ] && [ -d "$to" ]; then cp -a "$from/." "$to/" && rm -rf "$from"; else mv "$from" "$to"; fi
            rmdir --ignore-fail-on-non-empty -p "${from%/*}" 2>/dev/null || true
            mkdir -p "${!output}"
        done
    done
}

_splitOutputs() {
    local pattern
    if [ -n "${dev-}" ] && [[ " $outputs " == *" dev "* ]]; then
        for pattern in include lib/pkgconfig lib/cmake share/pkgconfig share/aclocal "lib/*.la"; do
            moveToOutput "$pattern" "$dev"
        done
    fi
    if [ -n "${man-}" ] && [[ " $outputs " == *" man "* ]]; then moveToOutput share/man "$man"; fi
    if [ -n "${doc-}" ] && [[ " $outputs " == *" doc "* ]]; then moveToOutput share/doc "$doc"; fi
    if [ -n "${bin-}" ] && [[ " $outputs " == *" bin "* ]]; then
        moveToOutput bin "$bin"
        moveToOutput sbin "$bin"
    fi
}

# Debug sections go; symbols stay, so this is safe for kernel modules too.
_stripOutput() {
    local folder file
    for folder in ${stripDebugList-lib lib32 lib64 libexec bin sbin}; do
        [ -d "$1/$folder" ] || continue
        find "$1/$folder" -type f \( -name '*.ko' -o -name '*.so' -o -name '*.so.*' -o -name '*.a' -o -perm -0100 \) -print |
            LC_ALL=C sort | while IFS= read -r file; do
            if [ "$(head -c4 "$file" | tr -d '\0')" = $'\x7fELF' ]; then
                "${STRIP:-strip}" -S -p "$file" 2>/dev/null || true
            fi
        done
    done
}

# Scripts of inputs are called by their own paths; those of the host stay as they are.
patchShebangs() {
    local path file first program found
    for path in "$@"; do
        case $path in --*) continue ;; esac
        [ -e "$path" ] || continue
        while IFS= read -r -d '' file; do
            read -r first <"$file" 2>/dev/null || continue
            [[ $first =~ ^#!\ */usr/bin/env\ +([^ ]+)(.*)$ ]] || continue
            program=${BASH_REMATCH[1]}
            found=$(type -P "$program") || continue
            case $found in /nix/store/*) sed -i "1s|^.*$|#!$found${BASH_REMATCH[2]}|" "$file" ;; esac
        done < <(find "$path" -type f -perm -0100 -print0)
    done
}

_recordPropagated() {
    local target
    target=$(_outputPath dev)
    if [ -n "${propagatedBuildInputs-}" ]; then
        mkdir -p "$target/nix-support"
        echo "$propagatedBuildInputs" >"$target/nix-support/propagated-build-inputs"
    fi
    if [ -n "${propagatedNativeBuildInputs-}" ]; then
        mkdir -p "$target/nix-support"
        echo "$propagatedNativeBuildInputs" >"$target/nix-support/propagated-native-build-inputs"
    fi
    if [ -n "${setupHook-}" ]; then
        mkdir -p "$target/nix-support"
        substituteAll "$setupHook" "$target/nix-support/setup-hook"
    fi
    if [ -n "${setupHooks-}" ]; then
        local hook
        mkdir -p "$target/nix-support"
        for hook in $setupHooks; do cat "$hook" >>"$target/nix-support/setup-hook"; done
    fi
}

fixupPhase() {
    local output
    for output in $outputs; do
        if [ -e "${!output}" ]; then chmod -R u+w,u-s,g-s "${!output}"; fi
    done
    runHook preFixup
    _splitOutputs
    for output in $outputs; do
        if [ -z "${dontStrip-}" ]; then _stripOutput "${!output}"; fi
        if [ -z "${dontPatchShebangs-}" ]; then patchShebangs "${!output}"; fi
        prefix=${!output} runHook fixupOutput
    done
    _recordPropagated
    runHook postFixup
}
