# SPDX-License-Identifier: GPL-2.0-or-later
# Options that come down to parameters, modules and sysctls: compressed swap, frequency governor, lockdown, hugepages.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption mkIf types;
  switch = text: mkOption { type = types.bool; default = false; description = text; };
  zram = config.zramSwap;
in
{
  options = {
    zramSwap = {
      enable = switch "Whether there is swap in compressed memory.";
      algorithm = mkOption { type = types.str; default = "zstd"; description = "Compression."; };
      memoryPercent = mkOption { type = types.ints.positive; default = 50; description = "Size in percent of the memory."; };
      memoryMax = mkOption { type = types.nullOr types.int; default = null; description = "Largest size in bytes."; };
      priority = mkOption { type = types.int; default = 5; description = "Priority of the swap."; };
      swapDevices = mkOption { type = types.int; default = 1; description = "Number of devices."; };
      writebackDevice = mkOption { type = types.nullOr types.path; default = null; example = "/dev/sda4"; description = "Where pages that do not compress go."; };
    };
    powerManagement.cpuFreqGovernor = mkOption { type = types.nullOr types.str; default = null; example = "performance"; description = "Governor of processor frequencies."; };
    security.lockKernelModules = switch "Whether no module can be loaded once the system is up.";
    security.protectKernelImage = switch "Whether the running kernel cannot be replaced (no kexec, no hibernation).";
    security.forcePageTableIsolation = switch "Whether page table isolation is on for every processor.";
    security.allowSimultaneousMultithreading = mkOption { type = types.bool; default = true; description = "Whether hyper-threading is used."; };
    services.udev.extraRules = mkOption { type = types.lines; default = ""; description = "Rules for udev."; };
  };
  config = lib.mkMerge [
    (mkIf zram.enable {
      boot.kernelModules = [ "zram" ];
      boot.extraModprobeConfig = "options zram num_devices=${toString zram.swapDevices}";
      system.requiredKernelConfig = [ (config.lib.kernelConfig.isEnabled "ZRAM") ];
      systemd.services.zram-swap = {
        required = true;
        description = "Swap in compressed memory";
        wantedBy = [ "swap.target" ];
        serviceConfig = { Type = "oneshot"; RemainAfterExit = true; };
        script = ''
          size=$(( $(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) * ${toString zram.memoryPercent} / 100 * 1024 ))
          ${lib.optionalString (zram.memoryMax != null) "if [ $size -gt ${toString zram.memoryMax} ]; then size=${toString zram.memoryMax}; fi"}
          echo ${zram.algorithm} > /sys/block/zram0/comp_algorithm
          ${lib.optionalString (zram.writebackDevice != null) "echo ${zram.writebackDevice} > /sys/block/zram0/backing_dev"}
          echo $size > /sys/block/zram0/disksize
          mkswap /dev/zram0
          swapon -p ${toString zram.priority} /dev/zram0
        '';
      };
    })
    (mkIf config.security.lockKernelModules {
      systemd.services.disable-kernel-module-loading = {
        required = true;
        description = "No more kernel modules from here on";
        wantedBy = [ "multi-user.target" ];
        after = [ "multi-user.target" "systemd-udev-settle.service" ];
        serviceConfig = { Type = "oneshot"; RemainAfterExit = true; ExecStart = "/bin/sh -c 'echo 1 > /proc/sys/kernel/modules_disabled'"; };
      };
    })
    {
      boot.kernelParams = lib.optional (config.powerManagement.cpuFreqGovernor != null) "cpufreq.default_governor=${config.powerManagement.cpuFreqGovernor}"
        ++ lib.optional config.security.protectKernelImage "nohibernate"
        ++ lib.optional config.security.forcePageTableIsolation "pti=on"
        ++ lib.optional (!config.security.allowSimultaneousMultithreading) "nosmt";
      boot.kernel.sysctl = mkIf config.security.protectKernelImage { "kernel.kexec_load_disabled" = lib.mkDefault true; };
      environment.etc."udev/rules.d/99-local.rules" = {
        enable = config.services.udev.extraRules != "";
        text = config.services.udev.extraRules;
      };
    }
  ];
}
