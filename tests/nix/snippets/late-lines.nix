# SPDX-License-Identifier: GPL-2.0-or-later
# The same with lines, in packageOverrides.
# says: write kernel.override { extraConfig = ...; }
let pkgs = import <nixpkgs> { config.packageOverrides = pkgs: { linux_latest = pkgs.linux_latest.overrideAttrs (old: { extraConfig = (old.extraConfig or "") + "DRM_AMDGPU n\n"; }); }; }; in pkgs.linux_latest
