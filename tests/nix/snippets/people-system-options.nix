# SPDX-License-Identifier: GPL-2.0-or-later
# Options of system.*.
# kind: configuration
{ config, pkgs, lib, ... }: { imports = [ ./hardware/scanned.nix ];
  system.activationScripts.cleanup = lib.stringAfter [ "etc" ] "rm -rf /tmp/x\n";
  system.activationScripts.diff = { supportsDryActivation = true; text = "${pkgs.nvd}/bin/nvd --nix-bin-dir=${pkgs.nix}/bin diff /run/current-system \"$systemConfig\""; };
  system.userActivationScripts.x = ""; system.activationScripts.binbash = ''ln -sf ${pkgs.bash}/bin/bash /bin/bash'';
  system.switch.enableNg = true; system.nixos.label = "x"; system.extraDependencies = [ pkgs.nvd ]; system.tools.nixos-option.enable = false; system.disableInstallerTools = true; system.primaryUser = "x"; system.configurationRevision = null; system.etc.overlay.enable = true; system.image.version = "1"; system.fsPackages = [ pkgs.sshfs ]; system.requiredKernelConfig = with config.lib.kernelConfig; [ (isEnabled "BPF") ]; system.nixos.distroName = "X"; system.nssModules = lib.mkForce [ ]; system.replaceRuntimeDependencies = [ ]; system.autoUpgrade.enable = true; system.boot.loader.kernelFile = "bzImage";
}
