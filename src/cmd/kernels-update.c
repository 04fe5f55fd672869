// SPDX-License-Identifier: GPL-2.0-or-later
// kernix kernels update: kernel.org's releases.json says which series there are and which have ended; its
// signed lists of checksums say what an archive's contents are. A new table is made of both in memory, held
// against what is known already, and only then written, whole.
//
// releases.json: https://www.kernel.org/releases.json (an object with "releases": version, moniker, iseol,
// released.isodate); lists: https://cdn.kernel.org/pub/linux/kernel/vN.x/sha256sums.asc.

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/beneath.h"
#include "base/codec.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/kernels.h"
#include "glue/glue.h"

#define LIST_URL       "https://www.kernel.org"
#define SUMS_URL       "https://cdn.kernel.org"
#define LIST_MAX_BYTES (4u << 20)
#define SUMS_MAX_BYTES (32u << 20)
#define RELEASES_MAX   200
#define FIRST_MAJOR    3 // older series have names of three numbers, and nobody keeps them
#define OLD_DAYS       45
#define HASH_BYTES     32
#define DAY_S          86400

struct update {
	const struct kernels_update *opts;
	struct kernels known, fresh;
	struct buf sums[KERNELS_MAJOR_MAX + 1]; // text of vN.x/sha256sums.asc
	char *file;
};

static void update_release(struct update *u)
{
	kernels_release(&u->known);
	kernels_release(&u->fresh);
	for (size_t i = 0; i < ARRAY_SIZE(u->sums); i++)
		buf_release(&u->sums[i]);
	mem_free(u->file);
}

static char *day_of(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm = {0};
	char text[32] = "";

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d", &tm);
	return mem_strdup(text);
}

// --- releases.json ---

// What a server says as people may see it: short, and nothing that a terminal obeys.
static char *shown(const char *s)
{
	char *ret = mem_strndup(s, strnlen(s, 40));

	for (char *p = ret; *p; p++)
		if (!isprint((unsigned char)*p))
			*p = '?';
	return ret;
}

static char *released_on(const json_t *o)
{
	const char *day = json_string_value(json_object_get(json_object_get(o, "released"), "isodate"));
	unsigned y, m, d;

	// "2026-11-19"
	if (!day || strlen(day) != 10 || sscanf(day, "%4u-%2u-%2u", &y, &m, &d) != 3 || m < 1 || m > 12 ||
	        d < 1 || d > 31)
		return NULL;
	return str_printf("%04u-%02u-%02u", y, m, d);
}

// One entry of "releases"; linux-next and what is still a candidate have no signed archive.
static int take_release(struct update *u, const json_t *o, struct err *e)
{
	const char *version = json_string_value(json_object_get(o, "version")),
	           *moniker = json_string_value(json_object_get(o, "moniker"));
	const json_t *eol = json_object_get(o, "iseol");
	struct kernels_version v;

	if (!version || !moniker || !json_is_boolean(eol))
		return err_set(e, -EBADMSG, "an entry of kernel.org's list lacks version, moniker or iseol");
	if (str_eq(moniker, "linux-next"))
		return 0;
	if (!kernels_version_parse(version, &v, NULL)) {
		_cleanup_free_ char *word = shown(version);
		return err_set(e, -EBADMSG, "kernel.org's list has the version '%s', which is none", word);
	}
	if (v.rc && (!u->fresh.candidate || kernels_version_cmp(version, u->fresh.candidate) > 0)) {
		mem_free(u->fresh.candidate);
		u->fresh.candidate = mem_strdup(version);
	}
	if (v.rc || v.n[0] < FIRST_MAJOR)
		return 0;
	struct kernels_release row = {
	        .series = kernels_series_of(version),
	        .version = mem_strdup(version),
	        .date = released_on(o),
	        .lts = str_eq(moniker, "longterm"),
	        .eol = json_is_true(eol),
	        .from_table = true,
	};
	kernels_join(&u->fresh, &row);
	return 0;
}

static int take_releases(struct update *u, const struct buf *text, struct err *e)
{
	json_error_t why;
	json_t *all = json_loadb(text->data ? text->data : "", text->len, JSON_REJECT_DUPLICATES, &why);
	json_t *list = json_object_get(all, "releases"), *o;
	size_t i;
	int r = 0;

	if (!all)
		return err_set(e, -EBADMSG,
		        "kernel.org's list of releases is no JSON, or only a part of it (line %d)", why.line);
	if (!json_is_array(list) || json_array_size(list) > RELEASES_MAX)
		r = err_set(e, -EBADMSG, "kernel.org's list of releases has no releases, or thousands");
	json_array_foreach(list, i, o) if (r == 0) r = take_release(u, o, e);
	json_decref(all);
	// The package set's `linux` and `linux_latest` are made of these.
	if (r == 0 && (!kernels_newest(&u->fresh, true) || !kernels_newest(&u->fresh, false)))
		return err_set(
		        e, -EBADMSG, "kernel.org's list of releases names no series that is kept for long");
	return r;
}

