# SPDX-License-Identifier: GPL-2.0-or-later
# attempt e: { success; value; message; } of what a configuration may do without. kernix catches every error (message: its text), also a missing
# attribute or file; Nix what `throw` and `assert` throw.
expression:
let tried = builtins.tryEval { __catchAll = expression; };
in if tried ? message then tried else builtins.tryEval tried.value.__catchAll // { message = ""; }
