# SPDX-License-Identifier: GPL-2.0-or-later
# Options given to overrideAttrs, where they come too late.
# says: write kernel.override { structuredExtraConfig = ...; }
let pkgs = import <nixpkgs> { overlays = [ (final: prev: { linux_latest = prev.linux_latest.overrideAttrs (oldAttrs: { structuredExtraConfig = with prev.lib.kernel; { NF_TABLES = module; VXLAN = module; }; }); }) ]; }; in pkgs.linux_latest