// --- signed checksums ---

static char *key_file(const struct kernels_update *opts, struct err *e)
{
	static const char *const names[] = {"/etc/kernix/kernel.org.asc", "/etc/kernix/kernel.org.gpg"};
	_cleanup_free_ char *set = glue_embedded_nixpkgs();
	_cleanup_free_ char *own = set ? fs_join(set, "linux/kernel.org.asc") : NULL;

	if (opts->key)
		return mem_strdup(opts->key);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *file = beneath_path(opts->root ? opts->root : "", names[i]);
		if (fs_exists(file))
			return TAKE_PTR(file);
	}
	if (own && fs_exists(own))
		return TAKE_PTR(own);
	err_set(e, -ENOENT, "there is no key to check kernel.org's lists with: neither %s nor %s", names[0],
	        own ? own : "the package set's");
	return NULL;
}

// A list that is older than one that was seen is what somebody kept.
static int check_time(struct update *u, unsigned major, const char *url, struct err *e)
{
	int64_t now = u->fresh.signed_s[major], before = u->known.signed_s[major];
	_cleanup_free_ char *day = day_of(now), *old = day_of(before);

	if (now < before)
		return err_set(e, -ESTALE,
		        "'%s' was signed on %s, but one of %s has been seen: older lists are not taken", url,
		        day, old);
	const struct kernels_release *newest = kernels_newest(&u->fresh, false);
	struct kernels_version v;
	if (kernels_version_parse(newest->version, &v, NULL) && v.n[0] == major &&
	        time(NULL) - now > (int64_t)OLD_DAYS * DAY_S)
		log_warn("'%s' was signed on %s: kernel.org signs every week, so this may be an old copy",
		        url, day);
	return 0;
}

static int fetch_sums(struct update *u, unsigned major, const char *key, struct err *e)
{
	_cleanup_free_ char *url = str_printf(
	        "%s/pub/linux/kernel/v%u.x/sha256sums.asc", u->opts->url ? u->opts->url : SUMS_URL, major);
	int r = kernels_fetch_signed(url, SUMS_MAX_BYTES, key, &u->sums[major], &u->fresh.signed_s[major], e);

	return r < 0 ? r : check_time(u, major, url, e);
}

// "HASH  NAME" in the signed text: 1 and the SRI form of it; 0: the list does not have it (yet).
static int find_sum(const struct buf *sums, const char *name, char **ret, struct err *e)
{
	uint8_t digest[HASH_BYTES];
	_cleanup_free_ char *found = NULL;
	const char *end = sums->data + sums->len;

	for (const char *at = sums->data; at && at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at)), *next = stop ? stop + 1 : end;
		size_t len = (size_t)((stop ? stop : end) - at), head = (size_t)HASH_BYTES * 2;
		if (len == head + 2 + strlen(name) && memcmp(at + head, "  ", 2) == 0 &&
		        memcmp(at + head + 2, name, strlen(name)) == 0 &&
		        codec_un16(at, head, digest, sizeof(digest))) {
			_cleanup_free_ char *base64 = codec_base64(digest, sizeof(digest));
			_cleanup_free_ char *sri = str_printf("sha256-%s", base64);
			if (found && !str_eq(found, sri))
				return err_set(e, -EBADMSG, "kernel.org's signed list has '%s' twice", name);
			mem_free(found);
			found = TAKE_PTR(sri);
		}
		at = next;
	}
	if (!found)
		return 0;
	*ret = TAKE_PTR(found);
	return 1;
}

// The row gets address and checksum; one whose archive the signed list does not have yet stays what it was.
static int complete(struct update *u, struct kernels_release *row, struct err *e)
{
	const struct kernels_release *old = kernels_find(&u->known, row->series);
	_cleanup_free_ char *name = str_printf("linux-%s.tar.xz", row->version);
	struct kernels_version v;

	kernels_version_parse(row->version, &v, NULL);
	int r = find_sum(&u->sums[v.n[0]], name, &row->hash, e);
	if (r < 0)
		return r;
	if (r == 0) {
		log_warn("kernel.org's signed list does not have %s yet; %s is left as it was", name,
		        row->series);
		return 0;
	}
	row->url = str_printf("mirror://kernel/linux/kernel/v%u.x/%s", v.n[0], name);
	int order = old ? kernels_version_cmp(row->version, old->version) : 1;
	if (order < 0)
		return err_set(e, -ESTALE,
		        "kernel.org's list has %s, but %s is known: older lists are not taken", row->version,
		        old->version);
	if (order == 0 && !str_eq(row->hash, old->hash))
		return err_set(e, -EBADMSG,
		        "%s has another checksum in kernel.org's signed list than the one that is known",
		        name);
	return 1;
}

