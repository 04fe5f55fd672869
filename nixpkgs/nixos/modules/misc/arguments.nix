# SPDX-License-Identifier: GPL-2.0-or-later
# The module argument `utils`: what NixOS's lib/utils.nix has that a configuration uses.
{ config, lib, ... }:
let
  inherit (lib) concatStringsSep;
  safe = lib.stringToCharacters "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.";
  hex = character: "\\x${lib.toLower (lib.fixedWidthString 2 "0" (lib.toHexString (lib.strings.charToInt character)))}";
  escapeCharacter = character: if character == "/" then "-" else if builtins.elem character safe then character else hex character;
  needed = [ "/" "/nix" "/nix/store" "/var" "/var/log" "/var/lib" "/var/lib/nixos" "/etc" "/usr" ];

  utils = rec {
    pathsNeededForBoot = needed;
    fsNeededForBoot = fs: fs.neededForBoot || builtins.elem fs.mountPoint needed;
    # /a/b.c as systemd names units: a-b.c
    escapeSystemdPath = path:
      let parts = builtins.filter (part: part != "") (lib.splitString "/" (toString path));
          text = concatStringsSep "" (map escapeCharacter (lib.stringToCharacters (concatStringsSep "/" parts)));
      in if parts == [ ] then "-" else if lib.hasPrefix "." text then "\\x2e${lib.removePrefix "." text}" else text;
    escapeSystemdExecArg = arg: builtins.replaceStrings [ "%" "$" ] [ "%%" "$$" ] (builtins.toJSON (toString arg));
    escapeSystemdExecArgs = args: concatStringsSep " " (map escapeSystemdExecArg args);
    toShellPath = shell: if lib.isDerivation shell then "/run/current-system/sw${shell.shellPath or ""}" else shell;
    removePackagesByName = packages: unwanted:
      builtins.filter (package: !builtins.elem (lib.getName package) (map lib.getName unwanted)) packages;
  };
in
{
  config._module.args.utils = lib.mkDefault utils;
}
