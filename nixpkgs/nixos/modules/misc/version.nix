# SPDX-License-Identifier: GPL-2.0-or-later
# What the system calls itself.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  options.system = {
    stateVersion = mkOption { type = types.str; default = config.system.nixos.release; description = "The release that the system was first installed with."; };
    nixos = {
      release = mkOption { type = types.str; default = "26.11"; readOnly = true; description = "The release whose options this implements."; };
      codeName = mkOption { type = types.str; default = "kernix"; readOnly = true; };
      label = mkOption { type = types.strMatching "[a-zA-Z0-9:_.-]*"; default = config.system.nixos.version; description = "Label in the boot menu."; };
      tags = mkOption { type = types.listOf types.str; default = [ ]; description = "Words put before the version in the label."; };
      version = mkOption { type = types.str; default = "${config.system.nixos.release}.kernix"; description = "Full version."; };
      variant_id = mkOption { type = types.nullOr types.str; default = null; };
    };
    name = mkOption {
      type = types.str;
      default = if config.networking.hostName == "" then "unnamed" else config.networking.hostName;
      description = "Name of the system, part of the name of its store path.";
    };
    configurationRevision = mkOption { type = types.nullOr types.str; default = null; description = "Revision of the configuration's repository."; };
  };
}
