# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel with its arguments extended: real time, ticks, processors.
# kind: configuration
{ pkgs, lib, config, ... }: {
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_latest.override (old: {
    structuredExtraConfig = (old.structuredExtraConfig or { }) // (with lib.kernel; { PREEMPT_RT = yes; EXPERT = yes; PREEMPT_VOLUNTARY = lib.mkForce no; RT_GROUP_SCHED = lib.mkForce (option no); HZ = lib.mkForce (freeform "300"); NR_CPUS = lib.mkForce (freeform "16"); });
    ignoreConfigErrors = true; extraMakeFlags = (old.extraMakeFlags or [ ]) ++ [ "KCFLAGS+=-O3" "KCFLAGS+=-march=znver3" ];
  }));
}
