{
  inputs = {
    nixpkgs.url = "nixpkgs/nixos-unstable";
    agenix = { url = "github:ryantm/agenix"; inputs.nixpkgs.follows = "nixpkgs"; inputs.home-manager.follows = "home-manager"; };
    home-manager = { url = "github:nix-community/home-manager"; inputs.nixpkgs.follows = "nixpkgs"; };
    sops-nix = { url = "github:Mic92/sops-nix"; inputs.nixpkgs.follows = "nixpkgs"; };
  };
  outputs = { self, nixpkgs, agenix, sops-nix, ... } @ inputs: {
    nixosConfigurations.vault = nixpkgs.lib.nixosSystem {
      specialArgs = { inherit self inputs; };
      modules = [
        agenix.nixosModules.default
        sops-nix.nixosModules.sops
        ({ config, pkgs, ... }: {
          nixpkgs.hostPlatform = "x86_64-linux";
          age.secrets.wifi.file = ./secrets/wifi.age;
          sops.defaultSopsFile = ./secrets/all.yaml;
          boot.kernelParams = [ "key=${config.age.secrets.wifi.path}" ];
          boot.kernelPackages = pkgs.linuxPackages_6_12;
          fileSystems."/".device = "/dev/vda1";
          fileSystems."/".fsType = "ext4";
        })
      ];
    };
  };
}
