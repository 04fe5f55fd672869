# SPDX-License-Identifier: GPL-2.0-or-later
# From what people write as modules (sets, functions, files, short and long form) to a flat list of uniform sets, each
# once, with imports followed and disabled modules left out.
{ lib }:

let
  inherit (builtins)
    addErrorContext
    concatMap
    isAttrs
    isFunction
    isList
    mapAttrs
    removeAttrs
    toString
    ;
  inherit (lib.options) unknownModule;

  # The attributes of a module in the long form, and those of the short one that are no definitions.
  longForm = [
    "_class"
    "_file"
    "config"
    "disabledModules"
    "freeformType"
    "imports"
    "key"
    "meta"
    "options"
  ];
  shortForm = [
    "_class"
    "_file"
    "disabledModules"
    "freeformType"
    "imports"
    "key"
    "require"
  ];

  misplaced =
    file: prefix: class: kind:
    "Expected a module, but found a value of type ${lib.strings.escapeNixString kind}"
    + lib.optionalString (file != unknownModule) ", while trying to load a module into ${toString file}"
    + lib.optionalString (prefix != [ ]) ", while trying to load a module into ${lib.showOption prefix}"
    + ".\nA module is typically loaded by adding it to the imports = [ ... ]; attribute of an existing module, or in the modules = [ ... ]; argument of various functions.\nPlease make sure that each of the list items is a module, and not a different kind of value."
    + lib.optionalString (kind == "configuration") "\n\nIf you really mean to import this configuration, instead please only import the modules that make up the configuration.\nTo add modules to it, use its `extendModules`."
    + lib.optionalString (kind == "flake") "\n\nPerhaps you forgot to select an attribute name?\nInstead of, for example,\n    inputs.someflake\nyou need to write something like\n    inputs.someflake.${
      if class == "nixos" || class == "darwin" then "${class}Modules" else if class == null then "modules.someApp" else "modules.${class}"
    }.default";

  # pos: the place of the `imports` that M is one of, or null.
  load =
    args: file: pos: key: m:
    if isFunction m then
      unifyModuleSyntax file key (applyModuleArgs key m args)
    else if isAttrs m then
      let
        kind = m._type or "module";
      in
      if kind == "module" then
        if m ? __functor then unifyModuleSyntax file key (applyModuleArgs key m args) else unifyModuleSyntax file key m
      else if kind == "if" || kind == "override" || kind == "merge" then
        load args file pos key { config = m; }
      else
        throw (misplaced file (args._prefix or [ ]) (args._class or null) kind)
    else if isList m then
      throw "Module imports can't be nested lists. Perhaps you meant to remove one level of lists? Definitions: ${
        lib.options.showDefs [
          {
            inherit file;
            value = m;
          }
        ]
      }"
    else if builtins.isPath m || builtins.isString m || m ? outPath then
      let
        name = toString m;
      in
      unifyModuleSyntax name name (applyModuleArgsIfFunction name (fromFile pos m) args)
    else
      throw "Expected a module, but found a value of type ${lib.strings.escapeNixString (builtins.typeOf m)}, while trying to load a module into ${file}.";

  # A file that is missing or no Nix says nothing of who wanted it.
  fromFile =
    pos: m: if pos == null then import m else addErrorContext "while importing a module of the imports at ${pos.file}:${toString pos.line}" (import m);

  # The arguments a module asks for; those not given come from the option _module.args.
  applyModuleArgs =
    key: f: args:
    let
      wanted = lib.functionArgs f;
      argument =
        name: _:
        addErrorContext "while evaluating the module argument `${name}' in \"${key}\":" (
          args.${name} or (addErrorContext
            "noting that argument `${name}` is not externally provided, so querying `_module.args` instead, requiring `config`"
            args.config._module.args.${name} or (throw "attribute '${name}' missing: the module ${toString key} takes it as an argument, and neither specialArgs nor _module.args has it. In a flake.nix: nixosSystem { specialArgs = { ${name} = ...; }; modules = ...; }. Without --flake no flake.nix is read: set _module.args.${name} in a module.")
          )
        );
    in
    if wanted == { } then f args else f (args // mapAttrs argument wanted);

  applyModuleArgsIfFunction =
    key: f: args:
    if lib.isFunction f then applyModuleArgs key f args else f;

  unifyModuleSyntax =
    file: key: m:
    if !isAttrs m then
      throw "module ${toString file} (${key}) does not look like a module."
    else
      let
        long = m ? config || m ? options;
        unknown = removeAttrs m longForm;
        extra =
          (if m ? freeformType then [ { _module.freeformType = m.freeformType; } ] else [ ])
          ++ (if long && m ? meta then [ { meta = m.meta; } ] else [ ]);
        config = if long then m.config or { } else removeAttrs m shortForm;
      in
      if long && unknown != { } then
        throw (
          "Module `${key}' has an unsupported attribute `${builtins.head (builtins.attrNames unknown)}'. This is caused by "
          + "introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top "
          + "level instead, or move all of them (namely: ${toString (builtins.attrNames unknown)}) into the explicit `config' attribute."
        )
      else
        {
          _file = toString m._file or file;
          _class = m._class or null;
          key = toString m.key or key;
          disabledModules = m.disabledModules or [ ];
          imports = if long then m.imports or [ ] else m.require or [ ] ++ m.imports or [ ];
          importsPos = builtins.unsafeGetAttrPos "imports" m;
          options = if long then m.options or { } else { };
          config = if extra == [ ] then config else lib.mkMerge ([ config ] ++ extra);
        };

  checkClass =
    class: m:
    if class == null || m._class == null || m._class == class then
      m
    else
      throw "The module `${m._file}` (class: ${lib.strings.escapeNixString m._class}) cannot be imported into a module evaluation that expects class ${lib.strings.escapeNixString class}.\n\nHelp:\n- Ensure that you are importing the correct module.\n- Verify that the module's `_class`, ${lib.strings.escapeNixString m._class} matches the expected `class` ${lib.strings.escapeNixString class}.\n- If you are using a custom class, make sure it is correctly defined and used consistently across your modules.\n";

  # The key by which a disabled module is known.
  disabledKey =
    modulesPath: file: d:
    if builtins.isString d then
      (if builtins.substring 0 1 d == "/" then d else toString modulesPath + "/" + d)
    else if lib.strings.isConvertibleWithToString d then
      if d ? key && d.key != toString d then
        throw "Module `${file}` contains a disabledModules item that is an attribute set that can be converted to a string (${toString d}) but also has a `.key` attribute (${d.key}) with a different value. This makes it ambiguous which module should be disabled."
      else
        toString d
    else if d ? key then
      d.key
    else if isAttrs d then
      throw "Module `${file}` contains a disabledModules item that is an attribute set, presumably a module, that does not have a `key` attribute. This means that the module system doesn't have any means to identify the module that should be disabled. Make sure that you've put the correct value in disabledModules: a string path relative to modulesPath, a path value, or an attribute set with a `key` attribute."
    else
      throw "Each disabledModules item must be a path, string, or a attribute set with a key attribute, or a value supported by toString. However, one of the disabledModules items in `${toString file}` is none of that, but is of type ${builtins.typeOf d}.";
in
{
  inherit applyModuleArgsIfFunction unifyModuleSyntax;

  # All modules reachable from `modules`, and a graph of them for tools.
  collectModules =
    class: modulesPath: modules: args:
    let
      nodes =
        file: pos: parent:
        lib.imap1 (
          n: m:
          let
            module = checkClass class (load args file pos "${parent}:anon-${toString n}" m);
          in
          {
            inherit (module) key;
            inherit module;
          }
        );
      imported = node: nodes node.module._file node.module.importsPos node.module.key node.module.imports;
      start = nodes unknownModule null "" modules;
      all = builtins.genericClosure {
        startSet = start;
        operator = imported;
      };
      disabled = builtins.listToAttrs (
        concatMap (
          node:
          map (d: {
            name = disabledKey modulesPath node.module._file d;
            value = true;
          }) node.module.disabledModules
        ) all
      );
      enabled = builtins.filter (node: !disabled ? ${node.key});
      kept =
        if disabled == { } then
          all
        else
          builtins.genericClosure {
            startSet = enabled start;
            operator = node: enabled (imported node);
          };
      toGraph = node: {
        inherit (node) key;
        file = node.module._file;
        imports = map toGraph (imported node);
        disabled = disabled ? ${node.key};
      };
    in
    {
      modules = map (node: node.module) kept;
      # The module of the module system itself is nobody's.
      graph = map toGraph (builtins.filter (node: node.key != "lib/modules.nix") start);
    };

  # Names the file that a module without one came from.
  setDefaultModuleLocation = file: m: {
    _file = file;
    imports = [ m ];
  };

  # Modules from files of data, and from functions that make modules.
  importApply = file: args: lib.modules.setDefaultModuleLocation file (import file args);
  importJSON = file: {
    _file = file;
    config = lib.importJSON file;
  };
  importTOML = file: {
    _file = file;
    config = lib.importTOML file;
  };
}
