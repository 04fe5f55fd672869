# SPDX-License-Identifier: GPL-2.0-or-later
# Inputs of a flake where nothing is made of them.
# kind: configuration
{ config, pkgs, inputs, ... }: { imports = [ ./hardware/scanned.nix ]; environment.systemPackages = [ inputs.x.packages.${pkgs.system}.default ]; programs.hyprland.package = inputs.h.packages.x; }
