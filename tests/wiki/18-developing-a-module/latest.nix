(import <nixpkgs> {}).linuxPackages_latest.kernel.dev
