{
  description = "kernel development";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";
  inputs.flake-utils.url = "github:numtide/flake-utils";
  outputs = { self, nixpkgs, flake-utils }:
    flake-utils.lib.eachDefaultSystem (system:
      let pkgs = nixpkgs.legacyPackages.${system}; in
      rec {
        packages.kernel = pkgs.linux_6_12;
        packages.default = packages.kernel;
        devShells.default = pkgs.mkShell {
          name = "linux";
          inputsFrom = [ pkgs.linux_6_12 ];
          packages = with pkgs; [ bc bison flex ];
          shellHook = ''
            export KBUILD_OUTPUT=build
          '';
        };
        apps.default = flake-utils.lib.mkApp { drv = packages.kernel; name = "vmlinuz"; };
      });
}
