# SPDX-License-Identifier: GPL-2.0-or-later
# Secure Boot and unified kernel images. Both are made when boot entries are written (src/boot/bootsecure): the key never comes near
# the store, so boot.json only says where it is.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption mkEnableOption types optional;
  cfg = config.boot.kernix;
  # As a string: in text a path would be copied to the store. Other types are said by the option's type.
  place = what: mkOption {
    type = types.nullOr (types.either types.str types.path);
    default = null;
    apply = file: if file == null then null else builtins.unsafeDiscardStringContext (toString file);
    example = "/etc/kernix/secureboot/mok.${if what == "private key" then "key" else "pem"}";
    description = "The ${what} (PEM), a file outside of the store. `kernix boot keys` makes one.";
  };
  inStore = file: file != null && (lib.hasPrefix "${builtins.storeDir}/" file || lib.hasPrefix "/nix/store/" file);
  files = { inherit (cfg.secureBoot) keyFile certFile; };
  checks = name: file: [
    { assertion = file != null; message = "boot.kernix.secureBoot.${name} is not set. `kernix boot keys` makes a key and says what to write."; }
    { assertion = file == null || lib.hasPrefix "/" file; message = "boot.kernix.secureBoot.${name} must be an absolute path, not `${toString file}'."; }
    {
      assertion = !inStore file;
      message = "boot.kernix.secureBoot.${name} is in the store, which everybody can read: ${toString file}. Keep it outside, and name it as a string: \"/etc/kernix/secureboot/...\".";
    }
  ];
in
{
  options.boot.kernix = {
    secureBoot.enable = mkEnableOption "signing kernels for Secure Boot when they are installed";
    secureBoot.keyFile = place "private key";
    secureBoot.certFile = place "certificate";
    uki.enable = mkEnableOption "unified kernel images: kernel, initrd and command line in one EFI program, so that a signature covers them all";
  };
  config.boot.bootspec.extensions."org.kernix.loader.v1" = lib.mkIf (cfg.secureBoot.enable || cfg.uki.enable) (
    lib.optionalAttrs cfg.secureBoot.enable { secureBoot = files; }
    // lib.optionalAttrs cfg.uki.enable { uki.stub = "${pkgs.ukiStub}/linuxx64.efi.stub"; }
  );
  config.assertions = lib.optionals cfg.secureBoot.enable (lib.concatLists (lib.mapAttrsToList checks files)) ++ optional cfg.uki.enable {
    assertion = pkgs.stdenv.hostPlatform.system == "x86_64-linux";
    message = "boot.kernix.uki needs a stub that is pinned for x86_64-linux only: ${pkgs.stdenv.hostPlatform.system} is not built yet.";
  };
}
