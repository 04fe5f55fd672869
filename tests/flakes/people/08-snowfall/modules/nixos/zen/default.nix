{ lib, config, pkgs, namespace, ... }: {
  options.${namespace}.zen.enable = lib.mkEnableOption "the zen kernel";
  config = lib.mkIf config.${namespace}.zen.enable { boot.kernelPackages = pkgs.linuxPackages_zen; };
}
