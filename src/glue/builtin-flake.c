// SPDX-License-Identifier: GPL-2.0-or-later
// Flake references as text and as sets. Flakes themselves are not evaluated.
#include <string.h>
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/print.h"
#include "glue/glue.h"

static void push(struct eval *ev, struct attrs *a, const char *name, const char *text, size_t len)
{
	*attrs_push(a, symbol_of(&ev->symbols, name), 0) = value_string(eval_string(ev, text, len, NULL));
}

static bool is_rev(const char *s, size_t len)
{
	return len == 40 && strspn(s, "0123456789abcdef") >= 40;
}

_noreturn_ static void throw_not_ref(struct eval *ev, const char *url)
{
	eval_throw(ev, THROW_EVAL, 0, "'%s' is not a valid URL", url);
}

// The value of a hexadecimal digit, or -1.
static int hex(char c)
{
	const char *digits = "0123456789abcdefABCDEF", *p = c ? strchr(digits, c) : NULL;

	return !p ? -1 : p - digits < 16 ? (int)(p - digits) : (int)(p - digits) - 6;
}

static struct value decoded(struct eval *ev, const char *s, size_t len)
{
	struct scratch out;

	scratch_begin(ev, &out);
	for (size_t i = 0; i < len; i++) {
		int hi = s[i] == '%' && i + 2 < len ? hex(s[i + 1]) : -1, lo = hi >= 0 ? hex(s[i + 2]) : -1;
		buf_addc(&out.buf, lo >= 0 ? (char)(hi << 4 | lo) : s[i]);
		i += lo >= 0 ? 2 : 0;
	}
	return value_string(scratch_string(ev, &out, NULL));
}

// "a=b&c=d"
static void push_query(struct eval *ev, struct attrs *a, const char *q)
{
	while (*q) {
		size_t len = strcspn(q, "&"), name = strcspn(q, "=");
		if (name < len)
			*attrs_push(a, symbol_intern(&ev->symbols, q, name), 0) =
			        decoded(ev, q + name + 1, len - name - 1);
		q += len + (q[len] == '&');
	}
}

// OWNER/REPO[/REF or REV]
static void push_forge(
        struct eval *ev, struct attrs *a, const char *type, const char *rest, size_t len, const char *url)
{
	const char *end = rest + len, *slash = memchr(rest, '/', len);
	const char *repo_end = slash ? memchr(slash + 1, '/', (size_t)(end - slash - 1)) : NULL;

	if (!slash)
		throw_not_ref(ev, url);
	push(ev, a, "type", type, strlen(type));
	push(ev, a, "owner", rest, (size_t)(slash - rest));
	push(ev, a, "repo", slash + 1, (size_t)((repo_end ? repo_end : end) - slash - 1));
	if (repo_end) {
		size_t n = (size_t)(end - repo_end - 1);
		push(ev, a, is_rev(repo_end + 1, n) ? "rev" : "ref", repo_end + 1, n);
	}
}

// ID[/REF][/REV]
static void push_indirect(struct eval *ev, struct attrs *a, const char *rest, size_t len)
{
	const char *end = rest + len;

	push(ev, a, "type", "indirect", 8);
	for (int i = 0; rest < end; i++) {
		const char *slash = memchr(rest, '/', (size_t)(end - rest));
		size_t n = (size_t)((slash ? slash : end) - rest);
		push(ev, a, i == 0 ? "id" : is_rev(rest, n) ? "rev" : "ref", rest, n);
		rest = slash ? slash + 1 : end;
	}
}

static bool is_archive(const char *s, size_t len)
{
	static const char *const ends[] = {
	        ".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst"};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t n = strlen(ends[i]);
		if (len > n && !memcmp(s + len - n, ends[i], n))
			return true;
	}
	return false;
}

static struct value parse_ref(struct eval *ev, const char *url)
{
	static const char *const forges[] = {"github", "gitlab", "sourcehut"};
	size_t len = strcspn(url, "?#"), scheme = strcspn(url, ":");
	struct attrs *a = attrs_new(ev, 8 + strlen(url) / 2);

