{ pkgs, ... }: { imports = [ "${pkgs.hello}/module.nix" ]; }
