# SPDX-License-Identifier: GPL-2.0-or-later
# The phases and what runs them. Each phase is a function that a variable of the same name replaces; each runs its
# pre and post hooks and can be left out (dontPatch, dontConfigure, ...).

# _makeArguments ARRAY LIST...: the flags for one call of make.
_makeArguments() {
    local -n _arguments=$1
    shift
    _arguments=()
    if [ -n "${makefile-}" ]; then _arguments+=(-f "$makefile"); fi
    if [ -n "${enableParallelBuilding-}" ] && [ "$enableParallelBuilding" != 0 ]; then
        _arguments+=("-j$NIX_BUILD_CORES" "-l$NIX_BUILD_CORES")
    fi
    _arguments+=("SHELL=$SHELL")
    _concatInto _arguments makeFlags "$@"
}

# Applies one patch; a patch that does not fit is named, with the words of patch(1) above it.
_applyPatch() {
    local file=$1 flags
    if [ -z "${patchFlags-}" ]; then flags=(-p1); else _listInto patchFlags flags; fi
    echo "applying patch $file"
    if ! $(_decompressor "$file") <"$file" | patch --batch --forward "${flags[@]}"; then
        echo "error: patch '$(stripHash "$file")' does not apply to ${name-the source}" >&2
        echo "       ($file; each failed hunk is named above. The patch may be meant for another version," >&2
        echo "       may be in the source already, or may need other patchFlags than '${flags[*]}'.)" >&2
        return 1
    fi
}

patchPhase() {
    local list file
    runHook prePatch
    _listInto patches list
    for file in "${list[@]}"; do _applyPatch "$file" || return 1; done
    runHook postPatch
}

configurePhase() {
    local -a flags=()
    runHook preConfigure
    if [ -z "${configureScript-}" ] && [ -x ./configure ]; then configureScript=./configure; fi
    if [ -z "${dontAddPrefix-}" ] && [ -n "${prefix-}" ] && [ -n "${configureScript-}" ]; then
        flags+=("${prefixKey:---prefix=}$prefix")
    fi
    _concatInto flags configureFlags
    if [ -n "${configureScript-}" ]; then
        _echoFlags configure "${flags[@]}"
        # shellcheck disable=SC2086 # configureScript may carry arguments
        $configureScript "${flags[@]}"
    else
        echo "no configure script, doing nothing"
    fi
    runHook postConfigure
}

buildPhase() {
    local -a flags
    runHook preBuild
    if [ -z "${makeFlags-}${makefile-}" ] && [ ! -e Makefile ] && [ ! -e makefile ] && [ ! -e GNUmakefile ]; then
        echo "no Makefile or custom buildPhase, doing nothing"
    else
        _makeArguments flags buildFlags
        _echoFlags build "${flags[@]}"
        make "${flags[@]}"
    fi
    runHook postBuild
}

checkPhase() {
    local -a flags
    runHook preCheck
    if [ -z "${checkTarget-}" ] && [ -e Makefile ]; then
        if make -n check >/dev/null 2>&1; then checkTarget=check; elif make -n test >/dev/null 2>&1; then checkTarget=test; fi
    fi
    if [ -n "${checkTarget-}" ]; then
        _makeArguments flags checkFlags
        # shellcheck disable=SC2086 # several targets are words
        make "${flags[@]}" $checkTarget
    else
        echo "no check target, doing nothing"
    fi
    runHook postCheck
}

installPhase() {
    local -a flags
    runHook preInstall
    if [ -n "${prefix-}" ]; then mkdir -p "$prefix"; fi
    if [ -z "${makeFlags-}${makefile-}" ] && [ ! -e Makefile ] && [ ! -e makefile ] && [ ! -e GNUmakefile ]; then
        echo "no Makefile or custom installPhase, doing nothing"
    else
        _makeArguments flags installFlags
        _echoFlags install "${flags[@]}" ${installTargets:-install}
        # shellcheck disable=SC2086 # several targets are words
        make "${flags[@]}" ${installTargets:-install}
    fi
    runHook postInstall
}

installCheckPhase() {
    runHook preInstallCheck
    runHook postInstallCheck
}

distPhase() {
    runHook preDist
    mkdir -p "$out/tarballs"
    make ${distFlags-} "${distTarget:-dist}"
    cp -pvd ${tarballs:-*.tar.gz} "$out/tarballs"
    runHook postDist
}

showPhaseHeader() { echo "Running phase: $1"; }

_phaseIsOff() {
    case $1 in
        unpackPhase) [ -n "${dontUnpack-}" ] ;;
        patchPhase) [ -n "${dontPatch-}" ] ;;
        configurePhase) [ -n "${dontConfigure-}" ] ;;
        buildPhase) [ -n "${dontBuild-}" ] ;;
        checkPhase) [ -z "${doCheck-}" ] ;;
        installPhase) [ -n "${dontInstall-}" ] ;;
        fixupPhase) [ -n "${dontFixup-}" ] ;;
        installCheckPhase) [ -z "${doInstallCheck-}" ] ;;
        distPhase) [ -z "${doDist-}" ] ;;
        *) false ;;
    esac
}

runPhase() {
    local curPhase=$1
    if _phaseIsOff "$curPhase"; then return 0; fi
    showPhaseHeader "$curPhase"
    if [ -n "${!curPhase-}" ]; then eval "${!curPhase}"; else "$curPhase"; fi
    if [ "$curPhase" = unpackPhase ]; then
        cd -- "${sourceRoot:-.}"
    fi
}

definePhases() {
    if [ -n "${phases[*]-}" ]; then return; fi
    phases="${prePhases[*]-} unpackPhase patchPhase ${preConfigurePhases[*]-} configurePhase \
        ${preBuildPhases[*]-} buildPhase checkPhase ${preInstallPhases[*]-} installPhase \
        ${preFixupPhases[*]-} fixupPhase installCheckPhase ${preDistPhases[*]-} distPhase ${postPhases[*]-}"
}

genericBuild() {
    local list phase
    export prefix="${prefix-${out-}}"
    trap '_exitCode=$?; if [ $_exitCode != 0 ]; then runHook failureHook; fi; exit $_exitCode' EXIT
    if [ -n "${buildCommandPath-}" ]; then
        source "$buildCommandPath"
        return
    fi
    if [ -n "${buildCommand-}" ]; then
        eval "$buildCommand"
        return
    fi
    definePhases
    _listInto phases list
    for phase in "${list[@]}"; do runPhase "$phase"; done
}
