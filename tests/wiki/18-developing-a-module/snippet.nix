(import <nixpkgs> {}).linux.dev
