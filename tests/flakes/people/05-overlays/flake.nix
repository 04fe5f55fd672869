{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.kernel-patches = { url = "github:someone/kernel-patches"; flake = false; };
  outputs = { self, nixpkgs, kernel-patches }:
    let
      system = "x86_64-linux";
      pkgs = import nixpkgs { inherit system; overlays = [ self.overlays.default ]; config = { allowUnfree = true; }; };
    in {
      overlays.default = final: prev: {
        linux_mine = prev.linux_6_12.override {
          kernelPatches = [ { name = "fix"; patch = kernel-patches + "/fix.patch"; } ];
          structuredExtraConfig = with final.lib.kernel; { PREEMPT = yes; HZ_1000 = yes; DEBUG_INFO = no; };
          ignoreConfigErrors = true;
        };
        linuxPackages_mine = final.linuxPackagesFor final.linux_mine;
      };
      packages.${system} = { inherit (pkgs) linux_mine; default = self.packages.${system}.linux_mine; };
      nixosConfigurations.box = nixpkgs.lib.nixosSystem {
        inherit system;
        modules = [ ({ pkgs, ... }: { nixpkgs.overlays = [ self.overlays.default ]; boot.kernelPackages = pkgs.linuxPackages_mine; fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; }) ];
      };
    };
}
