// SPDX-License-Identifier: GPL-2.0-or-later
// References of flakes as text: URLs of the schemes that inputs have, and names of the registry.
#include <string.h>
#include "base/str.h"
#include "expr/builtin-util.h"
#include "glue/flake.h"

enum { REV_CHARS = 40, QUERY_MAX = 64 };

bool ref_is_rev(const char *s)
{
	return strlen(s) == REV_CHARS && strspn(s, "0123456789abcdef") == REV_CHARS;
}

// The value of a hexadecimal digit, or -1.
static int hex(char c)
{
	const char *digits = "0123456789abcdefABCDEF", *p = c ? strchr(digits, c) : NULL;

	return !p ? -1 : p - digits < 16 ? (int)(p - digits) : (int)(p - digits) - 6;
}

const char *ref_decoded(struct eval *ev, const char *s, size_t len)
{
	char *out = arena_strndup(&ev->heap, s, len), *to = out;

	for (size_t i = 0; i < len; i++) {
		int hi = s[i] == '%' && i + 2 < len ? hex(s[i + 1]) : -1, lo = hi >= 0 ? hex(s[i + 2]) : -1;
		bool coded = lo >= 0 && (hi || lo); // NUL is no character of a string
		*to++ = coded ? (char)(hi << 4 | lo) : s[i];
		i += coded ? 2 : 0;
	}
	*to = 0;
	return out;
}

static void add_coded(struct buf *out, const char *s, const char *kept)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *s; s++)
		if (strchr(plain, *s) || strchr(kept, *s))
			buf_addc(out, *s);
		else
			buf_addf(out, "%%%02X", (unsigned char)*s);
}

const char *ref_coded(struct eval *ev, const char *s)
{
	struct scratch out;

	scratch_begin(ev, &out);
	add_coded(&out.buf, s, "/@:");
	return scratch_string(ev, &out, NULL)->data;
}

// ---- the query

struct query {
	struct {
		const char *name, *value;
	} rows[QUERY_MAX];
	size_t len;
};

static void query_add(struct query *q, const char *name, const char *value)
{
	size_t i = 0;

	while (i < q->len && strcmp(q->rows[i].name, name) < 0)
		i++;
	if (i < q->len && str_eq(q->rows[i].name, name)) {
		q->rows[i].value = value;
		return;
	}
	if (q->len == QUERY_MAX)
		return;
	memmove(&q->rows[i + 1], &q->rows[i], (q->len - i) * sizeof(q->rows[0]));
	q->rows[i].name = name;
	q->rows[i].value = value;
	q->len++;
}

// "a=b&c=d"
static void query_read(struct eval *ev, struct query *q, const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end) {
		const char *amp = memchr(s, '&', (size_t)(end - s)), *stop = amp ? amp : end;
		const char *eq = memchr(s, '=', (size_t)(stop - s));
		if (eq && eq > s)
			query_add(q, ref_decoded(ev, s, (size_t)(eq - s)),
			        ref_decoded(ev, eq + 1, (size_t)(stop - eq - 1)));
		s = stop + (stop < end);
	}
}

static void query_print(const struct query *q, struct buf *out)
{
	for (size_t i = 0; i < q->len; i++) {
		buf_addc(out, i ? '&' : '?');
		add_coded(out, q->rows[i].name, "");
		buf_addc(out, '=');
		add_coded(out, q->rows[i].value, ":@/?");
	}
}

// ---- reading

// What is being read; false from a scheme's reader: it is no reference of that kind.
struct reading {
	struct eval *ev;
	struct ref *r;
	const char *text; // all of it
	char *scheme;     // "git+https", in lower case
	const char *rest; // behind "SCHEME:", without query and fragment
	struct query query;
	unsigned flags;
};

// A parameter of the query that is an attribute.
static bool take(struct reading *x, const char *name, const char *value)
{
	static const char *const texts[] = {"rev", "ref", "narHash", "dir"}, *const numbers[] = {"revCount",
	                                                                             "lastModified"};
	uint64_t n;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (str_eq(name, texts[i])) {
			ref_set(x->ev, x->r, name, value);
			return true;
		}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (str_eq(name, numbers[i]) && str_to_u64(value, &n) == 0) {
			ref_set_number(x->ev, x->r, name, n);
			return true;
		}
	return false;
}

