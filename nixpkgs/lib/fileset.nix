# SPDX-License-Identifier: GPL-2.0-or-later
# Sets of local files: unions, intersections and differences of paths, turned into sources that hold just these files.
# A file set is a sorted set of the files' paths as strings, found once when the set is made.
{ lib }:

let
  inherit (builtins)
    attrNames
    isPath
    pathExists
    readDir
    ;

  make = files: {
    _type = "fileset";
    # { "/path/of/file" = its path value; }
    inherit files;
    # Shown when somebody interpolates a file set.
    outPath = throw "lib.fileset: a file set cannot be used as a string or path directly; make a source of it with lib.fileset.toSource";
  };

  filesBelow =
    path:
    builtins.listToAttrs (
      map (file: {
        name = toString file;
        value = file;
      }) (if lib.pathIsDirectory path then lib.filesystem.listFilesRecursive path else [ path ])
    );

  # Any argument as a file set; paths must exist.
  coerce =
    who: value:
    if value._type or null == "fileset" then
      value
    else if isPath value then
      if pathExists value then
        make (filesBelow value)
      else
        throw "${who} (${toString value}) is a path that does not exist. To create a file set from a path that may not exist, use `lib.fileset.maybeMissing`."
    else if value._isLibCleanSourceWith or false then
      throw "${who} is a `lib.sources`-based value, but it should be a file set or a path instead; convert it with `lib.fileset.fromSource`."
    else
      throw "${who} is of type ${builtins.typeOf value}, but it should be a file set or a path instead.";

  argument = name: nth: coerce "lib.fileset.${name}: ${nth} argument";

  # Directories that must be entered to reach the files.
  parents =
    root: files:
    let
      ups =
        dir:
        lib.optionals (lib.hasPrefix (toString root) dir) (
          [ dir ] ++ lib.optionals (dir != toString root) (ups (dirOf dir))
        );
    in
    lib.genAttrs (lib.concatMap (file: ups (dirOf file)) (attrNames files)) (_: true);

  show =
    set:
    let
      names = attrNames set.files;
    in
    if names == [ ] then "(empty)" else lib.concatMapStringsSep "\n" (n: "- ${n}") names;
in
rec {
  empty = make { };
  isFileset = value: isPath value || value._type or null == "fileset";
  maybeMissing =
    path:
    if isFileset path then
      (if isPath path && !pathExists path then empty else argument "maybeMissing" "The" path)
    else
      throw "lib.fileset.maybeMissing: Argument is of type ${builtins.typeOf path}, but it should be a path instead.";

  union = a: b: make ((argument "union" "First" a).files // (argument "union" "Second" b).files);
  unions =
    list:
    if !builtins.isList list then
      throw "lib.fileset.unions: Argument is of type ${builtins.typeOf list}, but it should be a list instead."
    else
      make (
        lib.mergeAttrsList (
          lib.imap0 (i: x: (coerce "lib.fileset.unions: Element ${toString i}" x).files) list
        )
      );
  intersection =
    a: b:
    make (builtins.intersectAttrs (argument "intersection" "Second" b).files (argument "intersection" "First" a).files);
  difference =
    a: b:
    make (
      removeAttrs (argument "difference" "First (positive set)" a).files (
        attrNames (argument "difference" "Second (negative set)" b).files
      )
    );
  fileFilter =
    pred: path:
    let
      test =
        file: value:
        pred {
          name = baseNameOf file;
          type = lib.filesystem.readFileType value;
          hasExt = ext: lib.hasSuffix ".${ext}" (baseNameOf file);
        };
    in
    if !lib.isFunction pred then
      throw "lib.fileset.fileFilter: First argument is of type ${builtins.typeOf pred}, but it should be a function instead."
    else if !isPath path then
      throw "lib.fileset.fileFilter: Second argument is of type ${builtins.typeOf path}, but it should be a path instead."
    else
      make (lib.filterAttrs test (argument "fileFilter" "Second" path).files);

  toList = set: builtins.attrValues (argument "toList" "The" set).files;

  # A source at root with just the files of the set.
  toSource =
    { root, fileset }:
    let
      set = argument "toSource" "`fileset`" fileset;
      base = toString root + "/";
      outside = lib.filter (f: !lib.hasPrefix base f) (attrNames set.files);
      dirs = parents root set.files;
    in
    if !isPath root then
      throw "lib.fileset.toSource: `root` (${toString root}) is of type ${builtins.typeOf root}, but it should be a path instead."
    else if !lib.pathIsDirectory root then
      throw "lib.fileset.toSource: `root` (${toString root}) is not a directory."
    else if outside != [ ] then
      throw "lib.fileset.toSource: `fileset` has files outside of `root` (${toString root}), such as ${lib.head outside}"
    else
      lib.cleanSourceWith {
        name = "source";
        src = root;
        filter = path: type: if type == "directory" then dirs ? ${path} else set.files ? ${path};
      };

  fromSource =
    source:
    let
      orig = source.origSrc or source;
      keep = source.filter or (_: _: true);
      below =
        dir:
        lib.concatMapAttrs (
          name: type:
          let
            path = dir + "/${name}";
          in
          if !keep (toString path) type then
            { }
          else if type == "directory" then
            below path
          else
            { ${toString path} = path; }
        ) (readDir dir);
    in
    if !pathExists orig then
      throw "lib.fileset.fromSource: The source origin (${toString orig}) of the argument does not exist."
    else if lib.pathIsDirectory orig then
      make (below orig)
    else
      make (filesBelow orig);

  # Files that Git tracks, below a work tree.
  gitTracked = gitTrackedWith { };
  gitTrackedWith =
    {
      recurseSubmodules ? false,
    }:
    path:
    let
      tree = builtins.fetchGit {
        url = path;
        submodules = recurseSubmodules;
        shallow = true;
      };
      strip = lib.removePrefix (toString tree.outPath);
    in
    make (
      lib.mapAttrs' (
        file: _: lib.nameValuePair (toString path + strip file) (path + strip file)
      ) (filesBelow (/. + builtins.unsafeDiscardStringContext tree.outPath))
    );

  trace = set: builtins.trace (show (argument "trace" "The" set));
  traceVal = set: builtins.trace (show (argument "traceVal" "The" set)) set;
}
