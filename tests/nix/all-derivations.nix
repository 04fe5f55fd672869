# SPDX-License-Identifier: GPL-2.0-or-later
# { ATTRIBUTE.PATH = .drv path; } of every derivation of the package set, its scopes, and some cross-compiling sets.
# What throws (a broken module, an unfree package) is left out.
let
  pkgs = import ../../nixpkgs { config = { }; overlays = [ ]; };
  inherit (pkgs) lib;
  try = value: builtins.tryEval value;

  entry = path: value:
    let
      isSet = try (builtins.isAttrs value);
      drv = try (if value.type or "" == "derivation" then builtins.unsafeDiscardStringContext value.drvPath else null);
      scope = try (value.recurseForDerivations or false);
    in
    if !(isSet.success && isSet.value) then [ ]
    else if drv.success && drv.value != null then [ { name = path; value = drv.value; } ]
    else if scope.success && scope.value then walk path value
    else [ ];
  walk = prefix: set: lib.concatMap (name: entry (if prefix == "" then name else "${prefix}.${name}") set.${name})
    (builtins.filter (name: !builtins.elem name skipped) (builtins.attrNames set));
  skipped = [ "pkgs" "__splicedPackages" "buildPackages" "pkgsBuildBuild" "pkgsBuildHost" "pkgsHostTarget" "targetPackages" "__unfix__" ];

  cross = name: lib.concatMap (attr: entry "pkgsCross.${name}.${attr}" pkgs.pkgsCross.${name}.${attr}) [ "linux" "linux_debian" "linux_latest" "gcc" ];
  demo = import ../../nixpkgs/nixos { configuration = ../../examples/demo/configuration.nix; };
  drvOf = name: drv: { inherit name; value = builtins.unsafeDiscardStringContext drv.drvPath; };
in
builtins.listToAttrs (walk "" pkgs
  ++ lib.concatMap cross [ "aarch64-multiplatform" "armv7l-hf-multiplatform" "riscv64" "raspberryPi" ]
  ++ [
    (drvOf "demo.toplevel" demo.system)
    (drvOf "demo.kernel" demo.config.system.build.kernel)
    (drvOf "demo.modules" demo.config.system.modulesTree)
    (drvOf "demo.initrd" demo.config.system.build.initialRamdisk)
  ])
