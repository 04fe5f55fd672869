{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nur.url = "github:nix-community/impermanence";
    flake-compat = { url = "github:edolstra/flake-compat"; flake = false; };
  };
  nixConfig.extra-substituters = [ "https://cache.example.org" ];
  outputs = { self, nixpkgs, flake-compat, ... }@attrs:
    let pkgs = import nixpkgs { system = "x86_64-linux"; overlays = [ (f: p: { linux_custom = p.linuxKernel.kernels.linux_6_12; }) ]; };
    in {
      nixosConfigurations.given = nixpkgs.lib.nixosSystem {
        specialArgs = attrs;
        modules = [ nixpkgs.nixosModules.readOnlyPkgs ({ modulesPath, ... }: { imports = [ "${modulesPath}/profiles/minimal.nix" ]; nixpkgs.pkgs = pkgs; boot.kernelPackages = pkgs.linuxPackagesFor pkgs.linux_custom; fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; }) ];
      };
      checks.x86_64-linux.kernel = pkgs.linux_custom;
      hydraJobs.kernel = pkgs.linux_custom;
    };
}
