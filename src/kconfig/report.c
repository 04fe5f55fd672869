// SPDX-License-Identifier: GPL-2.0-or-later
// Reports of failed requests as text with Nix to paste, and as JSON.
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/request.h"

static const char *const kind_names[] = {
        [KFAIL_CONFLICT] = "conflict",
        [KFAIL_UNKNOWN] = "unknown",
        [KFAIL_VALUE] = "value",
        [KFAIL_RANGE] = "range",
        [KFAIL_HIDDEN] = "hidden",
        [KFAIL_DEPENDS] = "depends",
        [KFAIL_LIMITED] = "limited",
        [KFAIL_SELECTED] = "selected",
        [KFAIL_CHOICE] = "choice",
};

void kreport_release(struct kreport *r)
{
	mem_free(r->v);
	arena_release(&r->arena);
	*r = (struct kreport){};
}

static void nix_string(const char *s, struct buf *b)
{
	buf_addc(b, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\' || (*s == '$' && s[1] == '{'))
			buf_addc(b, '\\');
		buf_addc(b, *s);
	}
	buf_addc(b, '"');
}

void krequest_nix(const struct krequest *r, const char *indent, struct buf *b)
{
	bool bare = isalpha((unsigned char)r->name[0]) || r->name[0] == '_';

	if (!r->value)
		return; // no wish
	buf_adds(b, indent);
	if (bare)
		buf_adds(b, r->name);
	else
		nix_string(r->name, b);
	if (!r->freeform && !strcmp(r->value, "y"))
		buf_adds(b, " = lib.kernel.yes;\n");
	else if (!r->freeform && !strcmp(r->value, "m"))
		buf_adds(b, " = lib.kernel.module;\n");
	else if (!r->freeform && !strcmp(r->value, "n"))
		buf_adds(b, " = lib.kernel.no;\n");
	else {
		buf_adds(b, " = lib.kernel.freeform ");
		nix_string(r->value, b);
		buf_adds(b, ";\n");
	}
}

static void indented(const char *text, const char *indent, struct buf *b)
{
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");
		buf_addf(b, "%s%.*s\n", indent, (int)n, p);
		p += n + (p[n] == '\n');
	}
}

static void name_failures(const struct kreport *r, bool mended, struct buf *b)
{
	bool first = true;

	for (size_t i = 0; i < r->len; i++) {
		if (r->v[i].mended != mended || r->v[i].other)
			continue;
		buf_addf(b, "%s%s", first ? "" : ", ", r->v[i].request->name);
		first = false;
	}
}

static size_t count_failures(const struct kreport *r, bool mended)
{
	size_t n = 0;

	for (size_t i = 0; i < r->len; i++)
		n += r->v[i].mended == mended && !r->v[i].other;
	return n;
}

// A part of the requests is no fix, and is not printed as something to paste.
static void say_part(const struct kreport *r, struct buf *b)
{
	buf_adds(b, "\nnothing was found with which all of them hold; with");
	for (size_t i = 0; i < r->fix_len; i++)
		buf_addf(b, " %s=%s", r->fix[i].name, r->fix[i].value);
	buf_adds(b, " besides would hold: ");
	name_failures(r, true, b);
	buf_adds(b, "; and not: ");
	name_failures(r, false, b);
	buf_addc(b, '\n');
}

static void say_fix(const struct kreport *r, struct buf *b)
{
	size_t mended = count_failures(r, true), open = count_failures(r, false);

	if (!r->fix_len)
		return;
	if (r->fix_part) {
		say_part(r, b);
		return;
	}
	if (mended == 1 && !open)
		buf_addf(b, "  it holds with %s besides (solved again: it does):\n",
		        r->fix_len == 1 ? "this" : "these");
	else if (!open)
		buf_addf(b, "\nall of them hold with %s besides (solved again: they do):\n",
		        r->fix_len == 1 ? "this" : "these");
	if (open) {
		buf_addc(b, '\n');
		name_failures(r, true, b);
		buf_addf(b, " hold%s with %s besides (solved again: %s):\n", mended == 1 ? "s" : "",
		        r->fix_len == 1 ? "this" : "these", mended == 1 ? "it does" : "they do");
	}
	for (size_t i = 0; i < r->fix_len; i++)
		krequest_nix(&r->fix[i], "    ", b);
}

