# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel releases that the package set builds: its own (versions.json) and, where they are newer, those of the tables that
# `kernix kernels update` writes: /etc/kernix/kernels.json and the user's, $XDG_CONFIG_HOME/kernix/kernels.json. Pure and restricted
# evaluation see no such file, so what a lock says stays; src/cmd/kernels-table.c reads the same tables by the same rules.
let
  own = builtins.fromJSON (builtins.readFile ./versions.json);

  # kernix says which folder is the user's own: one of somebody else, as sudo may leave it, has no say in what root builds.
  folders = [ "/etc" (builtins.getEnv "KERNIX_CONFIG_HOME") ];
  fileOf = folder: folder + "/kernix/kernels.json";
  isThere = folder: builtins.substring 0 1 folder == "/" && builtins.pathExists (fileOf folder);
  tables = map (folder: read (fileOf folder)) (builtins.filter isThere folders);
  read = file:
    let table = builtins.addErrorContext "while reading the table of kernels '${file}' ('kernix kernels update' writes it anew)" (builtins.fromJSON (builtins.readFile file));
    in
    if !(table.format or null == 1 && builtins.isAttrs (table.series or null)) then
      throw "'${file}' is no table of kernels of this version of kernix: 'kernix kernels update' writes it anew"
    else builtins.mapAttrs (series: release: if isRelease series release then release else throw "'${file}' is damaged: the series '${series}'; 'kernix kernels update' writes it anew") table.series;
  # The rules of table_row_ok in kernels-table.c: what a table brings is an archive of kernel.org by its hash, and nothing else.
  isRelease = series: release:
    let
      text = name: if builtins.isString (release.${name} or null) then release.${name} else "";
      has = name: pattern: builtins.match pattern (text name) != null;
    in
    builtins.isAttrs release && has "version" "[0-9]+\\.[0-9]+(\\.[0-9]+)*" && builtins.match "([0-9]+\\.[0-9]+).*" (text "version") == [ series ]
    && has "url" "mirror://kernel/[-A-Za-z0-9._/]+" && has "hash" "sha256-[A-Za-z0-9+/]{43}=" && builtins.isBool (release.lts or null) && builtins.isBool (release.eol or null);

  # Of one release a later table knows more: a series ends, or is kept longer, and neither is taken back.
  newer = a: b:
    let order = builtins.compareVersions b.version a.version;
    in
    if order > 0 then { source = "kernel.org"; } // b
    else if order < 0 then a
    else a // { lts = a.lts || b.lts; eol = a.eol || b.eol; };
  join = all: table: all // builtins.mapAttrs (name: release: if all ? ${name} then newer all.${name} release else { source = "kernel.org"; } // release) table;
in
own // { series = builtins.foldl' join own.series tables; }
