# SPDX-License-Identifier: GPL-2.0-or-later
# Sysctls merged from several sets, one taken out.
# kind: configuration
{ config, lib, pkgs, ... }: let
  kernelParams = { "kernel.unprivileged_userns_clone" = 1; "kernel.panic" = lib.mkForce 10; "net.ipv4.tcp_rmem" = "4096 87380 16777216"; "vm.overcommit_memory" = lib.mkOverride 99 1; "kernel.yama.ptrace_scope" = lib.mkDefault 1; };
in { boot.kernel.sysctl = lib.mkMerge [ kernelParams (lib.mkIf true { "fs.file-max" = 2097152; "kernel.perf_event_paranoid" = -1; "net.ipv6.conf.all.disable_ipv6" = true; }) { "kernel.core_pattern" = lib.mkForce null; } (lib.genAttrs [ "net.ipv4.conf.a.rp_filter" ] (_: 0)) ]; }
