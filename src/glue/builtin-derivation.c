// SPDX-License-Identifier: GPL-2.0-or-later
// derivationStrict: an attribute set becomes a .drv in the store (Nix manual, 'Derivations', 'Advanced
// Attributes'), and the lazy function 'derivation' around it.

#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/json-parse.h"
#include "expr/print.h"
#include "glue/glue.h"
#include "store/drv.h"
#include "store/store.h"

// What is being put together. Lives in evaluator memory or is freed by a cleanup frame (drv).
struct making {
	struct eval *ev;
	struct glue *glue;
	struct drv *drv;
	const struct string *name;
	uint32_t name_pos;
	const struct context *context; // of everything seen so far
	struct buf json;               // __structuredAttrs: the object so far; freed with drv
	bool structured, ignore_nulls, ca, impure;
	bool method_said; // outputHashMode was there
	bool floating;    // the output paths are not known
	const char *hash, *hash_algo;
	enum ca_method method;
	char **outputs; // strv
	uint32_t outputs_pos;
};

static void making_release(void *p)
{
	struct making *m = p;

	drv_free(m->drv);
	buf_release(&m->json);
	strv_free(m->outputs);
	m->drv = NULL;
	m->outputs = NULL;
}

static void print_frame_drv(struct eval *ev, const struct frame *f, struct buf *out)
{
	const struct making *m = f->b;

	buf_addf(out, "while evaluating derivation '%s'", m->name->data);
	if (m->name_pos) {
		buf_adds(out, "\n  whose name attribute is located at ");
		source_print(&ev->sources, m->name_pos, out);
	}
}

static void print_frame_attr(struct eval *ev, const struct frame *f, struct buf *out)
{
	const struct making *m = ((const void *const *)f->b)[0];
	const struct attr *at = ((const void *const *)f->b)[1];

	buf_addf(out, "while evaluating attribute '%s' of derivation '%s'", eval_show_name(ev, at->name),
	        m->name->data);
}

static void frame_in(struct eval *ev, struct frame *f)
{
	f->up = ev->frames;
	ev->frames = f;
}

// A frame with a place of its own.
static void text_at(struct eval *ev, struct frame *f, uint32_t pos, const char *text)
{
	text_push(ev, f, text);
	f->pos = pos;
}

static void frame_out(struct eval *ev, struct frame *f)
{
	ev->frames = f->up;
}

static void join(struct making *m, const struct context *c)
{
	m->context = context_join(m->ev, m->context, c);
}

static const struct string *coerce(struct making *m, struct value *v, const char *what)
{
	const struct coerce how = {.more = true, .copy = true, .what = what};
	const struct string *s = eval_coerce(m->ev, v, 0, &how);

	join(m, s->context);
	return s;
}

static void add_output(struct making *m, const char *name)
{
	if (strv_has(m->outputs, name))
		eval_throw(m->ev, THROW_EVAL, 0, "duplicate derivation output '%s'", name);
	if (str_eq(name, "drvPath"))
		eval_throw(m->ev, THROW_EVAL, 0, "invalid derivation output name 'drvPath'");
	strv_add(&m->outputs, name);
}

