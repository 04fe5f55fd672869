# SPDX-License-Identifier: GPL-2.0-or-later
# Compares kernel parameters, modprobe options, sysctls and module names with the kernel that will get them. What it finds
# are warnings, one line each, in the output: a parameter may be meant for something else than the kernel.

warn() { echo "warning: $*" >>"$out"; }
: >"$out"
tree=$modulesTree/lib/modules/$modDirVersion
underscores() { printf '%s\n' "${1//-/_}"; }

# The parameters of built-in modules: NAME.PARAMETER, one a line.
builtinParameters=$NIX_BUILD_TOP/builtin-parameters
if [ -f "$tree/modules.builtin.modinfo" ]; then
    tr '\0' '\n' <"$tree/modules.builtin.modinfo" | sed -n 's/^\([^.]*\)\.parm=\([^:]*\):.*/\1.\2/p; s/^\([^.]*\)\.parmtype=\([^:]*\):.*/\1.\2/p' |
        tr - _ | sort -u >"$builtinParameters"
else
    : >"$builtinParameters"
fi
builtinModules=$NIX_BUILD_TOP/builtin-modules
{ sed 's|.*/||; s/\.ko$//' "$tree/modules.builtin" 2>/dev/null; cut -d. -f1 "$builtinParameters"; } | tr - _ | sort -u >"$builtinModules"

isBuiltin() { grep -qxF "$(underscores "$1")" "$builtinModules"; }
declare -A loadable
while IFS= read -r file; do
    name=${file##*/}
    name=${name%%.ko*}
    loadable[${name//-/_}]=$file
done < <(find -L "$tree" -name '*.ko*')

isLoadable() { [ -n "${loadable[${1//-/_}]-}" ]; }
hasParameter() { # MODULE PARAMETER
    modinfo -F parm "${loadable[${1//-/_}]}" 2>/dev/null | sed 's/:.*//' | tr - _ | grep -xF "${2//-/_}" >/dev/null
}

while IFS= read -r parameter; do
    if [[ $parameter =~ ^([a-zA-Z0-9_-]+)\.([a-zA-Z0-9_-]+)(=.*)?$ ]]; then
        module=${BASH_REMATCH[1]} name=${BASH_REMATCH[2]}
        case $module in systemd | rd | luks | boot | udev | earlycon | kernix | net | fsck | quotacheck | locale | vconsole | plymouth | mount) continue ;; esac
        if isLoadable "$module"; then
            hasParameter "$module" "$name" || warn "boot.kernelParams: the module $module of this kernel has no parameter '$name'"
        elif isBuiltin "$module"; then
            grep -qxF "$(underscores "$module").$(underscores "$name")" "$builtinParameters" ||
                warn "boot.kernelParams: '$module' is built into this kernel and has no parameter '$name'"
        elif ! grep -qaF "$module.$name" "$vmlinux" 2>/dev/null; then
            warn "boot.kernelParams: '$parameter' is for a module that this kernel does not have"
        fi
    fi
done <<<"$kernelParams"

while read -r word module rest; do
    [ "$word" = options ] || continue
    rest=${rest%%#*}
    if isLoadable "$module"; then
        for assignment in $rest; do
            hasParameter "$module" "${assignment%%=*}" || warn "boot.extraModprobeConfig: the module $module has no parameter '${assignment%%=*}'"
        done
    elif isBuiltin "$module"; then
        parameters=
        for assignment in $rest; do parameters="$parameters \"$module.$assignment\""; done
        warn "boot.extraModprobeConfig: $module is built into this kernel, so modprobe's options do not reach it: write boot.kernelParams = [$parameters ];"
    else
        warn "boot.extraModprobeConfig: this kernel has no module '$module'"
    fi
done <<<"$modprobeConfig"

# A kernel that is locked down loads signed modules only, and those that are built here are not: each build would need a key.
locks=$(grep -xE 'lockdown=(integrity|confidentiality)|module\.sig_enforce(=[1yY])?' <<<"$kernelParams" | head -n 1) || :
for file in "${loadable[@]}"; do
    if [ -n "$locks" ] && ! modinfo -F sig_id "$file" 2>/dev/null | grep -q .; then
        warn "boot.kernelParams: with '$locks' the kernel loads signed modules only, and its modules are not signed"
    fi
    break
done

# A name that differs by one letter more, less or other.
nearModule() {
    local want=${1//-/_} i near=
    local patterns=()
    for ((i = 0; i <= ${#want}; i++)); do
        patterns+=("^${want:0:i}.${want:i}\$" "^${want:0:i}${want:i+1}\$" "^${want:0:i}.${want:i+1}\$")
    done
    near=$(printf '%s\n' "${!loadable[@]}" | sort | grep -x -m 3 -f <(printf '%s\n' "${patterns[@]}") | paste -sd ' ')
    [ -z "$near" ] || echo "; did you mean: ${near// /, }?"
}
while IFS= read -r module; do
    module=${module#"${module%%[![:space:]]*}"}
    case $module in
        '' ) continue ;;
        *[[:space:]]*) warn "boot.kernelModules: '$module' is more than one module: write a text for each, [ $(printf '"%s" ' $module)]" ;;
        *.ko | *.ko.*) warn "boot.kernelModules: names of modules go without .ko: '${module%%.ko*}', not '$module'" ;;
        *) isLoadable "$module" || isBuiltin "$module" || warn "boot.kernelModules: this kernel has no module '$module'$(nearModule "$module")" ;;
    esac
done <<<"$kernelModules"

# A sysctl's last part is the end of a text in the kernel or in one of its modules (linkers let texts share their ends).
strings=$NIX_BUILD_TOP/strings
missing=()
if [ -n "${sysctls//[[:space:]]/}" ] && [ -f "$vmlinux" ]; then
    tr '\0' '\n' <"$vmlinux" | LC_ALL=C grep -a -x '[A-Za-z0-9_-]\{1,64\}' | LC_ALL=C sort -u >"$strings"
    while IFS= read -r key; do
        [ -n "$key" ] || continue
        LC_ALL=C grep -q -- "${key##*[./]}\$" "$strings" || missing+=("$key")
    done <<<"$sysctls"
fi
if [ ${#missing[@]} != 0 ]; then
    # Names of network interfaces are in no kernel: net.ipv4.conf.eth0.forwarding ends in one that is.
    for file in "${loadable[@]}"; do
        $(case $file in *.xz) echo xz -dc ;; *.zst) echo zstd -dc ;; *.gz) echo gzip -dc ;; *) echo cat ;; esac) "$file"
    done | tr '\0' '\n' | LC_ALL=C grep -a -x '[A-Za-z0-9_-]\{1,64\}' | LC_ALL=C sort -u >"$strings"
    for key in "${missing[@]}"; do
        LC_ALL=C grep -q -- "${key##*[./]}\$" "$strings" || warn "boot.kernel.sysctl: this kernel does not have the key '$key'"
    done
fi
cat "$out" >&2
