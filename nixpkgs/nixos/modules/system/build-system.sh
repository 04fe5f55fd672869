# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the store path of a system from its parts, which are in the environment (system/top-level.nix).

mkdir "$out"
if [ -n "${kernelImage-}" ]; then
    if [ ! -f "$kernelImage" ]; then
        echo "error: the boot loader's kernel file $kernelImage does not exist" >&2
        exit 1
    fi
    ln -s "$kernelImage" "$out/kernel"
    ln -s "$modulesTree" "$out/kernel-modules"
    printf %s "$kernelParams" >"$out/kernel-params"
    if [ -n "${firmware-}" ]; then ln -s "$firmware/lib/firmware" "$out/firmware"; fi
fi
if [ -n "${initrdFile-}" ]; then ln -s "$initrdFile" "$out/initrd"; fi

sed "s|@systemConfig@|$out|g" "$stage2" >"$out/init"
chmod +x "$out/init"
ln -s "$etc" "$out/etc"
if [ -n "$systemPath" ]; then ln -s "$systemPath" "$out/sw"; fi
printf %s "$nixosLabel" >"$out/nixos-version"
printf %s "$hostSystem" >"$out/system"
printf %s "$configurationName" >"$out/configuration-name"
if [ -n "${configurationRevision-}" ]; then printf %s "$configurationRevision" >"$out/configuration-revision"; fi
if [ -s "$bootspecPath" ]; then sed "s|@out@|$out|g" "$bootspecPath" >"$out/boot.json"; fi

# What was found questionable about parameters, modules and sysctls; empty when nothing was. nixos-rebuild shows it.
if [ -n "${warnings-}" ]; then
    ln -s "$warnings" "$out/warnings"
    cat "$warnings" >&2
fi
