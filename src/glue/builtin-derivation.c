// SPDX-License-Identifier: GPL-2.0-or-later
// derivationStrict: an attribute set becomes a .drv in the store (Nix manual, 'Derivations', 'Advanced Attributes'), and the lazy function
// 'derivation' around it.

#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin.h"
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
	const char *hash, *hash_algo;
	enum ca_method method;
	char **outputs;                // strv
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
	const struct making *m = ((const void *const *) f->b)[0];
	const char *attr = ((const void *const *) f->b)[1];

	buf_addf(out, "while evaluating attribute '%s' of derivation '%s'", attr, m->name->data);
}

static void frame_in(struct eval *ev, struct frame *f)
{
	f->up = ev->frames;
	ev->frames = f;
}

static void frame_out(struct eval *ev, struct frame *f)
{
	ev->frames = f->up;
}

static void join(struct making *m, const struct context *c)
{
	m->context = context_join(m->ev, m->context, c);
}

static const struct string *coerce(struct making *m, struct value *v, uint32_t pos)
{
	static const struct coerce how = {.more = true, .copy = true, .what = ""};
	const struct string *s = eval_coerce(m->ev, v, pos, &how);

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

static void set_method(struct making *m, const char *mode)
{
	if (str_eq(mode, "recursive") || str_eq(mode, "nar"))
		m->method = CA_NAR;
	else if (str_eq(mode, "flat"))
		m->method = CA_FLAT;
	else if (str_eq(mode, "text"))
		m->method = CA_TEXT;
	else if (str_eq(mode, "git"))
		eval_throw(m->ev, THROW_EVAL, 0, "experimental Nix feature 'git-hashing' is disabled; add '--extra-experimental-features git-hashing' to enable it");
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

	eval_list(ev, &at->value, at->pos, "");
	for (size_t i = 0; i < list_len(&at->value); i++) {
		struct value v = value_share(&at->value.elems[i]);

		drv_add_arg(m->drv, coerce(m, &v, at->pos)->data);
	}
}

static void need_feature(struct making *m, bool wanted, const char *feature)
{
	if (wanted)
		eval_throw(m->ev, THROW_EVAL, 0, "experimental Nix feature '%s' is disabled; add '--extra-experimental-features %s' to enable it", feature, feature);
}

static void structured_outputs(struct making *m, struct attr *at)
{
	struct buf words = {0};

	eval_list(m->ev, &at->value, at->pos, "");
	size_t n = list_len(&at->value);
	const char **names = eval_alloc(m->ev, (n + 1) * sizeof(*names));
	for (size_t i = 0; i < n; i++) {
		struct value v = value_share(&at->value.elems[i]);

		names[i] = eval_string_plain(m->ev, &v, at->pos, "")->data;
	}
	for (size_t i = 0; i < n; i++)
		buf_addf(&words, "%s ", names[i]);
	const char *all = eval_string(m->ev, words.data ? words.data : "", words.len, NULL)->data;
	buf_release(&words);
	set_outputs(m, all);
}

static void add_structured(struct making *m, struct attr *at)
{
	struct eval *ev = m->ev;
	const struct string *name = symbol_string(&ev->symbols, at->name);
	struct buf text = {0};
	const struct context *c = NULL;

	if (at->name == ev->sym.structured_attrs)
		return;
	struct frame clean = {.kind = FRAME_CLEANUP, .a = (const void *) buf_release, .b = &text};
	frame_in(ev, &clean);
	struct value v = value_share(&at->value);
	print_json(ev, &v, at->pos, true, &text, &c);
	join(m, c);
	buf_adds(&m->json, m->json.len ? "," : "{");
	print_string(name->data, name->len, &m->json);
	buf_addc(&m->json, ':');
	buf_add(&m->json, buf_str(&text), text.len);
	frame_out(ev, &clean);
	buf_release(&text);
	if (at->name == ev->sym.outputs)
		structured_outputs(m, at);
	else if (at->name == ev->sym.builder || at->name == ev->sym.system || at->name == ev->sym.output_hash ||
		 at->name == ev->sym.output_hash_algo || at->name == ev->sym.output_hash_mode)
		note_special(m, at->name, eval_string_of(ev, &at->value, at->pos, "")->data);
}

static void add_attr(struct making *m, struct attr *at)
{
	struct eval *ev = m->ev;
	const struct string *name = symbol_string(&ev->symbols, at->name);

	if (m->ignore_nulls) {
		eval_force(ev, &at->value, at->pos);
		if (value_type(&at->value) == VALUE_NULL)
			return;
	}
	if (at->name == ev->sym.content_addressed && eval_bool(ev, &at->value, at->pos, "")) {
		need_feature(m, true, "ca-derivations");
	} else if (at->name == ev->sym.impure && eval_bool(ev, &at->value, at->pos, "")) {
		need_feature(m, true, "impure-derivations");
	} else if (at->name == ev->sym.args) {
		set_args(m, at);
	} else if (m->structured) {
		add_structured(m, at);
	} else {
		struct value v = value_share(&at->value);
		const struct string *s = coerce(m, &v, at->pos);

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
		const void *data[] = {m, symbol_text(&ev->symbols, at->name)};
		struct frame f = {.kind = FRAME_OTHER, .pos = at->pos, .a = (const void *) print_frame_attr, .b = data};
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
	char *wanted[] = {(char *) path, NULL}, **closure = NULL;
	struct drv *d = NULL;

	if (store_closure(m->glue->store, wanted, 0, &closure, &e) < 0)
		throw_err(m, &e);
	strv_for_each(p, closure)
	{
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

static void add_fixed_output(struct making *m)
{
	struct err e = {0};
	struct hash h;
	enum hash_algo algo = m->hash_algo && *m->hash_algo ? hash_algo_parse(m->hash_algo) : HASH_NONE;

	if (strv_len(m->outputs) != 1 || !str_eq(m->outputs[0], "out"))
		eval_throw(m->ev, THROW_EVAL, 0, "multiple outputs are not supported in fixed-output derivations");
	if (m->method == CA_TEXT)
		eval_throw(m->ev, THROW_EVAL, 0,
			"experimental Nix feature 'dynamic-derivations' is disabled (text-hashed derivation '%s', outputHashMode = \"text\"); add "
			"'--extra-experimental-features dynamic-derivations' to enable it", m->name->data);
	if (!*m->hash) {
		if (algo == HASH_NONE)
			eval_throw(m->ev, THROW_EVAL, 0, "empty hash requires explicit hash algorithm");
		h = (struct hash){.algo = algo};
		_cleanup_free_ char *sri = hash_format(&h, HASH_SRI, true), *line = str_printf("warning: found empty hash, assuming '%s'", sri);
		m->ev->host.say(m->ev->host.ctx, line);
	} else if (hash_parse(m->hash, algo, &h, &e) < 0) {
		throw_err(m, &e);
	}
	char *method = ca_method_algo(m->method, h.algo), *hex = hash_format(&h, HASH_BASE16, false);
	drv_add_output(m->drv, "out", "", method, hex);
	drv_set_env(m->drv, "out", "");
	mem_free(method);
	mem_free(hex);
}

static void add_outputs(struct making *m)
{
	if (m->hash) {
		add_fixed_output(m);
		return;
	}
	strv_for_each(o, m->outputs)
	{
		drv_add_output(m->drv, o, "", "", "");
		drv_set_env(m->drv, o, "");
	}
}

static void check_name(struct making *m)
{
	struct err e = {0};
	const char *name = m->name->data;

	if (store_name_check(name, &e) < 0) {
		struct err copy = {0};

		err_set(&copy, -EINVAL, "invalid derivation name: %s. Please pass a different '%s'.", e.msg, "name");
		err_release(&e);
		throw_err(m, &copy);
	}
	if (str_has_suffix(name, STORE_DRV_SUFFIX))
		eval_throw(m->ev, THROW_EVAL, 0, "derivation names are allowed to end in '.drv' only if they produce a single derivation file");
}

static void finish(struct making *m, struct value *ret)
{
	struct eval *ev = m->ev;
	struct err e = {0};
	char *path = NULL;

	if (m->structured) {
		buf_adds(&m->json, m->json.len ? "}" : "{}");
		drv_set_env(m->drv, "__json", buf_str(&m->json));
	}
	add_inputs(m);
	add_outputs(m);
	drv_finish(m->drv);
	if (drv_fill_outputs(m->glue->store, m->drv, &e) < 0)
		throw_err(m, &e);
	for (size_t i = 0; i < m->drv->n_outputs; i++)
		drv_set_env(m->drv, m->drv->outputs[i].name, m->drv->outputs[i].path);
	if (drv_write(m->glue->store, m->drv, &path, &e) < 0)
		throw_err(m, &e);
	const struct string *drv_path = eval_string(ev, path, strlen(path), NULL);
	mem_free(path);
	struct attrs *a = attrs_new(ev, m->drv->n_outputs + 1);
	*attrs_push(a, ev->sym.drv_path, 0) =
		value_string(eval_string(ev, drv_path->data, drv_path->len, context_one(ev, CONTEXT_DRV_DEEP, drv_path, NULL)));
	for (size_t i = 0; i < m->drv->n_outputs; i++) {
		const struct drv_output *o = &m->drv->outputs[i];
		const struct string *name = eval_string(ev, o->name, strlen(o->name), NULL);
		const struct context *c = context_one(ev, CONTEXT_BUILT, drv_path, name);

		*attrs_push(a, symbol_of(&ev->symbols, o->name), 0) = value_string(eval_string(ev, o->path, strlen(o->path), c));
	}
	attrs_finish(a);
	*ret = value_attrs(a);
}

// The two switches are read before anything else, with the words of Nix's own checks.
static bool switch_of(struct making *m, struct attrs *attrs, uint32_t name, const char *what)
{
	struct attr *at = attrs_get(attrs, name);

	return at && eval_bool(m->ev, &at->value, at->pos, what);
}

static void make(struct making *m, struct attrs *attrs, struct value *ret)
{
	struct eval *ev = m->ev;

	m->structured = switch_of(m, attrs, ev->sym.structured_attrs, "while evaluating the `__structuredAttrs` attribute passed to builtins.derivationStrict");
	m->ignore_nulls = switch_of(m, attrs, ev->sym.ignore_nulls, "while evaluating the `__ignoreNulls` attribute passed to builtins.derivationStrict");
	m->method = CA_FLAT;
	strv_add(&m->outputs, "out");
	add_all_attrs(m, attrs);
	check_name(m);
	if (!m->drv->builder || !*m->drv->builder)
		eval_throw(ev, THROW_EVAL, 0, "required attribute 'builder' missing");
	if (!m->drv->system || !*m->drv->system)
		eval_throw(ev, THROW_EVAL, 0, "required attribute 'system' missing");
	finish(m, ret);
}

static void b_derivation_strict(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct attrs *attrs = attrs_flat(ev, eval_attrs(ev, &args[0], pos, "while evaluating the argument passed to builtins.derivationStrict"));
	struct attr *name = attrs_get(attrs, ev->sym.name);
	struct making m = {.ev = ev, .glue = glue_of(ev)};

	if (!name)
		eval_throw(ev, THROW_MISSING, pos, "attribute 'name' missing");
	m.name = eval_string_plain(ev, &name->value, name->pos, "while evaluating the `name` attribute passed to builtins.derivationStrict");
	m.name_pos = name->pos;
	m.drv = drv_new(m.name->data);
	struct frame clean = {.kind = FRAME_CLEANUP, .a = (const void *) making_release, .b = &m};
	struct frame why = {.kind = FRAME_OTHER, .a = (const void *) print_frame_drv, .b = &m};
	frame_in(ev, &clean);
	frame_in(ev, &why);
	make(&m, attrs, ret);
	frame_out(ev, &why);
	frame_out(ev, &clean);
	making_release(&m);
}

static const struct builtin rows[] = {
	{"derivationStrict", 1, 1, true, b_derivation_strict, "attrs", "Makes a derivation of the attributes; the strict core of 'derivation'."},
};

const struct builtin_table builtin_derivations = {rows, ARRAY_SIZE(rows)};

// The lazy function. Its tokens stand at the lines and columns where Nix's own wrapper has them, since traces name these.
static const char derivation_text[] =
	"# Makes the attribute sets of a derivation's outputs without evaluating the derivation itself.\n\n\n\n\n\n\n\n\n\n"
	"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
	"drvAttrs@{ outputs ? [ \"out\" ], ... }:\n\n\n\n\n"
	"let\n\n"
	"  strict = derivationStrict drvAttrs;\n\n"
	"  common =\n"
	"    drvAttrs //\n"
	"    (   builtins.listToAttrs elements // {\n"
	"      all = map (x: x.value) elements;\n"
	"      inherit drvAttrs;\n"
	"    });\n\n"
	"  element =\n"
	"   outputName: {\n"
	"    name = outputName;\n"
	"    value = common // {\n"
	"      outPath = builtins.getAttr outputName strict;\n"
	"      drvPath = strict.drvPath;\n"
	"      type = \"derivation\";\n"
	"      inherit outputName;\n"
	"    };\n"
	"   };\n\n"
	"  elements = map element outputs;\n\n"
	"in\n"
	"(builtins.head elements).value\n";

void glue_attach(struct glue *g, struct eval *ev)
{
	struct value v;

	g->ev = ev;
	ev->glue = g;
	builtin_add_table(ev, builtin_derivations.rows, builtin_derivations.count);
	builtin_add_table(ev, builtin_stores.rows, builtin_stores.count);
	eval_top(ev, eval_parse_text(ev, derivation_text, sizeof(derivation_text) - 1, "«nix-internal»/derivation-internal.nix", SOURCE_INTERNAL), &v);
	ev->derivation = v;
	builtin_set_global(ev, "derivation", v);
	builtin_set_attr(ev, "derivation", v);
}
