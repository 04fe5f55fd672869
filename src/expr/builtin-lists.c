// SPDX-License-Identifier: GPL-2.0-or-later
// Builtins on lists. Elements stay delayed unless a function looks at them.
#include <stdlib.h>
#include "expr/ast.h"
#include "expr/builtin-sort.h"
#include "expr/builtin-util.h"
#include "expr/limits.h"

static void b_length(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_list(ev, &args[0], 0, "while evaluating the first argument passed to builtins.length");
	*ret = value_int((int64_t)list_len(&args[0]));
}

static void list_get(struct eval *ev, struct value *list, size_t i, struct value *ret)
{
	struct value *slot = &list->elems[i];

	eval_force(ev, slot, 0);
	*ret = *slot;
}

static void b_head(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_list(ev, &args[0], 0, "while evaluating the first argument passed to 'builtins.head'");
	if (!list_len(&args[0]))
		eval_throw(ev, THROW_EVAL, 0, "'builtins.head' called on an empty list");
	list_get(ev, &args[0], 0, ret);
}

// Lists are immutable, so the tail shares its elements with the list.
static void b_tail(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_list(ev, &args[0], 0, "while evaluating the first argument passed to 'builtins.tail'");
	if (!list_len(&args[0]))
		eval_throw(ev, THROW_EVAL, 0, "'builtins.tail' called on an empty list");
	*ret = value_list(args[0].elems + 1, list_len(&args[0]) - 1);
}

static void b_elem_at(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	int64_t i =
	        eval_int(ev, &args[1], 0, "while evaluating the second argument passed to 'builtins.elemAt'");

	eval_list(ev, &args[0], 0, "while evaluating the first argument passed to 'builtins.elemAt'");
	if (i < 0 || (uint64_t)i >= list_len(&args[0]))
		eval_throw(ev, THROW_EVAL, 0,
		        "'builtins.elemAt' called with index %lld on a list of size %zu", (long long)i,
		        list_len(&args[0]));
	list_get(ev, &args[0], (size_t)i, ret);
}

static void b_elem(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	bool found = false;

	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.elem");
	for (size_t i = 0; i < list_len(&args[1]) && !found; i++)
		found = eval_equal(ev, &args[0], &args[1].elems[i], 0,
		        "while searching for the presence of the given element in the list");
	*ret = value_bool(found);
}

// Calls a function of one argument on an element.
static void call_on(struct eval *ev, struct value *fn, struct value *slot, struct value *ret)
{
	struct value arg = value_share(slot);

	eval_call(ev, fn, 1, &arg, ret, 0);
}

static void b_map(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.map");
	size_t len = list_len(&args[1]);

	if (!len) {
		*ret = args[1];
		return;
	}
	eval_function(ev, &args[0], 0, "while evaluating the first argument passed to builtins.map");
	struct value *fn = heap_slot(ev, &args[0]);
	struct value *to = eval_list_alloc(ev, len);
	for (size_t i = 0; i < len; i++)
		to[i] = eval_delay_call(fn, &args[1].elems[i]);
	*ret = value_list(to, len);
}

static void b_filter(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.filter");
	size_t len = list_len(&args[1]), kept = 0;

	if (!len) {
		*ret = args[1];
		return;
	}
	eval_function(ev, &args[0], 0, "while evaluating the first argument passed to builtins.filter");
	struct value *to = eval_list_alloc(ev, len);
	for (size_t i = 0; i < len; i++) {
		struct value keep;
		call_on(ev, &args[0], &args[1].elems[i], &keep);
		if (eval_bool(ev, &keep, 0,
		            "while evaluating the return value of the filtering function passed to "
		            "builtins.filter"))
			to[kept++] = value_share(&args[1].elems[i]);
	}
	*ret = kept == len ? args[1] : value_list(to, kept);
}

// Puts the lists in slots one after the other; they are in WHNF.
static struct value concat(struct eval *ev, const struct value *lists, size_t n)
{
	uint64_t len = 0; // of lists that may be one and the same: more than memory has
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (list_len(&lists[i]) && list_len(&lists[i]) == len + list_len(&lists[i]))
			at = i;
		len += list_len(&lists[i]);
	}
	if (n && len == list_len(&lists[at]))
		return lists[at];
	if (len > LIST_MAX)
		eval_throw(ev, THROW_EVAL, 0, "out of memory");
	struct value *to = eval_list_alloc(ev, (size_t)len);
	at = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list_len(&lists[i]); k++)
			to[at++] = value_share(&lists[i].elems[k]);
	return value_list(to, len);
}

