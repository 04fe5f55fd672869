// SPDX-License-Identifier: GPL-2.0-or-later
// What a flake.nix says of its inputs: references, what follows what, overrides of inputs' inputs, and the
// arguments of 'outputs' that no input is written for.
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/ast.h"
#include "expr/builtin-util.h"
#include "glue/flake.h"
#include "glue/glue.h"

enum { DEPTH_MAX = 20 };

struct reading {
	struct eval *ev;
	const struct input_path *at; // where the flake is, from the root: what follows is counted from there
	const char *file;
};

static const char *plain_string(struct reading *x, struct attr *at, const char *name)
{
	eval_force(x->ev, &at->value, at->pos);
	if (value_type(&at->value) == VALUE_PATH)
		return at->value.string->data;
	if (value_type(&at->value) != VALUE_STRING)
		eval_throw(x->ev, THROW_TYPE, at->pos,
		        "expected a string but got %s at flake input attribute '%s'",
		        eval_phrase(x->ev, &at->value), name);
	return at->value.string->data;
}

static void read_inputs(struct reading *x, struct value *v, uint32_t pos, struct flake_input **ret,
        size_t *ret_len, unsigned depth);

static void read_attr(
        struct reading *x, struct flake_input *in, struct attr *at, struct ref *r, unsigned depth)
{
	const char *name = symbol_text(&x->ev->symbols, at->name);

	if (str_eq(name, "flake")) {
		in->is_flake = eval_bool(x->ev, &at->value, at->pos, NULL);
	} else if (str_eq(name, "inputs")) {
		read_inputs(x, &at->value, at->pos, &in->inputs, &in->len, depth + 1);
	} else if (str_eq(name, "url")) {
		ref_set(x->ev, r, name, plain_string(x, at, name));
	} else if (str_eq(name, "follows")) {
		in->has_follows = true;
		in->follows = input_path_parse(x->ev, plain_string(x, at, name), x->at);
	} else {
		eval_force(x->ev, &at->value, at->pos);
		if (value_type(&at->value) == VALUE_INT) {
			ref_set_number(x->ev, r, name, (uint64_t)at->value.integer);
		} else if (value_type(&at->value) == VALUE_BOOL) {
			ref_set_bool(x->ev, r, name, at->value.boolean);
		} else if (value_type(&at->value) == VALUE_STRING || value_type(&at->value) == VALUE_PATH) {
			ref_set(x->ev, r, name, at->value.string->data);
		} else {
			eval_throw(x->ev, THROW_TYPE, at->pos,
			        "flake input attribute '%s' is %s while a string, Boolean, or integer is "
			        "expected",
			        name, eval_phrase(x->ev, &at->value));
		}
	}
}

static void read_input(
        struct reading *x, struct flake_input *in, struct value *v, uint32_t pos, unsigned depth)
{
	struct eval *ev = x->ev;
	struct ref *r = ref_new(ev);

	if (depth > DEPTH_MAX)
		eval_throw(ev, THROW_RECURSE, pos, "inputs of '%s' are nested too deeply", x->file);
	in->is_flake = true;
	struct attrs *a = attrs_flat(ev, eval_attrs(ev, v, pos, NULL));
	attrs_for_each (at, a)
		read_attr(x, in, at, r, depth);
	const char *url = ref_text(r, "url");
	if (ref_get(r, "type")) {
		ref_check(ev, r);
		in->ref = r;
	} else {
		ref_remove(r, "url");
		if (r->len)
			eval_throw(ev, THROW_EVAL, pos, "unexpected flake input attribute '%s' of input '%s'",
			        r->attrs[0].name, in->id);
		if (url && in->has_follows)
			eval_throw(ev, THROW_EVAL, pos,
			        "flake input '%s' has both a flake reference and a follows attribute",
			        in->id);
		if (url)
			in->ref = ref_parse(ev, url, REF_RELATIVE | (in->is_flake ? REF_FLAKE : 0), NULL);
	}
}

// inputs.self says how the flake itself is fetched.
static void check_self(struct reading *x, struct attr *self)
{
	struct attrs *a = attrs_flat(x->ev, eval_attrs(x->ev, &self->value, self->pos, NULL));

	attrs_for_each (at, a) {
		eval_force(x->ev, &at->value, at->pos);
		if (value_type(&at->value) == VALUE_BOOL && at->value.boolean)
			eval_throw(x->ev, THROW_EVAL, at->pos, "inputs.self.%s is not supported by kernix",
			        symbol_text(&x->ev->symbols, at->name));
	}
}

static void read_inputs(struct reading *x, struct value *v, uint32_t pos, struct flake_input **ret,
        size_t *ret_len, unsigned depth)
{
	struct attrs *a = attrs_flat(x->ev, eval_attrs(x->ev, v, pos, NULL));
	struct attr **sorted = attrs_sorted(x->ev, a);
	size_t n = 0;

	*ret = eval_alloc(x->ev, (a->len + 1) * sizeof(**ret));
	for (size_t i = 0; i < a->len; i++) {
		const char *id = symbol_text(&x->ev->symbols, sorted[i]->name);
		if (depth == 0 && str_eq(id, "self")) {
			check_self(x, sorted[i]);
			continue;
		}
		(*ret)[n].id = id;
		read_input(x, &(*ret)[n++], &sorted[i]->value, sorted[i]->pos, depth);
	}
	*ret_len = n;
}

static struct ref *indirect(struct eval *ev, const char *id)
{
	struct ref *r = ref_new(ev);

	ref_set(ev, r, "type", "indirect");
	ref_set(ev, r, "id", id);
	return r;
}

