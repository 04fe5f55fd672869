# SPDX-License-Identifier: GPL-2.0-or-later
# what: modules of the system's own kernel are built for it and found by modprobe; those of another kernel are refused
must "the same system as real Nix" same_system "$row/snippet.nix"
release=$(value '(import <nixpkgs> { }).linux_debian_bin.modDirVersion' | tr -d '"')
must "modprobe finds bbswitch, made for this kernel" guest bbswitch "^ *${release//+/\\+} "
must "a module that works in the guest" guest acpi_call there
other='{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian_bin; boot.extraModulePackages = [ pkgs.linuxPackages_6_1.bbswitch ]; }'
must "another kernel's module is refused" fails "bbswitch-.* is built for kernel 6\.1\.[0-9]+, but the system's kernel is ${release//+/\\+}" \
  ours nix-instantiate "$nixpkgs/nixos" --arg configuration "$other" -A system
foreign="{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_debian_bin; boot.extraModulePackages = [ (pkgs.runCommand \"foreign\" { } \"mkdir -p \$out/lib/modules/6.1.99/extra; touch \$out/lib/modules/6.1.99/extra/foreign.ko\") ]; }"
must "also one that does not say what it is for" fails "foreign is built for kernel 6\.1\.99, but the system's kernel is ${release//+/\\+}" \
  ours nix-build "$nixpkgs/nixos" --arg configuration "$foreign" -A config.system.modulesTree --no-out-link
