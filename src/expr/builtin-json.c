// SPDX-License-Identifier: GPL-2.0-or-later
// toJSON and fromJSON.
#include "expr/builtin-util.h"
#include "expr/json-parse.h"
#include "expr/print.h"

static void b_to_json(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct context *context = NULL;
	struct scratch s;

	scratch_begin(ev, &s);
	print_json(ev, &args[0], 0, true, &s.buf, &context);
	*ret = value_string(scratch_string(ev, &s, context));
}

static void b_from_json(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *s = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.fromJSON");

	json_parse(ev, s->data, s->len, ret);
}

static const struct builtin rows[] = {
        {"toJSON", 1, 0, false, b_to_json, "e",
                "The JSON text of e. Paths are copied to the store; sets with outPath become that."},
        {"fromJSON", 1, 1, false, b_from_json, "e", "The value that a JSON text describes."},
};

const struct builtin_table builtin_jsons = {rows, ARRAY_SIZE(rows)};