	for (size_t i = 0; i < ARRAY_SIZE(forges); i++) {
		if (scheme != strlen(forges[i]) || strncmp(url, forges[i], scheme) || url[scheme] != ':')
			continue;
		push_forge(ev, a, forges[i], url + scheme + 1, len - scheme - 1, url);
		goto query;
	}
	if (str_has_prefix(url, "flake:")) {
		push_indirect(ev, a, url + 6, len - 6);
	} else if (str_has_prefix(url, "path:") || *url == '/' || *url == '.') {
		size_t skip = *url == 'p' ? 5 : 0;
		push(ev, a, "type", "path", 4);
		push(ev, a, "path", url + skip, len - skip);
	} else if (str_has_prefix(url, "git+") || str_has_prefix(url, "git:")) {
		size_t skip = url[3] == '+' ? 4 : 0;
		push(ev, a, "type", "git", 3);
		push(ev, a, "url", url + skip, len - skip);
	} else if (strstr(url, "://")) {
		size_t skip = str_has_prefix(url, "tarball+") ? 8 : str_has_prefix(url, "file+") ? 5 : 0;
		const char *type = skip == 8 || (!skip && is_archive(url, len)) ? "tarball" : "file";
		push(ev, a, "type", type, strlen(type));
		push(ev, a, "url", url + skip, len - skip);
	} else if (len && !memchr(url, ':', len)) {
		push_indirect(ev, a, url, len);
	} else {
		throw_not_ref(ev, url);
	}
query:
	if (url[len] == '?')
		push_query(ev, a, url + len + 1);
	attrs_finish_unique(a);
	return value_attrs(a);
}

static void b_parse_flake_ref(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	feature_need(ev, "flakes");
	const struct string *s = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the argument passed to builtins.parseFlakeRef");
	*ret = parse_ref(ev, s->data);
}

// An attribute as text; NULL where it is missing. All are forced and of a type that a reference may have.
static const char *text_attr(struct eval *ev, struct attrs *a, const char *name)
{
	struct attr *at = attrs_get(a, symbol_of(&ev->symbols, name));

	if (!at)
		return NULL;
	if (value_type(&at->value) == VALUE_INT)
		return arena_printf(&ev->heap, "%lld", (long long)at->value.integer);
	if (value_type(&at->value) == VALUE_BOOL)
		return at->value.boolean ? "1" : "0";
	return at->value.string->data;
}

static void check_ref_attr(struct eval *ev, struct attr *at)
{
	eval_force(ev, &at->value, at->pos);
	switch (value_type(&at->value)) {
	case VALUE_STRING:
	case VALUE_BOOL:
		return;
	case VALUE_INT:
		if (at->value.integer < 0)
			eval_throw(ev, THROW_EVAL, 0, "negative value given for flake ref attr %s: %lld",
			        eval_show_name(ev, at->name), (long long)at->value.integer);
		return;
	default:
		eval_throw(ev, THROW_EVAL, 0,
		        "flake reference attribute sets may only contain integers, Booleans, and strings, "
		        "but attribute '%s' is %s",
		        eval_show_name(ev, at->name), eval_phrase(ev, &at->value));
	}
}

// What did not go into the reference's body comes behind '?'.
static void add_query(struct eval *ev, struct attrs *a, const char *const *done, struct buf *out)
{
	struct attr **sorted = attrs_sorted(ev, a);
	char before = '?';

	for (size_t i = 0; i < a->len; i++) {
		const char *name = symbol_text(&ev->symbols, sorted[i]->name);
		bool skip = false;
		for (const char *const *d = done; *d; d++)
			skip |= str_eq(*d, name);
		if (skip)
			continue;
		buf_addf(out, "%c%s=%s", before, name, text_attr(ev, a, name));
		before = '&';
	}
}

// A reference that lacks what says where it is: the first attribute that its type needs.
_noreturn_ static void throw_incomplete(struct eval *ev, struct attrs *a, const char *type)
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
	struct value v = value_attrs(a);
	struct scratch s;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		for (size_t k = 0; k < 2 && types[i].needs[k] && str_eq(type, types[i].type); k++)
			if (!attrs_get(a, symbol_of(&ev->symbols, types[i].needs[k])))
				eval_throw(ev, THROW_EVAL, 0, "input attribute '%s' is missing",
				        types[i].needs[k]);
	scratch_begin(ev, &s);
	print_json(ev, &v, 0, false, &s.buf, NULL);
	eval_throw(ev, THROW_EVAL, 0, "cannot show unsupported input '%s'", buf_str(&s.buf));
}

