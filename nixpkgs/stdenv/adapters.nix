# SPDX-License-Identifier: GPL-2.0-or-later
# stdenvAdapters: functions from a standard environment to one whose mkDerivation gives every package something more.
{ lib, pkgs }:
let
  # What change says of the attributes of a package, over those that it has; variables of `env` are added.
  adapted = stdenv: change: stdenv.override (old: {
    adapt = attrs:
      let
        given = if old.adapt == null then attrs else old.adapt attrs;
        new = change given;
      in given // new // lib.optionalAttrs (given ? env && new ? env) { env = given.env // new.env; };
  });
  words = text: if builtins.isList text then toString text else text;
  withFlags = flags: attrs: {
    env = (attrs.env or { }) // { NIX_CFLAGS_COMPILE = words (lib.filter (flag: flag != "") [ (words (attrs.env.NIX_CFLAGS_COMPILE or attrs.NIX_CFLAGS_COMPILE or "")) (words flags) ]); };
  };
  self = {
    addAttrsToDerivation = extra: stdenv: adapted stdenv (_: extra);
    overrideMkDerivationArgs = change: stdenv: adapted stdenv change;
    overrideInStdenv = stdenv: packages: stdenv.override (_: { more = packages; });
    keepDebugInfo = stdenv: adapted stdenv (attrs: { dontStrip = true; } // withFlags "-ggdb -Og" attrs);
    withCFlags = flags: stdenv: adapted stdenv (withFlags flags);
    impureUseNativeOptimizations = stdenv: adapted stdenv (attrs: { preferLocalBuild = true; allowSubstitutes = false; } // withFlags "-march=native" attrs);
    propagateBuildInputs = stdenv: adapted stdenv (attrs: {
      propagatedBuildInputs = (attrs.propagatedBuildInputs or [ ]) ++ (attrs.buildInputs or [ ]);
      buildInputs = [ ];
    });
    # Kernels and modules link no libraries.
    makeStaticBinaries = stdenv: stdenv;
    makeStaticLibraries = stdenv: stdenv;
    makeStatic = stdenv: stdenv;
    useMoldLinker = stdenv: adapted stdenv (attrs: { env = (attrs.env or { }) // { NIX_CFLAGS_LINK = "-fuse-ld=mold"; }; });
    useLibsFrom = _: stdenv: stdenv;
  };
in
self
