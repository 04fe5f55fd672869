# SPDX-License-Identifier: GPL-2.0-or-later
# boot.crashDump: a kernel that loads a second one to dump memory when it crashes.
{ config, lib, pkgs, ... }:
let
  cfg = config.boot.crashDump;
  inherit (lib) mkOption types;
in
{
  options.boot.crashDump = {
    enable = lib.mkEnableOption "a crash dump kernel: it is loaded at boot and started by kexec when the kernel panics";
    reservedMemory = mkOption { type = types.str; default = "128M"; example = "256M"; description = "Memory kept for the crash kernel."; };
    kernelParams = mkOption { type = types.listOf types.str; default = [ "1" "boot.shell_on_fail" ]; description = "Parameters of the crash kernel."; };
  };

  config = lib.mkIf cfg.enable {
    boot.kernelParams = [ "crashkernel=${cfg.reservedMemory}" "nmi_watchdog=panic" "softlockup_panic=1" ];
    boot.kernelPatches = [
      {
        name = "crashdump-config";
        patch = null;
        extraConfig = ''
          CRASH_DUMP y
          DEBUG_INFO y
          PROC_VMCORE y
          LOCKUP_DETECTOR y
          HARDLOCKUP_DETECTOR y
        '';
      }
    ];
    systemd.services.load-crash-kernel = {
      required = true;
      description = "Load the kernel that is started after a crash";
      wantedBy = [ "multi-user.target" ];
      serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
      script = ''
        kexec -p /run/current-system/kernel --initrd=/run/current-system/initrd --reset-vga \
          --append="$(cat /run/current-system/kernel-params) irqpoll maxcpus=1 reset_devices ${lib.concatStringsSep " " cfg.kernelParams}"
      '';
    };
  };
}
