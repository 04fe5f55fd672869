# SPDX-License-Identifier: GPL-2.0-or-later
# Looking into the file system at evaluation time.
{ lib }:

let
  inherit (builtins)
    attrNames
    pathExists
    readDir
    ;
in
rec {
  inherit (builtins)
    baseNameOf
    dirOf
    hashFile
    isPath
    readDir
    ;

  readFileType =
    builtins.readFileType or (
      path:
      if dirOf path == path then
        "directory"
      else
        (readDir (dirOf path)).${baseNameOf path} or (throw "readFileType: path '${toString path}' does not exist")
    );

  pathType =
    path:
    if !pathExists path then
      throw "lib.filesystem.pathType: Path ${toString path} does not exist."
    else
      readFileType path;
  pathIsDirectory = path: pathExists path && readFileType path == "directory";
  pathIsRegularFile = path: pathExists path && readFileType path == "regular";

  # All files below a directory, sorted, as paths.
  listFilesRecursive =
    dir:
    let
      entries = readDir dir;
    in
    builtins.concatMap (
      name: if entries.${name} == "directory" then listFilesRecursive (dir + "/${name}") else [ (dir + "/${name}") ]
    ) (attrNames entries);

  # The nearest directory, from `file` upwards, with an entry that matches: { path; matches; }, or null.
  locateDominatingFile =
    pattern: file:
    let
      search =
        dir:
        let
          found = builtins.filter (m: m != null) (map (builtins.match pattern) (attrNames (readDir dir)));
        in
        if found != [ ] then
          {
            path = dir;
            matches = found;
          }
        else if dirOf dir == dir then
          null
        else
          search (dirOf dir);
    in
    search (if pathIsDirectory file then file else dirOf file);

  haskellPathsInDir =
    root:
    let
      hasCabal = name: type: type == "directory" && pathExists (root + "/${name}/${name}.cabal");
    in
    builtins.mapAttrs (name: _: root + "/${name}") (lib.filterAttrs hasCabal (readDir root));

  resolveDefaultNix =
    v:
    if builtins.isPath v && pathIsDirectory v then
      v + "/default.nix"
    else if builtins.isString v && lib.hasSuffix "/" v then
      v + "default.nix"
    else
      v;

  # A directory of packages: X.nix and X/package.nix become the attribute X; other directories become sets.
  packagesFromDirectoryRecursive =
    {
      callPackage,
      newScope ? null,
      directory,
    }@args:
    let
      entry =
        name: type:
        let
          path = directory + "/${name}";
        in
        if type == "directory" then
          { ${name} = packagesFromDirectoryRecursive (args // { directory = path; }); }
        else if type == "regular" && lib.hasSuffix ".nix" name then
          { ${lib.removeSuffix ".nix" name} = callPackage path { }; }
        else if type == "regular" then
          { }
        else
          throw "lib.filesystem.packagesFromDirectoryRecursive: Unsupported file type ${type} at path ${toString path}";
      scope =
        self:
        lib.concatMapAttrs (
          name: type:
          let
            path = directory + "/${name}";
          in
          if type == "directory" then
            {
              ${name} = packagesFromDirectoryRecursive {
                inherit (self) callPackage newScope;
                directory = path;
              };
            }
          else if type == "regular" && lib.hasSuffix ".nix" name then
            { ${lib.removeSuffix ".nix" name} = self.callPackage path { }; }
          else
            { }
        ) (readDir directory);
    in
    if pathExists (directory + "/package.nix") then
      callPackage (directory + "/package.nix") { }
    else if newScope == null then
      lib.concatMapAttrs entry (readDir directory)
    else
      lib.recurseIntoAttrs (lib.makeScope newScope scope);
}
