# SPDX-License-Identifier: GPL-2.0-or-later
# mkShell: an environment for nix-shell. Building it gives a file that lists the inputs.
{ lib, stdenv }:
{ name ? "nix-shell", packages ? [ ], inputsFrom ? [ ], buildInputs ? [ ], nativeBuildInputs ? [ ], propagatedBuildInputs ? [ ]
, propagatedNativeBuildInputs ? [ ], shellHook ? "", ... }@args:
let
  gather = attribute: (args.${attribute} or [ ])
    ++ lib.subtractLists inputsFrom (lib.concatMap (drv: lib.filter (x: x != null) (drv.${attribute} or [ ])) inputsFrom);
in
stdenv.mkDerivation (removeAttrs args [ "packages" "inputsFrom" "shellHook" ] // {
  inherit name;
  buildInputs = gather "buildInputs";
  nativeBuildInputs = packages ++ gather "nativeBuildInputs";
  propagatedBuildInputs = gather "propagatedBuildInputs";
  propagatedNativeBuildInputs = gather "propagatedNativeBuildInputs";
  shellHook = lib.concatStringsSep "\n" (lib.catAttrs "shellHook" (lib.reverseList inputsFrom ++ [ args ]));
  phases = [ "buildPhase" ];
  buildPhase = "export > $out";
  preferLocalBuild = true;
})
