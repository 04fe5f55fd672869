// SPDX-License-Identifier: GPL-2.0-or-later
// Why something is built. Two derivations of a name are compared variable by variable. Where texts only name
// other outputs of inputs that are called the same, the difference is in these, and they are compared in
// turn; what remains is said where it is.
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include "base/hmap.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/explain.h"
#include "store/drv.h"
#include "store/path.h"

#define DEPTH_MAX 30
#define SHOWN_MAX 70

struct explain {
	struct store *s;
	struct buf *b;
	struct hmap seen; // derivations that were compared
	int depth;
};

struct pair {
	const struct drv *old, *new;
};

__attribute__((format(printf, 2, 3))) static void say(struct explain *x, const char *fmt, ...)
{
	va_list ap;

	buf_addf(x->b, "%*s", 2 * x->depth, "");
	va_start(ap, fmt);
	buf_vaddf(x->b, fmt, ap);
	va_end(ap);
	buf_addc(x->b, '\n');
}

static char *shorter(const char *text)
{
	size_t n = strcspn(text, "\n");
	bool cut = n > SHOWN_MAX || text[n];

	return str_printf("%.*s%s", (int)MIN(n, (size_t)SHOWN_MAX), text, cut ? "..." : "");
}

// --- texts without the hashes of store paths ---

// What is left of a text when each store path is only its name.
static char *bare(struct store *s, const char *text)
{
	size_t n = strlen(store_dir(s));
	struct buf b = {0};

	while (*text) {
		if (!strncmp(text, store_dir(s), n) && text[n] == '/' &&
		        strlen(text + n + 1) > STORE_HASH_CHARS && text[n + 1 + STORE_HASH_CHARS] == '-') {
			text += n + 1 + STORE_HASH_CHARS + 1;
			buf_adds(&b, "store:");
		} else {
			buf_addc(&b, *text++);
		}
	}
	buf_str(&b);
	return b.data;
}

static bool is_output(const struct drv *d, const char *name)
{
	return drv_output((struct drv *)d, name) != NULL;
}

// --- single variables ---

static const json_t *request_of(const json_t *list, const char *name)
{
	const json_t *r, *found = NULL;
	size_t i;

	json_array_foreach(list, i, r)
	{
		const char *n = json_string_value(json_object_get(r, "name"));
		if (n && str_eq(n, name))
			found = r; // the last one counts
	}
	return found;
}

static const char *value_of(const json_t *request)
{
	const char *value = json_string_value(json_object_get(request, "value"));

	return value ? value : "not asked for";
}

static void say_option(struct explain *x, const char *name, const json_t *was, const json_t *is)
{
	const char *why = json_string_value(json_object_get(is ? is : was, "why"));

	if (str_eq(value_of(was), value_of(is)))
		return;
	say(x, "option %s: was %s, is %s%s%s%s", name, value_of(was), value_of(is), why ? " (" : "",
	        why ? why : "", why ? ")" : "");
}

// Two lists of requests for Kconfig; false: they are none.
static bool say_requests(struct explain *x, const char *old, const char *new)
{
	json_t *was = json_loads(old, 0, NULL), *is = json_loads(new, 0, NULL), *r;
	bool lists = json_is_array(was) && json_is_array(is);
	size_t before = x->b->len, i;

	for (int pass = 0; lists && pass < 2; pass++)
		json_array_foreach(pass ? was : is, i, r)
		{
			const char *name = json_string_value(json_object_get(r, "name"));
			const json_t *other = name ? request_of(is, name) : NULL;
			if (name && !pass && r == other)
				say_option(x, name, request_of(was, name), r);
			else if (name && pass && !other && r == request_of(was, name))
				say_option(x, name, r, NULL);
		}
	json_decref(was);
	json_decref(is);
	if (lists && x->b->len == before)
		say(x, "requests for options: their order, or who asks");
	return lists;
}

// Words that came and went, where both texts are lists of them.
static void say_words(struct explain *x, const char *what, const char *old, const char *new)
{
	_cleanup_strv_ char **was = strv_split(old, " \n"), **is = strv_split(new, " \n");
	size_t before = x->b->len;

	strv_for_each (w, is)
		if (*w && !strv_has(was, w))
			say(x, "%s: '%s' is new", what, str_has_prefix(w, "/") ? store_path_name(w) : w);
	strv_for_each (w, was)
		if (*w && !strv_has(is, w))
			say(x, "%s: '%s' is gone", what, str_has_prefix(w, "/") ? store_path_name(w) : w);
	if (x->b->len == before)
		say(x, "%s: the order differs", what);
}