static void say_failure(const struct kfailure *f, struct buf *b)
{
	const struct krequest *r = f->request;

	buf_addf(b, "%s: wanted %s, got %s", r->name, *r->value ? r->value : "\"\"",
	        !f->actual   ? f->kind == KFAIL_UNKNOWN ? "no such option" : "nothing"
	        : *f->actual ? f->actual
	                     : "\"\"");
	buf_addf(b, "%s\n", r->optional ? " (optional)" : "");
	if (r->why)
		buf_addf(b, "  asked by %s\n", r->why);
	indented(f->text, "  ", b);
}

// Those of one kind: first what counts, then, under a heading of their own, those that stop nothing.
static size_t say_failures(const struct kreport *r, bool fatal, size_t before, struct buf *b)
{
	size_t said = 0;

	for (size_t i = 0; i < r->len; i++) {
		if (r->v[i].fatal != fatal)
			continue;
		if (before || said)
			buf_addc(b, '\n');
		if (before && !said)
			buf_adds(b, "optional ones that do not come out as asked, which stops nothing:\n\n");
		said++;
		say_failure(&r->v[i], b);
	}
	return said;
}

void kreport_text(const struct kreport *r, bool fatal_only, struct buf *b)
{
	size_t fatal = say_failures(r, true, 0, b);

	if (!fatal_only)
		say_failures(r, false, fatal, b);
	bool wanted = !fatal_only; // not what helps only those that are left out
	for (size_t i = 0; i < r->len; i++)
		wanted = wanted || (r->v[i].fatal && r->v[i].mended);
	if (wanted)
		say_fix(r, b);
}

static json_t *request_json(const struct krequest *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(r->name));
	json_object_set_new(o, "value", json_string(r->value));
	return o;
}

static json_t *lines_json(const char *text)
{
	json_t *a = json_array();

	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");
		json_array_append_new(a, json_stringn_nocheck(p, n));
		p += n + (p[n] == '\n');
	}
	return a;
}

static json_t *fix_json(const struct kreport *r)
{
	_cleanup_buf_ struct buf nix = {};
	json_t *o = json_object(), *set = json_array(), *holds = json_array();

	for (size_t i = 0; i < r->fix_len; i++) {
		json_array_append_new(set, request_json(&r->fix[i]));
		krequest_nix(&r->fix[i], "", &nix);
	}
	for (size_t i = 0; i < r->len; i++)
		if (r->v[i].mended)
			json_array_append_new(holds, json_string(r->v[i].request->name));
	json_object_set_new(o, "requests", set);
	json_object_set_new(o, "nix", json_string(buf_str(&nix)));
	json_object_set_new(o, "verified", json_true());
	json_object_set_new(o, "holds", holds);
	return o;
}

static json_t *failure_json(const struct kreport *r, const struct kfailure *f)
{
	json_t *o = request_json(f->request), *near = json_array(), *rivals = json_array();

	json_object_set_new(o, "kind", json_string(kind_names[f->kind]));
	json_object_set_new(o, "fatal", json_boolean(f->fatal));
	json_object_set_new(o, "optional", json_boolean(f->request->optional));
	json_object_set_new(o, "actual", f->actual ? json_string(f->actual) : json_null());
	json_object_set_new(o, "why", f->request->why ? json_string(f->request->why) : json_null());
	json_object_set_new(o, "reasons", lines_json(f->text));
	for (size_t i = 0; f->nearest && f->nearest[i]; i++)
		json_array_append_new(near, json_string(f->nearest[i]));
	json_object_set_new(o, "nearest", near);
	json_object_set_new(o, "excluded", json_boolean(f->excluded));
	for (size_t i = 0; f->rivals && f->rivals[i]; i++)
		json_array_append_new(rivals, json_string(f->rivals[i]));
	json_object_set_new(o, "rivals", rivals);
	json_object_set_new(o, "fix", f->fix_len ? fix_json(r) : json_null());
	return o;
}

void kreport_json(const struct kreport *r, struct buf *b)
{
	json_t *o = json_object(), *list = json_array();

	for (size_t i = 0; i < r->len; i++)
		json_array_append_new(list, failure_json(r, &r->v[i]));
	json_object_set_new(o, "ok", json_boolean(!r->fatal));
	json_object_set_new(o, "questions", json_integer((json_int_t)r->questions));
	json_object_set_new(o, "failures", list);
	json_object_set_new(o, "fix", r->fix_len && !r->fix_part ? fix_json(r) : json_null());
	json_object_set_new(o, "partial", r->fix_len && r->fix_part ? fix_json(r) : json_null());
	char *text = json_dumps(o, JSON_INDENT(2));
	if (text) {
		buf_adds(b, text);
		buf_addc(b, '\n');
	}
	free(text);
	json_decref(o);
}
