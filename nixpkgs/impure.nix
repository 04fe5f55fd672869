# SPDX-License-Identifier: GPL-2.0-or-later
# What a person keeps for all their evaluations: config.nix and overlays, looked for where nixpkgs looks for them:
# $NIXPKGS_CONFIG, ~/.config/nixpkgs/config.nix; <nixpkgs-overlays>, ~/.config/nixpkgs/overlays(.nix or a folder).
let
  home = builtins.getEnv "HOME";
  configFile = builtins.getEnv "NIXPKGS_CONFIG";
  userFolder = home + "/.config/nixpkgs";
  exists = path: builtins.substring 0 1 path == "/" && builtins.pathExists path;

  isOverlayFile = folder: name:
    builtins.match ".*\\.nix" name != null || builtins.pathExists (folder + "/${name}/default.nix");
  fromFolder = folder:
    map (name: import (folder + "/${name}"))
      (builtins.filter (isOverlayFile folder) (builtins.attrNames (builtins.readDir folder)));
  overlaysIn = path:
    if builtins.pathExists (path + "/.") then fromFolder path else import path;

  found = builtins.tryEval (toString <nixpkgs-overlays>);
in
{
  config =
    if configFile != "" && exists configFile then import configFile
    else if exists (userFolder + "/config.nix") then import (userFolder + "/config.nix")
    else { };

  overlays =
    if found.success && found.value != "" && builtins.pathExists found.value then overlaysIn found.value
    else if exists (userFolder + "/overlays.nix") then overlaysIn (userFolder + "/overlays.nix")
    else if exists (userFolder + "/overlays") then overlaysIn (userFolder + "/overlays")
    else [ ];
}
