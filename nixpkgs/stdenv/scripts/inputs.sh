# SPDX-License-Identifier: GPL-2.0-or-later
# The inputs of a build: follows what they propagate, sources their setup hooks, and puts their folders on PATH,
# PKG_CONFIG_PATH and the compiler's search paths. The host's own tools come last on PATH.

_hostPath=/usr/bin:/bin:/usr/sbin:/sbin
envHooks=()
addEnvHooks() { envHooks+=("${@:2}"); }

# Appends $1 and what it propagates to _allInputs, each once.
_collectInput() {
    local input=$1 file word
    case " ${_allInputs[*]} " in *" $input "*) return ;; esac
    if [ ! -e "$input" ]; then
        echo "setup: the build input '$input' does not exist" >&2
        return 1
    fi
    _allInputs+=("$input")
    for file in propagated-build-inputs propagated-native-build-inputs; do
        if [ -f "$input/nix-support/$file" ]; then
            for word in $(<"$input/nix-support/$file"); do _collectInput "$word"; done
        fi
    done
}

_addInputToPaths() {
    local input=$1
    addToSearchPath _inputPath "$input/bin"
    addToSearchPath PKG_CONFIG_PATH "$input/lib/pkgconfig"
    addToSearchPath PKG_CONFIG_PATH "$input/share/pkgconfig"
    addToSearchPath C_INCLUDE_PATH "$input/include"
    addToSearchPath CPLUS_INCLUDE_PATH "$input/include"
    if [ -d "$input/lib" ] && compgen -G "$input/lib/*.so*" >/dev/null; then
        addToSearchPath LIBRARY_PATH "$input/lib"
        addToSearchPath LD_RUN_PATH "$input/lib"
    fi
}

_findInputs() {
    local name words input hook
    _allInputs=()
    _inputPath=
    for name in initialPath propagatedNativeBuildInputs nativeBuildInputs propagatedBuildInputs buildInputs; do
        _listInto "$name" words
        for input in "${words[@]}"; do _collectInput "$input" || return 1; done
    done
    for input in "${_allInputs[@]}"; do
        if [ -f "$input" ]; then
            source "$input"
            continue
        fi
        _addInputToPaths "$input"
    done
    PATH="${_inputPath:+$_inputPath:}$_hostPath"
    export PATH
    for input in "${_allInputs[@]}"; do
        if [ -f "$input/nix-support/setup-hook" ]; then source "$input/nix-support/setup-hook"; fi
    done
    for input in "${_allInputs[@]}"; do
        for hook in "${envHooks[@]}"; do "$hook" "$input"; done
    done
    unset _inputPath
}

# NIX_CFLAGS_COMPILE and NIX_CFLAGS_LINK: words that every call of a compiler gets, by whatever name (gcc, gcc-12,
# x86_64-linux-gnu-gcc-12, ...), through a program of that name that stands before it on PATH.
_wrapCompilers() {
    local name program folder=$NIX_BUILD_TOP/.compilers
    if [ -z "${NIX_CFLAGS_COMPILE-}${NIX_CFLAGS_LINK-}" ]; then return; fi
    mkdir -p "$folder"
    for name in $(compgen -c | grep -xE 'cc|c\+\+|([a-z0-9_]+-)*(gcc|g\+\+|clang|clang\+\+)(-[0-9]+)?' | sort -u); do
        program=$(type -P "$name") || continue
        case $program in "$folder"/*) continue ;; esac
        {
            printf '#!/bin/bash\nlink=$NIX_CFLAGS_LINK\nfor word; do case $word in -c | -S | -E) link= ;; esac; done\n'
            printf 'exec %q "$@" $NIX_CFLAGS_COMPILE $link\n' "$program"
        } >"$folder/$name"
        chmod +x "$folder/$name"
    done
    export NIX_CFLAGS_COMPILE NIX_CFLAGS_LINK
    PATH=$folder:$PATH
}
