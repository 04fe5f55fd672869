# SPDX-License-Identifier: GPL-2.0-or-later
# buildFHSEnv (buildFHSUserEnv): an environment in which programs of other distributions work. The host is such a
# distribution, so nothing is mounted over it: the packages of targetPkgs are linked into one folder with bin, include,
# lib and share, and a start script puts that folder before the host's in the paths that compilers and programs search.
# `.env` is for nix-shell.
{ lib, pkgs, buildEnv, runCommandLocal, writeShellScriptBin }:
{ name ? "${args.pname}-${args.version}", pname ? name, version ? null
, targetPkgs ? (_: [ ]), multiPkgs ? (_: [ ]), runScript ? "bash", profile ? "", extraBuildCommands ? "", extraOutputsToInstall ? [ ]
, extraInstallCommands ? "", meta ? { }, passthru ? { }, ... }@args:
let
  packages = lib.flatten (targetPkgs pkgs ++ (if multiPkgs == null then [ ] else multiPkgs pkgs));
  fhs = buildEnv {
    name = "${name}-fhs";
    paths = packages;
    pathsToLink = [ "/bin" "/sbin" "/include" "/lib" "/share" "/etc" "/libexec" ];
    extraOutputsToInstall = [ "out" "lib" "bin" "dev" ] ++ extraOutputsToInstall;
    ignoreCollisions = true;
    postBuild = extraBuildCommands;
  };
  start = writeShellScriptBin name ''
    # Enters the environment ${name}.
    fhs=${fhs}
    prepend() { # NAME FOLDER
      if [ -d "$2" ]; then export "$1=$2''${!1:+:''${!1}}"; fi
    }
    prepend PATH "$fhs/sbin"
    prepend PATH "$fhs/bin"
    prepend C_INCLUDE_PATH "$fhs/include"
    prepend CPLUS_INCLUDE_PATH "$fhs/include"
    prepend LIBRARY_PATH "$fhs/lib"
    prepend LD_LIBRARY_PATH "$fhs/lib"
    prepend PKG_CONFIG_PATH "$fhs/lib/pkgconfig"
    prepend PKG_CONFIG_PATH "$fhs/share/pkgconfig"
    prepend XDG_DATA_DIRS "$fhs/share"
    prepend ACLOCAL_PATH "$fhs/share/aclocal"
    export PS1='${name}-chrootenv:\u@\h:\w\$ '
    export TMPDIR="''${FHS_TMPDIR:-/tmp}"
    ${profile}
    exec ${runScript} "$@"
  '';
  package = start // {
    inherit fhs;
    fhsenv = fhs;
    meta = { mainProgram = name; } // meta;
    env = runCommandLocal "${name}-shell-env" { shellHook = "exec ${start}/bin/${name}"; } ''
      echo "error: the attribute env of ${name} is for nix-shell; there is nothing to build" >&2
      exit 1
    '';
  } // passthru;
in
package
