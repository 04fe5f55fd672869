// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of kernel releases: reads the package set's and those beside it, joins them, makes the text of
// a new one. What is in a table goes into derivations, so every field is checked for its form.

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/beneath.h"
#include "base/codec.h"
#include "base/fs.h"
#include "base/home.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/kernels.h"
#include "glue/glue.h"

#define TABLE_MAX_BYTES (4u << 20)
#define TABLE_FORMAT    1
#define HASH_BYTES      32

static void row_release(struct kernels_release *r)
{
	char *owned[] = {r->series, r->version, r->date, r->url, r->hash};

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	*r = (struct kernels_release){0};
}

void kernels_release(struct kernels *k)
{
	for (size_t i = 0; i < k->len; i++)
		row_release(&k->rows[i]);
	mem_free(k->rows);
	mem_free(k->candidate);
	strv_free(k->tables);
}

static bool number(const char **s, unsigned *ret)
{
	size_t n = strspn(*s, "0123456789");

	if (n == 0 || n > 4)
		return false;
	*ret = (unsigned)strtoul(*s, NULL, 10);
	*s += n;
	return true;
}

bool kernels_version_parse(const char *s, struct kernels_version *ret, const char **ret_rest)
{
	struct kernels_version v = {0};
	const char *more;

	if (!number(&s, &v.n[0]) || v.n[0] > KERNELS_MAJOR_MAX || *s != '.')
		return false;
	s++;
	if (!number(&s, &v.n[1]))
		return false;
	if (*s == '.' && isdigit((unsigned char)s[1])) {
		s++;
		if (!number(&s, &v.n[2]))
			return false;
	}
	more = str_after(s, "-rc");
	if (more && number(&more, &v.rc))
		s = more;
	if (!ret_rest && *s)
		return false;
	if (ret_rest)
		*ret_rest = s;
	*ret = v;
	return true;
}

int kernels_version_cmp(const char *a, const char *b)
{
	struct kernels_version x = {0}, y = {0};

	kernels_version_parse(a, &x, &(const char *){NULL});
	kernels_version_parse(b, &y, &(const char *){NULL});
	for (size_t i = 0; i < ARRAY_SIZE(x.n); i++)
		if (x.n[i] != y.n[i])
			return x.n[i] < y.n[i] ? -1 : 1;
	unsigned rc_x = x.rc ? x.rc : ~0u, rc_y = y.rc ? y.rc : ~0u; // candidates come before the release
	return rc_x < rc_y ? -1 : rc_x > rc_y;
}

char *kernels_series_of(const char *version)
{
	struct kernels_version v = {0};

	kernels_version_parse(version, &v, &(const char *){NULL});
	return str_printf("%u.%u", v.n[0], v.n[1]);
}

struct kernels_release *kernels_find(const struct kernels *k, const char *series)
{
	for (size_t i = 0; i < k->len; i++)
		if (str_eq(k->rows[i].series, series))
			return &k->rows[i];
	return NULL;
}

void kernels_join(struct kernels *k, struct kernels_release *row)
{
	struct kernels_release *old = kernels_find(k, row->series);
	int order = old ? kernels_version_cmp(row->version, old->version) : 1;

	if (old && order == 0) {
		old->lts |= row->lts;
		old->eol |= row->eol;
		if (!old->date)
			old->date = TAKE_PTR(row->date);
	}
	if (old && order <= 0) {
		row_release(row);
		return;
	}
	if (old) {
		row_release(old);
		*old = *row;
	} else {
		size_t at = k->len;
		mem_grow(&k->rows, &k->cap, k->len + 1, sizeof(*k->rows));
		for (; at > 0 && kernels_version_cmp(k->rows[at - 1].version, row->version) > 0; at--)
			k->rows[at] = k->rows[at - 1];
		k->rows[at] = *row;
		k->len++;
	}
	*row = (struct kernels_release){0};
}

void kernels_remove(struct kernels *k, size_t i)
{
	row_release(&k->rows[i]);
	memmove(&k->rows[i], &k->rows[i + 1], (--k->len - i) * sizeof(*k->rows));
}

const struct kernels_release *kernels_newest(const struct kernels *k, bool lts)
{
	for (size_t i = k->len; i-- > 0;) {
		const struct kernels_release *r = &k->rows[i];
		if (!r->eol && (!lts || r->lts) && !str_eq(r->series, "testing"))
			return r;
	}
	return NULL;
}

char *kernels_table_path(const char *root, bool user)
{
	if (!user)
		return beneath_path(root ? root : "", "/etc/kernix/kernels.json");
	_cleanup_free_ char *config = config_dir();
	return config ? fs_join(config, "kernix/kernels.json") : NULL;
}

static bool is_date(const char *s)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)s[i]) : s[i] != form[i])
			return false;
	return s[sizeof(form) - 1] == '\0';
}

static const char *text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

// A row of a table that somebody else may have written; false: it is none.
static bool table_row_ok(const char *series, const json_t *o)
{
	const char *version = text_of(o, "version"), *url = text_of(o, "url"), *hash = text_of(o, "hash"),
	           *date = text_of(o, "date");
	struct kernels_version v;
	uint8_t digest[HASH_BYTES];

	if (!version || !kernels_version_parse(version, &v, NULL) || v.rc || (date && !is_date(date)))
		return false;
	_cleanup_free_ char *own = kernels_series_of(version);
	const char *base64 = hash ? str_after(hash, "sha256-") : NULL;
	return str_eq(own, series) && url && str_has_prefix(url, "mirror://kernel/") && base64 &&
	       codec_un64(base64, strlen(base64), digest, sizeof(digest));
}

