# SPDX-License-Identifier: GPL-2.0-or-later
# The layer of builders that are no packages: fetchers, small file and script builders, shells, environments.
{ lib }:
final: previous:
let
  inherit (final) callPackage;
  fetchers = import ./fetchers.nix { inherit lib; pkgs = final; };
  trivial = import ./trivial.nix { inherit lib; pkgs = final; };
in
fetchers // trivial // {
  fetchDeb = import ./fetch-deb.nix { inherit lib; };
  debLock = import ../debian;
  buildRoots = import ../debian/roots.nix;
  debPackage = callPackage ./deb-package.nix { };

  mkShell = callPackage ./mk-shell.nix { };
  mkShellNoCC = final.mkShell.override { stdenv = final.stdenvNoCC; };

  buildFHSEnv = callPackage ./fhs-env.nix { };
  buildFHSUserEnv = final.buildFHSEnv;
  buildFHSEnvBubblewrap = final.buildFHSEnv;
  buildFHSUserEnvBubblewrap = final.buildFHSEnv;
  buildFHSEnvChroot = final.buildFHSEnv;

  buildEnv = callPackage ./build-env.nix { };
  makeInitrd = callPackage ./make-initrd.nix { };
  initrdKeymap = callPackage ./initrd-keymap.nix { };
  initrdTools = callPackage ./initrd-tools.nix { };
  ukiStub = callPackage ./uki-stub.nix { };
  makeModulesClosure = callPackage ./modules-closure.nix { };
  stage1 = callPackage ./stage1.nix { };
  inherit (callPackage ./guest.nix { }) guestTools guestInit;
  makeVmImage = callPackage ./vm-image.nix { };
  makeVm = callPackage ./make-vm.nix { };
}
