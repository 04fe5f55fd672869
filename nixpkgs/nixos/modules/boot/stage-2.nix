# SPDX-License-Identifier: GPL-2.0-or-later
# Stage 2: the system's `init`, which stage 1 starts in the mounted root. It puts the modules, parameters and sysctls of
# this generation in place and then becomes the init that is installed there (system.stage2.command).
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
in
{
  options = {
    boot.postBootCommands = mkOption { type = types.lines; default = ""; description = "Shell commands run in stage 2, before init."; };
    system.stage2.command = mkOption {
      type = types.str;
      default = "/sbin/init";
      description = "The program that stage 2 becomes: the init of the root file system.";
    };
    system.stage2.shell = mkOption { type = types.str; default = "/bin/sh"; description = "The shell, in the root file system, that runs stage 2."; };
  };
  config.system.build.stage2 = pkgs.runCommand "stage-2-init" {
    text = builtins.replaceStrings
      [ "@shell@" "@command@" "@postBootCommands@" "@modulesTree@" ]
      [ config.system.stage2.shell config.system.stage2.command
        config.boot.postBootCommands
        (lib.optionalString config.boot.kernel.enable "${config.system.modulesTree}") ]
      (builtins.readFile ./stage-2-init.sh);
    passAsFile = [ "text" ];
    preferLocalBuild = true;
  } ''
    cp $textPath $out
    chmod +x $out
  '';
}