static bool read_path(struct reading *x)
{
	if (strncmp(x->rest, "//", 2) == 0)
		return false;
	ref_set(x->ev, x->r, "path", ref_decoded(x->ev, x->rest, strlen(x->rest)));
	for (size_t i = 0; i < x->query.len; i++) {
		const char *name = x->query.rows[i].name;
		if (str_eq(name, "ref") || !take(x, name, x->query.rows[i].value))
			eval_throw(x->ev, THROW_EVAL, 0, "path URL '%s' has unsupported parameter '%s'",
			        x->text, name);
	}
	return true;
}

// What a forge or the registry has behind a name: a revision or a reference, once.
static bool set_ref_or_rev(struct reading *x, const char *word)
{
	const char *name = ref_is_rev(word) ? "rev" : "ref";

	if (!*word || ref_get(x->r, name))
		return false;
	ref_set(x->ev, x->r, name, word);
	return true;
}

// ID[/REF][/REV]
static bool read_indirect(struct reading *x)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
	                  more[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
	                  names[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./@+-";
	size_t n = strspn(x->rest, more);
	const char *rest = x->rest + n;

	if (!n || !strchr(letters, *x->rest) || (*rest && *rest != '/') || rest[strspn(rest, names)])
		return false;
	ref_set(x->ev, x->r, "id", arena_strndup(&x->ev->heap, x->rest, n));
	if (!*rest)
		return true;
	const char *last = strrchr(rest, '/') + 1;
	if (last - 1 > rest && ref_is_rev(last)) {
		set_ref_or_rev(x, last);
		return set_ref_or_rev(x, arena_strndup(&x->ev->heap, rest + 1, (size_t)(last - rest - 2)));
	}
	return set_ref_or_rev(x, rest + 1);
}

// OWNER/REPO[/REF or REV]
static bool read_forge(struct reading *x)
{
	const char *slash = strchr(x->rest, '/'), *second = slash ? strchr(slash + 1, '/') : NULL;
	struct eval *ev = x->ev;

	if (!slash || slash == x->rest || !slash[1] || slash[1] == '/')
		return false;
	ref_set(ev, x->r, "owner", ref_decoded(ev, x->rest, (size_t)(slash - x->rest)));
	ref_set(ev, x->r, "repo",
	        ref_decoded(ev, slash + 1, second ? (size_t)(second - slash - 1) : strlen(slash + 1)));
	if (second && second[1] && !set_ref_or_rev(x, ref_decoded(ev, second + 1, strlen(second + 1))))
		return false;
	for (size_t i = 0; i < x->query.len; i++) {
		const char *name = x->query.rows[i].name, *value = x->query.rows[i].value;
		if (str_eq(name, "rev") || str_eq(name, "ref")) {
			if (ref_get(x->r, "rev") || ref_get(x->r, "ref"))
				return false;
			ref_set(ev, x->r, name, value);
		} else if (str_eq(name, "host") || str_eq(name, "dir") || str_eq(name, "narHash")) {
			ref_set(ev, x->r, name, value);
		}
	}
	return true;
}

static const char *const git_flags[] = {
        "allRefs", "exportIgnore", "lfs", "shallow", "submodules", "verifyCommit"};

static bool is_git_flag(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(git_flags); i++)
		if (str_eq(name, git_flags[i]))
			return true;
	return false;
}

// The address without the scheme's first part, with what of the query is none of our attributes.
static void set_url(struct reading *x, const struct query *left)
{
	const char *plus = strchr(x->scheme, '+');
	struct scratch s;

	scratch_begin(x->ev, &s);
	buf_addf(&s.buf, "%s:%s", plus ? plus + 1 : x->scheme, x->rest);
	query_print(left, &s.buf);
	ref_set(x->ev, x->r, "url", buf_str(&s.buf));
	scratch_end(x->ev, &s);
}

static bool read_url(struct reading *x)
{
	bool git = ref_is(x->r, "git");
	struct query left = {.len = 0};

	for (size_t i = 0; i < x->query.len; i++) {
		const char *name = x->query.rows[i].name, *value = x->query.rows[i].value;
		if (git && is_git_flag(name))
			ref_set_bool(x->ev, x->r, name, str_eq(value, "1"));
		else if ((!git && str_eq(name, "ref")) || !take(x, name, value))
			query_add(&left, name, value);
	}
	set_url(x, &left);
	return true;
}

