# SPDX-License-Identifier: GPL-2.0-or-later
# Local source trees: filtered copies for the store, Git revisions, and names for fetched sources.
{ lib }:

let
  inherit (builtins)
    match
    pathExists
    readFile
    ;

  # What a source is made from; filtering a filtered source filters the original once more.
  attributesOf =
    src:
    if src._isLibCleanSourceWith or false then
      { inherit (src) origSrc filter name; }
    else
      {
        origSrc = src;
        filter = _: _: true;
        name = "source";
      };
  fromAttributes =
    { origSrc, filter, name }:
    {
      _isLibCleanSourceWith = true;
      inherit origSrc filter name;
      outPath = builtins.path {
        inherit filter name;
        path = origSrc;
      };
    };

  # The commit that a work tree or a bare repository is at: { value; error; }, with one of them null.
  gitRevision =
    path:
    let
      fail = error: {
        value = null;
        inherit error;
      };
      ok = value: {
        inherit value;
        error = null;
      };
      resolve =
        dir: common: ref:
        let
          file = dir + "/${ref}";
          shared = common + "/${ref}";
          text = lib.fileContents (if pathExists file then file else shared);
          link = match "ref: (.*)" text;
          packed = match "(.*\n)?([0-9a-f]+) ${lib.escapeRegex ref}(\n.*)?" (readFile (common + "/packed-refs"));
        in
        if lib.pathIsRegularFile file || lib.pathIsRegularFile shared then
          (if link == null then ok text else resolve dir common (builtins.head link))
        else if pathExists (common + "/packed-refs") && packed != null then
          ok (builtins.elemAt packed 1)
        else
          fail "Not a .git directory: ${toString path}";
      follow = text: if lib.hasPrefix "/" text then /. + text else dirOf path + "/${text}";
    in
    if lib.pathIsDirectory path then
      resolve path (
        if pathExists (path + "/commondir") then path + "/${lib.fileContents (path + "/commondir")}" else path
      ) "HEAD"
    else if pathExists path then
      # A work tree or submodule has a file that says where its repository is.
      let
        link = match "gitdir: (.*)" (lib.fileContents path);
      in
      if link == null then fail "File contains no gitdir reference: ${toString path}" else gitRevision (follow (builtins.head link))
    else
      fail "Not a .git directory: ${toString path}";

  nameWith = short: repo: rev: suffix:
    let
      sep = lib.optionalString (suffix != null) "-";
      shown = if short then shortRev rev else rev;
      shortRev = r: if match "[0-9a-f]{40}" r != null then builtins.substring 0 7 r else r;
    in
    "${repo}-${shown}${sep}${toString suffix}-source";

  below = root: path: lib.removePrefix (toString root + "/") (toString path);

  versionControl = [
    ".git"
    ".svn"
    "CVS"
    ".hg"
    ".jj"
    ".pijul"
    "_darcs"
  ];
in
rec {
  # Version control, editors' and compilers' leftovers, and links to build results do not belong to a source.
  cleanSourceFilter =
    path: type:
    let
      name = baseNameOf (toString path);
    in
    !(
      (type == "directory" && lib.elem name versionControl)
      || lib.hasSuffix "~" name
      || match "\\.(.*\\.)?sw[a-z]" name != null
      || match ".*\\.s?o" name != null
      || (type == "symlink" && lib.hasPrefix "result" name)
      || type == "unknown"
    );

  cleanSource =
    src:
    cleanSourceWith {
      inherit src;
      filter = cleanSourceFilter;
    };

  cleanSourceWith =
    {
      filter ? _: _: true,
      src,
      name ? null,
    }:
    let
      orig = attributesOf src;
    in
    fromAttributes {
      inherit (orig) origSrc;
      filter = path: type: filter path type && orig.filter path type;
      name = if name != null then name else orig.name;
    };

  inherit (builtins) filterSource;
  canCleanSource = src: src ? _isLibCleanSourceWith || !pathHasContext (toString src);
  pathHasContext = builtins.hasContext or (lib.hasPrefix builtins.storeDir);

  # Traces each path that is asked for.
  trace =
    src:
    let
      orig = attributesOf src;
    in
    fromAttributes (
      orig
      // {
        filter =
          path: type:
          let
            keep = orig.filter path type;
          in
          builtins.trace "${orig.name}.filter ${path} = ${lib.boolToString keep}" keep;
      }
    )
    // {
      satisfiesSubpathInvariant = src.satisfiesSubpathInvariant or false;
    };

  sourceByRegex =
    src: regexes:
    let
      root = (attributesOf src).origSrc;
    in
    cleanSourceWith {
      inherit src;
      filter =
        path: _:
        let
          sub = below root path;
        in
        lib.any (re: match re sub != null) regexes;
    };

  # `*` and `?` stay within a name, `**` crosses directories; those on the way to a match come along.
  sourceByGlobs =
    src: globs:
    let
      root = (attributesOf src).origSrc;
      piece =
        p:
        if builtins.isString p then
          lib.escapeRegex p
        else
          {
            "**/" = "(.*/)?";
            "**" = ".*";
            "*" = "[^/]*";
            "?" = "[^/]";
          }
          .${builtins.head p};
      regexOf = glob: lib.concatMapStrings piece (builtins.split "(\\*\\*/|\\*\\*|\\*|\\?)" glob);
      regexes = map regexOf globs;
    in
    cleanSourceWith {
      inherit src;
      filter = path: type: type == "directory" || lib.any (re: match re (below root path) != null) regexes;
    };

  sourceFilesBySuffices =
    src: suffixes:
    cleanSourceWith {
      inherit src;
      filter = path: type: type == "directory" || lib.any (s: lib.hasSuffix s (baseNameOf path)) suffixes;
    };

  # Git.

  pathIsGitRepo = path: (gitRevision path).value != null;
  commitIdFromGitRepo =
    path:
    let
      found = gitRevision path;
    in
    if found.value != null then found.value else throw found.error;

  # Sources that were fetched.

  shortRev = rev: if builtins.match "[0-9a-f]+" rev != null then builtins.substring 0 7 rev else rev;
  revOrTag =
    rev: tag:
    if tag != null then
      tag
    else if rev != null then
      rev
    else
      "HEAD";
  urlToName =
    url:
    let
      base = baseNameOf (lib.removeSuffix "/" (lib.last (lib.splitString ":" (toString url))));
      found = match "(.*)\\.(git|hg|tar\\.[a-z0-9]+|tgz|zip)" base;
    in
    if found == null then base else builtins.head found;
  repoRevToName =
    kind:
    if kind == "full" then
      (url: rev: suffix: nameWith false (urlToName url) rev suffix)
    else if kind == "short" then
      (url: rev: suffix: nameWith true (urlToName url) rev suffix)
    else if kind == "source" then
      (_: _: _: "source")
    else
      throw "repoRevToName: the kind must be \"full\", \"short\" or \"source\", not \"${toString kind}\"";
}
