# SPDX-License-Identifier: GPL-2.0-or-later
# Small builders: commands, text files, scripts, farms of links.
{ lib, pkgs }:
let
  inherit (lib) optionalString;
  inherit (pkgs) stdenvNoCC stdenv;

  runIn = env: name: attrs: buildCommand:
    env.mkDerivation ({ inherit name buildCommand; passAsFile = [ "buildCommand" ] ++ (attrs.passAsFile or [ ]); enableParallelBuilding = true; }
      // removeAttrs attrs [ "passAsFile" ]);
  local = { preferLocalBuild = true; allowSubstitutes = false; };

  writeTextFile = { name, text, executable ? false, destination ? "", checkPhase ? "", meta ? { }, allowSubstitutes ? false, preferLocalBuild ? true, derivationArgs ? { } }:
    stdenvNoCC.mkDerivation ({
      inherit name text meta allowSubstitutes preferLocalBuild;
      passAsFile = [ "text" ];
      target = destination;
      executable = if executable then "1" else "";
      inherit checkPhase;
      buildCommand = ''
        target=$out$target
        mkdir -p "''${target%/*}"
        cp "$textPath" "$target"
        if [ -n "$executable" ]; then chmod +x "$target"; fi
        eval "$checkPhase"
      '';
    } // derivationArgs);
  shell = "/bin/bash";

  entriesOf = entries: if builtins.isAttrs entries then lib.mapAttrsToList (name: path: { inherit name path; }) entries else entries;
in
rec {
  runCommand = name: attrs: command: runIn stdenvNoCC name attrs command;
  runCommandNoCC = runCommand;
  runCommandLocal = name: attrs: command: runIn stdenvNoCC name (attrs // local) command;
  runCommandNoCCLocal = runCommandLocal;
  runCommandCC = name: attrs: command: runIn stdenv name attrs command;
  runCommandWith = { name, stdenv ? stdenvNoCC, runLocal ? false, derivationArgs ? { } }: command:
    runIn stdenv name (derivationArgs // lib.optionalAttrs runLocal local) command;

  inherit writeTextFile;
  writeText = name: text:
    # A path or a list of texts is a mistake that toString would hide.
    if builtins.isString text || lib.isStringLike text then writeTextFile { inherit name; text = "${text}"; }
    else throw "writeText ${name}: the text is a ${builtins.typeOf text}, not a string";
  writeTextDir = path: text: writeTextFile { name = baseNameOf path; inherit text; destination = "/${path}"; };
  writeScript = name: text: writeTextFile { inherit name text; executable = true; };
  writeScriptBin = name: text: writeTextFile { inherit name text; executable = true; destination = "/bin/${name}"; };
  writeShellScript = name: text: writeTextFile { inherit name; executable = true; text = "#!${shell}\n${text}"; };
  writeShellScriptBin = name: text: writeTextFile { inherit name; executable = true; destination = "/bin/${name}"; text = "#!${shell}\n${text}"; meta.mainProgram = name; };
  writeShellApplication = { name, text, runtimeInputs ? [ ], ... }: writeShellScriptBin name ''
    set -o errexit -o nounset -o pipefail
    ${optionalString (runtimeInputs != [ ]) "export PATH=\"${lib.makeBinPath runtimeInputs}:$PATH\""}
    ${text}
  '';
  concatTextFile = { name, files, executable ? false, destination ? "" }: runCommandLocal name { inherit files destination; } ''
    file=$out$destination
    mkdir -p "''${file%/*}"
    cat $files > "$file"
    ${optionalString executable "chmod +x \"$file\""}
  '';
  concatText = name: files: concatTextFile { inherit name files; };
  concatScript = name: files: concatTextFile { inherit name files; executable = true; };

  symlinkJoin = { name, paths, preferLocalBuild ? true, allowSubstitutes ? false, postBuild ? "", passthru ? { }, meta ? { }, ... }@args:
    runCommand name ({ inherit paths preferLocalBuild allowSubstitutes passthru meta; passAsFile = [ "paths" ]; }
      // removeAttrs args [ "name" "paths" "postBuild" "passthru" "meta" ]) ''
      mkdir -p $out
      for path in $(cat $pathsPath); do
        (cd "$path" && find . -mindepth 1 -type d -print0) | (cd $out && xargs -0 -r mkdir -p)
        (cd "$path" && find . ! -type d -print0) | while IFS= read -r -d "" file; do
          [ -e "$out/$file" ] || [ -L "$out/$file" ] || ln -s "$path/''${file#./}" "$out/$file"
        done
      done
      ${postBuild}
    '';
  linkFarm = name: entries: runCommandLocal name {
    passthru.entries = lib.listToAttrs (map (e: { inherit (e) name; value = e.path; }) (entriesOf entries));
  } (''
    mkdir -p $out
    cd $out
  '' + lib.concatMapStrings (entry: ''
    mkdir -p "$(dirname ${lib.escapeShellArg entry.name})"
    ln -s ${lib.escapeShellArg "${entry.path}"} ${lib.escapeShellArg entry.name}
  '') (entriesOf entries));
  linkFarmFromDrvs = name: drvs: linkFarm name (map (drv: { inherit (drv) name; path = drv; }) drvs);

  substituteAll = args: stdenvNoCC.mkDerivation ({
    name = if args ? name then args.name else baseNameOf (toString args.src);
    buildCommand = ''
      target=$out''${dir:+/$dir/$name}
      mkdir -p "''${target%/*}"
      substituteAll "$src" "$target"
      if [ -n "''${isExecutable-}" ]; then chmod +x "$target"; fi
      eval "''${postInstall-}"
    '';
  } // local // args);
  replaceVars = file: variables: runCommandLocal (baseNameOf (toString file)) { } ''
    cp ${file} text
    chmod u+w text
    substituteInPlace text ${lib.concatStringsSep " " (lib.mapAttrsToList (n: v: "--replace-fail @${n}@ ${lib.escapeShellArg v}") variables)}
    cp text $out
  '';
  replaceVarsWith = { src, replacements ? { }, ... }: replaceVars src replacements;

  # A file of setup script text that packages source: makeSetupHook { name, ... } ./file.sh
  makeSetupHook = { name ? "hook", propagatedBuildInputs ? [ ], substitutions ? { }, passthru ? { }, ... }: file:
    runCommandLocal name (substitutions // { inherit propagatedBuildInputs passthru; strictDeps = true; }) ''
      mkdir -p $out/nix-support
      cp ${file} $out/nix-support/setup-hook
      chmod u+w $out/nix-support/setup-hook
      substituteAllInPlace $out/nix-support/setup-hook
      ${optionalString (propagatedBuildInputs != [ ]) "echo $propagatedBuildInputs > $out/nix-support/propagated-build-inputs"}
    '';

  makeWrapper = makeSetupHook { name = "make-wrapper-hook"; } ./hooks/make-wrapper.sh;
  makeShellWrapper = makeWrapper;
  makeBinaryWrapper = makeWrapper;
  installShellFiles = makeSetupHook { name = "install-shell-files-hook"; } ./hooks/install-shell-files.sh;

  # Device trees: overlays compiled from their source, and applied to the trees of a folder ("''${kernel}/dtbs").
  deviceTree = {
    compileDTS = { name, dtsFile, includePaths ? [ ], extraPreprocessorFlags ? [ ], ... }: runCommand name { inherit dtsFile; nativeBuildInputs = [ pkgs.buildPackages.dtc ]; } ''
      cpp -nostdinc ${lib.concatMapStringsSep " " (folder: "-I ${folder}") includePaths} -undef -D__DTS__ -x assembler-with-cpp ${toString extraPreprocessorFlags} $dtsFile | dtc -@ -I dts -O dtb -o $out -
    '';
    applyOverlays = base: overlays: runCommand "device-tree-overlays" {
      dtbSource = if base ? modDirVersion then "${base}/dtbs" else base;
      filter = "*";
      includes = "";
      preprocessorFlags = "";
      overlays = lib.concatMapStrings (o: "${lib.strings.sanitizeDerivationName o.name}\t${if o.filter or null == null then "*" else o.filter}\tdtbo\t${o.dtboFile}\n") (lib.toList overlays);
      nativeBuildInputs = [ pkgs.buildPackages.dtc ];
    } "source ${../nixos/modules/boot/device-trees.sh}";
  };

  # A source tree with patches applied, as a store path of its own.
  applyPatches = { src, name ? (if src ? name then src.name else baseNameOf (toString src)) + "-patched", patches ? [ ], postPatch ? "", prePatch ? "", ... }@args:
    stdenvNoCC.mkDerivation ({
      inherit name src patches prePatch postPatch;
      preferLocalBuild = true;
      phases = "unpackPhase patchPhase installPhase";
      installPhase = "cp -R ./ $out";
    } // removeAttrs args [ "name" "src" "patches" "postPatch" "prePatch" ]);
  srcOnly = attrs: let drv = attrs.drvAttrs or attrs; in stdenvNoCC.mkDerivation {
    name = "${attrs.name}-source";
    inherit (drv) src;
    patches = drv.patches or [ ];
    phases = "unpackPhase patchPhase installPhase";
    installPhase = "cp -R ./ $out";
  };
  emptyFile = runCommandLocal "empty-file" { } "touch $out";
  emptyDirectory = runCommandLocal "empty-directory" { } "mkdir $out";

  formats = import ./formats.nix { inherit lib pkgs; };
  writers = { writeBash = writeShellScript; writeBashBin = writeShellScriptBin; };
  testers = { __missing = _: "A system is started in a guest by kernix vm RESULT; tests that Python drives are not built here."; };

  # What keeps a package of nixpkgs up to date; here packages only name it, in passthru.updateScript.
  gitUpdater = _: [ ];
  unstableGitUpdater = _: [ ];
  genericUpdater = _: [ ];
  directoryListingUpdater = _: [ ];
  nix-update-script = _: [ ];
  common-updater-scripts = emptyDirectory;

  copyPathToStore = builtins.filterSource (_: _: true);
  copyPathsToStore = map copyPathToStore;
  nix-gitignore = { gitignoreSource = lib.cleanSource; };
}
