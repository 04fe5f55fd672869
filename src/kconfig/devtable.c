// SPDX-License-Identifier: GPL-2.0-or-later
// Reading tables of device ids out of C sources.
#include <ctype.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/devtable.h"

#define NESTED_MAX 20
#define FILE_STEPS ((size_t)100 << 20) // of one source file; the longest tables of Linux 6.12 take a 25th

static const char declares[] = "MODULE_DEVICE_TABLE", alias_word[] = "MODULE_ALIAS",
                  info_word[] = "__MODULE_INFO";

struct table {
	struct dscan *x;
	struct csrc *f;
	const struct dtype *type;
	size_t at; // of the table in the file
	const char *names[DEV_FIELDS_MAX];
	size_t names_len[DEV_FIELDS_MAX], fields;
	char kind[DEV_FIELDS_MAX]; // 'n' or the sign before the name: struct dtype
};

struct filling {
	struct dentry d;
	size_t next; // field that a plain value goes to
	bool any;
};

static bool name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void split_fields(struct table *t)
{
	for (const char *s = t->type->fields; *s && t->fields < DEV_FIELDS_MAX; s += *s == ' ') {
		bool plain = name_char(*s);
		t->kind[t->fields] = plain ? 'n' : *s;
		s += !plain;
		t->names[t->fields] = s;
		t->names_len[t->fields++] = strcspn(s, " ");
		s += strcspn(s, " ");
	}
}

static bool sign(const struct ctok *v, size_t n, size_t i, char c)
{
	return i < n && v[i].kind == 'p' && v[i].len == 1 && *v[i].s == c;
}

// The end of the piece that begins at i: its comma, or n.
static size_t piece_end(const struct ctok *v, size_t n, size_t i)
{
	size_t depth = 0;

	for (; i < n; i++) {
		if (v[i].kind != 'p')
			continue;
		if (strchr("({[", *v[i].s))
			depth++;
		else if (strchr(")}]", *v[i].s))
			depth -= depth > 0;
		else if (*v[i].s == ',' && !depth)
			break;
	}
	return i;
}

static size_t field_named(const struct table *t, const struct ctok *tok)
{
	for (size_t i = 0; i < t->fields; i++)
		if (t->names_len[i] == tok->len && !memcmp(t->names[i], tok->s, tok->len))
			return i;
	return SIZE_MAX;
}

// All strings of nested braces, with blanks: the devices of a PnP card.
static char *strings_in(struct table *t, const struct ctok *v, size_t n)
{
	struct buf b = {};
	_cleanup_ctoks_ struct ctoks all = {};

	cexpand(t->x->w, t->f, t->at, v, n, 0, &all);
	for (size_t i = 0; i < all.len; i++)
		if (all.v[i].kind == 's' && all.v[i].len > 2)
			buf_addf(&b, "%s%.*s", b.len ? " " : "", (int)all.v[i].len - 2, all.v[i].s + 1);
	buf_str(&b);
	return buf_steal(&b);
}

// { 1, 2, [4] = 3 }: false where one of them is not known, or has no place.
static bool numbers_in(struct table *t, const struct ctok *v, size_t n, uint64_t *list)
{
	uint64_t at = 0;

	if (!sign(v, n, 0, '{') || !sign(v, n, n - 1, '}'))
		return false;
	for (size_t i = 1, end; i < n - 1; i = end + 1, at++) {
		size_t from = i;
		end = piece_end(v, n - 1, i);
		if (sign(v, end, i, '[')) {
			while (i < end && !sign(v, end, i, ']'))
				i++;
			if (!ceval(t->x->w, t->f, t->at, v + from + 1, i - from - 1, &at) ||
			        !sign(v, end, i + 1, '='))
				return false;
			from = i + 2;
		}
		if (from < end &&
		        (at >= DEV_LIST_MAX || !ceval(t->x->w, t->f, t->at, v + from, end - from, &list[at])))
			return false;
	}
	return true;
}

