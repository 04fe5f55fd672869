{ inputs, lib, pkgs, unstable, ... }: {
  boot.kernelPackages = lib.mkDefault unstable.linuxPackages_latest;
  fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "btrfs"; options = [ "subvol=root" "compress=zstd" ]; };
  nix.registry.nixpkgs.flake = inputs.nixpkgs;
  nix.settings.experimental-features = [ "nix-command" "flakes" ];
  system.stateVersion = "24.11";
}
