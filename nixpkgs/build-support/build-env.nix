# SPDX-License-Identifier: GPL-2.0-or-later
# buildEnv: one folder of links to what several packages hold. Of two packages with the same file the one with the
# higher priority (the smaller number in meta.priority) wins; the same priority is an error.
{ lib, runCommand }:
{ name, paths, pathsToLink ? [ "/" ], extraOutputsToInstall ? [ ], ignoreCollisions ? false, postBuild ? "", passthru ? { }, meta ? { }, ... }:
let
  outputsOf = package:
    if builtins.isAttrs package && package ? outputs then
      map (output: package.${output}) (lib.unique (
        (if package.outputSpecified or false then [ package.outputName ]
         else package.meta.outputsToInstall or (lib.optional (package ? bin) "bin" ++ [ (if package ? out then "out" else builtins.head package.outputs) ]))
        ++ builtins.filter (output: builtins.elem output package.outputs) extraOutputsToInstall))
    else [ package ];
  rows = lib.concatMap (package: map (path: "${toString (package.meta.priority or 5)} ${path}") (outputsOf package))
    (builtins.filter (package: package != null) paths);
in
runCommand name { inherit pathsToLink passthru meta; rows = lib.concatStringsSep "\n" rows; passAsFile = [ "rows" ]; preferLocalBuild = true; } ''
  mkdir -p $out
  declare -A owner
  while read -r priority path; do
    [ -n "$path" ] || continue
    for folder in $pathsToLink; do
      [ -d "$path$folder" ] || continue
      while IFS= read -r -d "" file; do
        relative=''${file#"$path"}
        if [ -n "''${owner[$relative]-}" ]; then
          ${if ignoreCollisions then "continue" else ''
          read -r other otherPriority <<< "''${owner[$relative]}"
          if [ "$otherPriority" = "$priority" ] && ! cmp -s "$other$relative" "$file"; then
            echo "error: $name: $other and $path both hold $relative; give one of them another priority (lib.hiPrio)" >&2
            exit 1
          fi
          continue''}
        fi
        owner[$relative]="$path $priority"
        mkdir -p "$out''${relative%/*}"
        ln -s "$file" "$out$relative"
      done < <(find "$path$folder" ! -type d -print0)
    done
  done < <(sort -s -n -k1,1 "$rowsPath")
  ${postBuild}
''