static bool is_guid(const struct ctok *tok)
{
	return ctok_is(tok, "GUID_INIT") || ctok_is(tok, "UUID_LE") || ctok_is(tok, "UUID_INIT");
}

// GUID_INIT(a, b, c, d0, .. d7) and its kin, perhaps behind a macro: the text of the GUID.
static char *guid_in(struct table *t, const struct ctok *v, size_t n)
{
	_cleanup_ctoks_ struct ctoks own = {};
	uint64_t part[11] = {};
	size_t i = 2, count = 0;

	for (unsigned deep = 0; n && deep < NESTED_MAX; deep++) {
		_cleanup_ctoks_ struct ctoks once = {};
		size_t used;
		if (is_guid(&v[0]))
			break;
		if (!cexpand_once(t->x->w, t->f, t->at, v, n, &once, &used))
			return NULL;
		struct ctoks old = own;
		own = once;
		once = old;
		v = own.v;
		n = own.len;
	}
	for (size_t end; i < n && count < ARRAY_SIZE(part) && sign(v, n, 1, '('); i = end + 1, count++) {
		end = piece_end(v, n - 1, i);
		if (!ceval(t->x->w, t->f, t->at, v + i, end - i, &part[count]))
			return NULL;
	}
	if (count != ARRAY_SIZE(part))
		return NULL;
	struct buf b = {};
	buf_addf(&b, "%08x-%04x-%04x-", (unsigned)part[0], (unsigned)part[1] & 0xffff,
	        (unsigned)part[2] & 0xffff);
	for (i = 3; i < ARRAY_SIZE(part); i++)
		buf_addf(&b, "%02x%s", (unsigned)part[i] & 0xff, i == 4 ? "-" : "");
	return buf_steal(&b);
}

// { DMI_MATCH(DMI_SYS_VENDOR, "ACME"), ... }: lines "DMI_SYS_VENDOR ACME".
static char *matches_in(struct table *t, const struct ctok *v, size_t n)
{
	_cleanup_buf_ struct buf b = {};

	if (!sign(v, n, 0, '{') || !sign(v, n, n - 1, '}'))
		return NULL;
	for (size_t i = 1, end; i < n - 1; i = end + 1) {
		_cleanup_buf_ struct buf text = {};
		end = piece_end(v, n - 1, i);
		if (end == i)
			continue;
		if ((!ctok_is(&v[i], "DMI_MATCH") && !ctok_is(&v[i], "DMI_EXACT_MATCH")) || end < i + 6 ||
		        !sign(v, end, i + 1, '(') || !sign(v, end, i + 3, ',') ||
		        !sign(v, end, end - 1, ')') || v[i + 2].kind != 'i' ||
		        !cstring(t->x->w, t->f, t->at, v + i + 4, end - i - 5, &text))
			return NULL;
		buf_addf(&b, "%.*s %s\n", (int)v[i + 2].len, v[i + 2].s, buf_str(&text));
	}
	buf_str(&b);
	return buf_steal(&b);
}

static void set(struct table *t, struct filling *f, size_t field, const struct ctok *v, size_t n)
{
	struct dvalue *d = field < t->fields ? &f->d.v[field] : NULL;
	struct buf s = {};

	f->next = field + 1;
	if (!d || !n || (t->names_len[field] > 6 && !memcmp(t->names[field], "driver", 6)))
		return;
	f->any = d->set = true;
	mem_free(d->s);
	d->s = NULL;
	switch (t->kind[field]) {
	case 'n':
		d->bad = !ceval(t->x->w, t->f, t->at, v, n, &d->n);
		return;
	case '#':
		d->bad = !numbers_in(t, v, n, d->list);
		return;
	case '%':
		d->s = guid_in(t, v, n);
		d->bad = !d->s;
		return;
	case '~':
		d->s = matches_in(t, v, n);
		d->bad = !d->s;
		return;
	}
	if (sign(v, n, 0, '{') && sign(v, n, n - 1, '}') && !str_has_prefix(t->names[field], "devs"))
		v++, n -= 2; // { "text" }
	if (str_has_prefix(t->names[field], "devs")) {
		d->s = strings_in(t, v, n);
		return;
	}
	d->bad = !cstring(t->x->w, t->f, t->at, v, n, &s);
	if (d->bad) { // "" may also be written 0
		uint64_t zero;
		d->bad = !ceval(t->x->w, t->f, t->at, v, n, &zero) || zero;
	}
	buf_str(&s);
	d->s = buf_steal(&s);
}

