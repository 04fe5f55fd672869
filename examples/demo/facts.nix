# SPDX-License-Identifier: GPL-2.0-or-later
# What configuration.nix declares and how each of it is seen in the running guest: lines of three fields between tabs, made from the evaluated
# configuration itself: the option with its value, the text that must be seen, and the shell command that shows it.
{ configuration ? ./configuration.nix }:
let
  system = import <nixpkgs/nixos> { inherit configuration; };
  inherit (system) config;
  inherit (system.pkgs) lib;
  kernel = config.boot.kernelPackages.kernel;

  row = declared: expect: probe: "${declared}\t${expect}\t${probe}\n";
  option = name: value: row "CONFIG_${name}=${value}  (boot.kernelPatches)" "CONFIG_${name}=${value}" "zcat /proc/config.gz | grep '^CONFIG_${name}='";
  loaded = what: name: row "${what}: ${name}" name "grep -o '^${name} ' /proc/modules | tr -d ' '";
  parameter = module: name: value:
    row "boot.extraModprobeConfig: ${module} ${name}=${value}" value "cat /sys/module/${module}/parameters/${name}";
  stage1 = what: reason: name: row "${what}: ${name} (stage 1)" "${name} ${reason}" "grep '^${name} ' /run/kernix/stage1-modules";
  sysctl = name: value:
    row "boot.kernel.sysctl.\"${name}\" = ${toString value}" (toString value) "cat /proc/sys/${builtins.replaceStrings [ "." ] [ "/" ] name}";
  hello = builtins.head config.boot.extraModulePackages;
in
lib.concatStrings ([
  (row "boot.kernelPackages: ${kernel.name}" kernel.modDirVersion "uname -r")
  (option "MAGIC_SYSRQ" "y")
  (option "MAGIC_SYSRQ_DEFAULT_ENABLE" "0x10")
  (option "BLK_DEV_LOOP" "m")
  (option "IKCONFIG_PROC" "y")
  (row "boot.kernelPatches: proc-version.patch" "kernix demo: a patched kernel" "grep demo /proc/version")
  (row "boot.kernelParams: ${toString config.boot.kernelParams}" (toString config.boot.kernelParams)
    "grep -o '${toString config.boot.kernelParams}' /proc/cmdline")
] ++ map (loaded "boot.kernelModules") [ "hello" "loop" ] ++ [
  (row "boot.extraModulePackages: ${hello.name}" "updates/hello.ko" "modprobe -D hello | grep -o updates/hello.ko")
  (row "the wiki's hello module speaks, twice" "2" "dmesg | grep -c 'hello world!'")
  (parameter "hello" "times" "2")
  (parameter "loop" "max_loop" "5")
  (stage1 "boot.initrd.availableKernelModules" "device" "virtio_blk")
  (stage1 "boot.initrd.kernelModules" "boot.initrd.kernelModules" "dummy")
] ++ lib.mapAttrsToList sysctl (lib.filterAttrs (name: _: builtins.elem name [ "kernel.sysrq" "net.ipv4.tcp_ecn" ]) config.boot.kernel.sysctl) ++ [
  (row "fileSystems.\"/\": LABEL=nixos, ext4" "/dev/vda / ext4" "grep -o '^/dev/vda / ext4' /proc/mounts")
  (row "networking.hostName = ${config.networking.hostName}" config.networking.hostName "hostname")
])
