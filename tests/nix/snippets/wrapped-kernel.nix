# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel whose passthru is changed before NixOS overrides it.
# kind: configuration
{ pkgs, lib, ... }: let
  normalize = kernel: kernel.overrideAttrs (old: let passthru = old.passthru or { }; in { passthru = passthru // { buildDTBs = passthru.buildDTBs or false; target = passthru.target or "bzImage"; }; });
in { boot.kernelPackages = pkgs.linuxPackages_latest.extend (_final: prev: { kernel = normalize prev.kernel; }); boot.kernelPatches = [ { name = "x"; patch = null; extraConfig = "KGDB y"; } ]; }