static void print_ref(struct eval *ev, struct attrs *a, struct buf *out)
{
	static const char *const forge_parts[] = {"type", "owner", "repo", "ref", "rev", NULL},
	                         *const url_parts[] = {"type", "url", NULL},
	                         *const path_parts[] = {"type", "path", NULL},
	                         *const id_parts[] = {"type", "id", "ref", "rev", NULL};
	const char *type = text_attr(ev, a, "type"), *ref = text_attr(ev, a, "ref"),
	           *rev = text_attr(ev, a, "rev");
	const char *url = text_attr(ev, a, "url"), *path = text_attr(ev, a, "path"),
	           *id = text_attr(ev, a, "id");
	const char *owner = text_attr(ev, a, "owner"), *repo = text_attr(ev, a, "repo");

	if (!type)
		eval_throw(ev, THROW_EVAL, 0,
		        "'type' attribute to specify input scheme is required but not provided");
	if (owner && repo) {
		buf_addf(out, "%s:%s/%s", type, owner, repo);
		if (ref || rev)
			buf_addf(out, "/%s", rev ? rev : ref);
		add_query(ev, a, forge_parts, out);
	} else if (id) {
		buf_addf(out, "flake:%s%s%s%s%s", id, ref ? "/" : "", ref ? ref : "", rev ? "/" : "",
		        rev ? rev : "");
		add_query(ev, a, id_parts, out);
	} else if (path) {
		buf_addf(out, "path:%s", path);
		add_query(ev, a, path_parts, out);
	} else if (url) {
		buf_addf(out, "%s%s", str_eq(type, "git") && !str_has_prefix(url, "git:") ? "git+" : "", url);
		add_query(ev, a, url_parts, out);
	} else {
		throw_incomplete(ev, a, type);
	}
}

static void b_flake_ref_to_string(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct scratch s;

	feature_need(ev, "flakes");
	struct attrs *a =
	        attrs_flat(ev, eval_attrs(ev, &args[0], 0,
	                               "while evaluating the argument passed to builtins.flakeRefToString"));
	attrs_for_each (at, a)
		check_ref_attr(ev, at);
	scratch_begin(ev, &s);
	print_ref(ev, a, &s.buf);
	*ret = value_string(scratch_string(ev, &s, NULL));
}

static void b_get_flake(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	feature_need(ev, "flakes");
	eval_throw(ev, THROW_EVAL, 0,
	        "kernix does not evaluate flakes: use their default.nix, or fetchGit and fetchTarball");
}

static void b_not_here(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_throw(ev, THROW_EVAL, 0, "this builtin of an experimental feature of Nix is not in kernix");
}

// Its argument is checked as Nix does; only what fetches is missing.
static void b_fetch_tree(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	if (value_type(&args[0]) == VALUE_ATTRS) {
		struct attrs *set = attrs_flat(ev, args[0].attrs);
		struct attr *type = attrs_get(set, ev->sym.type);
		if (!type)
			eval_throw(ev, THROW_EVAL, 0, "argument 'type' is missing in call to 'fetchTree'");
		eval_string_plain(
		        ev, &type->value, 0, "while evaluating the `type` argument passed to 'fetchTree'");
		attrs_for_each (at, set)
			glue_check_fetch_attr(ev, "fetchTree", at);
		if (attrs_get(set, ev->sym.name))
			eval_throw(
			        ev, THROW_EVAL, 0, "argument 'name' isn’t supported in call to 'fetchTree'");
	} else {
		struct coerce how = {.what = "while evaluating the first argument passed to 'fetchTree'"};
		eval_coerce(ev, &args[0], 0, &how);
		if (!feature_on(ev, "flakes"))
			eval_throw(ev, THROW_EVAL, 0,
			        "passing a string argument to 'fetchTree' requires the 'flakes' experimental "
			        "feature");
	}
	b_not_here(ev, args, ret, pos);
}

static const struct builtin rows[] = {
        {"parseFlakeRef", 1, 1, false, b_parse_flake_ref, "flake-ref",
                "A flake reference as a set of its parts."},
        {"flakeRefToString", 1, 1, false, b_flake_ref_to_string, "attrs", "A flake reference as text."},
        {"getFlake", 1, 1, false, b_get_flake, "args", "Flakes are not evaluated: an error."},
};

const struct builtin_table builtin_flakes = {rows, ARRAY_SIZE(rows)};

// Builtins that exist only with a feature on.
static const struct {
	const char *feature;
	struct builtin row;
} feature_rows[] = {
        {"fetch-tree", {"fetchTree", 1, 0, false, b_fetch_tree, "input",
                               "Not here: use fetchGit, fetchTarball, fetchurl."}},
        {"fetch-closure", {"fetchClosure", 1, 0, false, b_not_here, "args", "Not here."}},
        {"dynamic-derivations",
                {"outputOf", 2, 0, false, b_not_here, "derivation-reference output-name", "Not here."}},
};

void glue_add_feature_builtins(struct eval *ev)
{
	for (size_t i = 0; i < ARRAY_SIZE(feature_rows); i++)
		if (feature_on(ev, feature_rows[i].feature))
			builtin_add_table(ev, &feature_rows[i].row, 1);
}
