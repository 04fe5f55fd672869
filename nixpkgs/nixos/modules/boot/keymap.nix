# SPDX-License-Identifier: GPL-2.0-or-later
# The keyboard's table in stage 1, so that passphrases are typed as they are written: console.keyMap, or the one that XKB has.
# The rest of console.* stays with the distribution.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.console;
  # Where X's layout is said, in the words of NixOS of today and of before.
  xserver = config.services.xserver or { };
  asked = name: old: let before = xserver.${old} or ""; in if before != "" && before != "us" then before else (xserver.xkb or { }).${name} or "";
  xkb = { model = asked "model" "xkbModel"; layout = asked "layout" "layout"; variant = asked "variant" "xkbVariant"; options = asked "options" "xkbOptions"; };
  isUsual = if cfg.useXkbConfig then lib.elem xkb.layout [ "" "us" ] && xkb.variant == "" && xkb.options == "" else cfg.keyMap == "us" || cfg.keyMap == "";
in
{
  options.console = {
    keyMap = mkOption { type = types.either types.str types.path; default = "us"; example = "de-latin1"; description = "Keymap of the console in stage 1: a name of Debian's console-data, or a file."; };
    useXkbConfig = mkOption { type = types.bool; default = false; description = "Whether the keymap is made of services.xserver.xkb."; };
    earlySetup = mkOption { type = types.bool; default = false; description = "Of no consequence: the keymap is loaded in stage 1 whenever one is named; the font stays the kernel's."; };
  };
  config = lib.mkIf (config.boot.kernel.enable && config.boot.initrd.enable && !isUsual) {
    boot.initrd.extraFiles."/etc/stage1/keymap".source = pkgs.initrdKeymap (if cfg.useXkbConfig then { inherit xkb; } else { inherit (cfg) keyMap; });
  };
}
