# SPDX-License-Identifier: GPL-2.0-or-later
# mkDerivation, fetchers, overlays.
{ pkgs, lib, nixpkgs }:
let
  inherit (pkgs) stdenv;
  a = stdenv.mkDerivation { pname = "a"; version = "1"; buildInputs = [ pkgs.bc null ]; meta.description = "x"; passthru.extra = 1; };
  final = stdenv.mkDerivation (self: { pname = "f"; version = "1"; text = "v${self.version}"; });
  unfree = stdenv.mkDerivation { name = "u"; meta.license = { free = false; }; };
  withOverlay = import nixpkgs { system = "x86_64-linux"; config = { }; overlays = [ (self: super: { one = 1; two = self.one + 1; }) (self: super: { one = super.one * 10; }) ]; };
  fails = value: !(builtins.tryEval (builtins.deepSeq value value)).success;
  hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
in
{
  name = a.name == "a-1" && a.pname == "a" && a.version == "1";
  passthru = a.extra == 1 && a.passthru.extra == 1;
  overrideAttrs = (a.overrideAttrs (old: { version = "2"; })).name == "a-2";
  overrideAttrsSet = (a.overrideAttrs { version = "3"; }).version == "3";
  overrideAttrsTwice = ((a.overrideAttrs { version = "3"; }).overrideAttrs (old: { pname = old.pname + "b"; })).name == "ab-3";
  finalAttrs = (final.overrideAttrs { version = "9"; }).text == "v9";
  unfreeIsRefused = fails unfree.drvPath && unfree.name == "u";
  unfreeIsAllowed = lib.isString ((import nixpkgs { system = "x86_64-linux"; config.allowUnfree = true; overlays = [ ]; }).stdenv.mkDerivation { name = "u"; meta.license = { free = false; }; }).drvPath;
  overlays = withOverlay.one == 10 && withOverlay.two == 11;
  packageOverrides = (import nixpkgs { system = "x86_64-linux"; overlays = [ ]; config.packageOverrides = p: { q = p.bc.name; }; }).q == "host-bc";
  callPackage = (pkgs.callPackage ({ lib, x ? 1 }: { y = x; }) { }).y == 1 && ((pkgs.callPackage ({ x ? 1 }: { y = x; }) { }).override { x = 5; }).y == 5;
  fetchurlPath = (pkgs.fetchurl { url = "http://x.org/a.tar.gz"; inherit hash; }).outPath
    == (derivation { name = "a.tar.gz"; system = "builtin"; builder = "builtin:fetchurl"; outputHash = hash; outputHashMode = "flat"; }).outPath;
  fetchurlNeedsHash = fails (pkgs.fetchurl { url = "http://x.org/a"; }).drvPath;
  fetchurlName = (pkgs.fetchurl { url = "http://x.org/a.tgz?b=c"; inherit hash; }).name == "a.tgz";
  githubUrl = (pkgs.fetchFromGitHub { owner = "o"; repo = "r"; rev = "v1"; inherit hash; }).url == "https://github.com/o/r/archive/v1.tar.gz";
  githubIsSource = (pkgs.fetchFromGitHub { owner = "o"; repo = "r"; rev = "v1"; inherit hash; }).name == "source";
  untypedHash = lib.isString (pkgs.fetchFromGitHub { owner = "o"; repo = "r"; rev = "v1"; hash = "1d9qpnmqa3pfwsrpjnxdz76ipk4w37bbxyrazchh4vslnfc886fx"; }).outPath;
  hiPrio = (pkgs.hiPrio pkgs.gcc).meta.priority < 5;
  toolchain = builtins.match "[0-9a-f]{32}.*|absent" a.toolchain != null;
  noToolchainInText = !((pkgs.writeText "a" "b") ? toolchain);
}
