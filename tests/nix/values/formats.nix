# SPDX-License-Identifier: GPL-2.0-or-later
# pkgs.formats: the text of each format, what its type takes, and that what can be read again is the same.
{ pkgs, lib, ... }:
let
  text = format: value: (format.generate "file" value).text;
  fits = format: value: (builtins.tryEval (builtins.deepSeq (merged format [ value ]) true)).success;
  merged = format: values: (lib.evalModules {
    modules = [ { options.v = lib.mkOption { inherit (format) type; }; } ] ++ map (v: { inherit v; }) values;
  }).config.v;
  f = pkgs.formats;
  data = { a = 1; b = [ 1 "x" { c = true; } ]; "d e" = { f.g = "q\"\n"; h = 1.5; }; empty = { }; none = [ ]; };
  tables = { title = "T"; n = 5; on = true; list = [ 1 2 ]; a.b.c = "x"; a.b.d = { }; "odd key".v = 1.0; t = [ { x = 1; } { y.z = 2; x = 3; } ]; mixed = [ 1 { k = "v"; } ]; gone = null; };
in
{
  json = text (f.json { }) { a = [ 1 { b = null; } ]; c = { }; } == "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {}\n}\n";
  json-again = builtins.fromJSON (text (f.json { }) data) == data;
  yaml-is-json = builtins.fromJSON (text (f.yaml { }) data) == data;
  json-takes = fits (f.json { }) { a = [ null 1 ]; } && !fits (f.json { }) { a = x: x; };
  json-merges = merged (f.json { }) [ { a.b = 1; l = [ 2 ]; } { a.c = 2; l = [ 1 ]; } ] == { a = { b = 1; c = 2; }; l = [ 1 2 ]; };
  toml-again = builtins.fromTOML (text (f.toml { }) tables) == removeAttrs tables [ "gone" ];
  toml = text (f.toml { }) { a = 1; s.t = "x"; } == "a = 1\n\n[s]\nt = \"x\"\n";
  toml-takes-no-null = !fits (f.toml { }) { a = null; };
  ini = text (f.ini { }) { s = { k = true; n = 1; }; t.x = "y"; } == "[s]\nk=true\nn=1\n\n[t]\nx=y\n";
  ini-takes-no-list = !fits (f.ini { }) { s.k = [ 1 ]; };
  ini-several = text (f.ini { listsAsDuplicateKeys = true; }) { s.k = [ 1 2 ]; } == "[s]\nk=1\nk=2\n";
  ini-coerced = merged (f.ini { listsAsDuplicateKeys = true; atomsCoercedToLists = true; }) [ { s.k = 1; } { s.k = [ 2 ]; } ] == { s.k = [ 2 1 ]; };
  ini-joined = text (f.ini { listToValue = lib.concatMapStringsSep "," toString; }) { s.k = [ 1 2 ]; } == "[s]\nk=1,2\n";
  ini-key-value = text (f.ini { mkKeyValue = lib.generators.mkKeyValueDefault { } ": "; }) { s.k = 1; } == "[s]\nk: 1\n";
  ini-global = text (f.iniWithGlobalSection { }) { globalSection.a = 1; sections.s.b = 2; } == "a=1\n\n[s]\nb=2\n";
  ini-global-merges = merged (f.iniWithGlobalSection { }) [ { sections.s.b = 2; } ] == { globalSection = { }; sections.s.b = 2; };
  git = text (f.gitIni { }) { user.name = "n"; remote.origin.url = "u"; } == "[remote \"origin\"]\n\turl = \"u\"\n\n[user]\n\tname = \"n\"\n";
  systemd = text f.systemd { Unit.After = [ "a" "b" ]; } == "[Unit]\nAfter=a\nAfter=b\n";
  key-value = text (f.keyValue { }) { a = 1; b = "x"; } == "a=1\nb=x\n";
  properties = text (f.javaProperties { }) { "a b" = "x"; c = "1"; } == "# Generated with Nix\na\\ b = x\nc = 1\n";
  lua = lib.hasPrefix "return {" (text (f.lua { }) { a = 1; }) && lib.hasInfix "[\"a\"] = 1" (text (f.lua { }) { a = 1; });
  lua-bindings = text (f.lua { asBindings = true; multiline = false; }) { a = 1; } == "a = 1\n";
  python = text (f.pythonVars { }) { _imports = [ "re" ]; a = [ true null 1 "s" ]; b.k = (f.pythonVars { }).lib.mkRaw "re.compile('x')"; } == "import re\na = [True, None, 1, \"s\"]\nb = {\"k\": re.compile('x')}\n";
  xml = text (f.xml { withHeader = false; }) { r = { "@id" = 1; "$" = "t"; }; } == "<r id=\"1\">t</r>\n";
  xml-nested = text (f.xml { withHeader = false; }) { r.i = [ 1 "<" ]; r.e = null; } == "<r>\n  <e/>\n  <i>1</i>\n  <i>&lt;</i>\n</r>\n";
  plist = lib.hasInfix "<key>a</key>" (text (f.plist { }) { a = 1; });
}
