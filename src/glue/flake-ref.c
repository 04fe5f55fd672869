// SPDX-License-Identifier: GPL-2.0-or-later
// References of flakes as sets of attributes.
#include <string.h>
#include <strings.h>
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/print.h"
#include "glue/flake.h"

struct ref *ref_new(struct eval *ev)
{
	return eval_alloc(ev, sizeof(struct ref));
}

struct ref *ref_copy(struct eval *ev, const struct ref *r)
{
	struct ref *copy = ref_new(ev);

	copy->cap = r->len + 4;
	copy->len = r->len;
	copy->attrs = eval_alloc(ev, copy->cap * sizeof(*copy->attrs));
	if (r->len)
		memcpy(copy->attrs, r->attrs, r->len * sizeof(*r->attrs));
	return copy;
}

// Where the name is or belongs.
static size_t place(const struct ref *r, const char *name)
{
	size_t i = 0;

	while (i < r->len && strcmp(r->attrs[i].name, name) < 0)
		i++;
	return i;
}

const struct ref_attr *ref_get(const struct ref *r, const char *name)
{
	size_t i = place(r, name);

	return i < r->len && str_eq(r->attrs[i].name, name) ? &r->attrs[i] : NULL;
}

const char *ref_text(const struct ref *r, const char *name)
{
	const struct ref_attr *a = ref_get(r, name);

	return a && a->kind == REF_TEXT ? a->text : NULL;
}

bool ref_flag(const struct ref *r, const char *name)
{
	const struct ref_attr *a = ref_get(r, name);

	return a && (a->kind == REF_TEXT ? str_eq(a->text, "1") : a->number != 0);
}

static struct ref_attr *put(struct eval *ev, struct ref *r, const char *name, enum ref_kind kind)
{
	size_t i = place(r, name);

	if (i == r->len || !str_eq(r->attrs[i].name, name)) {
		if (r->len == r->cap) {
			struct ref_attr *more = eval_alloc(ev, (r->cap * 2 + 8) * sizeof(*more));
			if (r->len)
				memcpy(more, r->attrs, r->len * sizeof(*more));
			r->attrs = more;
			r->cap = r->cap * 2 + 8;
		}
		memmove(&r->attrs[i + 1], &r->attrs[i], (r->len - i) * sizeof(*r->attrs));
		r->len++;
	}
	r->attrs[i] = (struct ref_attr){.name = arena_strdup(&ev->heap, name), .kind = kind};
	return &r->attrs[i];
}

// How long "SCHEME:" is; 0: there is none.
static size_t scheme_len(const char *url)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
	size_t n = strspn(url, letters);

	return n && url[n] == ':' ? n + 1 : 0;
}

// Addresses are compared as they are written, and libcurl reads FILE: as file:.
static char *url_copy(struct eval *ev, const char *url)
{
	char *copy = arena_strdup(&ev->heap, url);
	size_t n = scheme_len(url);

	for (size_t i = 0; i < n; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] += 'a' - 'A';
	return copy;
}

void ref_set(struct eval *ev, struct ref *r, const char *name, const char *text)
{
	put(ev, r, name, REF_TEXT)->text =
	        str_eq(name, "url") ? url_copy(ev, text) : arena_strdup(&ev->heap, text);
}

void ref_set_number(struct eval *ev, struct ref *r, const char *name, uint64_t n)
{
	put(ev, r, name, REF_NUMBER)->number = n;
}

void ref_set_bool(struct eval *ev, struct ref *r, const char *name, bool b)
{
	put(ev, r, name, REF_BOOL)->number = b;
}

void ref_remove(struct ref *r, const char *name)
{
	size_t i = place(r, name);

	if (i < r->len && str_eq(r->attrs[i].name, name)) {
		r->len--;
		memmove(&r->attrs[i], &r->attrs[i + 1], (r->len - i) * sizeof(*r->attrs));
	}
}

bool ref_equal(const struct ref *a, const struct ref *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		const struct ref_attr *x = &a->attrs[i], *y = &b->attrs[i];
		if (!str_eq(x->name, y->name) || x->kind != y->kind || x->number != y->number ||
		        (x->kind == REF_TEXT && !str_eq(x->text, y->text)))
			return false;
	}
	return true;
}

bool ref_is(const struct ref *r, const char *type)
{
	return str_eq(ref_text(r, "type"), type);
}

bool ref_is_relative(const struct ref *r)
{
	const char *path = ref_is(r, "path") ? ref_text(r, "path") : NULL;

	return path && *path != '/';
}

bool ref_nar_hash(const struct ref *r, struct hash *ret)
{
	const char *text = ref_text(r, "narHash");

	return text && str_has_prefix(text, "sha256-") && hash_parse(text, HASH_SHA256, ret, NULL) == 0;
}

// Those whose revision says what comes: one of a file or an archive is only a word of whoever wrote it.
static bool has_revisions(const struct ref *r)
{
	return ref_is(r, "git") || ref_is(r, "github") || ref_is(r, "gitlab") || ref_is(r, "sourcehut");
}

bool ref_is_here(const struct ref *r)
{
	const char *url = ref_text(r, "url");

	if (!url)
		return ref_is(r, "path");
	url = strncasecmp(url, "git+", 4) == 0 ? url + 4 : url;
	return ref_is(r, "path") || *url == '/' || strncasecmp(url, "file:", 5) == 0;
}

// USER@HOST:PATH, as ssh has it.
static bool is_ssh_address(const char *url)
{
	const char *at = strchr(url, '@');

	return at && at > url && strcspn(url, "/:") > (size_t)(at - url) && at[strcspn(at, "/:")] == ':';
}

