// SPDX-License-Identifier: GPL-2.0-or-later
// What the command line needs: selection paths (-A), --find-file, expressions with more names in scope.

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "expr/advice.h"
#include "expr/eval-private.h"

// Takes the next name off a selection path: dots separate, quotes protect. False at the end. An error of
// quoting throws.
static bool next_name(struct eval *ev, const char *path, const char **at, struct buf *name)
{
	const char *p = *at;

	buf_clear(name);
	if (!*p)
		return false;
	for (; *p && *p != '.'; p++) {
		if (*p != '"') {
			buf_addc(name, *p);
			continue;
		}
		for (p++; *p && *p != '"'; p++)
			buf_addc(name, *p);
		if (!*p) {
			buf_release(name);
			eval_throw(ev, THROW_EVAL, 0, "missing closing quote in selection path '%s'", path);
		}
	}
	*at = *p ? p + 1 : p;
	return true;
}

_noreturn_ static void not_found(struct eval *ev, const char *name, const char *path, struct attrs *a)
{
	struct attrs *flat = attrs_flat(ev, a);
	uint32_t *names = eval_alloc(ev, (flat->len + 1) * sizeof(*names)), n = 0;

	attrs_for_each (at, flat)
		names[n++] = at->name;
	const char *hint = missing_hint(ev, symbol_of(&ev->symbols, name), names, n, a);
	eval_throw_hint(
	        ev, THROW_MISSING, 0, hint, "attribute '%s' in selection path '%s' not found", name, path);
}

static struct value *select_name(struct eval *ev, struct value *v, const char *name, const char *path)
{
	uint64_t index;

	if (str_to_u64(name, &index) == 0 && index <= UINT32_MAX) {
		if (value_type(v) != VALUE_LIST)
			eval_throw(ev, THROW_TYPE, 0,
			        "the expression selected by the selection path '%s' should be a list but is "
			        "%s",
			        path, eval_phrase(ev, v));
		if (index >= list_len(v))
			eval_throw(ev, THROW_EVAL, 0, "list index %lu in selection path '%s' is out of range",
			        (unsigned long)index, path);
		return &v->elems[index];
	}
	if (value_type(v) != VALUE_ATTRS)
		eval_throw(ev, THROW_TYPE, 0,
		        "the expression selected by the selection path '%s' should be a set but is %s", path,
		        eval_phrase(ev, v));
	if (!*name)
		eval_throw(ev, THROW_EVAL, 0, "empty attribute name in selection path '%s'", path);
	struct attr *a = attrs_get(v->attrs, symbol_find(&ev->symbols, name, strlen(name)));
	if (!a)
		not_found(ev, name, path, v->attrs);
	return &a->value;
}

void eval_attr_path(
        struct eval *ev, struct attrs *auto_args, struct value *root, const char *path, struct value *ret)
{
	struct value v = value_share(root);
	const char *at = path;
	struct buf name = {0};

	while (next_name(ev, path, &at, &name)) {
		const char *text = arena_strndup(&ev->heap, buf_str(&name), name.len);
		buf_release(&name);
		struct value called;
		eval_auto_call(ev, auto_args, &v, &called);
		v = value_share(select_name(ev, &called, text, path));
	}
	buf_release(&name);
	eval_force(ev, &v, 0);
	*ret = v;
}

const char *eval_find_file(struct eval *ev, const char *name)
{
	struct search_entry *entries;
	size_t n = eval_search_entries(ev, &entries);

	return eval_find_in_path(ev, entries, n, name, 0)->data;
}

// Scope and environment of extra names over the globals.
struct env *eval_scope_of(struct eval *ev, struct attrs *names, struct scope *sc)
{
	struct attrs *a = attrs_flat(ev, names);
	uint32_t *syms = arena_alloc(&ev->code, (a->len + 1) * sizeof(*syms));
	struct env *env = env_new(ev, ev->base_env, a->len);

	for (uint32_t i = 0; i < a->len; i++) {
		syms[i] = a->entries[i].name;
		env->slots[i] = value_share(&a->entries[i].value);
	}
	*sc = (struct scope){.up = ev->priv->base_scope, .names = syms, .len = a->len};
	return env;
}

void eval_text_scoped(struct eval *ev, const char *text, size_t len, const char *base_path,
        struct attrs *names, struct value *ret)
{
	struct scope sc;
	struct env *env = eval_scope_of(ev, names, &sc);
	const struct source_file *s = eval_add_source(ev, SOURCE_STRING, "«string»", text, len);

	eval_expr(ev, env, eval_parse_scoped(ev, s, base_path, &sc), ret);
}
