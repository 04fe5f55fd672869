// SPDX-License-Identifier: GPL-2.0-or-later
// fromTOML.
#include "expr/builtin-util.h"
#include "expr/toml.h"

static void b_from_toml(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *s = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the argument passed to builtins.fromTOML");

	toml_parse(ev, s->data, s->len, feature_on(ev, "parse-toml-timestamps"), ret);
}

static const struct builtin rows[] = {
        {"fromTOML", 1, 1, true, b_from_toml, "e", "The set that a TOML text describes."},
};

const struct builtin_table builtin_tomls = {rows, ARRAY_SIZE(rows)};
