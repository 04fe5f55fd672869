# SPDX-License-Identifier: GPL-2.0-or-later
# systemd.services and relatives: unit files in the system's etc/systemd/system, enabled by the links that `wantedBy` asks
# for. They are for the distribution's systemd.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;

  value = v: if v == true then "true" else if v == false then "false" else toString v;
  entries = section: lib.concatStrings (lib.mapAttrsToList
    (name: v: if v == null then "" else lib.concatMapStrings (item: "${name}=${value item}\n") (lib.toList v)) section);
  section = name: content: lib.optionalString (content != { }) "[${name}]\n${entries content}\n";
  words = list: lib.concatStringsSep " " list;
  present = lib.filterAttrs (_: v: v != null && v != "" && v != [ ]);

  unitSection = unit: present {
    Description = unit.description;
    After = words unit.after;
    Before = words unit.before;
    Requires = words unit.requires;
    Wants = words unit.wants;
    Conflicts = words unit.conflicts;
    BindsTo = words unit.bindsTo;
    Documentation = words unit.documentation;
  } // unit.unitConfig;

  scriptOf = name: key: text: pkgs.writeShellScript "unit-script-${name}-${key}" "set -e\n${text}";
  serviceSection = name: unit:
    lib.optionalAttrs (unit.path != [ ] || unit.environment != { }) {
      Environment = lib.mapAttrsToList (n: v: "\"${n}=${toString v}\"") (unit.environment
        // lib.optionalAttrs (unit.path != [ ]) { PATH = "${lib.makeBinPath unit.path}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"; });
    }
    // lib.optionalAttrs (unit.script != "") { ExecStart = "${scriptOf name "start" unit.script}"; }
    // lib.optionalAttrs (unit.preStart != "") { ExecStartPre = "${scriptOf name "pre-start" unit.preStart}"; }
    // lib.optionalAttrs (unit.postStop != "") { ExecStopPost = "${scriptOf name "post-stop" unit.postStop}"; }
    // unit.serviceConfig;

  common = {
    freeformType = types.lazyAttrsOf types.raw;
    options = {
      enable = mkOption { type = types.bool; default = true; description = "Whether the unit is there."; };
      required = mkOption { type = types.bool; default = false; internal = true; description = "Whether an error in it is one of the system."; };
      description = mkOption { type = types.str; default = ""; };
      documentation = mkOption { type = types.listOf types.str; default = [ ]; };
      unitConfig = mkOption { type = types.attrsOf types.anything; default = { }; };
    } // lib.genAttrs [ "after" "before" "requires" "wants" "conflicts" "bindsTo" "wantedBy" "requiredBy" "partOf" "aliases" ]
      (_: mkOption { type = types.listOf types.str; default = [ ]; });
  };
  service = {
    imports = [ common ];
    options = {
      serviceConfig = mkOption { type = types.attrsOf types.anything; default = { }; };
      environment = mkOption { type = types.attrsOf (types.nullOr (types.oneOf [ types.str types.path types.package types.int ])); default = { }; };
      path = mkOption { type = types.listOf (types.either types.package types.str); default = [ ]; };
      script = mkOption { type = types.lines; default = ""; };
      preStart = mkOption { type = types.lines; default = ""; };
      postStop = mkOption { type = types.lines; default = ""; };
      restartIfChanged = mkOption { type = types.bool; default = true; };
      reloadIfChanged = mkOption { type = types.bool; default = false; };
      stopIfChanged = mkOption { type = types.bool; default = true; };
      startAt = mkOption { type = types.coercedTo types.str lib.singleton (types.listOf types.str); default = [ ]; example = "daily"; description = "When a timer starts it, as OnCalendar= says it."; };
      startLimitIntervalSec = mkOption { type = types.nullOr types.int; default = null; };
    };
  };
  socket = { imports = [ common ]; options.socketConfig = mkOption { type = types.attrsOf types.anything; default = { }; }; options.listenStreams = mkOption { type = types.listOf types.str; default = [ ]; }; };
  timer = { imports = [ common ]; options.timerConfig = mkOption { type = types.attrsOf types.anything; default = { }; }; };
  cfg = config.systemd;

  # { name, unit, text } of every unit.
  rows = suffix: text: lib.mapAttrsToList (n: unit: { name = "${n}.${suffix}"; option = "systemd.${suffix}s.${n}"; inherit unit; text = section "Unit" (unitSection unit) + text n unit; });
  services = rows "service" (n: u: section "Service" (serviceSection n u)) cfg.services;
  units = services
    ++ rows "socket" (_: u: section "Socket" ({ ListenStream = u.listenStreams; } // u.socketConfig)) cfg.sockets
    ++ rows "timer" (_: u: section "Timer" u.timerConfig) cfg.timers
    ++ rows "target" (_: _: "") cfg.targets;

  # Units with a package that this set does not have are left out and named; those of ours (`required`) are not. So is what
  # is but a change to a unit that some package of NixOS brings: it would be in the way of the distribution's own.
  whole = row: !lib.hasSuffix ".service" row.name || lib.hasInfix "\nExecStart=" row.text || lib.hasInfix "\nExecStop=" row.text;
  attempt = import ../../lib/attempt.nix;
  reading = row: attempt (whole row && builtins.isString (row.text + install row));
  readable = row: let tried = reading row; in tried.success && tried.value;
  serviceOf = row: lib.findFirst (other: lib.hasSuffix ".timer" row.name && other.name == lib.removeSuffix ".timer" row.name + ".service") row services;
  usable = row: row.unit.required || readable row && readable (serviceOf row);
  wanted = builtins.filter (row: row.unit.enable) units;
  enabled = builtins.filter usable wanted;
  lost = builtins.filter (row: !usable row) wanted;
  install = row: lib.optionalString (row.unit.wantedBy ++ row.unit.requiredBy ++ row.unit.aliases != [ ])
    ("[Install]\n" + lib.optionalString (row.unit.wantedBy != [ ]) "WantedBy=${words row.unit.wantedBy}\n"
      + lib.optionalString (row.unit.requiredBy != [ ]) "RequiredBy=${words row.unit.requiredBy}\n"
      + lib.optionalString (row.unit.aliases != [ ]) "Alias=${words row.unit.aliases}\n");
  files = lib.listToAttrs (lib.concatMap (row:
    [ { name = "systemd/system/${row.name}"; value.text = row.text + install row; } ]
    ++ map (target: { name = "systemd/system/${target}.wants/${row.name}"; value.source = "../${row.name}"; }) row.unit.wantedBy
    ++ map (target: { name = "systemd/system/${target}.requires/${row.name}"; value.source = "../${row.name}"; }) row.unit.requiredBy) enabled);
in
{
  options.systemd = {
    services = mkOption { type = types.attrsOf (types.submodule service); default = { }; description = "Services."; };
    sockets = mkOption { type = types.attrsOf (types.submodule socket); default = { }; description = "Sockets."; };
    timers = mkOption { type = types.attrsOf (types.submodule timer); default = { }; description = "Timers."; };
    targets = mkOption { type = types.attrsOf (types.submodule common); default = { }; description = "Targets."; };
    tmpfiles.rules = mkOption { type = types.listOf types.str; default = [ ]; description = "Lines of tmpfiles.d."; };
  };
  config.systemd.timers = lib.mapAttrs (_: unit: { wantedBy = [ "timers.target" ]; timerConfig.OnCalendar = unit.startAt; })
    (lib.filterAttrs (_: unit: unit.enable && unit.startAt != [ ]) cfg.services);
  config.kernix.leftOut = map (row: row.option) (builtins.filter (row: (reading row).message == "") lost);
  # What of it is missing, where that is known (attempt.nix).
  config.warnings = lib.concatMap (row: let inherit (reading row) message; in lib.optional (message != "") "${row.option} is left out: ${lib.removeSuffix "." message}.") lost;
  config.environment.etc = files // {
    "tmpfiles.d/00-nixos.conf" = {
      enable = cfg.tmpfiles.rules != [ ];
      text = lib.concatMapStrings (rule: rule + "\n") cfg.tmpfiles.rules;
    };
  };
}
