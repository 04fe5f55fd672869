# SPDX-License-Identifier: GPL-2.0-or-later
# Patches and answers.
# kind: configuration
{ pkgs, lib, ... }: { boot.kernelPatches = [ { name = "cfg"; patch = null; structuredExtraConfig = with lib.kernel; { HZ_1000 = yes; HZ = freeform "1000"; PREEMPT = yes; DRM_AMD_DC = lib.mkForce yes; }; } { name = "acs"; patch = pkgs.fetchpatch { url = "https://x/acs.patch"; hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; }; } ]; }
