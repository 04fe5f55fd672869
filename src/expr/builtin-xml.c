// SPDX-License-Identifier: GPL-2.0-or-later
// toXML.
#include "expr/builtin-util.h"
#include "expr/print.h"

static void b_to_xml(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct context *context = NULL;
	struct scratch s;

	scratch_begin(ev, &s);
	print_xml(ev, &args[0], 0, true, false, &s.buf, &context);
	*ret = value_string(scratch_string(ev, &s, context));
}

static const struct builtin rows[] = {
        {"toXML", 1, 0, false, b_to_xml, "e", "The XML text of e, as --xml prints it but without locations."},
};

const struct builtin_table builtin_xmls = {rows, ARRAY_SIZE(rows)};