static const char *kind_of(const char *name)
{
	static const char *const kinds[][2] = {{"makeFlags", "flags"}, {"patches", "patch"},
	        {"src", "source"}, {"srcs", "source"}, {"toolchain", "toolchain"},
	        {"buildRoot", "toolchain (buildRoot)"}, {"CC", "toolchain (CC)"}, {"LD", "toolchain (LD)"},
	        {"base", "base of the configuration"}, {"outputHash", "source (its hash)"},
	        {"configfile", ".config"}};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_eq(kinds[i][0], name))
			return kinds[i][1];
	return NULL;
}

static void say_variable(struct explain *x, const char *name, const char *old, const char *new)
{
	const char *kind = kind_of(name);

	if (str_eq(name, "requests") && say_requests(x, old, new))
		return;
	if (str_eq(name, "trim")) {
		say(x, "what the kernel is trimmed to (boot.kernix.hardware, or what is declared)");
		return;
	}
	if (str_eq(name, "makeFlags") || str_eq(name, "patches") || str_has_suffix(name, "Inputs")) {
		say_words(x, kind ? kind : name, old, new);
		return;
	}
	_cleanup_free_ char *was = shorter(old), *is = shorter(new);
	say(x, "%s: was '%s', is '%s'", kind ? kind : name, was, is);
}

static void compare_variables(struct explain *x, const struct pair *p)
{
	for (int pass = 0; pass < 2; pass++) {
		const struct drv *d = pass ? p->old : p->new, *o = pass ? p->new : p->old;
		for (size_t i = 0; i < d->n_env; i++) {
			const char *name = d->env[i].name, *other = drv_env(o, name);
			if (is_output(d, name) || (pass && other) ||
			        (other && str_eq(other, d->env[i].value)))
				continue;
			const char *old = pass    ? d->env[i].value
			                  : other ? other
			                          : "",
			           *new = pass ? "" : d->env[i].value;
			_cleanup_free_ char *a = bare(x->s, old), *b = bare(x->s, new);
			if (!str_eq(a, b)) // else inputs of the same names differ, and are told
				say_variable(x, name, old, new);
		}
	}
}

// --- files and inputs ---

static const char *named(char *const *paths, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(store_path_name(paths[i]), name))
			return paths[i];
	return NULL;
}

static void compare_sources(struct explain *x, const struct pair *p)
{
	const struct drv *o = p->old, *n = p->new;

	for (size_t i = 0; i < n->n_srcs; i++) {
		const char *name = store_path_name(n->srcs[i]), *was = named(o->srcs, o->n_srcs, name);
		const char *kind =
		        str_has_suffix(name, ".patch") || str_has_suffix(name, ".diff") ? "patch" : "file";
		if (!was)
			say(x, "%s %s is new", kind, name);
		else if (!named(o->srcs, o->n_srcs, name) || !strv_has(o->srcs, n->srcs[i]))
			say(x, "%s %s differs in its content", kind, name);
	}
	for (size_t i = 0; i < o->n_srcs; i++)
		if (!named(n->srcs, n->n_srcs, store_path_name(o->srcs[i])))
			say(x, "file %s is gone", store_path_name(o->srcs[i]));
}

static const struct drv_input *input_named(const struct drv *d, const char *name, bool bare_name)
{
	size_t n = strcspn(name, "0123456789");

	for (size_t i = 0; i < d->n_inputs; i++) {
		const char *other = store_path_name(d->inputs[i].path);
		if (bare_name ? strcspn(other, "0123456789") == n && !strncmp(other, name, n)
		              : str_eq(other, name))
			return &d->inputs[i];
	}
	return NULL;
}

static bool has_input(const struct drv *d, const char *path)
{
	for (size_t i = 0; i < d->n_inputs; i++)
		if (str_eq(d->inputs[i].path, path))
			return true;
	return false;
}

static void compare_paths(struct explain *x, const char *old, const char *new);