static void b_concat_lists(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_list(ev, &args[0], 0, "while evaluating the first argument passed to builtins.concatLists");
	size_t n = list_len(&args[0]);
	struct value *lists = eval_alloc(ev, n * sizeof(*lists));

	for (size_t i = 0; i < n; i++) {
		eval_list(ev, &args[0].elems[i], 0,
		        "while evaluating a value of the list passed to builtins.concatLists");
		lists[i] = args[0].elems[i];
	}
	*ret = concat(ev, lists, n);
}

// What the function gave must be a list; the trace names the function.
static void need_list(struct eval *ev, const struct value *fn, struct value *v)
{
	struct frame f;

	if (LIKELY(value_type(v) == VALUE_LIST))
		return;
	text_push(ev, &f, "while evaluating the return value of the function passed to builtins.concatMap");
	if (value_type(fn) == VALUE_LAMBDA)
		f.pos = ((const struct expr *)value_meta_ptr(fn))->pos;
	eval_throw_expected(ev, "a list", v, 0);
}

static void b_concat_map(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_function(ev, &args[0], 0, "while evaluating the first argument passed to builtins.concatMap");
	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.concatMap");
	size_t n = list_len(&args[1]);
	struct value *lists = eval_alloc(ev, n * sizeof(*lists));

	for (size_t i = 0; i < n; i++) {
		call_on(ev, &args[0], &args[1].elems[i], &lists[i]);
		need_list(ev, &args[0], &lists[i]);
	}
	*ret = concat(ev, lists, n);
}

static void b_foldl(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_function(ev, &args[0], 0, "while evaluating the first argument passed to builtins.foldlStrict");
	eval_list(ev, &args[2], 0, "while evaluating the third argument passed to builtins.foldlStrict");
	struct value acc = args[1];

	for (size_t i = 0; i < list_len(&args[2]); i++) {
		struct value two[2] = {acc, value_share(&args[2].elems[i])};
		eval_call(ev, &args[0], 2, two, &acc, 0);
	}
	eval_force(ev, &acc, 0);
	*ret = acc;
}

// Is there an element for which the function says want?
static bool exists(struct eval *ev, struct value *args, bool want, const char *const what[3])
{
	eval_function(ev, &args[0], 0, what[0]);
	eval_list(ev, &args[1], 0, what[1]);
	for (size_t i = 0; i < list_len(&args[1]); i++) {
		struct value v;
		call_on(ev, &args[0], &args[1].elems[i], &v);
		if (eval_bool(ev, &v, 0, what[2]) == want)
			return true;
	}
	return false;
}

static void b_any(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	static const char *const what[3] = {"while evaluating the first argument passed to builtins.any",
	        "while evaluating the second argument passed to builtins.any",
	        "while evaluating the return value of the function passed to builtins.any"};

	*ret = value_bool(exists(ev, args, true, what));
}

static void b_all(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	static const char *const what[3] = {"while evaluating the first argument passed to builtins.all",
	        "while evaluating the second argument passed to builtins.all",
	        "while evaluating the return value of the function passed to builtins.all"};

	*ret = value_bool(!exists(ev, args, false, what));
}

static void b_gen_list(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	int64_t len =
	        eval_int(ev, &args[1], 0, "while evaluating the second argument passed to builtins.genList");

	if (len < 0)
		eval_throw(ev, THROW_EVAL, 0, "cannot create list of size %lld", (long long)len);
	eval_function(ev, &args[0], 0, "while evaluating the first argument passed to builtins.genList");
	if ((uint64_t)len > LIST_MAX)
		eval_throw(ev, THROW_EVAL, 0, "out of memory");
	struct value *fn = heap_slot(ev, &args[0]);
	struct value *to = eval_list_alloc(ev, (size_t)len);
	for (int64_t i = 0; i < len; i++)
		to[i] = (struct value){.meta = value_meta(VALUE_APP_INT, fn), .integer = i};
	*ret = value_list(to, (size_t)len);
}

static void b_partition(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_function(ev, &args[0], 0, "while evaluating the first argument passed to builtins.partition");
	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.partition");
	size_t len = list_len(&args[1]), right = 0, wrong = len;
	struct value *to = eval_list_alloc(ev, len);

	for (size_t i = 0; i < len; i++) {
		struct value v;
		eval_force(ev, &args[1].elems[i], 0); // here, unlike filter, even where pred does not look
		call_on(ev, &args[0], &args[1].elems[i], &v);
		bool yes = eval_bool(ev, &v, 0,
		        "while evaluating the return value of the partition function passed to "
		        "builtins.partition");
		to[yes ? right++ : --wrong] = value_share(&args[1].elems[i]);
	}
	for (size_t i = wrong, k = len; i + 1 < k; i++) { // the wrong ones came in from the end
		struct value v = to[i];
		to[i] = to[--k];
		to[k] = v;
	}
	struct attrs *a = attrs_new(ev, 2);
	*attrs_push(a, ev->sym.right, 0) = value_list(to, right);
	*attrs_push(a, ev->sym.wrong, 0) = value_list(to + wrong, len - wrong);
	attrs_finish(a);
	*ret = value_attrs(a);
}