static void fill(struct table *t, struct filling *f, const struct ctok *v, size_t n, unsigned depth);

static void fill_piece(struct table *t, struct filling *f, const struct ctok *v, size_t n, unsigned depth)
{
	_cleanup_ctoks_ struct ctoks once = {};
	size_t used = 0;

	if (sign(v, n, 0, '.') && n >= 2) {
		size_t field = field_named(t, &v[1]), eq = 2;
		while (eq < n && !sign(v, n, eq, '='))
			eq++;
		if (eq == 2 && eq < n && field != SIZE_MAX)
			set(t, f, field, v + 3, n - 3);
		else if (eq < n && field != SIZE_MAX) // .devs[0].id = ..
			set(t, f, field, v + eq + 1, n - eq - 1);
		else
			f->next = DEV_FIELDS_MAX;
		return;
	}
	bool skipped =
	        f->next < t->fields && t->names_len[f->next] > 6 && !memcmp(t->names[f->next], "driver", 6);
	bool kept = f->next < t->fields && t->kind[f->next] == '%' && is_guid(&v[0]);
	if (!skipped && !kept && depth < NESTED_MAX && v[0].kind == 'i' &&
	        cexpand_once(t->x->w, t->f, t->at, v, n, &once, &used)) {
		for (; used < n; used++) // as '.driver_info = (unsigned long)&' { ... }
			ctoks_add(&once, &v[used]);
		fill(t, f, once.v, once.len, depth + 1);
		return;
	}
	set(t, f, f->next, v, n);
}

// What is between the braces of one entry.
static void fill(struct table *t, struct filling *f, const struct ctok *v, size_t n, unsigned depth)
{
	for (size_t i = 0; i < n;) {
		size_t end = piece_end(v, n, i);
		if (end > i)
			fill_piece(t, f, v + i, end - i, depth);
		i = end + 1;
	}
}

static bool is_zero(const struct filling *f)
{
	static const uint64_t none[DEV_LIST_MAX];

	for (size_t i = 0; i < DEV_FIELDS_MAX; i++) {
		const struct dvalue *v = &f->d.v[i];
		if (v->bad || v->n || (v->s && *v->s) || memcmp(v->list, none, sizeof(none)))
			return false;
	}
	return true;
}

static void entry(struct table *t, const struct ctok *v, size_t n)
{
	struct filling f = {};

	fill(t, &f, v, n, 0);
	if (f.any && !is_zero(&f)) {
		t->x->entries++;
		if (!t->type->format(&f.d, t->x->emit, t->x->ctx))
			t->x->unread++;
	}
	for (size_t i = 0; i < DEV_FIELDS_MAX; i++)
		mem_free(f.d.v[i].s);
}

// Entries of a table: in braces, or macros that give entries.
static void entries(struct table *t, const struct ctok *v, size_t n, unsigned depth)
{
	for (size_t i = 0; i < n;) {
		_cleanup_ctoks_ struct ctoks once = {};
		size_t used = 0, end;
		if (sign(v, n, i, '[')) // [NUMBER] =
			while (i < n && !sign(v, n, i, '='))
				i++;
		if (i < n && (sign(v, n, i, '=') || sign(v, n, i, ','))) {
			i++;
			continue;
		}
		if (i < n && v[i].kind == 'i' && depth < NESTED_MAX &&
		        cexpand_once(t->x->w, t->f, t->at, v + i, n - i, &once, &used)) {
			entries(t, once.v, once.len, depth + 1);
			i += used;
			continue;
		}
		end = piece_end(v, n, i);
		if (sign(v, n, i, '{') && end > i + 1)
			entry(t, v + i + 1, end - i - 2);
		i = end + 1;
	}
}

