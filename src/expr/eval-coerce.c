// SPDX-License-Identifier: GPL-2.0-or-later
// Coercion to strings and paths; paths copied to the store.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "expr/eval-private.h"

// ---- copying to the store

const struct string *eval_copy_to_store(struct eval *ev, const struct string *path, uint32_t pos)
{
	const struct string *have = hmap_get(&ev->priv->copied, path->data);
	struct err e = {0};
	char *store_path = NULL;
	enum host_file type;

	if (have)
		return have;
	if (path->len >= 4 && memcmp(path->data + path->len - 4, ".drv", 4) == 0)
		eval_throw(ev, THROW_EVAL, 0, "file names are not allowed to end in '.drv'");
	eval_check_path(ev, path->data, pos);
	if (ev->host.file_type(ev->host.ctx, path->data, false, &type, &e) < 0)
		eval_throw_err(ev, 0, &e);
	if (type == HOST_MISSING)
		eval_throw(ev, THROW_HOST, 0, "path '%s' does not exist", path->data);
	if (!ev->host.copy_to_store)
		eval_throw(ev, THROW_HOST, 0, "cannot copy '%s': there is no store", path->data);
	const char *base = strrchr(path->data, '/');
	if (ev->host.copy_to_store(ev->host.ctx, path->data, base ? base + 1 : path->data, &store_path, &e) <
	        0)
		eval_throw_err(ev, 0, &e);
	const struct string *text = eval_string(ev, store_path, strlen(store_path), NULL);
	const struct string *r =
	        eval_string(ev, store_path, strlen(store_path), context_one(ev, CONTEXT_OPAQUE, text, NULL));
	eval_allow_path(ev, store_path);
	mem_free(store_path);
	ev->escapes++;
	hmap_put(&ev->priv->copied, path->data, (void *)r);
	return r;
}

// ---- strings

// The set's own string: by __toString, or its outPath. False when it has none.
static bool attrs_to_string(
        struct eval *ev, struct value *v, uint32_t pos, const struct coerce *how, const struct string **ret)
{
	struct attr *a = attrs_get(v->attrs, ev->sym.to_string);

	if (a) {
		struct value fn = value_share(&a->value), self = *v, result;
		eval_call(ev, &fn, 1, &self, &result, pos);
		struct coerce inner = *how;
		inner.what = "while evaluating the result of the `__toString` attribute";
		*ret = eval_coerce(ev, &result, pos, &inner);
		return true;
	}
	a = attrs_get(v->attrs, ev->sym.out_path);
	if (!a)
		return false;
	*ret = eval_coerce(ev, &a->value, pos, how);
	return true;
}

static const struct string *list_to_string(
        struct eval *ev, struct value *v, uint32_t pos, const struct coerce *how)
{
	size_t n = list_len(v), count = 0;
	uint64_t total = 0;
	const struct string **parts = eval_alloc(ev, (n * 2 + 1) * sizeof(*parts)),
	                    *space = symbol_string(&ev->symbols, ev->priv->space);
	const struct context *context = NULL;
	struct coerce inner = *how;
	struct frame f;

	inner.what = "while evaluating one element of the list";
	for (size_t i = 0; i < n; i++) {
		struct value *e = &v->elems[i];
		frame_push(ev, &f, how->what ? FRAME_TEXT : FRAME_NONE, pos, how->what, NULL);
		const struct string *s = eval_coerce(ev, e, pos, &inner);
		frame_pop(ev, &f);
		parts[count++] = s;
		context = context_join(ev, context, s->context);
		struct value now = value_share(e);
		if (i + 1 < n && (value_type(&now) != VALUE_LIST ||
		                         list_len(&now))) // empty lists vanish with their blank
			parts[count++] = space;
	}
	for (size_t i = 0; i < count; i++)
		total += parts[i]->len;
	if (total >= EVAL_STRING_MAX)
		eval_throw(ev, THROW_EVAL, pos, "string of %" PRIu64 " bytes is too long", total);
	struct string *r = eval_alloc(ev, sizeof(*r) + (size_t)total + 1);
	r->context = context;
	r->len = (uint32_t)total;
	char *to = r->data;
	for (size_t i = 0; i < count; i++) {
		memcpy(to, parts[i]->data, parts[i]->len);
		to += parts[i]->len;
	}
	return r;
}

static const struct string *number_to_string(struct eval *ev, const struct value *v)
{
	char text[512];
	int n = value_type(v) == VALUE_INT ? snprintf(text, sizeof(text), "%" PRId64, v->integer)
	                                   : snprintf(text, sizeof(text), "%f", v->fpoint);

	return eval_string(ev, text, (size_t)n, NULL);
}

