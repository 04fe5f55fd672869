// SPDX-License-Identifier: GPL-2.0-or-later
// Structured attributes: what a derivation with __structuredAttrs finds beside its builder, .attrs.json and
// .attrs.sh, in the forms that Nix writes (Nix manual, 'Advanced Attributes').
#pragma once

#include <jansson.h>
#include "base/buf.h"
#include "base/err.h"

// JSON text without spaces, keys sorted by bytes, numbers and escapes as Nix prints them.
void attrs_print_json(const json_t *value, struct buf *out);
// Bash declarations of all top-level attributes that Bash can hold: strings, whole numbers, booleans, null,
// and arrays and objects of these.
void attrs_print_sh(const json_t *object, struct buf *out);
// Text in single quotes for a shell.
void attrs_quote_sh(const char *s, struct buf *out);