bool ref_is_elsewhere(const struct ref *r)
{
	static const char *const remote[] = {
	        "http:", "https:", "ssh:", "git:", "git+http:", "git+https:", "git+ssh:", "git+git:"};
	const char *url = ref_text(r, "url");

	if (ref_is(r, "github") || ref_is(r, "gitlab") || ref_is(r, "sourcehut"))
		return true;
	if (!url || ref_is(r, "path"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(remote); i++)
		if (strncasecmp(url, remote[i], strlen(remote[i])) == 0)
			return true;
	return ref_is(r, "git") && !scheme_len(url) && is_ssh_address(url);
}

bool ref_is_locked(const struct ref *r)
{
	const char *rev = ref_text(r, "rev");
	struct hash h;

	return !ref_is(r, "indirect") &&
	       (ref_nar_hash(r, &h) || (has_revisions(r) && rev && ref_is_rev(rev)));
}

struct value ref_value(struct eval *ev, const struct ref *r)
{
	struct attrs *a = attrs_new(ev, r->len);

	for (size_t i = 0; i < r->len; i++) {
		const struct ref_attr *at = &r->attrs[i];
		struct value v = at->kind == REF_TEXT   ? eval_str(ev, at->text)
		                 : at->kind == REF_BOOL ? value_bool(at->number)
		                                        : value_int((int64_t)at->number);
		*attrs_push(a, symbol_of(&ev->symbols, at->name), 0) = v;
	}
	attrs_finish(a);
	return value_attrs(a);
}

struct ref *ref_of_attrs(struct eval *ev, struct attrs *set)
{
	struct ref *r = ref_new(ev);
	struct attrs *a = attrs_flat(ev, set);

	attrs_for_each (at, a) {
		const char *name = symbol_text(&ev->symbols, at->name);
		eval_force(ev, &at->value, at->pos);
		switch (value_type(&at->value)) {
		case VALUE_STRING:
		case VALUE_PATH:
			ref_set(ev, r, name, at->value.string->data);
			break;
		case VALUE_BOOL:
			ref_set_bool(ev, r, name, at->value.boolean);
			break;
		case VALUE_INT:
			ref_set_number(ev, r, name, (uint64_t)at->value.integer);
			break;
		default:
			eval_throw(ev, THROW_TYPE, at->pos,
			        "flake input attribute '%s' is %s while a string, Boolean, or integer is "
			        "expected",
			        name, eval_phrase(ev, &at->value));
		}
	}
	return r;
}

// What these are in every type of input; of another kind they would be there for one who asks whether they
// are, and not for one who asks what they say.
static void check_kinds(struct eval *ev, const struct ref *r)
{
	static const struct {
		const char *name;
		enum ref_kind kind;
	} known[] = {
	        {"dir", REF_TEXT},
	        {"dirtyRev", REF_TEXT},
	        {"dirtyShortRev", REF_TEXT},
	        {"host", REF_TEXT},
	        {"id", REF_TEXT},
	        {"lastModified", REF_NUMBER},
	        {"narHash", REF_TEXT},
	        {"owner", REF_TEXT},
	        {"path", REF_TEXT},
	        {"ref", REF_TEXT},
	        {"repo", REF_TEXT},
	        {"rev", REF_TEXT},
	        {"revCount", REF_NUMBER},
	        {"type", REF_TEXT},
	        {"url", REF_TEXT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const struct ref_attr *a = ref_get(r, known[i].name);
		if (a && a->kind != known[i].kind)
			eval_throw(ev, THROW_EVAL, 0, "input attribute '%s' is not %s", a->name,
			        known[i].kind == REF_TEXT ? "a string" : "an integer");
	}
}

// Both say what comes, so one that nothing can be compared with is none.
static void check_lock(struct eval *ev, const struct ref *r)
{
	const char *hash = ref_text(r, "narHash"), *rev = ref_text(r, "rev");
	struct hash h;

	if (hash && !ref_nar_hash(r, &h))
		eval_throw(ev, THROW_EVAL, 0,
		        "the 'narHash' of an input, '%s', is no SHA-256 hash in SRI form", hash);
	if (rev && has_revisions(r) && !ref_is_rev(rev))
		eval_throw(ev, THROW_EVAL, 0, "hash '%s' has wrong length for hash algorithm 'sha1'", rev);
}

void ref_check(struct eval *ev, const struct ref *r)
{
	static const struct {
		const char *type, *needs[2];
	} types[] = {
	        {"github", {"owner", "repo"}},
	        {"gitlab", {"owner", "repo"}},
	        {"sourcehut", {"owner", "repo"}},
	        {"indirect", {"id"}},
	        {"path", {"path"}},
	        {"git", {"url"}},
	        {"hg", {"url"}},
	        {"tarball", {"url"}},
	        {"file", {"url"}},
	};
	const char *type = ref_text(r, "type");
	struct value v;
	struct scratch s;

	check_kinds(ev, r);
	check_lock(ev, r);
	if (!type)
		eval_throw(ev, THROW_EVAL, 0,
		        "'type' attribute to specify input scheme is required but not provided");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (!str_eq(type, types[i].type))
			continue;
		for (size_t k = 0; k < 2 && types[i].needs[k]; k++)
			if (!ref_get(r, types[i].needs[k]))
				eval_throw(ev, THROW_EVAL, 0, "input attribute '%s' is missing",
				        types[i].needs[k]);
		return;
	}
	v = ref_value(ev, r);
	scratch_begin(ev, &s);
	print_json(ev, &v, 0, false, &s.buf, NULL);
	eval_throw(ev, THROW_EVAL, 0, "cannot show unsupported input '%s'", buf_str(&s.buf));
}
