# kind: configuration
{ pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackages_latest;
}
