# SPDX-License-Identifier: GPL-2.0-or-later
# boot.initrd.secrets: names and paths come into boot.json; no file comes into the store.
{ pkgs, lib, nixpkgs }:
let
  eval = module: (import (nixpkgs + "/nixos") { configuration = { imports = [ module ]; fileSystems."/" = { device = "/dev/vda1"; fsType = "ext4"; }; }; }).config;
  system = eval { boot.initrd.secrets = { "/etc/key" = /root/there-is-no-such-key; "/crypto.bin" = null; "relative" = "/var/lib/x"; }; };
  table = system.boot.bootspec.extensions."org.kernix.secrets.v1";
  luks = file: secrets: eval { boot.initrd = { inherit secrets; luks.devices.c = { device = "/dev/vda2"; keyFile = file; }; }; };
  warns = text: config: lib.any (lib.hasInfix text) config.warnings;
in
{
  paths = table == { "/etc/key" = "/root/there-is-no-such-key"; "/crypto.bin" = "/crypto.bin"; "/relative" = "/var/lib/x"; };
  noContext = builtins.getContext (builtins.toJSON table) == { };
  none = !(eval { }).boot.bootspec.extensions ? "org.kernix.secrets.v1";
  ofTheStore = warns "is in the store, where everybody can read it" (eval { boot.initrd.secrets."/etc/key" = "${pkgs.writeText "key" "secret"}"; });
  keyIsThere = !warns "is not in the initrd" (luks "/crypto.bin" { "/crypto.bin" = null; });
  keyInFolder = !warns "is not in the initrd" (luks "/keys/crypto.bin" { "/keys" = "/root/keys"; });
  keyIsMissing = warns "its key /crypto.bin is not in the initrd" (luks "/crypto.bin" { });
}
