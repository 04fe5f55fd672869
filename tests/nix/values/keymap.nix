# SPDX-License-Identifier: GPL-2.0-or-later
# The keymap of stage 1: in the initrd only where one is named.
{ pkgs, lib, nixpkgs }:
let
  of = module: (import "${toString nixpkgs}/nixos/lib/eval-config.nix" {
    system = "x86_64-linux";
    modules = [ { boot.kernelPackages = pkgs.linuxPackages_debian; nixpkgs.pkgs = pkgs; } module ];
  }).config;
  has = module: (of module).boot.initrd.extraFiles ? "/etc/stage1/keymap";
  map = module: (of module).boot.initrd.extraFiles."/etc/stage1/keymap".source.buildCommand;
in
{
  none = !has { } && !has { console.keyMap = "us"; } && !has { console.font = "Lat2-Terminus16"; };
  named = lib.hasInfix "$wanted.kmap.gz" (map { console.keyMap = "de-latin1"; });
  file = !lib.hasInfix "find" (map { console.keyMap = ./keymap.nix; });
  onlyXkbHasIt = lib.hasInfix "-layout 'us' -variant 'colemak'" (map { console.keyMap = "colemak"; }) || lib.hasInfix "-layout us -variant colemak" (map { console.keyMap = "colemak"; });
  xkb = lib.hasInfix "-layout" (map { console.useXkbConfig = true; services.xserver.xkb = { layout = "de"; variant = "neo"; options = "ctrl:nocaps"; }; })
    && lib.hasInfix "-option" (map { console.useXkbConfig = true; services.xserver = { layout = "ch"; xkbOptions = "ctrl:nocaps"; }; });
  xkbIsAmerican = !has { console.useXkbConfig = true; services.xserver.xkb.layout = "us"; };
  theRestIsNamed = lib.any (lib.hasInfix "console.font") (of { console = { keyMap = "de"; font = "x"; }; }).warnings && !lib.any (lib.hasInfix "keyMap") (of { console = { keyMap = "de"; font = "x"; }; }).warnings;
}
