# SPDX-License-Identifier: GPL-2.0-or-later
# boot.kernel.sysfs: values for files below /sys, written in stage 2: { module.zswap.parameters.enabled = true; }.
{ config, lib, ... }:
let
  inherit (lib) types;
  leaf = value: !builtins.isAttrs value || value ? outPath;
  text = value: if value == true then "1" else if value == false then "0" else toString value;
  # [ { path; value; } ] of every value that is set.
  below = path: value:
    if value == null then [ ]
    else if leaf value then [ { inherit path value; } ]
    else lib.concatLists (lib.mapAttrsToList (name: below "${path}/${name}") value);
  write = row: "{ echo ${lib.escapeShellArg (text row.value)} >${lib.escapeShellArg row.path}; } 2>/dev/null || say ${lib.escapeShellArg "cannot set ${row.path}"}\n";
in
{
  options.boot.kernel.sysfs = lib.mkOption {
    type = types.lazyAttrsOf types.anything;
    default = { };
    example = lib.literalExpression ''{ kernel.mm.transparent_hugepage.enabled = "madvise"; }'';
    description = "Values for files below /sys. null takes one out.";
  };
  config.boot.postBootCommands = lib.mkIf (config.boot.kernel.sysfs != { })
    (lib.concatMapStrings write (below "/sys" config.boot.kernel.sysfs));
}
