# SPDX-License-Identifier: GPL-2.0-or-later
# Checks $configfile against $rows: lines of CONFIG_NAME=VALUE, a tab, and what to say if it is not so. VALUE is y, m, n,
# y|m or any text.

failures=0
while IFS=$'\t' read -r wanted message; do
    [ -n "$wanted" ] || continue
    name=${wanted%%=*} value=${wanted#*=}
    is=$(sed -n "s/^$name=//p" "$configfile" | tail -n 1)
    case $value in
        n) [ -z "$is" ] || [ "$is" = n ] && continue ;;
        'y|m') [ "$is" = y ] || [ "$is" = m ] && continue ;;
        *) [ "$is" = "$value" ] && continue ;;
    esac
    echo "error: $kernelName: $message (it is ${is:-not set}; wanted by system.requiredKernelConfig)" >&2
    failures=$((failures + 1))
done <<<"$rows"
if [ "$failures" != 0 ]; then
    echo "error: $failures of the kernel options that this configuration needs are not as they must be. Set them with" >&2
    echo "       boot.kernelPatches = [ { name = \"options\"; patch = null; structuredExtraConfig = { ... }; } ];" >&2
    exit 1
fi
touch "$out"