static bool is_archive(const char *s)
{
	static const char *const ends[] = {
	        ".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst"};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (str_has_suffix(s, ends[i]))
			return true;
	return false;
}

static const struct scheme {
	const char *name, *type; // type NULL: an archive, or a file
	bool (*read)(struct reading *x);
} schemes[] = {
        {"path", "path", read_path},
        {"flake", "indirect", read_indirect},
        {"github", "github", read_forge},
        {"gitlab", "gitlab", read_forge},
        {"sourcehut", "sourcehut", read_forge},
        {"git", "git", read_url},
        {"git+http", "git", read_url},
        {"git+https", "git", read_url},
        {"git+ssh", "git", read_url},
        {"git+git", "git", read_url},
        {"git+file", "git", read_url},
        {"hg+http", "hg", read_url},
        {"hg+https", "hg", read_url},
        {"hg+ssh", "hg", read_url},
        {"hg+file", "hg", read_url},
        {"tarball+http", "tarball", read_url},
        {"tarball+https", "tarball", read_url},
        {"tarball+file", "tarball", read_url},
        {"file+http", "file", read_url},
        {"file+https", "file", read_url},
        {"file+file", "file", read_url},
        {"http", NULL, read_url},
        {"https", NULL, read_url},
        {"file", NULL, read_url},
};