// An element and the group it belongs to.
struct grouped {
	uint32_t group; // symbol
	uint32_t index;
};

static bool grouped_less(const struct grouped *a, const struct grouped *b)
{
	return a->group != b->group ? a->group < b->group : a->index < b->index;
}

static int grouped_cmp(const void *a, const void *b)
{
	return grouped_less(a, b) ? -1 : grouped_less(b, a);
}

static void b_group_by(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_function(ev, &args[0], 0, "while evaluating the first argument passed to builtins.groupBy");
	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.groupBy");
	size_t len = list_len(&args[1]), groups = 0;
	struct grouped *g = eval_alloc(ev, len * sizeof(*g));

	for (size_t i = 0; i < len; i++) {
		struct value v;
		call_on(ev, &args[0], &args[1].elems[i], &v);
		const struct string *name = eval_string_plain(ev, &v, 0,
		        "while evaluating the return value of the grouping function passed to "
		        "builtins.groupBy");
		g[i] = (struct grouped){symbol_intern(&ev->symbols, name->data, name->len), (uint32_t)i};
	}
	if (len)
		qsort(g, len, sizeof(*g), grouped_cmp);
	for (size_t i = 0; i < len; i++)
		groups += !i || g[i].group != g[i - 1].group;
	struct attrs *a = attrs_new(ev, groups);
	struct value *to = eval_list_alloc(ev, len);
	for (size_t from = 0, i = 0; i < len; i++) {
		to[i] = value_share(&args[1].elems[g[i].index]);
		if (i + 1 < len && g[i + 1].group == g[i].group)
			continue;
		*attrs_push(a, g[i].group, 0) = value_list(to + from, i + 1 - from);
		from = i + 1;
	}
	attrs_finish(a);
	*ret = value_attrs(a);
}

static void b_sort(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_list(ev, &args[1], 0, "while evaluating the second argument passed to builtins.sort");
	size_t len = list_len(&args[1]);

	if (!len) {
		*ret = args[1];
		return;
	}
	eval_function(ev, &args[0], 0, "while evaluating the first argument passed to builtins.sort");
	struct value *to = eval_list_alloc(ev, len);
	for (size_t i = 0; i < len; i++) {
		eval_force(ev, &args[1].elems[i], 0);
		to[i] = args[1].elems[i];
	}
	sort_values(ev, &args[0], to, len);
	*ret = value_list(to, len);
}

static const struct builtin rows[] = {
        {"length", 1, 1, false, b_length, "list", "How many elements the list has."},
        {"head", 1, 1, false, b_head, "list", "The first element; an error for an empty list."},
        {"tail", 1, 1, false, b_tail, "list",
                "The list without its first element; an error for an empty list."},
        {"elemAt", 2, 3, false, b_elem_at, "xs n", "Element n of the list, counted from 0."},
        {"elem", 2, 2, false, b_elem, "x xs", "Does an element of the list equal x?"},
        {"map", 2, 2, true, b_map, "f list", "The list of f applied to each element, lazily."},
        {"filter", 2, 2, false, b_filter, "f list", "The elements for which f is true."},
        {"concatLists", 1, 1, false, b_concat_lists, "lists",
                "The elements of all lists of a list, one after the other."},
        {"concatMap", 2, 3, false, b_concat_map, "f list",
                "The lists that f makes of each element, one after the other."},
        {"foldl'", 3, 5, false, b_foldl, "op nul list",
                "op (op (op nul x0) x1) x2 ..., evaluated at each step."},
        {"any", 2, 3, false, b_any, "pred list", "Is pred true for at least one element?"},
        {"all", 2, 3, false, b_all, "pred list", "Is pred true for every element?"},
        {"genList", 2, 3, false, b_gen_list, "generator length",
                "The list of generator 0, generator 1, ... of the given length."},
        {"partition", 2, 3, false, b_partition, "pred list",
                "The elements for which pred is true as 'right', the others as 'wrong'."},
        {"groupBy", 2, 3, false, b_group_by, "f list",
                "The elements in a set of lists, by the name that f gives to each."},
        {"sort", 2, 2, false, b_sort, "comparator list",
                "The list in order, elements that are equal kept in theirs."},
};

const struct builtin_table builtin_lists = {rows, ARRAY_SIZE(rows)};