// Is p in a line of the preprocessor, or in what such a line goes on with?
static bool line_is_directive(struct cworld *w, const char *text, const char *p)
{
	const char *end = p;

	while (p > text && (p[-1] != '\n' || (p - 1 > text && p[-2] == '\\')))
		p--;
	cworld_spend(w, (size_t)(end - p));
	p += strspn(p, " \t");
	return *p == '#';
}

// "NAME[] = {" or "NAME = {": where the table begins; NULL: it is not in this file.
static const char *find_table(struct cworld *w, const char *text, const char *name, size_t len)
{
	cworld_spend(w, strlen(text));
	for (const char *p = text, *s = text;
	        cworld_spend(w, 1 + (s > p ? (size_t)(s - p) : 0)) && (p = strstr(p, name)); p += len) {
		s = p + len;
		if ((p > text && name_char(p[-1])) || name_char(*s) || line_is_directive(w, text, p))
			continue;
		s += strspn(s, " \t\n");
		if (*s == '[') {
			s += strcspn(s, "]");
			s += *s == ']';
		}
		while (isspace((unsigned char)*s) || name_char(*s) || *s == '(' || *s == ')' || *s == '"' ||
		        *s == '.')
			s++; // attributes
		if (*s != '=')
			continue;
		s += 1 + strspn(s + 1, " \t\n");
		if (*s == '{')
			return s + 1;
	}
	return NULL;
}

static size_t brace_length(const char *s)
{
	const char *start = s;
	size_t depth = 1;

	while (*s && depth) {
		if (*s == '"' || *s == '\'') {
			char quote = *s++;
			while (*s && *s != quote && *s != '\n')
				s += *s == '\\' && s[1] ? 2 : 1;
		}
		depth += *s == '{';
		depth -= *s == '}';
		s += *s != '\0';
	}
	return (size_t)(s - start) - (depth == 0);
}

// Where a file uses the macro, outside of directives; what follows.
static const char *use_of(struct cworld *w, const char *text, const char *macro)
{
	size_t n = strlen(macro);

	cworld_spend(w, strlen(text));
	for (const char *p = text; cworld_spend(w, 1) && (p = strstr(p, macro)); p += n)
		if (!line_is_directive(w, text, p) && !name_char(p[n]))
			return p + n;
	return NULL;
}

// A table that a macro of this file begins, and a file that it includes goes on with (Chelsio's).
static struct csrc *begun_by_macro(struct dscan *x, struct csrc *f, const char *name, const char **ret)
{
	for (size_t i = 0; i < f->macros_len; i++) {
		const struct cmacro *m = &f->macros[i];
		_cleanup_free_ char *body = mem_strndup(m->body, m->body_len);
		if (m->params >= 0 || !find_table(x->w, body, name, strlen(name)))
			continue;
		for (size_t j = 0; j < f->includes_len; j++) {
			struct csrc *other = f->includes[j].file;
			*ret = other ? use_of(x->w, other->text, m->name) : NULL;
			if (*ret)
				return other;
		}
	}
	return NULL;
}

// The file that has the table: this one, or one that it includes. A name that no file has makes all known.
static struct csrc *owner(struct dscan *x, struct csrc *f, const char *name, const char **ret)
{
	*ret = find_table(x->w, f->text, name, strlen(name));
	if (*ret)
		return f;
	cmacro_find(x->w, f, "_no_such_name_", 14, 0, true);
	for (size_t i = 0; i < f->includes_len; i++) {
		struct csrc *other = f->includes[i].file;
		*ret = other ? find_table(x->w, other->text, name, strlen(name)) : NULL;
		if (*ret)
			return other;
	}
	return begun_by_macro(x, f, name, ret);
}

