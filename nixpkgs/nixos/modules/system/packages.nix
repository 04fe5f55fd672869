# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that come with the system, in sw/. environment.systemPackages is left to the distribution's package manager and
# is never evaluated: a list of NixOS's names packages that this set does not have. kernix.packages is for those it has.
{ config, lib, pkgs, ... }:
{
  options = {
    kernix.packages = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [ ];
      example = lib.literalExpression "with config.boot.kernelPackages; [ perf cpupower ]";
      description = "Packages of this set whose programs are in the system's sw/bin.";
    };
    environment.pathsToLink = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ "/bin" "/sbin" "/share/man" "/lib/firmware" ]; description = "Folders of packages that are linked."; };
    system.path = lib.mkOption { type = lib.types.package; internal = true; };
  };
  config.system.path = pkgs.buildEnv {
    name = "system-path";
    paths = config.kernix.packages;
    inherit (config.environment) pathsToLink;
    ignoreCollisions = true;
  };
}
