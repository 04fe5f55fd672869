# SPDX-License-Identifier: GPL-2.0-or-later
# The characters of ASCII (but NUL, which no Nix string holds) and their numbers. The control characters that Nix has
# no escape for stand in JSON.
let
  control = builtins.fromJSON ''"\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f"'';
  printable = " !\"#\$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  number =
    from: text:
    builtins.genList (i: {
      name = builtins.substring i 1 text;
      value = from + i;
    }) (builtins.stringLength text);
in
builtins.listToAttrs (number 1 control ++ number 32 printable ++ number 127 (builtins.fromJSON ''"\u007f"''))
