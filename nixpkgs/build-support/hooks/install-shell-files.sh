# SPDX-License-Identifier: GPL-2.0-or-later
# Setup hook installShellFiles: installManPage FILE..., installBin FILE..., installShellCompletion [--bash|--zsh|--fish]
# [--name NAME] FILE..., [--cmd NAME --bash FILE --zsh FILE --fish FILE].

installManPage() {
    local page section
    for page in "$@"; do
        section=${page%.gz}
        install -D -m 644 "$page" "${outputMan:-$out}/share/man/man${section##*.}/$(basename "$page")"
    done
}

installBin() {
    local program
    for program in "$@"; do install -D -m 755 "$program" "$out/bin/$(basename "$program")"; done
}

installShellCompletion() {
    local shell='' name='' cmd='' kind target
    while [ $# -gt 0 ]; do
        case $1 in
            --bash | --zsh | --fish) shell=${1#--}; shift; continue ;;
            --name) name=$2; shift 2; continue ;;
            --cmd) cmd=$2; shift 2; continue ;;
        esac
        kind=$shell
        if [ -z "$kind" ]; then
            case $1 in *.bash) kind=bash ;; *.fish) kind=fish ;; *.zsh | */_* | _*) kind=zsh ;; *) echo "installShellCompletion: which shell is '$1' for?" >&2; return 1 ;; esac
        fi
        target=${name:-$(basename "$1")}
        case $kind in
            bash) [ -z "$cmd" ] || target=$cmd.bash; target=share/bash-completion/completions/$target ;;
            zsh) [ -z "$cmd" ] || target=_$cmd; target=share/zsh/site-functions/$target ;;
            fish) [ -z "$cmd" ] || target=$cmd.fish; target=share/fish/vendor_completions.d/$target ;;
        esac
        mkdir -p "$out/$(dirname "$target")"
        cat "$1" >"$out/$target"
        name=
        shift
    done
}