static void set_outputs(struct making *m, const char *words)
{
	_cleanup_strv_ char **v = strv_split(words, " \t\n\r");

	strv_free(m->outputs);
	m->outputs = NULL;
	// The names are copied into evaluator memory first, so that a throw leaves nothing behind.
	size_t n = strv_len(v);
	const char **names = eval_alloc(m->ev, (n + 1) * sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = eval_string(m->ev, v[i], strlen(v[i]), NULL)->data;
	strv_free(TAKE_PTR(v));
	for (size_t i = 0; i < n; i++)
		add_output(m, names[i]);
	if (!n)
		eval_throw(m->ev, THROW_EVAL, 0, "derivation cannot have an empty set of outputs");
}

// A feature that Nix can turn on and kernix has not got.
_noreturn_ static void need_unsupported(struct making *m, const char *feature)
{
	feature_need(m->ev, feature);
	eval_throw(m->ev, THROW_EVAL, 0, "the experimental feature '%s' is not supported by kernix", feature);
}

static void set_text_method(struct making *m)
{
	m->method = CA_TEXT;
	if (feature_on(m->ev, "dynamic-derivations"))
		return;
	eval_throw(m->ev, THROW_EVAL, 0,
	        "experimental Nix feature 'dynamic-derivations' is disabled (text-hashed derivation '%s', "
	        "outputHashMode = \"text\"); add '--extra-experimental-features dynamic-derivations' to "
	        "enable it",
	        m->name->data);
}

static void set_method(struct making *m, const char *mode)
{
	m->method_said = true;
	if (str_eq(mode, "recursive") || str_eq(mode, "nar"))
		m->method = CA_NAR;
	else if (str_eq(mode, "flat"))
		m->method = CA_FLAT;
	else if (str_eq(mode, "text"))
		set_text_method(m);
	else if (str_eq(mode, "git"))
		need_unsupported(m, "git-hashing");
	else
		eval_throw(m->ev, THROW_EVAL, 0, "invalid value '%s' for 'outputHashMode' attribute", mode);
}

// The attributes that mean something to derivationStrict itself, with the text that they were coerced to.
static void note_special(struct making *m, uint32_t name, const char *text)
{
	const struct eval_symbols *s = &m->ev->sym;

	if (name == s->builder)
		drv_set_builder(m->drv, text);
	else if (name == s->system)
		drv_set_system(m->drv, text);
	else if (name == s->output_hash)
		m->hash = text;
	else if (name == s->output_hash_algo)
		m->hash_algo = text;
	else if (name == s->output_hash_mode)
		set_method(m, text);
	else if (name == s->outputs && !m->structured)
		set_outputs(m, text);
}

static void set_args(struct making *m, struct attr *at)
{
	struct eval *ev = m->ev;

	eval_list(ev, &at->value, 0, NULL);
	for (size_t i = 0; i < list_len(&at->value); i++) {
		struct value v = value_share(&at->value.elems[i]);

		drv_add_arg(m->drv, coerce(m, &v, "while evaluating an element of the argument list")->data);
	}
}

static void structured_outputs(struct making *m, struct attr *at)
{
	struct buf words = {0};

	eval_list(m->ev, &at->value, 0, NULL);
	size_t n = list_len(&at->value);
	const char **names = eval_alloc(m->ev, (n + 1) * sizeof(*names));
	for (size_t i = 0; i < n; i++) {
		struct value v = value_share(&at->value.elems[i]);

		names[i] = eval_string_plain(m->ev, &v, 0, NULL)->data;
	}
	for (size_t i = 0; i < n; i++)
		buf_addf(&words, "%s ", names[i]);
	const char *all = eval_string(m->ev, words.data ? words.data : "", words.len, NULL)->data;
	buf_release(&words);
	set_outputs(m, all);
}

// Adds '"NAME":VALUE' to the JSON of structured attributes.
static void add_json(struct making *m, struct value name, struct attr *at)
{
	struct value v = value_share(&at->value);
	const struct context *c = NULL;

	buf_addc(&m->json, m->json.len ? ',' : '{');
	print_json(m->ev, &name, 0, false, &m->json, NULL);
	buf_addc(&m->json, ':');
	print_json(m->ev, &v, 0, true, &m->json, &c);
	join(m, c);
}

// What the output checks of structured attributes replaced.
static void warn_no_effect(struct making *m, const char *name)
{
	static const char *const names[] = {"allowedReferences", "allowedRequisites", "disallowedReferences",
	        "disallowedRequisites", "maxSize", "maxClosureSize"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i]))
			m->ev->host.say(m->ev->host.ctx, arena_printf(&m->ev->heap,
			                                         "warning: In a derivation named '%s', "
			                                         "'structuredAttrs' disables the effect "
			                                         "of the derivation attribute '%s'; use "
			                                         "'outputChecks.<output>.%s' instead",
			                                         m->name->data, name, name));
}

static void add_structured(struct making *m, struct attr *at)
{
	struct eval *ev = m->ev;
	const struct eval_symbols *sym = &ev->sym;
	const struct string *name = symbol_string(&ev->symbols, at->name);

	if (at->name == sym->structured_attrs)
		return;
	add_json(m, value_string(name), at);
	warn_no_effect(m, name->data);
	if (at->name == sym->outputs) {
		structured_outputs(m, at);
	} else if (at->name == sym->builder) {
		const struct string *s = eval_string_of(ev, &at->value, 0, NULL);
		join(m, s->context);
		note_special(m, at->name, s->data);
	} else if (at->name == sym->system || at->name == sym->output_hash ||
	           at->name == sym->output_hash_algo || at->name == sym->output_hash_mode) {
		note_special(m, at->name, eval_string_plain(ev, &at->value, 0, NULL)->data);
	}
}

