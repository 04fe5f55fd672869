// SPDX-License-Identifier: GPL-2.0-or-later
// What the evaluator is built on: symbols, places in sources, attribute sets in layers against a plain model,
// memory that calls give back, values that failed and are asked again, lints.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/macro.h"
#include "expr/eval.h"

static struct eval *new_eval(const struct eval_settings *settings)
{
	struct host h;

	host_init_plain(&h);
	return eval_new(&h, settings);
}

static void test_symbols(void **state)
{
	enum { N = 20000 };
	struct symbol_table t;
	char name[16];

	symbol_init(&t);
	for (int i = 0; i < N; i++) { // the table grows several times
		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(symbol_find(&t, name, strlen(name)), 0);
		uint32_t sym = symbol_of(&t, name);
		assert_string_equal(symbol_text(&t, sym), name);
	}
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(symbol_find(&t, name, strlen(name)), i + 1);
		assert_int_equal(symbol_of(&t, name), i + 1);
	}
	assert_int_not_equal(symbol_intern(&t, "a\0b", 3), symbol_intern(&t, "a", 1));
	assert_true(symbol_cmp(&t, symbol_of(&t, "a"), symbol_intern(&t, "a\0b", 3)) < 0);
	assert_true(symbol_cmp(&t, symbol_of(&t, "\xff"), symbol_of(&t, "a")) > 0); // bytes, not signed
	symbol_release(&t);
}

static void test_places(void **state)
{
	static const char text[] = "ab\ncd\r\ne\rf";
	static const struct {
		uint32_t at, line, column;
	} rows[] = {{0, 1, 1}, {1, 1, 2}, {2, 1, 3}, {3, 2, 1}, {7, 3, 1}, {9, 4, 1}, {10, 4, 2}};
	struct source_table t = {0};
	struct source_place p;

	const struct source_file *first = source_add(&t, SOURCE_FILE, "/first", "x", 1);
	const struct source_file *s = source_add(&t, SOURCE_FILE, "/f", text, sizeof(text) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(source_place(&t, s->base + rows[i].at, &p));
		assert_ptr_equal(p.source, s);
		assert_int_equal(p.line, rows[i].line);
		assert_int_equal(p.column, rows[i].column);
	}
	assert_ptr_equal(source_of(&t, first->base + 1), first); // its end is a position of its own
	assert_false(source_place(&t, 0, &p));
	source_release(&t);
}

// ---- sets

enum { NAMES = 300 };

static void update_one(struct eval *ev, struct attrs **set, int64_t *model, unsigned *seed)
{
	size_t n = rand_r(seed) % 8 ? rand_r(seed) % 4 : rand_r(seed) % NAMES;
	struct attrs *small = attrs_new(ev, n);

	for (size_t i = 0; i < n; i++) {
		uint32_t name = 1 + (uint32_t)rand_r(seed) % NAMES;
		*attrs_push(small, name, 0) = value_int(rand_r(seed));
	}
	attrs_finish_unique(small);
	attrs_for_each (at, small)
		model[at->name] = at->value.integer;
	*set = attrs_update(ev, *set, small);
}

static void compare(struct eval *ev, struct attrs *set, const int64_t *model)
{
	uint32_t have = 0;

	for (uint32_t name = 1; name <= NAMES; name++) {
		const struct attr *at = attrs_get(set, name);
		assert_int_equal(at != NULL, model[name] >= 0);
		if (at)
			assert_int_equal(at->value.integer, model[name]);
		have += at != NULL;
	}
	assert_int_equal(set->total, have);
	assert_int_equal(attrs_flat(ev, set)->len, have);
}

static void updates(struct eval *ev, void *arg)
{
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct attrs *set = &attrs_empty;
		int64_t model[NAMES + 1];
		unsigned s = seed;

		memset(model, -1, sizeof(model));
		for (int i = 0; i < 200; i++) {
			update_one(ev, &set, model, &s);
			if (i % 16 == 0)
				compare(ev, set, model);
		}
		compare(ev, set, model);
	}
}

