# SPDX-License-Identifier: GPL-2.0-or-later
# Text substitution for patch phases: substitute, substituteInPlace, substituteAll and their relatives.

# substituteStream VARIABLE DESCRIPTION OPTION...: works on the text in VARIABLE.
substituteStream() {
    local _var=$1 _what=$2 _mode _pattern _replacement _before
    shift 2
    while [ $# -gt 0 ]; do
        _mode=$1
        case $_mode in
            --replace | --replace-fail | --replace-warn | --replace-quiet)
                _pattern=$2 _replacement=$3
                shift 3
                ;;
            --subst-var)
                _pattern="@$2@" _replacement=${!2-} _mode=--replace-quiet
                shift 2
                ;;
            --subst-var-by)
                _pattern="@$2@" _replacement=$3 _mode=--replace-quiet
                shift 3
                ;;
            *)
                echo "substitute: $_what: unknown option '$_mode'" >&2
                return 1
                ;;
        esac
        _before=${!_var}
        printf -v "$_var" '%s' "${_before//"$_pattern"/"$_replacement"}"
        if [ "${!_var}" = "$_before" ] && [[ $_before != *"$_pattern"* ]]; then
            case $_mode in
                --replace-fail)
                    echo "substitute: $_what: there is no '$_pattern' to replace" >&2
                    return 1
                    ;;
                --replace | --replace-warn)
                    echo "substitute: warning: $_what: there is no '$_pattern' to replace" >&2
                    ;;
            esac
        fi
    done
}

substitute() {
    local _input=$1 _output=$2 _text
    shift 2
    if [ ! -f "$_input" ]; then
        echo "substitute: there is no file '$_input'" >&2
        return 1
    fi
    # The full stop keeps trailing newlines through the command substitution.
    _text=$(cat "$_input" && printf .)
    _text=${_text%.}
    substituteStream _text "$_input" "$@" || return 1
    printf '%s' "$_text" >"$_output"
}

substituteInPlace() {
    local -a _files=()
    local _file
    while [ $# -gt 0 ] && [[ $1 != --* ]]; do
        _files+=("$1")
        shift
    done
    for _file in "${_files[@]}"; do
        substitute "$_file" "$_file" "$@" || return 1
    done
}

# Every exported variable whose name begins with a small letter, as @name@.
_allSubstVars() {
    local name
    while IFS= read -r name; do
        if [[ $name =~ ^[a-z][a-zA-Z0-9_]*$ ]]; then printf '%s\n' "$name"; fi
    done < <(compgen -e)
}
substituteAll() {
    local -a _arguments=()
    local _name
    while IFS= read -r _name; do _arguments+=(--subst-var "$_name"); done < <(_allSubstVars)
    substitute "$1" "$2" "${_arguments[@]}"
}
substituteAllInPlace() { substituteAll "$1" "$1"; }