// '__json' given by hand is read and written again, so that it is what structured attributes would be.
static void add_json_text(struct making *m, const struct string *s)
{
	struct eval *ev = m->ev;
	struct scratch out;
	struct value v;

	ev->host.say(ev->host.ctx, arena_printf(&ev->heap,
	                                   "warning: In derivation '%s': setting structured attributes via "
	                                   "'__json' is deprecated, and may be disallowed in future "
	                                   "versions of Nix. Set '__structuredAttrs = true' instead.",
	                                   m->name->data));
	json_parse(ev, s->data, s->len, &v);
	scratch_begin(ev, &out);
	print_json(ev, &v, 0, false, &out.buf, NULL);
	drv_set_env(m->drv, "__json", buf_str(&out.buf));
	scratch_end(ev, &out);
}

static void add_attr(struct making *m, struct attr *at)
{
	struct eval *ev = m->ev;
	const struct string *name = symbol_string(&ev->symbols, at->name);

	if (m->ignore_nulls) {
		eval_force(ev, &at->value, 0);
		if (value_type(&at->value) == VALUE_NULL)
			return;
	}
	if (at->name == ev->sym.content_addressed) {
		m->ca = eval_bool(ev, &at->value, 0, NULL);
		if (m->ca)
			feature_need(ev, "ca-derivations");
	} else if (at->name == ev->sym.impure) {
		m->impure = eval_bool(ev, &at->value, 0, NULL);
		if (m->impure)
			feature_need(ev, "impure-derivations");
	} else if (at->name == ev->sym.args) {
		set_args(m, at);
	} else if (m->structured) {
		add_structured(m, at);
	} else {
		struct value v = value_share(&at->value);
		const struct string *s = coerce(m, &v, NULL);

		if (str_eq(name->data, "__json")) {
			add_json_text(m, s);
			return;
		}
		drv_set_env(m->drv, name->data, s->data);
		note_special(m, at->name, s->data);
	}
}

static void add_all_attrs(struct making *m, struct attrs *attrs)
{
	struct eval *ev = m->ev;
	struct attr **sorted = attrs_sorted(ev, attrs);

	for (size_t i = 0; i < attrs->len; i++) {
		struct attr *at = sorted[i];

		if (at->name == ev->sym.ignore_nulls)
			continue;
		const void *data[] = {m, at};
		struct frame f = {
		        .kind = FRAME_OTHER, .pos = at->pos, .a = (const void *)print_frame_attr, .b = data};
		frame_in(ev, &f);
		add_attr(m, at);
		frame_out(ev, &f);
	}
}

static void throw_err(struct making *m, struct err *e)
{
	eval_throw_err(m->ev, 0, e);
}

// The closure of a derivation with all its outputs: what "=DRV" in a context stands for.
static void add_deep(struct making *m, const char *path)
{
	struct err e = {0};
	char *wanted[] = {(char *)path, NULL}, **closure = NULL;
	struct drv *d = NULL;

	if (store_closure(m->glue->store, wanted, 0, &closure, &e) < 0)
		throw_err(m, &e);
	strv_for_each (p, closure) {
		drv_add_src(m->drv, p);
		if (!store_path_is_drv(p) || drv_read(m->glue->store, p, &d, &e) < 0)
			continue;
		for (size_t i = 0; i < d->n_outputs; i++)
			drv_add_input(m->drv, p, d->outputs[i].name);
		drv_free(d);
		d = NULL;
	}
	strv_free(closure);
	err_release(&e);
}

static void add_inputs(struct making *m)
{
	for (size_t i = 0; m->context && i < m->context->len; i++) {
		const struct context_elem *el = &m->context->elems[i];

		if (el->kind == CONTEXT_BUILT)
			drv_add_input(m->drv, el->path->data, el->output->data);
		else if (el->kind == CONTEXT_OPAQUE)
			drv_add_src(m->drv, el->path->data);
		else
			add_deep(m, el->path->data);
	}
}

void parse_hash_or_empty(struct eval *ev, const char *text, enum hash_algo algo, struct hash *ret)
{
	if (*text) {
		parse_hash(ev, text, algo, ret);
		return;
	}
	if (algo == HASH_NONE)
		eval_throw(ev, THROW_HOST, 0, "empty hash requires explicit hash algorithm");
	*ret = (struct hash){.algo = algo};
	_cleanup_free_ char *sri = hash_format(ret, HASH_SRI, true),
	                    *line = str_printf("warning: found empty hash, assuming '%s'", sri);
	ev->host.say(ev->host.ctx, line);
}