static void test_updates(void **state)
{
	struct eval *ev = new_eval(NULL);
	struct thrown t;

	assert_true(eval_run(ev, updates, NULL, &t));
	eval_free(ev);
}

// ---- evaluation

struct job {
	const char *text;
	struct value value;
};

static void evaluate(struct eval *ev, void *arg)
{
	struct job *j = arg;

	eval_top(ev, eval_parse_text(ev, j->text, strlen(j->text), "/", SOURCE_STRING), &j->value);
}

static void test_memory_is_given_back(void **state)
{
	struct job j = {"let f = n: if n < 2 then n else f (n - 1) + f (n - 2); in f 22"};
	struct eval *ev = new_eval(NULL);
	struct thrown t;

	size_t before = ev->heap.total_bytes;
	assert_true(eval_run(ev, evaluate, &j, &t));
	assert_int_equal(j.value.integer, 17711);
	assert_true(ev->heap.total_bytes - before < 1 << 20); // 57,000 calls
	eval_free(ev);
}

// What failed fails again, with the same words, and leaves the rest of the set as it was.
static void test_failures_stay(void **state)
{
	struct eval *ev = new_eval(NULL);
	struct thrown t;

	for (int i = 0; i < 3; i++) {
		struct job bad = {"let s = rec { a = throw b; b = \"why\"; c = builtins.tryEval a; }; in "
		                  "builtins.seq s.c s.a"};
		struct job good = {"let s = rec { a = throw b; b = \"why\"; c = (builtins.tryEval "
		                   "a).success; d = builtins.stringLength b; }; "
		                   "in if s.c then 0 else s.d"};

		assert_false(eval_run(ev, evaluate, &bad, &t));
		assert_string_equal(t.message, "why");
		assert_true(eval_run(ev, evaluate, &good, &t));
		assert_int_equal(good.value.integer, 3);
	}
	eval_free(ev);
}

static void test_lints(void **state)
{
	static const struct {
		const char *text, *part; // of the error; NULL: none
	} rows[] = {
	        {"a:b", "URL literals are disallowed"},
	        {"\"a:b\"", NULL},
	        {"a/b", "should be prefixed with '.' for clarity: './a/b'"},
	        {"./a/b", NULL},
	        {"../a", NULL},
	        {"/a", "absolute path literals are not portable"},
	        {"~/a", "home path literals are not portable"},
	};
	struct eval_settings s = {.lint_url_literals = LINT_FATAL,
	        .lint_absolute_path_literals = LINT_FATAL,
	        .lint_short_path_literals = LINT_FATAL};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct eval *ev = new_eval(&s);
		struct job j = {rows[i].text};
		struct thrown t;

		assert_int_equal(eval_run(ev, evaluate, &j, &t), !rows[i].part);
		if (rows[i].part)
			assert_non_null(strstr(t.message, rows[i].part));
		eval_free(ev);
	}
}

// What lies directly below the stack of evaluation: its permissions as /proc/self/maps has them.
static void find_below(struct eval *ev, void *arg)
{
	char *ret = arg, line[512], perms[5], before[5] = "";
	unsigned long here = (unsigned long)&line, from, to, end = 0;
	FILE *f = fopen("/proc/self/maps", "r");

	(void)ev;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) && sscanf(line, "%lx-%lx %4s", &from, &to, perms) == 3) {
		if (here >= from && here < to) {
			snprintf(ret, 5, "%s", end == from ? before : "none");
			break;
		}
		end = to;
		memcpy(before, perms, sizeof(before));
	}
	fclose(f);
}

static void test_stack_ends_in_a_guard(void **state)
{
	struct eval *ev = new_eval(NULL);
	struct thrown t;
	char perms[5] = "";

	assert_true(eval_run(ev, find_below, perms, &t));
	assert_string_equal(perms, "---p");
	eval_free(ev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_symbols),
	        cmocka_unit_test(test_stack_ends_in_a_guard),
	        cmocka_unit_test(test_places),
	        cmocka_unit_test(test_updates),
	        cmocka_unit_test(test_memory_is_given_back),
	        cmocka_unit_test(test_failures_stay),
	        cmocka_unit_test(test_lints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
