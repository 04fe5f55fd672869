# SPDX-License-Identifier: GPL-2.0-or-later
# The host's name. Everything else about the network stays with the distribution.
{ config, lib, ... }:
{
  options.networking = {
    hostName = lib.mkOption {
      type = lib.types.strMatching "^$|^[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?$" // { description = "host name: letters, digits, dashes"; };
      default = "nixos";
      description = "Name of the machine; empty leaves it to the distribution.";
    };
    hostId = lib.mkOption { type = lib.types.nullOr lib.types.str; default = null; description = "Eight hexadecimal digits (ZFS wants them)."; };
    domain = lib.mkOption { type = lib.types.nullOr lib.types.str; default = null; description = "Domain."; };
  };
  config.environment.etc.hostname = lib.mkIf (config.networking.hostName != "") { text = config.networking.hostName + "\n"; };
}