static enum hash_algo said_algo(const struct making *m)
{
	return m->hash_algo && *m->hash_algo ? hash_algo_parse(m->hash_algo) : HASH_NONE;
}

static void add_fixed_output(struct making *m)
{
	struct hash h;

	if (strv_len(m->outputs) != 1 || !str_eq(m->outputs[0], "out"))
		eval_throw(m->ev, THROW_EVAL, 0,
		        "multiple outputs are not supported in fixed-output derivations");
	parse_hash_or_empty(m->ev, m->hash, said_algo(m), &h);
	char *method = ca_method_algo(m->method, h.algo), *hex = hash_format(&h, HASH_BASE16, false);
	drv_add_output(m->drv, "out", "", method, hex);
	drv_set_env(m->drv, "out", "");
	mem_free(method);
	mem_free(hex);
}

// Outputs whose paths are known only when they are built: content-addressed or impure ones.
static void add_floating_outputs(struct making *m)
{
	enum hash_algo algo = said_algo(m);

	if (m->ca && m->impure)
		eval_throw(m->ev, THROW_EVAL, 0, "derivation cannot be both content-addressed and impure");
	char *method =
	        ca_method_algo(m->method_said ? m->method : CA_NAR, algo == HASH_NONE ? HASH_SHA256 : algo);
	strv_for_each (o, m->outputs) {
		char *placeholder = store_placeholder(o);
		drv_add_output(m->drv, o, "", method, m->impure ? "impure" : "");
		drv_set_env(m->drv, o, placeholder);
		mem_free(placeholder);
	}
	mem_free(method);
}

// Does the derivation need one whose output paths are not known?
static bool needs_floating(const struct making *m)
{
	for (size_t i = 0; i < m->drv->n_inputs; i++)
		if (hmap_has(&m->glue->floating, m->drv->inputs[i].path))
			return true;
	return false;
}

static void add_outputs(struct making *m)
{
	m->floating = !m->hash && (m->ca || m->impure || needs_floating(m));
	if (m->hash) {
		add_fixed_output(m);
		return;
	}
	if (m->ca || m->impure) {
		add_floating_outputs(m);
		return;
	}
	strv_for_each (o, m->outputs) {
		drv_add_output(m->drv, o, "", "", "");
		drv_set_env(m->drv, o, "");
	}
}

static void check_name(struct making *m)
{
	struct err e = {0};

	if (store_name_check(m->name->data, &e) < 0) {
		const char *why = arena_strdup(&m->ev->heap, e.msg);
		err_release(&e);
		eval_throw(m->ev, THROW_EVAL, 0,
		        "invalid derivation name: %s. Please pass a different 'name'.", why);
	}
}

// Writes the .drv, or only computes its path; evaluator memory.
static const struct string *write_drv(struct making *m)
{
	struct glue *g = m->glue;
	struct err e = {0};
	char *path = NULL;
	int r;

	if (!g->read_only && !m->floating) {
		r = drv_write(g->store, m->drv, &path, &e);
	} else if (m->floating && !g->read_only) {
		r = err_set(&e, -EOPNOTSUPP,
		        "derivation '%s' has outputs whose paths are known only when they are built: kernix "
		        "can evaluate but not write or build such",
		        m->name->data);
	} else {
		r = drv_path(g->store, m->drv, &path, &e);
		struct hash h;
		if (r == 0 && g->unwritten &&
		        (str_eq(m->drv->system, g->system) || str_eq(m->drv->system, "builtin")))
			hmap_put(&g->buildable, path, g);
		if (r == 0 && !m->floating && !store_drv_hash_get(g->store, path)) {
			r = drv_hash_modulo(g->store, m->drv, false, &h, &e);
			if (r == 0)
				store_drv_hash_put(g->store, path, &h);
		}
	}
	if (r < 0) {
		mem_free(path);
		throw_err(m, &e);
	}
	if (m->floating)
		hmap_put(&g->floating, path, g);
	const struct string *s = eval_string(m->ev, path, strlen(path), NULL);
	mem_free(path);
	return s;
}

// One output as derivationStrict returns it.
static struct value output_value(struct making *m, const struct drv_output *o, const struct string *drv_path)
{
	struct eval *ev = m->ev;
	const struct string *name = eval_string(ev, o->name, strlen(o->name), NULL);
	const struct context *c = context_one(ev, CONTEXT_BUILT, drv_path, name);

