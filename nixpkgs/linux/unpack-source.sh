# SPDX-License-Identifier: GPL-2.0-or-later
# unpackKernel SOURCE FOLDER: puts a kernel source (tarball, folder, Debian package) straight into FOLDER.
# takeKernel TREE FOLDER: FOLDER begins as TREE. kernix has it there already where it can, without copying anything.

unpackKernel() {
    local source=$1 folder=$2
    echo "unpacking $source"
    if [ -d "$source" ]; then
        takeKernel "$source" "$folder"
    else
        mkdir -p "$folder"
        case $source in
            *.deb) (cd "$folder" && _unpackDeb "$source" --strip-components=1) ;;
            *) (cd "$folder" && _untar "$source" --strip-components=1) ;;
        esac
    fi
    if [ ! -f "$folder/Kbuild" ] || [ ! -f "$folder/Makefile" ]; then
        echo "error: $source is not the source of a Linux kernel (no Kbuild and Makefile at its top)" >&2
        return 1
    fi
}

takeKernel() {
    local tree=$1 folder=$2
    if [ -n "$(ls -A -- "$folder" 2>/dev/null)" ]; then return 0; fi
    echo "copying $tree"
    cp -rT --preserve=mode,timestamps --reflink=auto -- "$tree" "$folder"
    chmod -R u+w -- "$folder"
}

seedRandstruct() {
    local file
    for file in scripts/gen-randstruct-seed.sh scripts/gcc-plugins/gen-random-seed.sh; do
        if [ -f "$file" ]; then
            sed -i "s@od -A n -t x8 -N 32 /dev/urandom *| *tr -d ' \\\\n'@printf %s $(printf %s "$randstructSeed" | sha256sum | cut -d' ' -f1)@" "$file"
            grep -q "$(printf %s "$randstructSeed" | sha256sum | cut -d' ' -f1)" "$file" ||
                echo "warning: $file reads its seed in an unknown way: the kernel will not be reproducible" >&2
        fi
    done
}