// An input of another version is the same one; both are found before either is said to be new or gone.
static void compare_inputs(struct explain *x, const struct pair *p)
{
	for (size_t i = 0; i < p->new->n_inputs; i++) {
		const char *path = p->new->inputs[i].path, *name = store_path_name(path);
		if (has_input(p->old, path))
			continue;
		const struct drv_input *was = input_named(p->old, name, false);
		if (!was)
			was = input_named(p->old, name, true);
		if (was && !has_input(p->new, was->path))
			compare_paths(x, was->path, path);
		else
			say(x, "input %.*s is new", (int)(strlen(name) - 4), name);
	}
	for (size_t i = 0; i < p->old->n_inputs; i++) {
		const char *path = p->old->inputs[i].path, *name = store_path_name(path);
		if (!has_input(p->new, path) && !input_named(p->new, name, false) &&
		        !input_named(p->new, name, true))
			say(x, "input %.*s is gone", (int)(strlen(name) - 4), name);
	}
}

static void compare_rest(struct explain *x, const struct pair *p)
{
	_cleanup_free_ char *was = bare(x->s, p->old->builder), *is = bare(x->s, p->new->builder);
	_cleanup_free_ char *words = strv_join(p->old->args, " "), *now = strv_join(p->new->args, " ");
	_cleanup_free_ char *old = bare(x->s, words ? words : ""), *new = bare(x->s, now ? now : "");

	if (!str_eq(was, is))
		say(x, "builder: was %s, is %s", was, is);
	if (!str_eq(old, new))
		say(x, "arguments of the builder: was '%s', is '%s'", old, new);
	if (!str_eq(p->old->system, p->new->system))
		say(x, "system: was %s, is %s", p->old->system, p->new->system);
}

static void compare(struct explain *x, const struct drv *old, const struct drv *new)
{
	const struct pair p = {old, new};

	compare_rest(x, &p);
	compare_variables(x, &p);
	compare_sources(x, &p);
	compare_inputs(x, &p);
}

static void compare_paths(struct explain *x, const char *old, const char *new)
{
	_cleanup_free_ char *name = store_drv_name(new);
	_cleanup_drv_ struct drv *was = NULL, *is = NULL;
	_cleanup_err_ struct err skip = {0};

	if (hmap_has(&x->seen, new)) {
		say(x, "%s (as above)", name);
		return;
	}
	hmap_put(&x->seen, new, x);
	say(x, "%s:", name);
	x->depth++;
	if (x->depth > DEPTH_MAX)
		say(x, "(and further down)");
	else if (drv_read(x->s, old, &was, &skip) < 0 || drv_read(x->s, new, &is, &skip) < 0)
		say(x, "its last derivation was garbage collected: in what it differs cannot be said");
	else
		compare(x, was, is);
	x->depth--;
}

// --- the whole ---

static int missing_output(struct store *s, const struct drv *d, const char **ret, struct err *e)
{
	*ret = NULL;
	for (size_t i = 0; i < d->n_outputs && !*ret; i++) {
		bool valid = false;
		int r = *d->outputs[i].path ? store_is_valid(s, d->outputs[i].path, &valid, e) : 0;
		if (r < 0)
			return r;
		if (!valid)
			*ret = d->outputs[i].path;
	}
	return 0;
}

static void say_since(
        struct explain *x, const struct history_row *row, const char *name, const char *drv_path)
{
	if (str_eq(row->name, name))
		say(x, "why %s is built: since its last build there differs", name);
	else
		say(x, "why %s is built: none of that name was built before; beside %s there differs", name,
		        row->name);
	x->depth++;
	compare_paths(x, row->drv_path, drv_path);
	x->depth--;
}

int explain_build(
        struct store *s, const struct history *h, const char *drv_path, struct buf *b, struct err *e)
{
	_cleanup_free_ char *name = store_drv_name(drv_path);
	const struct history_row *row = history_find(h, name, true);
	struct explain x = {.s = s, .b = b};
	_cleanup_drv_ struct drv *d = NULL;
	const char *missing;
	int r = drv_read(s, drv_path, &d, e);

	if (r >= 0)
		r = missing_output(s, d, &missing, e);
	if (r < 0)
		return r;
	if (!missing)
		say(&x, "%s is there: nothing is built", name);
	else if (!row)
		say(&x, "why %s is built: nothing of that name was built in this store before", name);
	else if (str_eq(row->drv_path, drv_path))
		say(&x,
		        "why %s is built: nothing differs from its last build, whose result %s was garbage "
		        "collected",
		        name, missing);
	else
		say_since(&x, row, name, drv_path);
	hmap_release(&x.seen);
	return 0;
}
