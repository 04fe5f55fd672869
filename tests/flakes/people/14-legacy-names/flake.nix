{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-22.05";
  outputs = { self, nixpkgs, ... }: {
    defaultPackage.x86_64-linux = nixpkgs.legacyPackages.x86_64-linux.linux_6_12;
    devShell.x86_64-linux = with nixpkgs.legacyPackages.x86_64-linux; mkShell { buildInputs = [ ]; name = "old"; };
    overlay = final: prev: { };
    nixosModule = { ... }: { };
    nixosConfigurations.old = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ nixpkgs.nixosModules.notDetected { fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; }; } ];
    };
  };
}
