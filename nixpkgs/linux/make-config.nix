# SPDX-License-Identifier: GPL-2.0-or-later
# linuxConfig { src, version, makeTarget }: what `make TARGET` writes as .config for a source (defconfig, tinyconfig, ...).
{ lib, pkgs, linuxSource, makeKernelConfig }:
let defaultStdenv = pkgs.stdenv; in
{ src, version ? (builtins.parseDrvName src.name).version, makeTarget ? "defconfig", name ? null, stdenv ? defaultStdenv, ... }:
makeKernelConfig {
  inherit version;
  tree = linuxSource { inherit src version; };
  arch = stdenv.hostPlatform.linuxArch or "x86_64";
  base = makeTarget;
  requests = [ ];
  autoModules = false;
  preferBuiltin = false;
  ignoreConfigErrors = false;
  tools = builtins.intersectAttrs { CC = 0; LD = 0; AR = 0; NM = 0; OBJCOPY = 0; } stdenv.environment // { HOSTCC = "gcc"; HOSTCXX = "g++"; };
  inherit (stdenv) toolchain buildRoot;
}
