# SPDX-License-Identifier: GPL-2.0-or-later
# A system that gives up speed and features for safety: the hardened kernel, modules of rarely used protocols and file systems kept out, addresses hidden.
{ config, lib, pkgs, ... }:
let
  usual = lib.mkDefault;
  # Weaker than what a configuration says, stronger than a default.
  wish = lib.mkOverride 500;
  bothOf = value: name: { "net.ipv4.conf.all.${name}" = wish value; "net.ipv4.conf.default.${name}" = wish value; };
in
{
  boot.kernelPackages = usual pkgs.linuxPackages_hardened;
  security = {
    lockKernelModules = usual true;
    protectKernelImage = usual true;
    allowSimultaneousMultithreading = usual false;
    forcePageTableIsolation = usual true;
    virtualisation.flushL1DataCache = usual "always";
    apparmor.enable = usual true;
  };
  boot.kernelParams = [ "slab_nomerge" "page_poison=1" "page_alloc.shuffle=1" "debugfs=off" ];
  boot.blacklistedKernelModules = [
    "ax25" "netrom" "rose"
    "adfs" "affs" "bfs" "befs" "cramfs" "efs" "erofs" "exofs" "freevxfs" "f2fs" "hfs" "hpfs" "jfs" "minix" "nilfs2" "ntfs" "omfs" "qnx4" "qnx6" "sysv" "ufs"
  ];
  boot.kernel.sysctl = {
    "kernel.yama.ptrace_scope" = wish 1;
    "kernel.kptr_restrict" = wish 2;
    "kernel.ftrace_enabled" = usual false;
    "net.core.bpf_jit_enable" = usual false;
    "net.ipv4.icmp_echo_ignore_broadcasts" = wish true;
    "net.ipv6.conf.all.accept_redirects" = wish false;
    "net.ipv6.conf.default.accept_redirects" = wish false;
  } // bothOf true "log_martians" // bothOf "1" "rp_filter" // bothOf false "accept_redirects" // bothOf false "secure_redirects" // bothOf false "send_redirects";
}