	if (*o->path)
		return value_string(eval_string(ev, o->path, strlen(o->path), c));
	char *text = store_downstream_placeholder(drv_path->data, o->name);
	struct value v = value_string(eval_string(ev, text, strlen(text), c));
	mem_free(text);
	return v;
}

static void finish(struct making *m, struct value *ret)
{
	struct eval *ev = m->ev;
	struct err e = {0};

	if (m->structured) {
		buf_adds(&m->json, m->json.len ? "}" : "{}");
		drv_set_env(m->drv, "__json", buf_str(&m->json));
	}
	add_inputs(m);
	add_outputs(m);
	drv_finish(m->drv);
	if (!m->floating && drv_fill_outputs(m->glue->store, m->drv, &e) < 0)
		throw_err(m, &e);
	const struct string *path = write_drv(m);
	struct attrs *a = attrs_new(ev, m->drv->n_outputs + 1);
	*attrs_push(a, ev->sym.drv_path, 0) = value_string(
	        eval_string(ev, path->data, path->len, context_one(ev, CONTEXT_DRV_DEEP, path, NULL)));
	for (size_t i = 0; i < m->drv->n_outputs; i++) {
		const struct drv_output *o = &m->drv->outputs[i];
		*attrs_push(a, symbol_of(&ev->symbols, o->name), 0) = output_value(m, o, path);
	}
	attrs_finish(a);
	*ret = value_attrs(a);
}

// The two switches are read before anything else, with the words of Nix's own checks.
static bool switch_of(struct making *m, struct attrs *attrs, uint32_t name, const char *what)
{
	struct attr *at = attrs_get(attrs, name);

	return at && eval_bool(m->ev, &at->value, 0, what);
}

static void make(struct making *m, struct attrs *attrs, struct value *ret)
{
	struct eval *ev = m->ev;

	check_name(m);
	m->structured = switch_of(m, attrs, ev->sym.structured_attrs,
	        "while evaluating the `__structuredAttrs` attribute passed to builtins.derivationStrict");
	m->ignore_nulls = switch_of(m, attrs, ev->sym.ignore_nulls,
	        "while evaluating the `__ignoreNulls` attribute passed to builtins.derivationStrict");
	m->method = CA_FLAT;
	strv_add(&m->outputs, "out");
	add_all_attrs(m, attrs);
	if (!m->drv->builder || !*m->drv->builder)
		eval_throw(ev, THROW_EVAL, 0, "required attribute 'builder' missing");
	if (!m->drv->system || !*m->drv->system)
		eval_throw(ev, THROW_EVAL, 0, "required attribute 'system' missing");
	if (str_has_suffix(m->name->data, STORE_DRV_SUFFIX))
		eval_throw(ev, THROW_EVAL, 0,
		        "derivation names are allowed to end in '.drv' only if they produce a single "
		        "derivation file");
	finish(m, ret);
}

static void b_derivation_strict(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct attrs *attrs =
	        attrs_flat(ev, eval_attrs(ev, &args[0], 0,
	                               "while evaluating the argument passed to builtins.derivationStrict"));
	struct attr *name = attr_need(
	        ev, attrs, ev->sym.name, "in the attrset passed as argument to builtins.derivationStrict");
	struct making m = {.ev = ev, .glue = glue_of(ev), .name_pos = name->pos};
	struct frame at;

	text_at(ev, &at, name->pos, "while evaluating the derivation attribute 'name'");
	m.name = eval_string_plain(ev, &name->value, 0,
	        "while evaluating the `name` attribute passed to builtins.derivationStrict");
	text_pop(ev, &at);
	m.drv = drv_new(m.name->data);
	struct frame clean = {.kind = FRAME_CLEANUP, .a = (const void *)making_release, .b = &m};
	struct frame why = {.kind = FRAME_OTHER, .a = (const void *)print_frame_drv, .b = &m};
	frame_in(ev, &clean);
	frame_in(ev, &why);
	make(&m, attrs, ret);
	frame_out(ev, &why);
	frame_out(ev, &clean);
	making_release(&m);
}

static const struct builtin rows[] = {
        {"derivationStrict", 1, 1, true, b_derivation_strict, "attrs",
                "Makes a derivation of the attributes; the strict core of 'derivation'."},
};

const struct builtin_table builtin_derivations = {rows, ARRAY_SIZE(rows)};