// False: the text is no URL.
static bool read_scheme(struct reading *x, const char *body, size_t body_len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
	size_t n = strspn(body, letters);

	if (!n || n >= body_len || body[n] != ':' || strchr("0123456789+-.", *body))
		return false;
	x->scheme = arena_strndup(&x->ev->heap, body, n);
	for (char *p = x->scheme; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 'a' - 'A') : *p;
	x->rest = arena_strndup(&x->ev->heap, body + n + 1, body_len - n - 1);
	if (strpbrk(x->rest, " \"<>\\^`{|}"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		const struct scheme *s = &schemes[i];
		if (!str_eq(s->name, x->scheme))
			continue;
		const char *type = s->type                                         ? s->type
		                   : (x->flags & REF_FLAKE) || is_archive(x->rest) ? "tarball"
		                                                                   : "file";
		ref_set(x->ev, x->r, "type", type);
		return s->read(x);
	}
	eval_throw(x->ev, THROW_EVAL, 0, "input '%s' is unsupported", x->text);
}

static const char *fragment_of(struct eval *ev, const char *text, const char *hash, const char **ret)
{
	const char *fragment = hash ? ref_decoded(ev, hash + 1, strlen(hash + 1)) : "";

	if (ret)
		*ret = fragment;
	else if (*fragment)
		eval_throw(ev, THROW_EVAL, 0, "unexpected fragment '%s' in flake reference '%s'", fragment,
		        text);
	return fragment;
}

static struct ref *read_plain_path(struct reading *x, const char *body, size_t len, const char *query)
{
	struct eval *ev = x->ev;

	if (x->flags & REF_HERE)
		return ref_of_path(ev, arena_strndup(&ev->heap, body, len), query);
	if (!(x->flags & REF_RELATIVE ? len > 0 : *body == '/'))
		eval_throw(ev, THROW_EVAL, 0, "flake reference '%s' is not an absolute path", x->text);
	x->r = ref_new(ev);
	ref_set(ev, x->r, "type", "path");
	x->rest = arena_strndup(&ev->heap, body, len);
	read_path(x);
	return x->r;
}

struct ref *ref_parse(struct eval *ev, const char *text, unsigned flags, const char **ret_fragment)
{
	const char *hash = strchr(text, '#'), *mark = strchr(text, '?');
	size_t all = hash ? (size_t)(hash - text) : strlen(text);
	size_t len = mark && (size_t)(mark - text) < all ? (size_t)(mark - text) : all;
	const char *query = len < all ? arena_strndup(&ev->heap, mark + 1, all - len - 1) : "";
	struct reading x = {.ev = ev, .r = ref_new(ev), .text = text, .flags = flags};

	fragment_of(ev, text, hash, ret_fragment);
	query_read(ev, &x.query, query, strlen(query));
	x.rest = arena_strndup(&ev->heap, text, len);
	if (len == all && *x.rest != '.' && read_indirect(&x)) {
		ref_set(ev, x.r, "type", "indirect");
		return x.r;
	}
	x.r = ref_new(ev);
	if (!read_scheme(&x, arena_strndup(&ev->heap, text, len), len))
		return read_plain_path(&x, text, len, query);
	if (ref_is(x.r, "path") && (flags & REF_HERE) && *ref_text(x.r, "path") != '/') {
		const char *joined = arena_printf(&ev->heap, "%s/%s", eval_cwd(ev), ref_text(x.r, "path"));
		ref_set(ev, x.r, "path", eval_canonical_path(ev, joined, strlen(joined))->data);
	}
	return x.r;
}

// ---- printing

static const char *number_text(struct eval *ev, const struct ref_attr *a)
{
	return a->kind == REF_TEXT   ? a->text
	       : a->kind == REF_BOOL ? (a->number ? "1" : "0")
	                             : arena_printf(&ev->heap, "%llu", (unsigned long long)a->number);
}

// Attributes that go into the query.
static void add_query(struct eval *ev, const struct ref *r, const char *const *names, struct query *q)
{
	for (; *names; names++) {
		const struct ref_attr *a = ref_get(r, *names);
		if (a && !(a->kind == REF_BOOL && !a->number))
			query_add(q, a->name, number_text(ev, a));
	}
}

static void print_url(struct eval *ev, const struct ref *r, struct query *q, struct buf *out)
{
	static const char *const git_names[] = {"dir", "exportIgnore", "lfs", "ref", "rev", "shallow",
	        "submodules", "verifyCommit", NULL},
	                         *const names[] = {"dir", "narHash", NULL};
	const char *url = ref_text(r, "url"), *mark = strchr(url, '?');
	bool git = ref_is(r, "git"), plain_git = str_has_prefix(url, "git:");

	if (mark)
		query_read(ev, q, mark + 1, strlen(mark + 1));
	add_query(ev, r, git ? git_names : names, q);
	if (git && !plain_git)
		buf_adds(out, "git+");
	if (ref_is(r, "hg"))
		buf_adds(out, "hg+");
	if (git && *url == '/')
		buf_adds(out, "file://");
	buf_add(out, url, mark ? (size_t)(mark - url) : strlen(url));
}

static void print_forge(struct eval *ev, const struct ref *r, struct query *q, struct buf *out)
{
	static const char *const names[] = {"dir", "host", "narHash", NULL};
	const char *end = ref_text(r, "rev") ? ref_text(r, "rev") : ref_text(r, "ref");

	buf_addf(out, "%s:", ref_text(r, "type"));
	add_coded(out, ref_text(r, "owner"), "@:");
	buf_addc(out, '/');
	add_coded(out, ref_text(r, "repo"), "@:");
	if (end) {
		buf_addc(out, '/');
		add_coded(out, end, "@:");
	}
	add_query(ev, r, names, q);
}

static void print(struct eval *ev, const struct ref *r, struct buf *out)
{
	static const char *const path_names[] = {"dir", "lastModified", "narHash", "rev", "revCount", NULL},
	                         *const id_names[] = {"dir", NULL};
	const char *ref = ref_text(r, "ref"), *rev = ref_text(r, "rev");
	struct query q = {.len = 0};

	ref_check(ev, r);
	if (ref_is(r, "indirect")) {
		buf_addf(out, "flake:%s%s%s%s%s", ref_text(r, "id"), ref ? "/" : "", ref ? ref : "",
		        rev ? "/" : "", rev ? rev : "");
		add_query(ev, r, id_names, &q);
	} else if (ref_is(r, "path")) {
		buf_addf(out, "path:");
		add_coded(out, ref_text(r, "path"), "/@:");
		add_query(ev, r, path_names, &q);
	} else if (ref_get(r, "url")) {
		print_url(ev, r, &q, out);
	} else {
		print_forge(ev, r, &q, out);
	}
	query_print(&q, out);
}

const char *ref_show(struct eval *ev, const struct ref *r)
{
	struct scratch s;

	scratch_begin(ev, &s);
	print(ev, r, &s.buf);
	return scratch_string(ev, &s, NULL)->data;
}
