# SPDX-License-Identifier: GPL-2.0-or-later
# assertions and warnings: what modules demand of the configuration, and what they say about it. They are checked where
# system.build.toplevel is made (system/top-level.nix).
{ config, lib, ... }:
{
  options = {
    assertions = lib.mkOption {
      type = lib.types.listOf lib.types.unspecified;
      default = [ ];
      example = [ { assertion = false; message = "you can't enable this for that reason"; } ];
      description = "Conditions that must hold; the messages of those that do not are the error.";
    };
    warnings = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = "Messages shown when the system is evaluated.";
    };
    kernix.cannotStart = lib.mkOption {
      type = lib.types.listOf lib.types.singleLineStr;
      default = [ ];
      internal = true;
      description = "Why this system certainly cannot boot, with what to do: warnings, and `nixos-rebuild boot`, `switch` and `test` refuse it (`--force`).";
    };
    kernix.saidWarnings = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; internal = true; description = "Warnings that are shown elsewhere already."; };
  };
  config.warnings = config.kernix.cannotStart;
}