static int complete_all(struct update *u, const char *key, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < u->fresh.len; i++) {
		struct kernels_version v;
		kernels_version_parse(u->fresh.rows[i].version, &v, NULL);
		if (!u->fresh.signed_s[v.n[0]])
			r = fetch_sums(u, v.n[0], key, e);
	}
	if (r < 0)
		return r;
	for (size_t i = 0; i < u->fresh.len; i++) {
		struct kernels_release *row = &u->fresh.rows[i];
		r = complete(u, row, e);
		if (r < 0)
			return r;
		if (r == 0)
			kernels_remove(&u->fresh, i--);
	}
	return 0;
}

// --- what is new ---

// Series that kernel.org does not name any more have ended, whether this kernix was made before that or not.
static void keep_known(struct update *u, const struct kernels *named)
{
	for (size_t i = 0; i < u->known.len; i++) {
		const struct kernels_release *old = &u->known.rows[i];
		if (str_eq(old->series, "testing") || kernels_find(&u->fresh, old->series) ||
		        (old->eol && !old->from_table))
			continue;
		struct kernels_release row = {
		        .series = mem_strdup(old->series),
		        .version = mem_strdup(old->version),
		        .date = old->date ? mem_strdup(old->date) : NULL,
		        .url = mem_strdup(old->url),
		        .hash = mem_strdup(old->hash),
		        .lts = old->lts,
		        .eol = old->eol || !kernels_find(named, old->series),
		        .from_table = true,
		};
		kernels_join(&u->fresh, &row);
	}
}

static void say_new(const struct update *u)
{
	size_t n = 0;

	for (size_t i = 0; i < u->fresh.len; i++) {
		const struct kernels_release *row = &u->fresh.rows[i],
		                             *old = kernels_find(&u->known, row->series);
		bool newer = !old || !str_eq(old->version, row->version),
		     ended = row->eol && old && !old->eol;
		if (!newer && !ended)
			continue;
		n++;
		term_printf(stdout, "%s: %s%s%s%s%s%s\n", row->series, old && newer ? old->version : "",
		        old && newer ? " -> " : "", newer ? row->version : "",
		        newer && row->date ? ", released " : "", newer && row->date ? row->date : "",
		        !ended  ? ""
		        : newer ? "; the series has ended"
		                : "the series has ended");
	}
	if (!n)
		term_printf(stdout, "no series has anything newer\n");
}

static int make(struct update *u, struct err *e)
{
	_cleanup_free_ char *key = key_file(u->opts, e);
	_cleanup_free_ char *url = str_printf("%s/releases.json", u->opts->url ? u->opts->url : LIST_URL);
	_cleanup_buf_ struct buf list = {0};
	_cleanup_kernels_ struct kernels named = {0};

	if (!key)
		return -ENOENT;
	int r = kernels_fetch(url, LIST_MAX_BYTES, &list, e);
	if (r == 0)
		r = take_releases(u, &list, e);
	for (size_t i = 0; r == 0 && i < u->fresh.len; i++) {
		struct kernels_release row = {.series = mem_strdup(u->fresh.rows[i].series),
		        .version = mem_strdup(u->fresh.rows[i].version)};
		kernels_join(&named, &row);
	}
	if (r == 0)
		r = complete_all(u, key, e);
	if (r == 0)
		keep_known(u, &named);
	return r;
}

static int write_table(struct update *u, struct err *e)
{
	_cleanup_free_ char *text = NULL, *dir = str_dirname(u->file);

	for (int i = 0; i <= KERNELS_MAJOR_MAX; i++)
		u->fresh.signed_s[i] = MAX(u->fresh.signed_s[i], u->known.signed_s[i]);
	u->fresh.fetched_s = time(NULL);
	text = kernels_table_text(&u->fresh);
	int r = fs_mkdir_p(dir, 0755, e);
	return r < 0 ? r : fs_write_atomic(u->file, text, strlen(text), 0644, e);
}

int kernels_update(const struct kernels_update *opts, struct err *e)
{
	_cleanup_(update_release) struct update u = {
	        .opts = opts, .file = kernels_table_path(opts->root, opts->user)};
	int r = u.file ? kernels_read(opts->root, &u.known, e)
	               : err_set(e, -ENOENT, "there is no home folder to write the table to");

	if (r == 0)
		r = make(&u, e);
	if (r < 0) {
		err_wrap(e, "the table of kernels stays as it is");
		return r == -ENETUNREACH
		               ? err_hint(
		                         e, "Without a network, --url file:///DIR takes a copy: "
		                            "DIR/releases.json and DIR/pub/linux/kernel/vN.x/sha256sums.asc.")
		               : r;
	}
	say_new(&u);
	if (!opts->dry_run)
		r = write_table(&u, e);
	if (r == 0)
		term_printf(stdout, "%s '%s'\n", opts->dry_run ? "would write" : "written to", u.file);
	return r;
}
