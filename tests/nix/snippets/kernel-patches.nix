# SPDX-License-Identifier: GPL-2.0-or-later
# Patches with options, features and the set's own patches.
# kind: configuration
{ pkgs, lib, config, ... }: {
  boot.kernelPatches = [
    { name = "rt"; patch = pkgs.fetchpatch { url = "https://example.org/a.patch"; hash = lib.fakeHash; stripLen = 1; extraPrefix = "drivers/"; }; }
    { name = "cfg"; patch = null; extraStructuredConfig = with lib.kernel; { DEBUG_INFO_BTF = lib.mkForce no; RUST = lib.mkIf true (lib.mkForce no); NR_CPUS = lib.mkForce (freeform "64"); LOCALVERSION = freeform "-mine"; }; features.rust = false; }
    pkgs.kernelPatches.bridge_stp_helper
    pkgs.kernelPatches.request_key_helper
  ];
}
