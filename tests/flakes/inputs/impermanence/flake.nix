{ outputs = { self }: { nixosModules.impermanence = import ./nixos.nix; nixosModule = self.nixosModules.impermanence; }; }
