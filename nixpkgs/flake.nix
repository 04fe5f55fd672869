# SPDX-License-Identifier: GPL-2.0-or-later
# The package set as a flake: what stands for the input that is nixpkgs. It has no inputs.
{
  description = "Linux kernels and what is built with them";

  outputs = { self }:
    let
      lib = import ./lib;

      nixosSystem = args: import ./nixos/lib/eval-config.nix (
        {
          lib = self.lib;
          system = null;
        }
        // args
        // {
          modules = (args.modules or [ ]) ++ [
            { _file = "flake.nix of nixpkgs"; config.nixpkgs.flake.source = lib.mkDefault self.outPath; }
          ];
        }
      );
    in
    {
      lib = lib.extend (_: _: { inherit nixosSystem; });
      legacyPackages = lib.genAttrs lib.systems.flakeExposed (system: import ./. { inherit system; });
      nixosModules = {
        notDetected = ./nixos/modules/installer/scan/not-detected.nix;
        # pkgs comes from outside: what nixpkgs.* says of it does not count.
        readOnlyPkgs = { };
      };
    };
}
