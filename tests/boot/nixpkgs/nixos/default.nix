# SPDX-License-Identifier: GPL-2.0-or-later
# A system that looks like a real one from outside (kernel, initrd, module tree, boot.json, etc/) and is made in a moment: what boot
# entries, generations and activation are tested with. <nixos-config> is a set of the values below.
{ configuration ? import <nixos-config> }:
let
  defaults = {
    kernel = "kernel one"; initrd = "initrd one"; release = "6.0.1-test"; version = "26.11.test"; revision = ""; params = [ "quiet" ];
    sysctl = ""; modules = ""; modprobe = ""; fstab = "/dev/vda1 / ext4 defaults 0 1\n"; warnings = ""; pad = 0; limit = 0; secrets = { }; specialisation = { };
  };
  build = c: derivation {
    name = "nixos-system-test-${c.version}";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    PATH = "/bin:/usr/bin";
    inherit (c) kernel initrd release version revision sysctl modules modprobe fstab warnings pad;
    bootspec = builtins.toJSON {
      "org.nixos.bootspec.v1" = {
        system = "x86_64-linux"; label = "kernix ${c.version} (Linux ${c.release})"; init = "@out@/init"; toplevel = "@out@";
        kernelParams = c.params; kernel = "@out@/kernel"; initrd = "@out@/initrd";
      };
      "org.kernix.secrets.v1" = c.secrets;
      "org.kernix.loader.v1" = { configurationLimit = c.limit; } // (if c ? timeout then { inherit (c) timeout; } else { });
    };
    names = builtins.attrNames c.specialisation;
    variants = map (name: build (c // { specialisation = { }; } // c.specialisation.${name})) (builtins.attrNames c.specialisation);
    args = [ "-c" ''
      set -eu
      mkdir -p $out/etc/sysctl.d $out/etc/modules-load.d $out/etc/modprobe.d $out/tree/lib/modules/$release
      printf %s "$kernel" >$out/bzImage; ln -s bzImage $out/kernel; printf %s "$initrd" >$out/initrd
      if [ "$pad" != 0 ]; then head -c "$pad" /dev/zero >>$out/initrd; fi
      ln -s $out/tree $out/kernel-modules
      printf %s "$bootspec" | sed "s|@out@|$out|g" >$out/boot.json
      printf '#!/bin/sh\n' >$out/init; chmod +x $out/init
      printf %s "$version" >$out/nixos-version
      if [ -n "$revision" ]; then printf %s "$revision" >$out/configuration-revision; fi
      if [ -n "$fstab" ]; then printf %s "$fstab" >$out/etc/fstab; fi
      printf %s "$sysctl" >$out/etc/sysctl.d/60-nixos.conf
      printf %s "$modules" >$out/etc/modules-load.d/nixos.conf
      printf %s "$modprobe" >$out/etc/modprobe.d/nixos.conf
      printf %s "$warnings" >$out/warnings
      set -- $names
      if [ $# != 0 ]; then mkdir $out/specialisation; fi
      for system in $variants; do ln -s $system $out/specialisation/$1; shift; done
    '' ];
  };
  system = build (defaults // configuration);
in
{
  inherit system;
  config.system.build.toplevel = system;
  config.boot.kernelPackages = "the test's";
  options = { };
  pkgs.hello = 1;
  lib.id = x: x;
}
