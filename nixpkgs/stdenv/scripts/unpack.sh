# SPDX-License-Identifier: GPL-2.0-or-later
# Unpacking: archives by their names, folders by copying, and Debian packages of sources by what they carry below
# usr/src (`linux-source-6.12` a tarball, `NAME-dkms` a folder).

# xz -T0 reads multi-block archives on all cores; plain xz files are no slower for it.
_decompressor() {
    case $1 in
        *.xz | *.txz) echo "xz -dc -T0" ;;
        *.lzma) echo "xz -dc --format=lzma" ;;
        *.gz | *.tgz) echo "gzip -dc" ;;
        *.bz2 | *.tbz2 | *.tbz) echo "bzip2 -dc" ;;
        *.zst | *.tzst) echo "zstd -dc" ;;
        *) echo "cat" ;;
    esac
}

# _untar FILE [TAR-OPTION]...: into the current folder.
_untar() {
    local file=$1
    shift
    $(_decompressor "$file") <"$file" | tar -x --warning=no-timestamp --no-same-owner "$@"
}

# The tarball in a .deb's usr/src, if there is one. (Nothing here may stop reading early: that fails under pipefail.)
_debSourceTarball() {
    dpkg-deb --fsys-tarfile "$1" | tar -t | sed -n -E '/^\.\/usr\/src\/[^/]+\.tar\.(xz|gz|bz2|zst)$/p' 
}

# _unpackDeb FILE [TAR-OPTION]...: into the current folder.
_unpackDeb() {
    local file=$1 tarball
    shift
    tarball=$(_debSourceTarball "$file")
    if [ -n "$tarball" ]; then
        dpkg-deb --fsys-tarfile "$file" | tar -xO "$tarball" | $(_decompressor "$tarball") |
            tar -x --no-same-owner "$@"
    elif [ -n "$(dpkg-deb --fsys-tarfile "$file" | tar -t | sed -n '/^\.\/usr\/src\/[^/]*\//p')" ]; then
        dpkg-deb --fsys-tarfile "$file" | tar -x --no-same-owner --strip-components=3 ./usr/src
    else
        dpkg-deb --fsys-tarfile "$file" | tar -x --no-same-owner
    fi
}

_defaultUnpack() {
    local file=$1
    if [ -d "$file" ]; then
        local destination
        destination=$(stripHash "$file")
        if [ -e "$destination" ]; then
            echo "unpack: '$destination' is there already; two sources have the same name" >&2
            return 1
        fi
        cp -r --preserve=mode,timestamps --reflink=auto -- "$file" "$destination"
        chmod -R u+w -- "$destination"
        return 0
    fi
    case $file in
        *.tar | *.tar.* | *.tgz | *.txz | *.tbz | *.tbz2 | *.tzst) _untar "$file" ;;
        *.deb) _unpackDeb "$file" ;;
        *.zip) unzip -qq "$file" ;;
        *) return 1 ;;
    esac
}

unpackFile() {
    curSrc=$1
    echo "unpacking source archive $curSrc"
    if [ -n "${unpackCmd-}" ] || [ "$(type -t unpackCmd)" = function ] || [ "${#unpackCmdHooks[@]}" -gt 0 ]; then
        if runOneHook unpackCmd "$curSrc"; then return 0; fi
    fi
    if ! _defaultUnpack "$curSrc"; then
        echo "do not know how to unpack source archive $curSrc" >&2
        return 1
    fi
}

# Sets sourceRoot to the one folder that unpacking made.
_findSourceRoot() {
    local entry
    sourceRoot=
    for entry in *; do
        if [ -d "$entry" ] && [[ $'\n'"$1"$'\n' != *$'\n'"$entry"$'\n'* ]]; then
            if [ -n "$sourceRoot" ]; then
                echo "unpacker produced multiple directories ($sourceRoot, $entry): set sourceRoot" >&2
                return 1
            fi
            sourceRoot=$entry
        fi
    done
}

unpackPhase() {
    local sources source before
    runHook preUnpack
    if [ -z "${srcs-}" ]; then
        if [ -z "${src-}" ]; then
            echo "variable \$src or \$srcs should point to the source" >&2
            return 1
        fi
        srcs=$src
    fi
    _listInto srcs sources
    before=$(ls -1)
    for source in "${sources[@]}"; do unpackFile "$source" || return 1; done
    if [ -n "${setSourceRoot-}" ] || [ "$(type -t setSourceRoot)" = function ]; then
        runOneHook setSourceRoot
    elif [ -z "${sourceRoot-}" ]; then
        _findSourceRoot "$before" || return 1
    fi
    if [ -z "${sourceRoot-}" ]; then
        echo "unpacker appears to have produced no directories" >&2
        return 1
    fi
    echo "source root is $sourceRoot"
    if [ "${dontMakeSourcesWritable:-0}" != 1 ] && [ -d "$sourceRoot" ]; then chmod -R u+w -- "$sourceRoot"; fi
    runHook postUnpack
}
