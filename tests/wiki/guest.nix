# SPDX-License-Identifier: GPL-2.0-or-later
# One system with the snippets of the rows that are seen in a running kernel, on the distribution's own prebuilt kernel, so
# that nothing but modules is compiled. hello is the folder where row 18 built its module by hand.
{ hello ? null }:
{ config, lib, pkgs, ... }:
let
  packages = config.boot.kernelPackages;
  # With the name of a module that the kernel has.
  ifb-kernel-module = pkgs.callPackage ./packages/ifb-kernel-module.nix { inherit (packages) kernel; };
in
{
  imports = [
    ./05-module-parameters/snippet.nix
    ./06-kernel-params/snippet.nix
    ./07-sysrq/snippet.nix
    ./07-sysrq/daemons.nix
    ./27-sysctl/snippet.nix
  ];
  boot.kernelPackages = pkgs.linuxPackages_debian_bin;
  boot.extraModulePackages = with packages; [
    bbswitch
    acpi_call
    dm-writeboost
    (callPackage ./packages/v4l2loopback.nix { })
    (ifb-kernel-module.overrideAttrs (_: { patches = [ ./packages/ifb.patch ]; }))
  ];
  boot.extraModprobeConfig = ''
    options loop max_loop=5
    options tcp_cubic fast_convergence=0
  '';
  # Of a module that is built in: before the page's own three.
  boot.kernelParams = lib.mkBefore [ "tcp_cubic.fast_convergence=0" ];
  boot.kernel.sysctl."net.ipv4.no_such_key" = 1;
  boot.kernelModules = [ "loop" "dm-writeboost" ];
  boot.initrd.kernelModules = [ "dummy" ];
  boot.initrd.availableKernelModules = [ "virtio_blk" "nbd" ];
  environment.etc = lib.mkIf (hello != null) { "hello.ko".source = hello + "/hello.ko"; };
  fileSystems."/" = { device = "LABEL=nixos"; fsType = "ext4"; };
}
