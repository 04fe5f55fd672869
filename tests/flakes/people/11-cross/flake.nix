{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.nixos-hardware.url = "github:NixOS/nixos-hardware";
  outputs = { nixpkgs, nixos-hardware, ... }: {
    nixosConfigurations.pi4 = nixpkgs.lib.nixosSystem {
      modules = [
        nixos-hardware.nixosModules.raspberry-pi-4
        { nixpkgs.buildPlatform = "x86_64-linux"; nixpkgs.hostPlatform = "aarch64-linux"; fileSystems."/" = { device = "/dev/disk/by-label/NIXOS_SD"; fsType = "ext4"; }; boot.loader.grub.enable = false; boot.loader.generic-extlinux-compatible.enable = true; }
      ];
    };
    packages.x86_64-linux.pi-kernel = nixpkgs.legacyPackages.x86_64-linux.pkgsCross.aarch64-multiplatform.linux_6_12;
  };
}
