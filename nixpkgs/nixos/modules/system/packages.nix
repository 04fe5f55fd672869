# SPDX-License-Identifier: GPL-2.0-or-later
# environment.systemPackages: programs that come with the system, in sw/.
{ config, lib, pkgs, ... }:
{
  options.environment = {
    systemPackages = lib.mkOption { type = lib.types.listOf lib.types.package; default = [ ]; description = "Packages whose programs are in the system's sw/bin."; };
    pathsToLink = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ "/bin" "/sbin" "/share/man" "/lib/firmware" ]; description = "Folders of packages that are linked."; };
    variables = lib.mkOption { type = lib.types.attrsOf lib.types.raw; default = { }; visible = false; };
  };
  config.system.path = pkgs.buildEnv {
    name = "system-path";
    paths = config.environment.systemPackages;
    inherit (config.environment) pathsToLink;
    ignoreCollisions = true;
  };
  options.system.path = lib.mkOption { type = lib.types.package; internal = true; };
}