static void add_input(struct eval *ev, struct flake *f, const char *id)
{
	size_t i = 0;

	while (i < f->len && strcmp(f->inputs[i].id, id) < 0)
		i++;
	if (i < f->len && str_eq(f->inputs[i].id, id))
		return;
	struct flake_input *more = eval_alloc(ev, (f->len + 1) * sizeof(*more));
	if (i)
		memcpy(more, f->inputs, i * sizeof(*more));
	if (i < f->len)
		memcpy(more + i + 1, f->inputs + i, (f->len - i) * sizeof(*more));
	more[i] = (struct flake_input){.id = id, .is_flake = true};
	f->inputs = more;
	f->len++;
}

// The names that 'outputs' takes are inputs, too.
static void add_formals(struct eval *ev, struct flake *f, struct value *outputs, uint32_t pos)
{
	eval_force(ev, outputs, pos);
	if (value_type(outputs) != VALUE_LAMBDA) {
		if (value_type(outputs) != VALUE_BUILTIN && value_type(outputs) != VALUE_PAPP)
			eval_throw(ev, THROW_TYPE, pos,
			        "expected a function but got %s as 'outputs' of the flake '%s'",
			        eval_phrase(ev, outputs), ref_show(ev, f->locked));
		return;
	}
	const struct expr_lambda *l = value_meta_ptr(outputs);
	for (size_t i = 0; l->formals && i < l->len; i++) {
		const char *id = symbol_text(&ev->symbols, l->elems[i].name);
		if (!str_eq(id, "self"))
			add_input(ev, f, id);
	}
}

static struct attr *get(struct eval *ev, struct attrs *a, const char *name)
{
	return attrs_get(a, symbol_of(&ev->symbols, name));
}

// As people know it.
static const char *name_of(struct eval *ev, const struct flake *f)
{
	return ref_show(ev, f->resolved ? f->resolved : f->locked);
}

static void check_names(struct eval *ev, const struct flake *f, struct attrs *a)
{
	static const char *const known[] = {"description", "inputs", "nixConfig", "outputs", "edition"};

	attrs_for_each (at, a) {
		const char *name = symbol_text(&ev->symbols, at->name);
		bool found = false;
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			found |= str_eq(known[i], name);
		if (!found)
			eval_throw(ev, THROW_EVAL, at->pos, "flake '%s' has an unsupported attribute '%s'",
			        name_of(ev, f), name);
	}
}

void flake_read(struct eval *ev, struct flake *f, const struct input_path *at)
{
	const char *file = arena_printf(&ev->heap, "%s/flake.nix", f->folder);
	struct reading x = {.ev = ev, .at = at, .file = file};
	char *real = ev->host.real_path(ev->host.ctx, file);
	bool there = fs_exists(real);
	struct value v;

	mem_free(real);
	if (!there)
		glue_throw_untracked(ev, f->folder, "flake.nix");
	if (!there)
		eval_throw(ev, THROW_EVAL, 0,
		        "source tree referenced by '%s' does not contain a '%s%sflake.nix' file",
		        ref_show(ev, f->locked), ref_text(f->locked, "dir") ? ref_text(f->locked, "dir") : "",
		        ref_text(f->locked, "dir") ? "/" : "");
	// It is read by others, too, that evaluate nothing of it: a set as it is written.
	eval_check_path(ev, file, 0);
	if (eval_parse_file(ev, file)->kind != EXPR_ATTRS)
		eval_throw(ev, THROW_TYPE, 0, "file '%s' must be an attribute set", file);
	eval_import(ev, file, &v);
	struct attrs *a = attrs_flat(ev, v.attrs);
	struct attr *description = get(ev, a, "description"), *inputs = get(ev, a, "inputs"),
	            *outputs = get(ev, a, "outputs");
	if (description)
		f->description = eval_string_plain(ev, &description->value, description->pos, NULL)->data;
	if (inputs)
		read_inputs(&x, &inputs->value, inputs->pos, &f->inputs, &f->len, 0);
	if (!outputs)
		eval_throw(ev, THROW_EVAL, 0, "flake '%s' lacks attribute 'outputs'", name_of(ev, f));
	add_formals(ev, f, &outputs->value, outputs->pos);
	check_names(ev, f, a);
	for (size_t i = 0; i < f->len; i++)
		if (!f->inputs[i].ref && !f->inputs[i].has_follows)
			f->inputs[i].ref = indirect(ev, f->inputs[i].id);
}

// Names of the registry are looked up first, so that what they stand for is what is locked.
void flake_fetch(struct eval *ev, const struct ref *want, const struct input_path *at, struct flake *ret)
{
	const struct ref *found = registry_resolve(ev, want);
	struct ref *plain = ref_copy(ev, found);
	const char *dir = ref_text(want, "dir") ? ref_text(want, "dir") : ref_text(found, "dir");

	*ret = (struct flake){.original = ref_copy(ev, want), .resolved = ref_copy(ev, found)};
	if (!at->len)
		ret->place = flake_place_of(ev, found);
	ref_remove(plain, "dir");
	tree_fetch(ev, plain, at->len ? input_path_show(ev, at) : NULL, &ret->source);
	ret->locked = ref_copy(ev, ret->source.locked);
	if (dir)
		ref_set(ev, ret->locked, "dir", dir);
	glue_store_value(ev, ret->source.path); // it may be read now
	glue_note_tree(ev, ret->source.path, plain);
	const char *folder = dir ? arena_printf(&ev->heap, "%s/%s", ret->source.path, dir) : ret->source.path;
	ret->folder = eval_canonical_path(ev, folder, strlen(folder))->data;
	if (!str_has_prefix(ret->folder, ret->source.path))
		eval_throw(ev, THROW_EVAL, 0, "the folder '%s' leads out of the flake '%s'", dir,
		        ref_show(ev, plain));
	flake_read(ev, ret, at);
}
