// SPDX-License-Identifier: GPL-2.0-or-later
// The .narinfo files of binary caches: "Key: value" lines about one path.
#include "store/narinfo.h"

#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "store/store-impl.h"

struct read {
	const char *store_dir;
	struct narinfo *n;
	struct err *e;
};

static int bad(struct read *p, const char *key, const char *value)
{
	return err_set(p->e, -EBADMSG, "NAR info file is corrupt: '%s: %s'", key, value);
}

static int read_hash(struct read *p, const char *key, const char *value, struct hash *ret)
{
	_cleanup_err_ struct err e = {0};

	return hash_parse(value, HASH_NONE, ret, &e) < 0 ? bad(p, key, value) : 0;
}

static int read_size(struct read *p, const char *key, const char *value, uint64_t *ret)
{
	return str_to_u64(value, ret) < 0 ? bad(p, key, value) : 0;
}

static int set_text(struct read *p, const char *key, const char *value, char **ret)
{
	if (*ret)
		return bad(p, key, value); // twice
	*ret = mem_strdup(value);
	return 0;
}

// Base names of store paths, made whole.
static int read_refs(struct read *p, const char *key, const char *value)
{
	_cleanup_strv_ char **names = strv_split(value, " ");
	struct buf list = {0};
	int r = 0;

	if (p->n->info->refs)
		return bad(p, key, value);
	strv_for_each (name, names) {
		_cleanup_free_ char *path = str_printf("%s/%s", p->store_dir, name);
		if (r == 0 && !store_base_valid(name))
			r = bad(p, key, value);
		else
			strs_add(&list, path);
	}
	p->n->info->refs = strs_steal(&list);
	strs_sort(p->n->info->refs);
	return r;
}

static int read_deriver(struct read *p, const char *key, const char *value)
{
	if (str_eq(value, "unknown-deriver") || !*value)
		return 0;
	if (!store_base_valid(value) || p->n->info->deriver)
		return bad(p, key, value);
	p->n->info->deriver = str_printf("%s/%s", p->store_dir, value);
	return 0;
}

static int read_path(struct read *p, const char *key, const char *value)
{
	if (!store_path_valid(p->store_dir, value))
		return bad(p, key, value);
	return set_text(p, key, value, &p->n->info->path);
}

static int read_url(struct read *p, const char *key, const char *value)
{
	return set_text(p, key, value, &p->n->url);
}

static int read_compression(struct read *p, const char *key, const char *value)
{
	return set_text(p, key, value, &p->n->compression);
}

static int read_system(struct read *p, const char *key, const char *value)
{
	return set_text(p, key, value, &p->n->system);
}

static int read_ca(struct read *p, const char *key, const char *value)
{
	_cleanup_err_ struct err e = {0};
	struct ca ca;

	if (*value && ca_parse(value, &ca, &e) < 0)
		return bad(p, key, value);
	return *value ? set_text(p, key, value, &p->n->info->ca) : 0;
}

static int read_sig(struct read *p, const char *key, const char *value)
{
	(void)key;
	strv_add(&p->n->info->sigs, value);
	return 0;
}

static int read_file_hash(struct read *p, const char *key, const char *value)
{
	return read_hash(p, key, value, &p->n->file_hash);
}

static int read_file_size(struct read *p, const char *key, const char *value)
{
	return read_size(p, key, value, &p->n->file_size_bytes);
}

static int read_nar_hash(struct read *p, const char *key, const char *value)
{
	return read_hash(p, key, value, &p->n->info->nar_hash);
}

static int read_nar_size(struct read *p, const char *key, const char *value)
{
	return read_size(p, key, value, &p->n->info->nar_size_bytes);
}

static const struct {
	const char *key;
	int (*read)(struct read *p, const char *key, const char *value);
} fields[] = {
        {"StorePath", read_path},
        {"URL", read_url},
        {"Compression", read_compression},
        {"FileHash", read_file_hash},
        {"FileSize", read_file_size},
        {"NarHash", read_nar_hash},
        {"NarSize", read_nar_size},
        {"References", read_refs},
        {"Deriver", read_deriver},
        {"System", read_system},
        {"Sig", read_sig},
        {"CA", read_ca},
};

static int read_line(struct read *p, char *line)
{
	char *colon = strchr(line, ':');

	if (!colon)
		return bad(p, "line", line);
	*colon = '\0';
	const char *value = colon + 1 + (colon[1] == ' ');
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (str_eq(fields[i].key, line))
			return fields[i].read(p, line, value);
	return 0; // from a newer Nix
}

int narinfo_parse(const char *store_dir, const char *text, size_t len, struct narinfo *ret, struct err *e)
{
	struct narinfo n = {.info = NEW(struct store_info), .file_hash.algo = HASH_NONE};
	struct read p = {.store_dir = store_dir, .n = &n, .e = e};
	_cleanup_free_ char *copy = mem_strndup(text, len);
	_cleanup_strv_ char **lines = strv_split(copy, "\n");
	int r = memchr(text, '\0', len) ? err_set(e, -EBADMSG, "NAR info file is corrupt: NUL byte") : 0;

	n.info->nar_hash.algo = HASH_NONE;
	for (size_t i = 0; r == 0 && lines && lines[i]; i++)
		r = read_line(&p, lines[i]);
	if (r == 0 &&
	        (!n.info->path || !n.url || n.info->nar_hash.algo != HASH_SHA256 || !n.info->nar_size_bytes))
		r = err_set(e, -EBADMSG,
		        "NAR info file is corrupt: StorePath, URL, NarHash or NarSize is missing");
	if (r < 0) {
		narinfo_release(&n);
		return r;
	}
	if (!n.compression)
		n.compression = mem_strdup("bzip2"); // what the format says
	*ret = n;
	return 0;
}

static void print_hash(struct buf *out, const char *key, const struct hash *h)
{
	_cleanup_free_ char *text = hash_format(h, HASH_NIX32, true);

	buf_addf(out, "%s: %s\n", key, text);
}

void narinfo_print(const struct narinfo *n, struct buf *out)
{
	const struct store_info *i = n->info;

	buf_addf(out, "StorePath: %s\nURL: %s\nCompression: %s\n", i->path, n->url, n->compression);
	if (n->file_hash.algo != HASH_NONE)
		print_hash(out, "FileHash", &n->file_hash);
	if (n->file_size_bytes)
		buf_addf(out, "FileSize: %llu\n", (unsigned long long)n->file_size_bytes);
	print_hash(out, "NarHash", &i->nar_hash);
	buf_addf(out, "NarSize: %llu\nReferences: ", (unsigned long long)i->nar_size_bytes);
	for (size_t k = 0; i->refs && i->refs[k]; k++)
		buf_addf(out, "%s%s", k ? " " : "", str_basename(i->refs[k]));
	buf_addc(out, '\n');
	if (i->deriver)
		buf_addf(out, "Deriver: %s\n", str_basename(i->deriver));
	if (n->system)
		buf_addf(out, "System: %s\n", n->system);
	for (size_t k = 0; i->sigs && i->sigs[k]; k++)
		buf_addf(out, "Sig: %s\n", i->sigs[k]);
	if (i->ca)
		buf_addf(out, "CA: %s\n", i->ca);
}

void narinfo_release(struct narinfo *n)
{
	store_info_free(n->info);
	mem_free(n->url);
	mem_free(n->compression);
	mem_free(n->system);
	*n = (struct narinfo){0};
}
