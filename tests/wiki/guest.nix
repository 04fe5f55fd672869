# SPDX-License-Identifier: GPL-2.0-or-later
# One system with the snippets of the rows that are seen in a running kernel, on the distribution's own prebuilt kernel, so
# that nothing but modules is compiled.
{ config, lib, pkgs, ... }:
{
  imports = [
    ./05-module-parameters/snippet.nix
    ./06-kernel-params/snippet.nix
    ./07-sysrq/snippet.nix
    ./27-sysctl/snippet.nix
  ];
  boot.kernelPackages = pkgs.linuxPackages_debian_bin;
  boot.extraModulePackages = with config.boot.kernelPackages; [
    bbswitch acpi_call v4l2loopback dm-writeboost hello
    (mkKernelModule {
      pname = "ifb";
      version = "2";
      src = ./packages/ifb;
      buildPhase = "make -C ${kernel.dev}/lib/modules/${kernel.modDirVersion}/build M=$PWD modules";
    })
  ];
  boot.extraModprobeConfig = "options loop max_loop=5";
  boot.kernelModules = [ "loop" "dm-writeboost" ];
  boot.initrd.kernelModules = [ "dummy" ];
  boot.initrd.availableKernelModules = [ "virtio_blk" ];
  fileSystems."/" = { device = "LABEL=nixos"; fsType = "ext4"; };
}
