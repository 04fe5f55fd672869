# SPDX-License-Identifier: GPL-2.0-or-later
# Setup hook makeWrapper: makeWrapper PROGRAM WRAPPER OPTION... writes a script that starts PROGRAM in a changed environment;
# wrapProgram PROGRAM OPTION... puts one in PROGRAM's place. Options: --set, --set-default, --unset, --prefix, --suffix (VAR SEP
# VALUE), --prefix-each, --suffix-each, --add-flags, --add-flag, --append-flags, --append-flag, --run, --chdir, --argv0,
# --inherit-argv0, --resolve-argv0.

# A variable with VALUE before or after what it has, no separator at an end.
_wrapperJoin() { # before|after VAR SEPARATOR VALUE
    if [ "$1" = before ]; then
        printf 'export %s=%q${%s:+%q$%s}\n' "$2" "$4" "$2" "$3" "$2"
    else
        printf 'export %s=${%s:+$%s%q}%q\n' "$2" "$2" "$2" "$3" "$4"
    fi
}

makeWrapper() {
    local program=$1 wrapper=$2 flags='' after='' argv0='' each
    shift 2
    [ -x "$program" ] || { echo "makeWrapper: '$program' is no program" >&2; return 1; }
    mkdir -p "$(dirname "$wrapper")"
    {
        echo '#!/bin/bash -e'
        while [ $# -gt 0 ]; do
            case $1 in
                --set) printf 'export %s=%q\n' "$2" "$3"; shift 3 ;;
                --set-default) printf 'export %s=${%s-%q}\n' "$2" "$2" "$3"; shift 3 ;;
                --unset) printf 'unset %s\n' "$2"; shift 2 ;;
                --prefix) _wrapperJoin before "$2" "$3" "$4"; shift 4 ;;
                --suffix) _wrapperJoin after "$2" "$3" "$4"; shift 4 ;;
                --prefix-each) for each in $4; do _wrapperJoin before "$2" "$3" "$each"; done; shift 4 ;;
                --suffix-each) for each in $4; do _wrapperJoin after "$2" "$3" "$each"; done; shift 4 ;;
                --run) printf '%s\n' "$2"; shift 2 ;;
                --chdir) printf 'cd %q\n' "$2"; shift 2 ;;
                --add-flags) flags="$flags $2"; shift 2 ;;
                --append-flags) after="$after $2"; shift 2 ;;
                --add-flag) flags="$flags $(printf %q "$2")"; shift 2 ;;
                --append-flag) after="$after $(printf %q "$2")"; shift 2 ;;
                --argv0) argv0="-a $(printf %q "$2")"; shift 2 ;;
                --inherit-argv0) argv0='-a "$0"'; shift ;;
                --resolve-argv0) argv0='-a "$(realpath -s "$(command -v "$0")")"'; shift ;;
                *) echo "makeWrapper: unknown option '$1'" >&2; return 1 ;;
            esac
        done
        printf 'exec %s %q %s "$@" %s\n' "$argv0" "$program" "$flags" "$after"
    } >"$wrapper.new" || return 1
    chmod +x "$wrapper.new"
    mv "$wrapper.new" "$wrapper"
}
makeShellWrapper() { makeWrapper "$@"; }
makeBinaryWrapper() { makeWrapper "$@"; }

wrapProgram() {
    local program=$1 hidden
    hidden=$(dirname "$1")/.$(basename "$1")-wrapped
    while [ -e "$hidden" ]; do hidden=${hidden}_; done
    mv "$program" "$hidden"
    shift
    makeWrapper "$hidden" "$program" --inherit-argv0 "$@"
}
wrapProgramShell() { wrapProgram "$@"; }
