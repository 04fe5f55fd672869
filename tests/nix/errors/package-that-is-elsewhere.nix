{ pkgs, ... }: { boot.extraModulePackages = [ pkgs.displaylink ]; }
