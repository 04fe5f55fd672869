# SPDX-License-Identifier: GPL-2.0-or-later
# Which build root an environment has, and that nothing of the host is in a derivation that has one.
{ nixpkgs, lib, ... }:
let
  with' = setting: import nixpkgs { system = "x86_64-linux"; config.kernix.buildRoot = setting; };
  pinned = with' true;
  older = with' "debian-12-amd64";
  name = stdenv: if stdenv.buildRoot == null then null else stdenv.buildRoot.name;
  env = drv: drv.drvAttrs;
  small = { stdenv, ... }: stdenv.mkDerivation { name = "small"; };
in
{
  off = name (import nixpkgs { system = "x86_64-linux"; }).stdenv == null && name (with' false).stdenv == null;
  default = name pinned.stdenv == "debian-13-amd64-root" && pinned.stdenv.cc.version == "14";
  noCompiler = name pinned.stdenvNoCC == "debian-13-amd64-root";
  byName = name older.stdenv == "debian-12-amd64-root" && older.stdenv.cc.version == "12";
  gcc12 = name pinned.gcc12Stdenv == "debian-12-amd64-root" && pinned.gcc12Stdenv.cc.version == "12";
  gcc14 = name pinned.gcc14Stdenv == name pinned.stdenv;
  gcc14InOlder = name older.gcc14Stdenv == "debian-13-amd64-root";
  nearest = name pinned.gcc13Stdenv == "debian-13-amd64-root";
  clang = name pinned.clangStdenv == "debian-13-amd64-clang-root" && pinned.clangStdenv.cc.hasLld;
  cross = name pinned.pkgsCross.aarch64-multiplatform.stdenv == "debian-13-amd64-cross-arm64-root";
  crossArmhf = name pinned.pkgsCross.armv7l-hf-multiplatform.stdenv == "debian-13-amd64-cross-armhf-root";
  crossWithout = name pinned.pkgsCross.mips64el-linux-gnuabi64.stdenv == null;
  rust = name (pinned.linux.override { structuredExtraConfig.RUST = lib.kernel.yes; }).stdenv == "debian-13-amd64-rust-root";
  noRust = name pinned.linux.stdenv == "debian-13-amd64-root";
  arm64 = name (import nixpkgs { system = "aarch64-linux"; config.kernix.buildRoot = true; }).stdenv == "debian-13-arm64-root";
  unknownMachine = name (import nixpkgs { system = "riscv64-linux"; config.kernix.buildRoot = true; }).stdenv == null;
  prebuilt = name pinned.linux_debian_bin.stdenv == "debian-12-amd64-root";
  adapted = name (pinned.withCFlags [ "-O3" ] pinned.gcc12Stdenv) == "debian-12-amd64-root";
  otherCompiler = name (pinned.overrideCC pinned.stdenv pinned.clang) == "debian-13-amd64-clang-root";
  unknownName = !(builtins.tryEval (name (with' "debian-1").stdenv)).success;
  builder = (env (small pinned)).builder == "${pinned.stdenv.buildRoot}/bin/bash" && (env (small pinned)).buildRoot == pinned.stdenv.buildRoot;
  noFingerprint = !(env (small pinned) ? toolchain) && (env pinned.linux.configfile).toolchain or "" == "" && (env pinned.linux.configfile).buildRoot == pinned.stdenv.buildRoot;
  hostToolInRoot = !pinned.bc.isHostOnly && (env pinned.bc).buildRoot == pinned.stdenv.buildRoot;
  moduleTools = builtins.all (tool: !tool.isHostOnly) pinned.linux.moduleBuildDependencies;
  hostTool = pinned.git.isHostOnly && (env pinned.git).buildRoot == null;
  needsHostTool = (env (pinned.runCommand "x" { nativeBuildInputs = [ pinned.git ]; } "")).builder == "/bin/bash";
}
