# SPDX-License-Identifier: GPL-2.0-or-later
# A module for the hardware of one vendor, with its own options.
# kind: configuration
{ config, lib, pkgs, ... }: {
  imports = [ ./hardware/scanned.nix ];
  options.hardware.intelgpu = { driver = lib.mkOption { type = lib.types.enum [ "i915" "xe" ]; default = "i915"; }; loadInInitrd = lib.mkEnableOption (lib.mdDoc "x") // { default = true; }; };
  config = {
    boot.initrd.kernelModules = lib.optionals config.hardware.intelgpu.loadInInitrd [ config.hardware.intelgpu.driver ];
    hardware.graphics.extraPackages = with pkgs; [ (if pkgs ? intel-vaapi-driver then intel-vaapi-driver else vaapiIntel) intel-media-driver ];
    hardware.graphics.extraPackages32 = with pkgs.driversi686Linux; [ intel-media-driver ];
    assertions = [ { assertion = config.hardware.intelgpu.driver != "xe" || lib.versionAtLeast config.boot.kernelPackages.kernel.version "6.8"; message = "m"; } ];
    boot.kernelParams = lib.mkIf (config.hardware.intelgpu.driver == "i915") [ "i915.enable_guc=3" ];
    services.tlp.enable = lib.mkDefault (!config.services.power-profiles-daemon.enable && !config.services.tuned.enable);
  };
}
