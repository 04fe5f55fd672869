# SPDX-License-Identifier: GPL-2.0-or-later
# The phases of a kernel's build: out of tree, in $NIX_BUILD_TOP/o, from the read-only source tree $tree with the
# finished $configfile. kernix shows the source at /src, so that objects are the same wherever it lies, and may begin with
# the objects of an earlier build in o (`keepObjects` in build.nix); what does not do that builds from $tree itself. In `nix-shell` unpackPhase and patchPhase are the usual ones and work on $src.

_kernelSource=$tree
if [ "${NIX_BUILD_TOP:-}" = /build ] && [ -n "${keepObjects:-}" ] && [ -e /src/Kconfig ]; then _kernelSource=/src; fi

_kernelMake() {
    local -a flags
    _listInto makeFlags flags
    # `src` is a name of kbuild too: from the environment it would be an include path of every object.
    env -u src make -C "$_kernelSource" "O=$NIX_BUILD_TOP/o" "${flags[@]}" "$@"
}

configurePhase() {
    local release
    mkdir -p "$NIX_BUILD_TOP/o"
    cd "$NIX_BUILD_TOP/o"
    runHook preConfigure
    # Type information is added to a module where it lies: one that has it already is linked again.
    if [ -e .config ] && grep -q '^CONFIG_DEBUG_INFO_BTF_MODULES=y' .config; then find . -name '*.ko' -delete; fi
    cp --no-preserve=mode "$configfile" .config
    _kernelMake olddefconfig >olddefconfig.log 2>&1 || { cat olddefconfig.log >&2; return 1; }
    if ! cmp -s "$configfile" .config; then
        echo "note: the tree's own olddefconfig changes the configuration:"
        diff "$configfile" .config | head -n 20 || true
    fi
    release=$(_kernelMake -s kernelrelease | tail -n 1)
    if [ "$release" != "$modDirVersion" ]; then
        echo "error: this source builds kernel '$release', but modDirVersion says '$modDirVersion'." >&2
        echo "       Set modDirVersion = \"$release\"; (it is the source's version with EXTRAVERSION and LOCALVERSION)." >&2
        return 1
    fi
    runHook postConfigure
}

_kernelHas() { grep -q "^CONFIG_$1=y" "$NIX_BUILD_TOP/o/.config"; }

# What a failed build most likely died of, in the words of whoever has to mend it.
_explainFailure() {
    local log=$1
    if grep -q -E 'Killed|signal terminated program|virtual memory exhausted|Cannot allocate memory' "$log"; then
        echo "error: the build ran out of memory. CONFIG_DEBUG_INFO_BTF needs the most of it (pahole, over the whole" >&2
        echo "       vmlinux): turn it off with structuredExtraConfig.DEBUG_INFO_BTF = lib.mkForce lib.kernel.no;, or" >&2
        echo "       build with fewer jobs (--cores 1)." >&2
    elif grep -q -E 'pahole.*(No such file|not found|Error)|BTF.*(FAILED|failed)' "$log"; then
        echo "error: pahole failed while it made the BTF debug information. Install it (Debian: dwarves) or turn off" >&2
        echo "       DEBUG_INFO_BTF: structuredExtraConfig.DEBUG_INFO_BTF = lib.mkForce lib.kernel.no;" >&2
    fi
}

buildPhase() {
    local -a targets=("$kernelTarget")
    runHook preBuild
    [ "$kernelTarget" = vmlinux ] || targets+=(vmlinux)
    if _kernelHas MODULES; then targets+=(modules); fi
    if [ -n "$wantDeviceTrees" ] && _kernelHas OF; then targets+=(dtbs); fi
    if ! _kernelMake "-j$NIX_BUILD_CORES" "${targets[@]}" 2> >(tee "$NIX_BUILD_TOP/errors.log" >&2); then
        sync
        _explainFailure "$NIX_BUILD_TOP/errors.log"
        return 1
    fi
    runHook postBuild
}

_installImage() {
    local image=arch/$srcArch/boot/$kernelTarget
    if [ "$kernelTarget" = vmlinux ]; then image=vmlinux; fi
    mkdir -p "$out"
    cp "$image" "$out/$kernelTarget"
    cp System.map "$out/System.map"
    cp .config "$out/config"
    if [ -n "$wantDeviceTrees" ] && _kernelHas OF; then
        _kernelMake -s INSTALL_DTBS_PATH="$out/dtbs" dtbs_install
    fi
}

_installModules() {
    local folder=$modules/lib/modules/$modDirVersion
    mkdir -p "$folder"
    if _kernelHas MODULES; then
        _kernelMake -s "-j$NIX_BUILD_CORES" INSTALL_MOD_PATH="$modules" INSTALL_MOD_STRIP=1 DEPMOD=true modules_install
        rm -f "$folder/build" "$folder/source"
        depmod -b "$modules" -F System.map "$modDirVersion"
    fi
}

# What out-of-tree modules are built against: the generated files and tools of the object tree, and the source tree
# itself through the generated Makefile.
_installDevelopment() {
    local folder=$dev/lib/modules/$modDirVersion file
    # Only x86 builds tools (objtool) in the object tree.
    mkdir -p "$folder/build" tools
    cp vmlinux "$dev/vmlinux"
    {
        find . -maxdepth 1 -type f \( -name Makefile -o -name .config -o -name Module.symvers -o -name 'modules.*' \)
        find include arch/*/include -type f ! -path 'include/config/*' ! -name '*.cmd' ! -name '*.o' 2>/dev/null
        find include/config -maxdepth 1 -type f -size +0 \( -name 'auto.conf*' -o -name kernel.release \)
        find scripts tools -type f \( -perm -0100 -o -name '*.lds' -o -name '*.so' -o -name '*.h' -o -name 'target.json' -o -name 'rustdoc_test_*' \) ! -name '*.o' 2>/dev/null
        find arch -type f \( -name '*.lds' -o -name 'crtsavres.o' -o -name 'ftrace-mod.o' \) ! -path '*/boot/*'
    } | LC_ALL=C sort -u | tar -c --files-from=- | tar -x -C "$folder/build"
    if [ "$_kernelSource" != "$tree" ]; then
        find "$folder/build" -type f \( -name Makefile -o -name 'auto.conf.cmd' \) -exec sed -i "s@\\(^\\|[[:space:]]\\)/src/@\\1$tree/@g; s@\"/src\"@\"$tree\"@g" {} +
    fi
    ln -s ../../../../vmlinux "$folder/build/vmlinux"
    cp System.map "$folder/build/System.map"
    ln -sfn "$tree" "$folder/build/source"
    ln -s "$tree" "$folder/source"
}

installPhase() {
    runHook preInstall
    _installImage
    _installModules
    _installDevelopment
    runHook postInstall
}
