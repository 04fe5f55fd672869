# SPDX-License-Identifier: GPL-2.0-or-later
# environment.etc: files for /etc, gathered in one store path that the system holds as etc/.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  files = lib.sort (a: b: a.target < b.target)
    (builtins.filter (file: file.enable) (builtins.attrValues (removeAttrs config.environment.etc lost)));

  # Files with a package that this set does not have are left out and named, if they are none that concern the kernel.
  ours = name: lib.any (prefix: lib.hasPrefix prefix name) [ "modprobe.d/" "modules-load.d/" "sysctl.d/" "fstab" "hostname" "kernix/" "systemd/" ];
  attempt = import ../../lib/attempt.nix;
  reading = file: attempt (!file.enable || builtins.isString (install file));
  usable = file: (reading file).success;
  lost = builtins.filter (name: !ours name && !usable config.environment.etc.${name}) (builtins.attrNames config.environment.etc);

  # Texts go straight into the one derivation, as shell words: a store path for each would cost more than it gives.
  install = file:
    let target = lib.escapeShellArg file.target;
    in
    if file.text != null then "putText ${target} ${lib.escapeShellArg file.mode} ${lib.escapeShellArg file.text}"
    else "putFile ${target} ${lib.escapeShellArg file.mode} ${lib.escapeShellArg "${file.source}"}";
in
{
  options.environment.etc = mkOption {
    default = { };
    description = "Files in /etc, by their path below it.";
    type = types.attrsOf (types.submodule ({ name, ... }: {
      options = {
        enable = mkOption { type = types.bool; default = true; description = "Whether the file is there."; };
        target = mkOption { type = types.str; default = name; description = "Path below /etc."; };
        text = mkOption { type = types.nullOr types.lines; default = null; description = "Its text."; };
        source = mkOption { type = types.either types.path (types.strMatching "\\.\\./.*"); description = "The file that it is, in place of text; ../NAME is a link to a neighbour."; };
        mode = mkOption { type = types.str; default = "symlink"; description = "symlink, or the octal mode of a copy."; };
        user = mkOption { type = types.str; default = "root"; description = "Owner of a copy."; };
        group = mkOption { type = types.str; default = "root"; description = "Group of a copy."; };
        uid = mkOption { type = types.int; default = 0; description = "Owner of a copy."; };
        gid = mkOption { type = types.int; default = 0; description = "Group of a copy."; };
      };
    }));
  };

  config.kernix.leftOut = map (name: "environment.etc.\"${name}\"") (builtins.filter (name: (reading config.environment.etc.${name}).message == "") lost);
  config.warnings = lib.concatMap (name: let inherit (reading config.environment.etc.${name}) message; in lib.optional (message != "") "environment.etc.\"${name}\" is left out: ${lib.removeSuffix "." message}.") lost;
  config.system.build.etc = pkgs.runCommand "etc" {
    script = lib.concatMapStringsSep "\n" install files;
    passAsFile = [ "script" ];
    preferLocalBuild = true;
  } ''
    putText() { mkdir -p "$(dirname "$out/$1")"; printf %s "$3" > "$out/$1"; [ "$2" = symlink ] || printf %s "$2" > "$out/$1.mode"; }
    putFile() { mkdir -p "$(dirname "$out/$1")"; ln -s "$3" "$out/$1"; [ "$2" = symlink ] || printf %s "$2" > "$out/$1.mode"; }
    mkdir -p $out
    source $scriptPath
  '';
}
