# SPDX-License-Identifier: GPL-2.0-or-later
# modprobe.d: parameters of modules and modules that are not loaded by themselves.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  options.boot = {
    modprobeConfig.enable = lib.mkOption { type = types.bool; default = true; description = "Whether modprobe.d is written."; };
    blacklistedKernelModules = mkOption {
      type = import ./module-names.nix { inherit lib; };
      default = [ ];
      example = [ "cirrusfb" "i2c_piix4" ];
      description = "Modules that are not loaded by themselves when their hardware is found.";
    };
    extraModprobeConfig = mkOption {
      type = types.lines;
      default = "";
      example = "options parport_pc io=0x378 irq=7 dma=1";
      description = "Lines for modprobe.d, as in modprobe.d(5). For modules that are built in use boot.kernelParams.";
    };
  };

  config = lib.mkIf config.boot.modprobeConfig.enable {
    environment.etc."modprobe.d/nixos.conf".text = ''
      ${lib.concatMapStrings (name: "blacklist ${name}\n") config.boot.blacklistedKernelModules}
      ${config.boot.extraModprobeConfig}
    '';
  };
}
