// SPDX-License-Identifier: GPL-2.0-or-later
// Why 'assert a == b' failed: walks both values to the first difference and throws an error that names it.

#include <string.h>
#include "expr/eval-private.h"

static void differ(struct eval *ev, struct value *a, struct value *b, uint32_t pos);

_noreturn_ static void differ_types(struct eval *ev, const struct value *a, const struct value *b)
{
	eval_throw(ev, THROW_ASSERT, 0, "%s of value '%s' is not equal to %s of value '%s'",
	        eval_phrase(ev, a), eval_show(ev, a), eval_phrase(ev, b), eval_show(ev, b));
}

_noreturn_ static void differ_numbers(struct eval *ev, const struct value *a, const struct value *b)
{
	eval_throw(ev, THROW_ASSERT, 0, "%s with value '%s' is not equal to %s with value '%s'",
	        eval_phrase(ev, a), eval_show(ev, a), eval_phrase(ev, b), eval_show(ev, b));
}

static void differ_lists(struct eval *ev, struct value *a, struct value *b, uint32_t pos)
{
	struct frame f;

	if (list_len(a) != list_len(b))
		eval_throw(ev, THROW_ASSERT, 0,
		        "list of size '%zu' is not equal to list of size '%zu', left hand side is '%s', "
		        "right hand side is '%s'",
		        list_len(a), list_len(b), eval_show(ev, a), eval_show(ev, b));
	for (size_t i = 0; i < list_len(a); i++) {
		frame_push(ev, &f, FRAME_CMP_INDEX, 0, (void *)(uintptr_t)i, NULL);
		differ(ev, &a->elems[i], &b->elems[i], pos);
		frame_pop(ev, &f);
	}
}

// Two sets of one size where one has the name x and the other the name y in its place.
_noreturn_ static void differ_names(
        struct eval *ev, const struct value *a, const struct value *b, uint32_t x, uint32_t y)
{
	if (!attrs_get(b->attrs, x))
		eval_throw(ev, THROW_ASSERT, 0, "attribute name '%s' is contained in '%s', but not in '%s'",
		        eval_show_name(ev, x), eval_show(ev, a), eval_show(ev, b));
	eval_throw(ev, THROW_ASSERT, 0, "attribute name '%s' is missing in '%s', but is contained in '%s'",
	        eval_show_name(ev, y), eval_show(ev, a), eval_show(ev, b));
}

static void differ_attrs(struct eval *ev, struct value *a, struct value *b, uint32_t pos)
{
	struct frame f, left, right;

	if (eval_is_derivation(ev, a) && eval_is_derivation(ev, b)) {
		struct attr *x = attrs_get(a->attrs, ev->sym.out_path),
		            *y = attrs_get(b->attrs, ev->sym.out_path);
		if (x && y) {
			frame_push(ev, &f, FRAME_TEXT, 0,
			        "while comparing a derivation by its 'outPath' attribute", NULL);
			differ(ev, &x->value, &y->value, pos);
			frame_pop(ev, &f);
			return;
		}
	}
	struct attrs *p = attrs_flat(ev, a->attrs), *q = attrs_flat(ev, b->attrs);
	if (p->len != q->len)
		eval_throw(ev, THROW_ASSERT, 0,
		        "attribute names of attribute set '%s' differs from attribute set '%s'",
		        eval_show(ev, a), eval_show(ev, b));
	for (uint32_t i = 0; i < p->len; i++) {
		if (p->entries[i].name != q->entries[i].name)
			differ_names(ev, a, b, p->entries[i].name, q->entries[i].name);
		frame_push(ev, &f, FRAME_CMP_ATTR, 0, (void *)(uintptr_t)p->entries[i].name, NULL);
		frame_push(ev, &left, FRAME_TEXT, p->entries[i].pos, "where left hand side is", NULL);
		frame_push(ev, &right, FRAME_TEXT, q->entries[i].pos, "where right hand side is", NULL);
		differ(ev, &p->entries[i].value, &q->entries[i].value, pos);
		frame_pop(ev, &f);
	}
}

static void differ_same_type(struct eval *ev, struct value *a, struct value *b, uint32_t pos)
{
	switch (value_type(a)) {
	case VALUE_STRING:
	case VALUE_PATH:
		if (a->string->len != b->string->len ||
		        memcmp(a->string->data, b->string->data, a->string->len) != 0)
			eval_throw(ev, THROW_ASSERT, 0, "%s '%s' is not equal to %s '%s'", value_type_name(a),
			        eval_show(ev, a), value_type_name(b), eval_show(ev, b));
		break;
	case VALUE_LIST:
		differ_lists(ev, a, b, pos);
		break;
	case VALUE_ATTRS:
		differ_attrs(ev, a, b, pos);
		break;
	case VALUE_NULL:
		break;
	case VALUE_BOOL:
		if (a->boolean != b->boolean)
			eval_throw(ev, THROW_ASSERT, 0, "boolean '%s' is not equal to boolean '%s'",
			        eval_show(ev, a), eval_show(ev, b));
		break;
	default:
		eval_throw(ev, THROW_ASSERT, 0,
		        "distinct functions and immediate comparisons of identical functions compare as "
		        "unequal");
	}
}

static bool is_number(const struct value *v)
{
	return value_type(v) == VALUE_INT || value_type(v) == VALUE_FLOAT;
}

static void differ(struct eval *ev, struct value *a, struct value *b, uint32_t pos)
{
	eval_check_stack(ev);
	eval_force(ev, a, pos);
	eval_force(ev, b, pos);
	if (is_number(a) && is_number(b)) {
		if (!eval_equal(ev, a, b, pos, NULL))
			differ_numbers(ev, a, b);
		return;
	}
	if (value_type(a) != value_type(b))
		differ_types(ev, a, b);
	if (a->meta == b->meta && a->raw == b->raw && value_type(a) == VALUE_ATTRS)
		return;
	differ_same_type(ev, a, b, pos);
}

void eval_assert_equal(struct eval *ev, struct value *a, struct value *b, uint32_t pos)
{
	differ(ev, a, b, pos);
}