static const struct string *coerce_more(
        struct eval *ev, struct value *v, uint32_t pos, const struct coerce *how)
{
	switch (value_type(v)) {
	case VALUE_INT:
	case VALUE_FLOAT:
		return number_to_string(ev, v);
	case VALUE_BOOL:
		return eval_string(ev, "1", v->boolean ? 1 : 0, NULL);
	case VALUE_NULL:
		return eval_string(ev, "", 0, NULL);
	case VALUE_LIST:
		return list_to_string(ev, v, pos, how);
	default:
		return NULL;
	}
}

const struct string *eval_coerce(struct eval *ev, struct value *v, uint32_t pos, const struct coerce *how)
{
	const struct string *s = NULL;
	struct frame f;

	eval_check_stack(ev);
	eval_force(ev, v, pos);
	switch (value_type(v)) {
	case VALUE_STRING:
		return v->string;
	case VALUE_PATH:
		return how->copy ? eval_copy_to_store(ev, v->string, pos) : v->string;
	default:
		break;
	}
	depth_enter(ev, pos);
	bool done = value_type(v) == VALUE_ATTRS ? attrs_to_string(ev, v, pos, how, &s)
	                                         : how->more && (s = coerce_more(ev, v, pos, how));
	if (done) {
		depth_leave(ev);
		return s;
	}
	if (how->what)
		frame_push(ev, &f, FRAME_TEXT, pos, how->what, NULL);
	eval_throw(
	        ev, THROW_TYPE, 0, "cannot coerce %s to a string: %s", eval_phrase(ev, v), eval_show(ev, v));
}

// ---- paths

const struct string *eval_path(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	struct frame f;

	if (what)
		frame_push(ev, &f, FRAME_TEXT, pos, what, NULL);
	eval_force(ev, v, pos);
	if (what)
		frame_pop(ev, &f);
	if (value_type(v) == VALUE_PATH)
		return v->string;
	struct coerce how = {.what = what};
	if (value_type(v) == VALUE_ATTRS) { // __toString may give a path
		struct attr *a = attrs_get(v->attrs, ev->sym.to_string);
		if (a) {
			struct value fn = value_share(&a->value), self = *v, result;
			eval_call(ev, &fn, 1, &self, &result, pos);
			return eval_path(ev, &result, pos, what);
		}
	}
	const struct string *s = eval_coerce(ev, v, pos, &how);
	if (s->len == 0 || s->data[0] != '/') {
		if (what)
			frame_push(ev, &f, FRAME_TEXT, pos, what, NULL);
		eval_throw(ev, THROW_EVAL, pos, "string '%s' doesn't represent an absolute path", s->data);
	}
	const struct string *canonical = eval_canonical_path(ev, s->data, s->len);
	((struct string *)canonical)->context = s->context;
	return canonical;
}

void eval_realise_context(struct eval *ev, const struct context *c, uint32_t pos)
{
	struct err e = {0};

	if (!c)
		return;
	bool built = false;
	for (size_t i = 0; i < c->len; i++)
		built |= c->elems[i].kind == CONTEXT_BUILT;
	if (built && !ev->settings.allow_import_from_derivation)
		eval_throw(ev, THROW_EVAL, pos,
		        "cannot build '%s' during evaluation because the option "
		        "'allow-import-from-derivation' is disabled",
		        c->elems[0].path->data);
	if (!ev->host.realise) {
		if (built)
			eval_throw(ev, THROW_HOST, pos,
			        "cannot build '%s' during evaluation: there is no store",
			        c->elems[0].path->data);
		return;
	}
	if (ev->host.realise(ev->host.ctx, c->elems, c->len, &e) < 0)
		eval_throw_err(ev, 0, &e);
}

const char *eval_realise_unchecked(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	const struct string *s = eval_path(ev, v, pos, what);
	struct frame f;

	if (s->context) {
		frame_push(ev, &f, FRAME_TEXT, pos,
		        arena_printf(&ev->heap, "while realising the context of path '%s'", s->data), NULL);
		eval_realise_context(ev, s->context, pos);
		frame_pop(ev, &f);
	}
	return s->data;
}

const char *eval_realise_path(struct eval *ev, struct value *v, uint32_t pos, const char *what)
{
	const char *path = eval_realise_unchecked(ev, v, pos, what);

	eval_check_path(ev, path, pos);
	return path;
}
