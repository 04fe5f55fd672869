{
  description = "Disko and impermanence";
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs";
    disko.url = "github:nix-community/disko/latest";
    disko.inputs.nixpkgs.follows = "nixpkgs";
    impermanence.url = "github:nix-community/impermanence";
  };
  outputs = { nixpkgs, disko, impermanence, ... }: {
    nixosConfigurations.server = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [
        disko.nixosModules.disko
        impermanence.nixosModules.impermanence
        ./disk.nix
        { boot.loader.grub.enable = true; environment.persistence."/persist".directories = [ "/var/log" ]; }
      ];
    };
  };
}
