# SPDX-License-Identifier: GPL-2.0-or-later
# The library: pure functions in the Nix language, compatible with nixpkgs' lib in behaviour and names. Each part is a
# file; what is used often is also here at the top. `lib.extend` adds to it or replaces parts, also for its own files.

let
  make =
    f:
    let
      self = f self;
    in
    self
    // {
      extend = overlay: make (final: let prev = f final; in prev // overlay final prev);
    };
in
make (
  lib:
  let
    part = file: import file { inherit lib; };
  in
  {
    # The parts.
    asserts = part ./asserts.nix;
    attrsets = part ./attrsets.nix;
    cli = part ./cli.nix;
    customisation = part ./customisation.nix;
    debug = part ./debug.nix;
    derivations = part ./derivations.nix;
    fetchers = part ./fetchers.nix;
    fileset = part ./fileset.nix;
    filesystem = part ./filesystem.nix;
    fixedPoints = part ./fixed-points.nix;
    flakes = part ./flakes.nix;
    generators = part ./generators;
    gvariant = part ./gvariant.nix;
    kernel = part ./kernel.nix;
    licenses = part ./licenses;
    lists = part ./lists.nix;
    maintainers = part ./maintainers.nix;
    meta = part ./meta.nix;
    misc = part ./misc.nix;
    modules = part ./modules;
    network = part ./network.nix;
    options = part ./options.nix;
    path = part ./path;
    sourceTypes = part ./source-types.nix;
    sources = part ./sources.nix;
    strings = part ./strings;
    stringsWithDeps = part ./strings-with-deps.nix;
    systems = part ./systems;
    teams = part ./teams.nix;
    trivial = part ./trivial.nix;
    types = part ./types;
    versions = part ./versions.nix;
    platforms = lib.systems.doubles;

    # From each part, what is wanted at hand.
    inherit (lib.meta) licensesSpdx;
    inherit (lib.network) mkEUI64Suffix;
    inherit (lib.trivial)
      add and bitAnd bitNot bitOr bitXor boolToString boolToYesNo ceil checkListOfEnum compare concat const deepSeq
      defaultTo div flip floor fromHexString functionArgs genericClosure id importJSON importTOML inNixShell
      inPureEvalMode info isBool isFloat isFunction isInOldestRelease isInt lessThan mapNullable max mergeAttrs min
      mirrorFunctionArgs mod mul nixpkgsVersion oldestSupportedReleaseIsAtLeast "or" pathExists pipe readFile seq
      setFunctionArgs showWarnings splitByAndCompare sub throwIf throwIfNot toBaseDigits toFunction toHexString
      version warn warnIf warnIfNot xor
      ;
    inherit (lib.fixedPoints)
      composeExtensions composeManyExtensions converge extends fix fix' makeExtensible makeExtensibleWithCustomName
      toExtension
      ;
    inherit (lib.attrsets)
      attrByPath attrNames attrVals attrValues attrsToList cartesianProduct catAttrs chooseDevOutputs collect
      concatMapAttrs dontRecurseIntoAttrs filterAttrs filterAttrsRecursive foldAttrs foldlAttrs genAttrs genAttrs'
      getAttr getAttrFromPath getAttrs getBin getDev getFirstOutput getInclude getLib getMan getOutput getStatic
      hasAttr hasAttrByPath intersectAttrs isAttrs isDerivation listToAttrs mapAttrs mapAttrs' mapAttrsRecursive
      mapAttrsRecursiveCond mapAttrsToList mapAttrsToListRecursive mapAttrsToListRecursiveCond mapCartesianProduct
      matchAttrs mergeAttrsList nameValuePair optionalAttrs overrideExisting recurseIntoAttrs recursiveUpdate
      recursiveUpdateUntil removeAttrs setAttrByPath showAttrPath toDerivation updateManyAttrsByPath zipAttrs
      zipAttrsWith zipAttrsWithNames
      ;
    inherit (lib.lists)
      all allUnique any compareLists concatAttrValues concatLists concatMap count crossLists drop dropEnd elem elemAt
      filter findFirst findSingle flatten fold foldl foldl' foldr forEach genList groupBy groupBy' head
      ifilter0 imap0 imap1 init intersectLists isList last length listDfs map mutuallyExclusive naturalSort optional
      optionals partition range remove replaceElemAt replicate reverseList singleton sort sortOn sublist
      subtractLists tail take takeEnd toList toposort unique uniqueStrings zipLists zipListsWith
      ;
    inherit (lib.strings)
      addContextFrom appendContext cmakeBool cmakeFeature cmakeOptionType compareVersions concatImapStrings
      concatImapStringsSep concatLines concatMapAttrsStringSep concatMapStrings concatMapStringsSep concatStrings
      concatStringsSep enableFeature enableFeatureAs escape escapeRegex escapeShellArg escapeShellArgs escapeURL
      escapeXML fileContents fixedWidthNumber fixedWidthString fromJSON getName getVersion hasInfix hasPrefix hasSuffix
      intersperse isPath isStorePath isString isStringLike isValidPosixName join lowerChars makeBinPath
      makeIncludePath makeLibraryPath makeSearchPath makeSearchPathOutput match mesonBool mesonEnable mesonOption
      nameFromURL optionalString parseDrvName removePrefix removeSuffix replaceString replaceStrings split splitString
      splitStringBy stringAsChars stringLength stringToCharacters substring toCamelCase toInt toIntBase10 toJSON
      toLower toSentenceCase toShellVar toShellVars toUpper trim trimWith typeOf unsafeDiscardStringContext upperChars
      versionAtLeast versionOlder withFeature withFeatureAs
      ;
    inherit (lib.stringsWithDeps)
      fullDepEntry noDepEntry packEntry stringAfter textClosureList textClosureMap
      ;
    inherit (lib.customisation)
      callPackageWith callPackagesWith extendDerivation extendMkDerivation hydraJob makeOverridable makeScope
      makeScopeWithSplicing makeScopeWithSplicing' mapCrossIndex overrideDerivation renameCrossIndexFrom
      renameCrossIndexTo
      ;
    inherit (lib.derivations)
      addDrvOutputDependencies lazyDerivation optionalDrvAttr unsafeDiscardOutputDependency warnOnInstantiate
      ;
    inherit (lib.debug)
      addErrorContext runTests testAllTrue trace traceFnSeqN traceIf traceSeq traceSeqN traceVal traceValFn
      traceValSeq traceValSeqFn traceValSeqN traceValSeqNFn unsafeGetAttrPos
      ;
    inherit (lib.misc)
      checkFlag checkReqs closePropagation condConcat defaultMerge defaultMergeArg fakeHash fakeSha256 fakeSha512
      foldArgs getValue ifEnable imap innerClosePropagation innerModifySumArgs lazyGenericClosure maybeAttr
      maybeAttrNullable maybeEnv mergeAttrBy mergeAttrByFunc mergeAttrsByFuncDefaults mergeAttrsByFuncDefaultsClean
      mergeAttrsConcatenateValues mergeAttrsNoOverride mergeAttrsWithFunc modifySumArgs nixType nvs setAttr
      setAttrMerge uniqList uniqListExt
      ;
    inherit (lib.meta)
      addMetaAttrs appendToName dontDistribute getExe getExe' getLicenseFromSpdxId getLicenseFromSpdxIdOr hiPrio
      hiPrioSet lowPrio lowPrioSet mapDerivationAttrset setName setPrio updateName
      ;
    inherit (lib.versions)
      splitVersion
      ;
    inherit (lib.asserts)
      assertMsg assertOneOf
      ;
    inherit (lib.filesystem)
      baseNameOf dirOf hashFile packagesFromDirectoryRecursive pathIsDirectory pathIsRegularFile pathType readDir
      readFileType
      ;
    inherit (lib.sources)
      canCleanSource cleanSource cleanSourceFilter cleanSourceWith commitIdFromGitRepo filterSource pathHasContext
      pathIsGitRepo repoRevToName revOrTag sourceByRegex sourceFilesBySuffices
      ;
    inherit (lib.options)
      getFiles getValues isOption literalExpression literalMD mergeDefaultOption mergeEqualOption mergeOneOption
      mergeUniqueOption mkEnableOption mkOption mkPackageOption mkSinkUndeclaredOptions optionAttrSetToDocList
      optionAttrSetToDocList' scrubOptionValue showFiles showOption showOptionWithDefLocs unknownModule
      ;
    inherit (lib.modules)
      applyModuleArgsIfFunction doRename evalModules evalOptionValue filterOverrides
      fixMergeModules fixupOptionType mergeDefinitions mergeModules mergeModules' mergeOptionDecls mkAfter
      mkAliasAndWrapDefinitions mkAliasDefinitions mkAliasOptionModule mkAliasOptionModuleMD mkAssert mkBefore
      mkChangedOptionModule mkDefault mkDefinition mkDerivedConfig mkFixStrictness mkForce mkIf mkImageMediaOverride
      mkMerge mkMergedOptionModule mkOptionDefault mkOrder mkOverride mkRemovedOptionModule mkRenamedOptionModule
      mkRenamedOptionModuleWith mkVMOverride setDefaultModuleLocation sortProperties
      unifyModuleSyntax
      ;
    inherit (lib.types)
      defaultFunctor defaultTypeMerge isOptionType isType mkOptionType setType
      ;
    inherit (lib.flakes)
      flakeRefToString parseFlakeRef
      ;
    inherit (lib.generators)
      mkLuaInline
      ;

    # Deprecated here.
    dischargeProperties = lib.warn "lib.dischargeProperties is deprecated; it is an internal of the module system" lib.modules.dischargeProperties;
    pushDownProperties = lib.warn "lib.pushDownProperties is deprecated; it is an internal of the module system" lib.modules.pushDownProperties;

    # Builtins, for those who have only lib in scope.
    inherit (builtins)
      fromTOML getContext hasContext hashString placeholder toFile toString toXML tryEval
      ;
    convertHash = builtins.convertHash or (_: throw "lib.convertHash: this evaluator has no builtins.convertHash");
  }
  // part ./aliases.nix
)
