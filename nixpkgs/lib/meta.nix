# SPDX-License-Identifier: GPL-2.0-or-later
# What packages say about themselves: names, priorities, platforms, licences, main programs.
{ lib }:

let
  inherit (lib) isDerivation;
in
rec {
  addMetaAttrs =
    more: drv:
    if drv ? overrideAttrs then
      drv.overrideAttrs (old: {
        meta = (old.meta or { }) // more;
      })
    else
      drv // { meta = (drv.meta or { }) // more; };
  dontDistribute = addMetaAttrs { hydraPlatforms = [ ]; };

  # Names.

  setName = name: drv: drv // { inherit name; };
  updateName = f: drv: drv // { name = f drv.name; };
  appendToName =
    suffix:
    updateName (
      name:
      let
        parts = builtins.parseDrvName name;
      in
      lib.concatStringsSep "-" [
        parts.name
        suffix
        parts.version
      ]
    );
  mapDerivationAttrset = f: builtins.mapAttrs (_: pkg: if isDerivation pkg then f pkg else pkg);

  # Priorities: the lower number wins where two packages have the same file.

  defaultPriority = 5;
  setPrio = priority: addMetaAttrs { inherit priority; };
  lowPrio = setPrio 10;
  hiPrio = setPrio (-10);
  lowPrioSet = mapDerivationAttrset lowPrio;
  hiPrioSet = mapDerivationAttrset hiPrio;

  # Platforms. A pattern is a system's name, a set to match in the platform, or one to match in its parsed system.

  platformMatch =
    platform: pattern:
    if builtins.isString pattern then
      (platform.system or null) == pattern
    else
      lib.matchAttrs (if pattern ? parsed then pattern else { parsed = pattern; }) platform;
  availableOn =
    platform: pkg:
    (!(pkg ? meta.platforms) || lib.any (platformMatch platform) pkg.meta.platforms)
    && !lib.any (platformMatch platform) (pkg.meta.badPlatforms or [ ]);

  # Licences.

  licensesSpdx = lib.mapAttrs' (_: license: lib.nameValuePair license.spdxId license) (
    lib.filterAttrs (_: license: license ? spdxId) lib.licenses
  );
  getLicenseFromSpdxId =
    id:
    getLicenseFromSpdxIdOr id (
      lib.warn "getLicenseFromSpdxId: No license matches the given SPDX ID: ${id}" {
        shortName = id;
        spdxId = id;
      }
    );
  getLicenseFromSpdxIdOr =
    let
      lowered = lib.mapAttrs' (id: lib.nameValuePair (lib.toLower id)) licensesSpdx;
    in
    id: default: lowered.${lib.toLower id} or default;

  # Programs.

  getExe =
    pkg:
    if !isDerivation pkg then
      throw "lib.meta.getExe: the argument is of type ${builtins.typeOf pkg} instead of a derivation; a path to a program needs no getExe"
    else
      getExe' pkg (
        pkg.meta.mainProgram or (lib.warn
          "getExe: Package ${
            lib.strings.escapeNixIdentifier (pkg.meta.name or pkg.pname or pkg.name)
          } does not have the meta.mainProgram attribute. Its name is taken; set meta.mainProgram, or use getExe'."
          (lib.getName pkg)
        )
      );
  getExe' =
    pkg: name:
    if !isDerivation pkg then
      throw "lib.meta.getExe': the first argument is of type ${builtins.typeOf pkg} instead of a derivation"
    else if !builtins.isString name then
      throw "lib.meta.getExe': the second argument is of type ${builtins.typeOf name} instead of a string"
    else if lib.hasInfix "/" name then
      throw "lib.meta.getExe': the second argument \"${name}\" is a path, and should be the name of a program in bin/"
    else
      "${lib.getBin pkg}/bin/${name}";

  cpeFullVersionWithVendor = vendor: version: {
    inherit vendor version;
    update = "*";
  };
}
