# SPDX-License-Identifier: GPL-2.0-or-later
# debLayout FROM TO: moves the files of unpacked Debian packages from FROM/usr/... to TO/bin, lib, include, share, and
# puts TO where text files name /usr. The multiarch folders are merged into their parents.

_mergeInto() {
    if [ -e "$1" ]; then
        mkdir -p "$2"
        cp -a --no-preserve=ownership "$1/." "$2/"
    fi
}

# Links between FOLDER/X and FOLDER/TRIPLE/X would lead to themselves once the two folders are one.
_dropCircularLinks() {
    local link target twin
    find "$1" -type l -print0 | while IFS= read -r -d '' link; do
        case $link in
            "$1/$2/"*) twin=$1/${link#"$1/$2/"} ;;
            *) twin=$1/$2/${link#"$1/"} ;;
        esac
        target=$(realpath -m -s "$(dirname "$link")/$(readlink "$link")")
        if [ "$target" = "$twin" ]; then rm "$link"; fi
    done
}

debLayout() {
    local from=$1 to=$2 triple part file target
    triple=$(basename "$(compgen -G "$from/usr/lib/*-linux-gnu*" | head -n1)" 2>/dev/null || true)
    for part in bin sbin lib include share libexec; do
        _mergeInto "$from/usr/$part" "$to/$part"
        _mergeInto "$from/$part" "$to/$part"
    done
    _mergeInto "$from/etc" "$to/etc"
    if [ -n "$triple" ]; then
        for part in lib include; do
            if [ -d "$to/$part/$triple" ]; then
                _dropCircularLinks "$to/$part" "$triple"
                _mergeInto "$to/$part/$triple" "$to/$part"
                rm -rf "${to:?}/$part/$triple"
            fi
        done
    fi
    # Absolute links into /usr and /lib lead into this path, if their target is here.
    find "$to" -type l -print0 | while IFS= read -r -d '' file; do
        target=$(readlink "$file")
        target=${target#/usr}
        case $target in
            /*)
                target=${target/"/$triple/"/"/"}
                if [ -e "$to$target" ]; then ln -sfn "$to$target" "$file"; fi
                ;;
        esac
    done
    find "$to" -type f \( -name '*.pc' -o -name '*.pri' -o -name '*.prl' -o -name '*-config' -o -name '*.cmake' \) -print0 |
        xargs -0 -r sed -i -e "s|/usr/lib/$triple|$to/lib|g" -e "s|/usr/include/$triple|$to/include|g" \
            -e "s|\${prefix}/lib/$triple|\${prefix}/lib|g" -e "s|\${prefix}/include/$triple|\${prefix}/include|g" \
            -e "s|/usr\b|$to|g"
    rm -rf "$to/share/doc" "$to/share/lintian" "$to/share/bug"
}