static void take_row(struct kernels *k, const char *series, const json_t *o, bool from_table)
{
	const char *date = text_of(o, "date"), *version = text_of(o, "version"), *url = text_of(o, "url"),
	           *hash = text_of(o, "hash");
	struct kernels_release row = {
	        .series = mem_strdup(series),
	        .version = mem_strdup(version ? version : ""),
	        .date = date ? mem_strdup(date) : NULL,
	        .url = mem_strdup(url ? url : ""),
	        .hash = mem_strdup(hash ? hash : ""),
	        .lts = json_is_true(json_object_get(o, "lts")),
	        .eol = json_is_true(json_object_get(o, "eol")),
	        .from_table = from_table,
	};

	kernels_join(k, &row);
}

static int read_rows(struct kernels *k, const char *file, const json_t *table, bool from_table, struct err *e)
{
	json_t *all = json_object_get(table, "series"), *o;
	const char *series;

	if (!json_is_object(all) ||
	        (from_table && json_integer_value(json_object_get(table, "format")) != TABLE_FORMAT))
		return err_set(e, -EINVAL, "'%s' is no table of kernels of this version of kernix", file);
	json_object_foreach(all, series, o) if (from_table && !table_row_ok(series, o)) return err_set(
	        e, -EINVAL, "'%s' is damaged: the series '%s'", file, series);
	json_object_foreach(all, series, o) take_row(k, series, o, from_table);
	return 0;
}

static void read_facts(struct kernels *k, const json_t *table)
{
	const char *candidate = text_of(table, "candidate"), *major;
	struct kernels_version v;
	json_t *when;
	uint64_t n;

	if (candidate && kernels_version_parse(candidate, &v, NULL) &&
	        (!k->candidate || kernels_version_cmp(candidate, k->candidate) > 0)) {
		mem_free(k->candidate);
		k->candidate = mem_strdup(candidate);
	}
	k->fetched_s = MAX(k->fetched_s, json_integer_value(json_object_get(table, "fetched")));
	json_object_foreach(json_object_get(table, "signed"), major,
	        when) if (str_to_u64(major, &n) == 0 && n <= KERNELS_MAJOR_MAX) k->signed_s[n] =
	        MAX(k->signed_s[n], json_integer_value(when));
}

// 0 also when there is no such file.
static int read_table(struct kernels *k, const char *file, bool from_table, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	json_error_t why;
	int r = fs_read_regular_maybe(file, TABLE_MAX_BYTES, &b, e);

	if (r <= 0)
		return r;
	json_t *table = json_loadb(b.data ? b.data : "", b.len, JSON_REJECT_DUPLICATES, &why);
	if (!table)
		return err_set(e, -EINVAL, "'%s' is damaged: line %d: %s", file, why.line, why.text);
	r = read_rows(k, file, table, from_table, e);
	if (r == 0 && from_table) {
		read_facts(k, table);
		strv_add(&k->tables, file);
	}
	json_decref(table);
	return r;
}

int kernels_read(const char *root, struct kernels *ret, struct err *e)
{
	_cleanup_kernels_ struct kernels k = {0};
	_cleanup_free_ char *set = glue_embedded_nixpkgs();

	if (!set)
		return err_set(e, -ENOENT, "the package set of kernix is not beside the program");
	_cleanup_free_ char *own = fs_join(set, "linux/versions.json");
	int r = read_table(&k, own, false, e);
	if (r < 0)
		return r;
	for (int user = 0; user <= (root && *root ? 0 : 1); user++) {
		_cleanup_free_ char *file = kernels_table_path(root, user);
		_cleanup_err_ struct err why = {0};
		if (file && read_table(&k, file, true, &why) < 0)
			log_warn("%s; it is left out ('kernix kernels update' writes it anew)", why.msg);
	}
	*ret = k;
	k = (struct kernels){0};
	return 0;
}

static json_t *row_json(const struct kernels_release *r)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:b, s:b}", "version", r->version, "url", r->url, "hash",
	        r->hash, "lts", r->lts, "eol", r->eol);
	struct kernels_version v = {0};

	kernels_version_parse(r->version, &v, NULL);
	_cleanup_free_ char *release = str_printf("%u.%u.%u", v.n[0], v.n[1], v.n[2]);
	json_object_set_new(o, "modDirVersion", json_string(release));
	if (r->date)
		json_object_set_new(o, "date", json_string(r->date));
	return o;
}

char *kernels_table_text(const struct kernels *k)
{
	json_t *series = json_object(), *times = json_object();
	json_t *all = json_pack("{s:i, s:I}", "format", TABLE_FORMAT, "fetched", (json_int_t)k->fetched_s);

	for (size_t i = 0; i < k->len; i++)
		json_object_set_new(series, k->rows[i].series, row_json(&k->rows[i]));
	for (int n = 0; n <= KERNELS_MAJOR_MAX; n++) {
		_cleanup_free_ char *name = str_printf("%d", n);
		if (k->signed_s[n])
			json_object_set_new(times, name, json_integer(k->signed_s[n]));
	}
	if (k->candidate)
		json_object_set_new(all, "candidate", json_string(k->candidate));
	json_object_set_new(all, "signed", times);
	json_object_set_new(all, "series", series);
	char *text = json_dumps(all, JSON_INDENT(1)), *ret = str_printf("%s\n", text);
	free(text);
	json_decref(all);
	return ret;
}
