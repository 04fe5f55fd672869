# SPDX-License-Identifier: GPL-2.0-or-later
# Hooks, lists and messages: what all other parts of the setup script stand on.
#
# A hook NAME is: every element of the array NAMEHooks, then the function NAME or, where there is none, the text in
# the variable NAME. An element is the name of a function or text to evaluate.

# Copies the list in variable $1 (an array, or words separated by white space) to the array called $2.
_listInto() {
    local -n _to=$2
    _to=()
    case "$(declare -p "$1" 2>/dev/null)" in
        "declare -a"*) local -n _from=$1; _to=("${_from[@]}") ;;
        *)
            local _oldOptions=$-
            set -f
            # shellcheck disable=SC2206 # words are what is wanted
            _to=(${!1-})
            case $_oldOptions in *f*) ;; *) set +f ;; esac
            ;;
    esac
}

# Appends to the array $1 the elements of the lists named by $2..., each with its NAMEArray beside it.
_concatInto() {
    local -n _all=$1
    local _name _part
    shift
    for _name in "$@"; do
        _listInto "$_name" _part
        _all+=("${_part[@]}")
        if declare -p "${_name}Array" >/dev/null 2>&1; then
            _listInto "${_name}Array" _part
            _all+=("${_part[@]}")
        fi
    done
}
concatTo() { _concatInto "$@"; }

_runHookElement() {
    if [ "$(type -t "$1")" = function ]; then "$1" "${@:2}"; else eval "$1"; fi
}

runHook() {
    local _hookName=$1 _hooks _element
    shift
    _listInto "${_hookName%Hook}Hooks" _hooks
    for _element in "${_hooks[@]}"; do
        _runHookElement "$_element" "$@"
    done
    if [ "$(type -t "$_hookName")" = function ]; then
        "$_hookName" "$@"
    elif [ -n "${!_hookName-}" ]; then
        eval "${!_hookName}"
    fi
    return 0
}

# The first hook that succeeds ends the list.
runOneHook() {
    local _hookName=$1 _hooks _element
    shift
    _listInto "${_hookName%Hook}Hooks" _hooks
    for _element in "${_hooks[@]}" "$_hookName"; do
        if [ "$(type -t "$_element")" = function ]; then
            if "$_element" "$@"; then return 0; fi
        elif [ -n "${!_element-}" ] && eval "${!_element}"; then
            return 0
        fi
    done
    return 1
}

_echoFlags() { echo "$1 flags: ${*:2}"; }
echoCmd() { echo "$1:" "${@:2}"; }
nixLog() { echo "$*"; }
nixErrorLog() { echo "error: $*" >&2; }

_appendWord() {
    local -n _var=$1
    shift
    case "$(declare -p "${!_var}" 2>/dev/null)" in
        "declare -a"*) _var+=("$@") ;;
        *) _var="${_var:+$_var }$*" ;;
    esac
}
appendToVar() { _appendWord "$@"; }
prependToVar() {
    local -n _pvar=$1
    shift
    case "$(declare -p "${!_pvar}" 2>/dev/null)" in
        "declare -a"*) _pvar=("$@" "${_pvar[@]}") ;;
        *) _pvar="$*${_pvar:+ $_pvar}" ;;
    esac
}

# addToSearchPath NAME DIR: appends DIR to the colon-separated NAME where it exists and is not yet in there.
addToSearchPathWithCustomDelimiter() {
    if [ -d "$3" ]; then
        case "$1${!2-}$1" in
            *"$1$3$1"*) ;;
            *) export "$2=${!2:+${!2}$1}$3" ;;
        esac
    fi
}
addToSearchPath() { addToSearchPathWithCustomDelimiter ":" "$@"; }

# The name part of a store path: without its folder and hash.
stripHash() {
    local name=${1##*/}
    if [[ $name =~ ^[0-9a-z]{32}- ]]; then name=${name:33}; fi
    printf '%s\n' "$name"
}

# The folders of outputs that may be missing fall back to $out, as builders expect ($dev, $bin, $lib, ...).
_outputPath() {
    local name
    for name in "$@"; do
        if [ -n "${!name-}" ] && [[ " $outputs " == *" $name "* ]]; then
            printf '%s\n' "${!name}"
            return
        fi
    done
    printf '%s\n' "${out-}"
}
getAllOutputNames() { printf '%s\n' "$outputs"; }
