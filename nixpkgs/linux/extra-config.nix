# SPDX-License-Identifier: GPL-2.0-or-later
# Reads the lines of `extraConfig` ("NAME y", "NAME? m", "NAME 64", "NAME \"a b\"") into requests for Kconfig.
# A question mark makes a request optional; # begins a comment; CONFIG_ before a name is a mistake that is named.
#
# place: what to say behind a complaint of where the text stands, or ""
{ lib, place ? "" }:
why: text:
let
  inherit (builtins) match elemAt filter isString split;

  # What builtins.split and match return has no context. A value that names a store path (EXTRA_FIRMWARE_DIR "${firmware}")
  # is an input all the same: each value that may be one carries the context of the whole text.
  context = builtins.getContext text;
  withContext = value: if context == { } then value else builtins.appendContext value context;

  unquote = value:
    let quoted = match "\"(.*)\"" value;
    in if quoted == null then value else builtins.replaceStrings [ "\\\"" "\\\\" ] [ "\"" "\\" ] (builtins.head quoted);

  isTristate = value: value == "y" || value == "m" || value == "n";

  complain = line: hint: throw "${why}: cannot read the line '${line}' of extraConfig: ${hint}${place}";

  # A line of a .config that is pasted: it says nothing here, and its reader believes that it does.
  pasted = line:
    let name = match "[ \t]*# CONFIG_([A-Za-z0-9_]+) is not set[ \t\r]*" line;
    in if name == null then line
    else lib.warn "${why}: '# CONFIG_${builtins.head name} is not set' is a comment here and has no effect; write '${builtins.head name} n'${place}" "";

  parse = line:
    let
      parts = match "([A-Za-z0-9_]+)([?]?)[ \t]+(.*[^ \t])" line;
      name = elemAt parts 0;
      raw = elemAt parts 2;
      quoted = match "\".*\"" raw != null;
    in
    if match "CONFIG_[A-Za-z0-9_]+ *=.*" line != null then
      complain line "write 'NAME VALUE', as in '${builtins.concatStringsSep " " (match "CONFIG_([A-Za-z0-9_]+) *= *(.*)" line)}'"
    else if match "[A-Za-z0-9_]+[?]? *=.*" line != null then
      complain line "write 'NAME VALUE', as in '${builtins.concatStringsSep " " (match "([A-Za-z0-9_]+[?]?) *= *(.*)" line)}'"
    else if parts == null then complain line "expected 'NAME VALUE' or 'NAME? VALUE'"
    else if !quoted && match ".*[ \t].*" raw != null then complain line "a value with spaces needs quotes"
    else {
      name = if lib.hasPrefix "CONFIG_" name then complain line "names go without CONFIG_" else name;
      value = if isTristate raw then raw else withContext (unquote raw);
      optional = elemAt parts 1 == "?";
      kind = if isTristate raw then "tristate" else "freeform";
      inherit why;
    };

  # A comment ends a line, but not within quotes.
  strip = line:
    let
      plain = match "([^#\"]*)#.*" line;
      quoted = match "([^\"]*\".*\"[ \t]*)#.*" line;
      cut = if quoted != null then builtins.head quoted else if plain != null then builtins.head plain else line;
      trimmed = match "[ \t\r]*(.*[^ \t\r])[ \t\r]*" cut;
    in if trimmed == null then "" else builtins.head trimmed;

  lines = filter (line: line != "") (map (line: strip (pasted line)) (filter isString (split "\n" text)));
in
if !isString text then
  throw "${why}: extraConfig is a text with lines 'NAME VALUE', not a ${builtins.typeOf text}; a set of answers is structuredExtraConfig${place}"
else map parse lines
