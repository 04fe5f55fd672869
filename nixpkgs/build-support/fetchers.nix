# SPDX-License-Identifier: GPL-2.0-or-later
# Fetchers: fixed-output derivations, known by their hash. A plain file or archive goes through `builtin:fetchurl`; what
# has to be changed after the download (fetchpatch, postFetch) through fetch.sh, with the host's curl.
#
# Contract with the builder `builtin:fetchurl`: `url` is the first address (all that a real Nix reads), `urls` all of
# them, space separated and with mirror:// lists already expanded; they are tried in turn. `unpack` = "1": the output is
# what the archive holds, without its one top folder. `builtin:fetchgit`: `url`,
# `rev`, `fetchSubmodules`, `deepClone`, `leaveDotGit`; the output is the tree.
{ lib, pkgs }:
let
  inherit (builtins) stringLength head match elemAt concatMap isList;
  mirrors = import ./mirrors.nix;

  expand = url:
    let parts = match "mirror://([^/]+)/(.*)" url;
    in
    if parts == null then [ url ]
    else map (base: base + elemAt parts 1)
      (mirrors.${head parts} or (throw "fetchurl: there is no mirror list '${head parts}' (in '${url}'); known are: ${lib.concatStringsSep " " (builtins.attrNames mirrors)}"));

  # The name that a download has in the store: the address without what follows a question mark.
  nameOf = url:
    let base = baseNameOf (head (builtins.split "[?#]" url));
    in lib.strings.sanitizeDerivationName (if base == "" then "source" else base);

  # The algorithm of a hash that does not say it, by the length of its text (hexadecimal, base 32, base 64).
  algorithmOf = text:
    { "128" = "sha512"; "103" = "sha512"; "88" = "sha512"; "64" = "sha256"; "52" = "sha256"; "44" = "sha256"; "40" = "sha1"; }
    .${toString (stringLength text)} or (throw "the hash '${text}' names no algorithm and has no length that tells it; write it as sha256-...");

  # What a hash looks like: hexadecimal, base 32, base 64, by the number of its characters.
  lengths = { md5 = [ 32 26 24 ]; sha1 = [ 40 32 28 ]; sha256 = [ 64 52 44 ]; sha512 = [ 128 103 88 ]; };
  looksRight = algorithm: text:
    let
      n = stringLength text;
      forms = lengths.${algorithm};
    in
    n == elemAt forms 0 && match "[0-9a-fA-F]*" text != null || n == elemAt forms 1 && match "[0-9a-df-np-sv-z]*" text != null
    || n == elemAt forms 2 && match "[0-9a-zA-Z+/]*=?=?" text != null;
  checkedHash = what: algorithm: whole: text:
    if looksRight algorithm text then whole
    else throw "${what}: '${whole}' is not a ${algorithm} hash: that is '${algorithm}-' and ${toString (elemAt lengths.${algorithm} 2)} characters of base 64, or ${toString (elemAt lengths.${algorithm} 1)} of base 32, or ${toString (elemAt lengths.${algorithm} 0)} hexadecimal digits (`hash = \"\";` to be told the right one)";

  empty = what: lib.warn "found empty hash, assuming '${lib.fakeHash}' (${what}): build once and take the hash after `got:`" lib.fakeHash;

  # What a fetcher's caller says about the hash, as attributes of the derivation.
  outputHashOf = what: args:
    let
      algorithms = builtins.filter (a: args ? ${a} && args.${a} != null) [ "sha512" "sha256" "sha1" "md5" ];
      algorithm = head algorithms;
      value = args.${algorithm};
      sri = text: match "(md5|sha1|sha256|sha512)[-:].*" text != null;
      typed = text: fallback:
        if text == "" then { outputHash = empty what; }
        else if sri text then
          let parts = match "(md5|sha1|sha256|sha512)[-:](.*)" text;
          in { outputHash = checkedHash what (head parts) text (elemAt parts 1); }
        else
          let algorithm = if fallback == null then algorithmOf text else fallback;
          in { outputHashAlgo = algorithm; outputHash = checkedHash what algorithm text text; };
    in
    if args ? hash && args.hash != null && (args.hash != "" || algorithms == [ ]) then typed args.hash null
    else if args ? outputHash && args.outputHash != null then typed args.outputHash (args.outputHashAlgo or null)
    else if algorithms != [ ] then typed value algorithm
    else throw "${what}: a fetcher needs a hash (`hash = \"\";` to be told the right one)";

  proxies = [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" "NIX_SSL_CERT_FILE" ];

  withPassthru = drv: args: urls: drv // (args.passthru or { }) // {
    inherit urls;
    url = head urls;
    meta = args.meta or { };
    overrideAttrs = change:
      let new = if builtins.isFunction change then change args else change;
      in fetchurl (args // new);
  };

  fetchurl = lib.makeOverridable (
    { url ? null, urls ? [ ], name ? null, executable ? false, recursiveHash ? false, postFetch ? "", downloadToTemp ? false
    , curlOpts ? "", curlOptsList ? [ ], showURLs ? false, netrcPhase ? null, preferLocalBuild ? true, ... }@args:
    let
      given = if urls != [ ] then urls else if isList url then url else if url == null then throw "fetchurl needs `url` or `urls`" else [ url ];
      all = concatMap expand given;
      finalName = if name != null && name != "" then name
        else if args ? pname && args ? version then "${args.pname}-${args.version}"
        else nameOf (head given);
      hash = outputHashOf finalName args;
      common = {
        name = finalName;
        url = head all;
        urls = all;
        outputHashMode = if recursiveHash || executable then "recursive" else "flat";
        inherit preferLocalBuild;
        impureEnvVars = proxies;
      } // hash;
      plain = postFetch == "" && curlOpts == "" && curlOptsList == [ ] && !downloadToTemp;
    in
    withPassthru
      (if plain then
        derivation (common // { builder = "builtin:fetchurl"; system = "builtin"; executable = if executable then "1" else ""; unpack = ""; })
      else scripted (common // { inherit postFetch curlOpts; curlOptsList = lib.escapeShellArgs curlOptsList; downloadToTemp = true; executable = executable; }))
      args all);

  # curl, then the shell text in postFetch with $downloadedFile and $out.
  scripted = attrs: pkgs.stdenvNoCC.mkDerivation (attrs // {
    builder = ./fetch.sh;
    inherit (attrs) postFetch;
  });

  fetchzip = lib.makeOverridable (
    { url ? null, urls ? [ ], name ? "source", stripRoot ? true, extension ? null, postFetch ? "", extraPostFetch ? "", ... }@args:
    let
      all = concatMap expand (if urls != [ ] then urls else lib.toList url);
      finalName = if args ? pname && args ? version && !(args ? name) then "${args.pname}-${args.version}" else name;
      plain = stripRoot && extraPostFetch + postFetch == "";
    in
    if plain then
      derivation ({
        name = finalName;
        url = head all;
        urls = all;
        builder = "builtin:fetchurl";
        system = "builtin";
        unpack = "1";
        executable = "";
        outputHashMode = "recursive";
        preferLocalBuild = true;
        impureEnvVars = proxies;
      } // outputHashOf finalName args) // { url = head all; meta = args.meta or { }; } // (args.passthru or { })
    else scripted ({
      name = finalName;
      url = head all;
      urls = all;
      outputHashMode = "recursive";
      unpackArchive = if stripRoot then "strip" else "keep";
      archiveName = if extension != null then "archive.${extension}" else nameOf (head all);
      postFetch = extraPostFetch + postFetch;
      preferLocalBuild = true;
      impureEnvVars = proxies;
      passthru = (args.passthru or { }) // { url = head all; };
      meta = args.meta or { };
    } // outputHashOf finalName args));

  # fetchpatch2 keeps git's lines between files (modes, renames), as nixpkgs has it.
  fetchpatch = patchFetcher false;
  patchFetcher = headers: { url ? null, urls ? [ ], name ? null, stripLen ? 0, extraPrefix ? "", includes ? [ ], excludes ? [ ], revert ? false, decode ? "cat", postFetch ? "", relative ? null, hunks ? [ ], ... }@args:
    let all = if urls != [ ] then urls else [ url ];
    in scripted ({
      name = if name != null then name else nameOf (head all);
      url = head all;
      urls = concatMap expand all;
      outputHashMode = "flat";
      patchStrip = stripLen;
      patchPrefix = extraPrefix;
      patchIncludes = includes;
      patchExcludes = excludes;
      patchRelative = if relative == null then "" else relative;
      patchRevert = if revert then "1" else "";
      ${if headers then "patchHeaders" else null} = "1";
      ${if hunks != [ ] then "patchHunks" else null} = hunks;
      inherit decode postFetch;
      normalisePatch = "1";
      preferLocalBuild = true;
      impureEnvVars = proxies;
    } // outputHashOf (nameOf (head all)) args);

  fetchgit = lib.makeOverridable (
    { url, rev ? null, tag ? null, name ? "source", fetchSubmodules ? true, deepClone ? false, leaveDotGit ? deepClone, branchName ? null, sparseCheckout ? [ ], nonConeMode ? false, fetchLFS ? false, ... }@args:
    let
      sparse = lib.concatStringsSep "\n" (lib.toList sparseCheckout);
      drv = derivation ({
      inherit name url;
      builder = "builtin:fetchgit";
      system = "builtin";
      rev = if tag != null then "refs/tags/${tag}" else if rev != null then rev else "HEAD";
      fetchSubmodules = if fetchSubmodules then "1" else "";
      deepClone = if deepClone then "1" else "";
      leaveDotGit = if leaveDotGit then "1" else "";
      ${if sparse != "" then "sparseCheckout" else null} = sparse;
      ${if nonConeMode then "nonConeMode" else null} = "1";
      outputHashMode = "recursive";
      preferLocalBuild = true;
      impureEnvVars = proxies;
    } // outputHashOf name args);
    in drv // { gitRepoUrl = url; meta = args.meta or { }; } // (args.passthru or { }));

  # Forges: an archive of a revision, or a clone where submodules are wanted.
  fromForge = { archive, git, homepage }: lib.makeOverridable (
    { rev ? null, tag ? null, name ? "source", fetchSubmodules ? false, leaveDotGit ? false, deepClone ? false, forceFetchGit ? false, sparseCheckout ? [ ], nonConeMode ? false, ... }@args:
    let
      revision = if tag != null then "refs/tags/${tag}" else if rev != null then rev else "HEAD";
      hashes = lib.filterAttrs (n: _: builtins.elem n [ "hash" "sha256" "sha512" "outputHash" "outputHashAlgo" "postFetch" "meta" "passthru" ]) args;
      useGit = fetchSubmodules || leaveDotGit || deepClone || forceFetchGit || sparseCheckout != [ ];
      need = field: args.${field} or (throw "this fetcher needs `${field}`");
      extra = { rev = revision; gitRepoUrl = git need; meta.homepage = homepage need; } // (if tag != null then { inherit tag; } else { });
    in
    (if useGit then fetchgit (hashes // { inherit name rev tag fetchSubmodules leaveDotGit deepClone sparseCheckout nonConeMode; url = git need; })
     else fetchzip (hashes // { inherit name; url = archive need revision; extension = "tar.gz"; })) // extra // {
      owner = args.owner or null; repo = args.repo or null;
    });

  fetchFromGitHub = fromGitHub;
  fromGitHub = fromForge {
    archive = need: rev: "https://github.com/${need "owner"}/${need "repo"}/archive/${rev}.tar.gz";
    git = need: "https://github.com/${need "owner"}/${need "repo"}.git";
    homepage = need: "https://github.com/${need "owner"}/${need "repo"}";
  };
  escapeSlash = builtins.replaceStrings [ "/" ] [ "%2F" ];
  fromGitLabHost = domain: fromForge {
    archive = need: rev: "https://${domain}/api/v4/projects/${escapeSlash "${need "owner"}/${need "repo"}"}/repository/archive.tar.gz?sha=${escapeSlash rev}";
    git = need: "https://${domain}/${need "owner"}/${need "repo"}.git";
    homepage = need: "https://${domain}/${need "owner"}/${need "repo"}";
  };
in
{
  inherit fetchurl fetchzip fetchpatch fetchgit fetchFromGitHub;
  fetchpatch2 = patchFetcher true;
  fetchFromGitLab = args: fromGitLabHost (args.domain or "gitlab.com") (removeAttrs args [ "domain" ]);
  fetchFromSourcehut = fromForge {
    archive = need: rev: "https://git.sr.ht/${need "owner"}/${need "repo"}/archive/${rev}.tar.gz";
    git = need: "https://git.sr.ht/${need "owner"}/${need "repo"}";
    homepage = need: "https://git.sr.ht/${need "owner"}/${need "repo"}";
  };
  # Google's: archives of Gitiles have no top folder.
  fetchFromGitiles = { url, rev ? null, tag ? null, name ? "source", ... }@args:
    fetchzip ({ inherit name; url = "${url}/+archive/${if tag != null then "refs/tags/${tag}" else rev}.tar.gz"; stripRoot = false; } // removeAttrs args [ "url" "rev" "tag" "name" ]) // { inherit rev; };
  fetchFromSavannah = { repo, rev, name ? "source", ... }@args:
    fetchzip ({ inherit name; url = "https://git.savannah.gnu.org/cgit/${repo}.git/snapshot/${repo}-${rev}.tar.gz"; } // removeAttrs args [ "repo" "rev" "name" ]) // { inherit rev; };
  fetchFromRepoOrCz = { repo, rev, name ? "source", ... }@args:
    fetchzip ({ inherit name; url = "https://repo.or.cz/${repo}.git/snapshot/${rev}.tar.gz"; } // removeAttrs args [ "repo" "rev" "name" ]) // { inherit rev; };
  fetchFromBitbucket = fromForge {
    archive = need: rev: "https://bitbucket.org/${need "owner"}/${need "repo"}/get/${rev}.tar.gz";
    git = need: "https://bitbucket.org/${need "owner"}/${need "repo"}.git";
    homepage = need: "https://bitbucket.org/${need "owner"}/${need "repo"}";
  };
  fetchFromCodeberg = fromForge {
    archive = need: rev: "https://codeberg.org/${need "owner"}/${need "repo"}/archive/${rev}.tar.gz";
    git = need: "https://codeberg.org/${need "owner"}/${need "repo"}.git";
    homepage = need: "https://codeberg.org/${need "owner"}/${need "repo"}";
  };
  fetchFromGitea = args: let domain = args.domain; in (fromForge {
    archive = need: rev: "https://${domain}/${need "owner"}/${need "repo"}/archive/${rev}.tar.gz";
    git = need: "https://${domain}/${need "owner"}/${need "repo"}.git";
    homepage = need: "https://${domain}/${need "owner"}/${need "repo"}";
  }) (removeAttrs args [ "domain" ]);
  # A file or folder that is here already, under a hash that says what it must be.
  requireFile = { name ? baseNameOf url, url ? "", message ? null, sha256 ? null, hash ? null, ... }@args:
    derivation ({
      inherit name;
      builder = "/bin/bash";
      system = pkgs.stdenv.buildPlatform.system;
      args = [ "-c" "echo \"$message\" >&2; exit 1" ];
      message = if message != null then message else "'${name}' cannot be downloaded by itself: get it from ${url} and run: nix-store --add-fixed sha256 ${name}";
      outputHashMode = "flat";
    } // outputHashOf name args);
}
