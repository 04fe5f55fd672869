# SPDX-License-Identifier: GPL-2.0-or-later
# makeModulesClosure { kernel, rootModules, firmware, allowMissing }: a tree of the modules that are named and those that
# they need, with their firmware, for initrds of one's own. kernix's own initrd finds its modules without it; but an
# overlay that makes this one allow missing modules, as people write it for boards, holds for that initrd too (makeInitrd).
{ lib, stdenvNoCC, buildPackages }:
{ kernel, firmware ? null, rootModules, allowMissing ? false, extraFirmwarePaths ? [ ], onlyAsk ? false, ... }:
if onlyAsk then { inherit allowMissing; } else
stdenvNoCC.mkDerivation {
  name = "${kernel.name or "kernel"}-shrunk";
  tree = "${kernel.modules or kernel}";
  firmware = map (package: "${package}") (lib.toList (if firmware == null then [ ] else firmware));
  inherit rootModules extraFirmwarePaths;
  allowMissing = if allowMissing then "1" else "";
  nativeBuildInputs = [ buildPackages.kmod ];
  preferLocalBuild = true;
  buildCommand = "source ${./modules-closure.sh}";
  passthru = { inherit allowMissing; };
}
