# kind: configuration
{ config, lib, pkgs, modulesPath, ... }: {
  imports = [ (modulesPath + "/misc/version.nix") ];
  boot.kernelPackages = pkgs.linuxKernel.packages.linux_6_6;
  boot.kernelPatches = [
    { name = "a"; patch = pkgs.fetchpatch { url = "https://lore.kernel.org/a.patch"; hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; }; }
    { name = "b"; patch = builtins.toFile "b.patch" "x"; structuredExtraConfig = { A = lib.kernel.unset; B = lib.mkForce (lib.kernel.option lib.kernel.no); }; }
    { name = "c"; patch = null; extraConfig = "FOO y\nBAR? m\n# comment\nBAZ 12\n"; features = { foo = true; }; }
  ];
  boot.kernel.randstructSeed = "abc";
  boot.kernel.features.debug = true;
}
