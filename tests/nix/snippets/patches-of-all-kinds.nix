# kind: configuration
{ config, pkgs, lib, ... }: {
  boot.kernelPatches = [
    { name = "rust"; patch = null; extraStructuredConfig = with lib.kernel; { RUST = yes; }; features = { rust = true; }; }
    { name = "foo"; patch = pkgs.fetchpatch { url = "https://example.org/x.patch"; sha256 = lib.fakeSha256; stripLen = 1; extraPrefix = "drivers/"; excludes = [ "Documentation/*" ]; revert = true; }; }
    { name = "local"; patch = pkgs.writeText "x.patch" "--- a\n+++ b\n"; extraConfig = "X y"; }
    { name = "p"; patch = null; structuredExtraConfig = { PREEMPT = lib.mkForce lib.kernel.yes; HZ = lib.kernel.freeform "1000"; FOO = lib.kernel.option lib.kernel.no; BAR = lib.kernel.unset; }; }
    pkgs.kernelPatches.bridge_stp_helper
    pkgs.kernelPatches.request_key_helper
  ];
}