static void table(struct dscan *x, struct csrc *f, const struct dtype *type, const char *name)
{
	struct table t = {.x = x, .f = f, .type = type};
	_cleanup_ctoks_ struct ctoks toks = {};
	const char *s;
	struct csrc *file = owner(x, f, name, &s);

	x->tables++;
	if (!file || !cworld_spend(x->w, file->len)) {
		x->unread++;
		return;
	}
	size_t len = brace_length(s);
	t.at = file == f ? (size_t)(s - f->text) + len : f->len; // macros may be made in the table
	split_fields(&t);
	ctokens(x->w, file, s, len, &toks);
	entries(&t, toks.v, toks.len, 0);
}

static bool wanted(const struct dscan *x, const struct dtype *t)
{
	if (!x->prefixes)
		return true;
	strv_for_each (p, x->prefixes)
		if (dtype_has_prefix(t, p))
			return true;
	return false;
}

static void declared(struct dscan *x, struct csrc *f, const char *args)
{
	size_t n, m;

	args += strspn(args, " \t\n");
	n = strcspn(args, " \t\n,)");
	const char *name = args + n + strspn(args + n, " \t\n,");
	m = strcspn(name, " \t\n)");
	for (const struct dtype *t = dtypes; t->name; t++) {
		_cleanup_free_ char *copy = mem_strndup(name, m);
		if (m && strlen(t->name) == n && !memcmp(t->name, args, n) && wanted(x, t))
			table(x, f, t, copy);
	}
}

static bool wants_alias(const struct dscan *x, const char *alias)
{
	if (!x->prefixes)
		return true;
	strv_for_each (p, x->prefixes)
		if (str_has_prefix(alias, p) && strchr(":*-", alias[strlen(p)]))
			return true;
	return false;
}

// MODULE_ALIAS("..") and the macros that end in it.
static void alias(struct dscan *x, struct csrc *f, const char *s)
{
	_cleanup_ctoks_ struct ctoks toks = {}, all = {};
	size_t len = strcspn(s, ";"), at = (size_t)(s - f->text), n;

	ctokens(NULL, f, s, MIN(len, (size_t)600), &toks);
	for (unsigned i = 0; i < NESTED_MAX && toks.len && !ctok_is(&toks.v[0], alias_word) &&
	                     !ctok_is(&toks.v[0], info_word);
	        i++) {
		_cleanup_ctoks_ struct ctoks once = {};
		if (!cexpand_once(x->w, f, at, toks.v, toks.len, &once, &n))
			return;
		struct ctoks old = toks;
		toks = once;
		once = old;
	}
	for (size_t i = 0; i + 2 < toks.len; i++) {
		_cleanup_buf_ struct buf b = {};
		bool info = ctok_is(&toks.v[i], info_word); // (alias, NAME, "..")
		if ((!info && !ctok_is(&toks.v[i], alias_word)) || !sign(toks.v, toks.len, i + 1, '('))
			continue;
		if (info && (i + 6 >= toks.len || !ctok_is(&toks.v[i + 2], "alias")))
			continue;
		i += info ? 4 : 0;
		size_t end = i + 2, depth = 1;
		while (end < toks.len && depth) {
			depth += sign(toks.v, toks.len, end, '(');
			depth -= sign(toks.v, toks.len, end, ')');
			end++;
		}
		if (!cstring(x->w, f, at, toks.v + i + 2, end - i - 3, &b))
			x->unread++;
		else if (wants_alias(x, buf_str(&b)))
			x->emit(x->ctx, buf_str(&b));
	}
}

void dscan_file(struct dscan *x, const char *path, struct buf *text)
{
	x->w->left = FILE_STEPS;
	struct csrc *f = csrc_parse(x->w, path, text);

	for (const char *p = f->text; cworld_spend(x->w, 1) && (p = strstr(p, "MODULE_")); p += 7) {
		const char *rest;
		if ((p > f->text && name_char(p[-1])) || line_is_directive(x->w, f->text, p))
			continue;
		if ((rest = str_after(p, declares)) && *(rest += strspn(rest, " \t")) == '(')
			declared(x, f, rest + 1);
		else if (str_has_prefix(p, alias_word))
			alias(x, f, p);
	}
	x->unread += !x->w->left;
	csrc_free(f);
}

