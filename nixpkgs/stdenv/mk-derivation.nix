# SPDX-License-Identifier: GPL-2.0-or-later
# stdenv.mkDerivation: from a set of attributes, or a function of the final attributes, to a derivation with
# overrideAttrs, meta and passthru. What does not belong into the build's environment is taken out here, the lists of
# inputs become store paths of their `dev` outputs, and unfree or broken packages are refused.
{ lib, stdenv, config }:
let
  inherit (builtins) isFunction isList isString concatMap elem removeAttrs isAttrs;

  # A dependency as it goes into the environment: the output that one builds against.
  devOutput = dep:
    if isAttrs dep && (dep.type or null) == "derivation" && !(dep.outputSpecified or false) then dep.dev or dep.out or dep else dep;
  inputs = name: values: concatMap
    (dep: if dep == null then [ ] else if isList dep then inputs name dep else [ (checkedInput name dep) ])
    values;
  checkedInput = name: dep:
    if isAttrs dep || isString dep || builtins.isPath dep then devOutput dep
    else throw "mkDerivation: ${name} has a ${builtins.typeOf dep} in it; dependencies are packages, store paths or null";

  notForTheBuilder = [ "meta" "passthru" "pos" "env" "checkInputs" "nativeCheckInputs" "installCheckInputs"
    "nativeInstallCheckInputs" "depsBuildBuild" "depsBuildTarget" "depsHostHost" "depsTargetTarget" "strictDeps" "inputsFrom" ];

  # A tool that the build root lacks is a link to the host's: what needs one is built with the host's tools.
  isHostOnly = dep: isAttrs dep && dep.isHostOnly or false;

  # What is wrong with a package that nobody allowed, or null.
  refusal = name: meta:
    let
      licenses = lib.toList (meta.license or [ ]);
      unfree = builtins.any (l: isAttrs l && !(l.free or true)) licenses;
      allowed = config.allowUnfree or false || (config.allowUnfreePredicate or (_: false)) { inherit name meta; pname = lib.getName name; };
    in
    if unfree && !allowed && builtins.getEnv "NIXPKGS_ALLOW_UNFREE" != "1" then
      "Package '${name}' has an unfree license, refusing to evaluate.\nTo allow it, set `nixpkgs.config.allowUnfree = true;` in configuration.nix, or `{ allowUnfree = true; }` in ~/.config/nixpkgs/config.nix, or NIXPKGS_ALLOW_UNFREE=1 in the environment.${lib.optionalString (meta ? freeInstead) "\n${meta.freeInstead}"}"
    else if meta.broken or false && !(config.allowBroken or false) && builtins.getEnv "NIXPKGS_ALLOW_BROKEN" != "1" then
      "Package '${name}' is marked as broken, refusing to evaluate.${lib.optionalString (meta ? brokenReason) "\nReason: ${meta.brokenReason}"}\nTo allow it, set `nixpkgs.config.allowBroken = true;` in configuration.nix, or NIXPKGS_ALLOW_BROKEN=1 in the environment."
    else if meta ? platforms && !(meta.onAnyLinux or false) && !elem stdenv.hostPlatform.system meta.platforms && !lib.meta.availableOn stdenv.hostPlatform { inherit meta; }
      && !(config.allowUnsupportedSystem or false) && builtins.getEnv "NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM" != "1" then
      "Package '${name}' is not available on ${stdenv.hostPlatform.system} (its meta.platforms: ${lib.concatMapStringsSep " " (p: if isString p then p else "...") meta.platforms}), refusing to evaluate.\nTo allow it, set `nixpkgs.config.allowUnsupportedSystem = true;` in configuration.nix, or NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM=1 in the environment."
    else null;

  build = attrs: overrideAttrs:
    let
      name =
        if attrs ? name then attrs.name
        else if attrs ? pname && attrs ? version then "${attrs.pname}-${attrs.version}"
        else throw "mkDerivation: a package needs `name`, or `pname` and `version`";
      meta = attrs.meta or { };
      refused = if meta == { } then null else refusal name meta;
      checking = attrs.doCheck or false;
      structured = attrs.__structuredAttrs or false;

      nativeBuildInputs = inputs "nativeBuildInputs" (
        (attrs.depsBuildBuild or [ ]) ++ (attrs.nativeBuildInputs or [ ]) ++ (attrs.depsBuildTarget or [ ])
        ++ (if checking then attrs.nativeCheckInputs or [ ] else [ ])
        ++ (if attrs.doInstallCheck or false then attrs.nativeInstallCheckInputs or [ ] else [ ]));
      buildInputs = inputs "buildInputs" (
        (attrs.buildInputs or [ ]) ++ (attrs.depsHostHost or [ ]) ++ (attrs.depsTargetTarget or [ ])
        ++ (if checking then attrs.checkInputs or [ ] else [ ])
        ++ (if attrs.doInstallCheck or false then attrs.installCheckInputs or [ ] else [ ]));

      env = stdenv.environment // (attrs.env or { });
      buildRoot =
        if attrs ? buildRoot then attrs.buildRoot
        else if stdenv.buildRoot == null then null
        else if hostOnly != [ ] then
          lib.warn "${attrs.name or attrs.pname or "a package"} is built with this machine's tools, not in the build root, which has no ${lib.getName (builtins.head hostOnly)}" null
        else stdenv.buildRoot;
      hostOnly = builtins.filter isHostOnly (nativeBuildInputs ++ buildInputs);
      bash = if buildRoot == null then "/bin/bash" else "${buildRoot}/bin/bash";

      # Sets that only say something of the outputs exist for structured attributes alone.
      ofOutputs = if structured then [ ] else [ "unsafeDiscardReferences" "outputChecks" ];
      forBuilder = env // removeAttrs attrs (notForTheBuilder ++ ofOutputs ++ (attrs.passthru.notForTheBuilder or [ ])) // {
        name = if refused == null then name else throw refused;
        inherit (stdenv.buildPlatform) system;
        builder = attrs.realBuilder or bash;
        inherit buildRoot;
        args = attrs.args or [ "-e" (attrs.builder or "${stdenv.scripts}/builder.sh") ];
        stdenv = "${stdenv}";
        inherit nativeBuildInputs buildInputs;
        propagatedBuildInputs = inputs "propagatedBuildInputs" (attrs.propagatedBuildInputs or [ ]);
        propagatedNativeBuildInputs = inputs "propagatedNativeBuildInputs" (attrs.propagatedNativeBuildInputs or [ ]);
        ${if stdenv.initialPath != [ ] then "initialPath" else null} = stdenv.initialPath;
        __ignoreNulls = true;
        outputs = attrs.outputs or [ "out" ];
        ${if structured then "env" else null} = env;
      };

      drv = derivation forBuilder;
      outputNames = attrs.outputs or [ "out" ];
      common = {
        inherit name meta overrideAttrs;
        passthru = attrs.passthru or { };
        overrideDerivation = lib.overrideDerivation result;
        inputDerivation = derivation (removeAttrs forBuilder [ "outputHash" "outputHashAlgo" "outputHashMode" "outputs" ] // {
          name = "${name}-inputs"; outputs = [ "out" ]; args = [ "-c" "export > $out" ]; builder = bash;
        });
      } // (if attrs ? pname then { inherit (attrs) pname; } else { })
        // (if attrs ? version then { inherit (attrs) version; } else { })
        // (attrs.passthru or { });
      extended = output: drv // common // allOutputs // {
        inherit (drv.${output}) outPath drvPath type outputName;
        all = map extendedSpecified outputNames;
      };
      extendedSpecified = output: extended output // { outputSpecified = true; };
      allOutputs = builtins.listToAttrs (map (output: { name = output; value = extendedSpecified output; }) outputNames);
      result = extended (builtins.head outputNames);
    in
    result;

  # overrideAttrs takes a set, a function of the old attributes, or one of the final and the old attributes.
  extension = change: final: previous:
    if isFunction change then
      let once = change previous;
      in if isFunction once then change final previous else once
    else change;

  fromFunction = function:
    let
      attrs = function (attrs // { finalPackage = package; overrideAttrs = override; });
      override = change: fromFunction (final: let previous = function final; in previous // extension change final previous);
      package = build attrs override;
    in
    package;
in
argument: fromFunction (if isFunction argument then argument else _: argument)
