# SPDX-License-Identifier: GPL-2.0-or-later
# A hardened system.
# kind: configuration
{ lib, ... }: { imports = [ <nixpkgs/nixos/modules/profiles/hardened.nix> ]; security.audit.enable = true; security.auditd.enable = true; security.lsm = lib.mkForce [ "landlock" "yama" "bpf" ]; environment.memoryAllocator.provider = "scudo"; security.sudo.execWheelOnly = true; boot.kernel.sysctl."kernel.unprivileged_bpf_disabled" = 1; }