// Macros of the kernel's headers that end in MODULE_ALIAS, by what their aliases begin with: none of the
// kinds of devices that have tables. Others may be anything.
static const struct {
	const char *name, *prefix;
} alias_macros[] = {{"BLOCKDEV", "block-major"}, {"BLOCKDEV_MAJOR", "block-major"}, {"CHARDEV", "char-major"},
        {"CHARDEV_MAJOR", "char-major"}, {"CRYPTO", "crypto"}, {"CXL", "cxl"}, {"DAX_DEVICE", "dax"},
        {"DSA_TAG_DRIVER", "dsa_tag"}, {"FS", "fs"}, {"GENL_FAMILY", "net-pf-16"}, {"LDISC", "tty-ldisc"},
        {"MISCDEV", "char-major"}, {"ND_DEVICE", "nd"}, {"NETDEV", "netdev"}, {"NETPROTO", "net-pf"},
        {"NET_ACT", "net-act"}, {"NET_CLS", "net-cls"}, {"NET_PF_PROTO", "net-pf"},
        {"NET_PF_PROTO_NAME", "net-pf"}, {"NET_PF_PROTO_TYPE", "net-pf"}, {"NET_SCH", "net-sch"},
        {"NFCT_HELPER", "nfct-helper"}, {"NFNL_SUBSYS", "nfnetlink-subsys"}, {"NFT_AF_EXPR", "nft-expr"},
        {"NFT_CHAIN", "nft-chain"}, {"NFT_EXPR", "nft-expr"}, {"NFT_OBJ", "nft-obj"},
        {"NF_LOGGER", "nf-logger"}, {"NF_NAT_HELPER", "ip_nat"}, {"NLS", "nls"}, {"RTNL_LINK", "rtnl-link"},
        {"SCSI_DEVICE", "scsi"}, {"SNDRV_MINOR", "char-major"}, {"TCF_EMATCH", "ematch"},
        {"TEAM_MODE", "team-mode"}, {"XFRM_TYPE", "xfrm-type"}, {NULL, NULL}};

// May this MODULE_ALIAS..., behind which rest is, give one of the wanted aliases? A file's own macros: who
// knows.
static bool alias_may_be_wanted(const struct dscan *x, const char *rest)
{
	size_t n = 0;

	if (!x->prefixes)
		return true;
	if (*rest == '(') {
		rest += 1 + strspn(rest + 1, " \t\n");
		return *rest != '"' || wants_alias(x, rest + 1) ||
		       rest[1 + strcspn(rest + 1, ":*-\"")] == '"';
	}
	if (*rest++ != '_')
		return true;
	while (name_char(rest[n]))
		n++;
	for (size_t i = 0; alias_macros[i].name; i++)
		if (strlen(alias_macros[i].name) == n && !memcmp(alias_macros[i].name, rest, n)) {
			_cleanup_free_ char *begin = str_printf("%s-", alias_macros[i].prefix);
			strv_for_each (p, x->prefixes)
				if (str_has_prefix(begin, p) || str_has_prefix(p, alias_macros[i].prefix))
					return true;
			return false;
		}
	return true;
}

bool dscan_wants(const struct dscan *x, const char *text, size_t len)
{
	const char *p = text, *end = text + len;

	for (; (p = memmem(p, (size_t)(end - p), "MODULE_", 7)); p += 7) {
		const char *rest;
		if ((rest = str_after(p, alias_word)) && alias_may_be_wanted(x, rest))
			return true;
		if (!(rest = str_after(p, declares)))
			continue;
		rest += strspn(rest, " \t(");
		size_t n = strcspn(rest, " \t\n,)");
		for (const struct dtype *t = dtypes; t->name; t++)
			if (strlen(t->name) == n && !memcmp(t->name, rest, n) && wanted(x, t))
				return true;
	}
	return memmem(text, len, ".c\"", 3) != NULL;
}
