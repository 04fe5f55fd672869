// SPDX-License-Identifier: GPL-2.0-or-later
// kernix kernels: which series there are, what of them is built, what runs, and what has something newer;
// `kernix kernels update` learns of new ones (kernels-update.c).

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/boot-target.h"
#include "cmd/cmd.h"
#include "cmd/kernels.h"
#include "store/path.h"
#include "store/store.h"

struct kernels_cmd {
	char *root, *uri, *url, *key;
	bool json, all, user, dry_run, help, update;
	struct kernels known;
	char **built;  // versions with what is behind them: "6.12.63-hardened1"
	char *running; // the release that runs, with its true version where Debian's name hides it
};

enum { ID_ROOT, ID_STORE, ID_URL, ID_KEY, ID_JSON, ID_ALL, ID_USER, ID_DRY, ID_HELP };

static const struct opt_row rows[] = {
        {"--all", "-a", 0, ID_ALL, NULL, "also series that have ended"},
        {"--json", NULL, 0, ID_JSON, NULL, "the list as JSON"},
        {"--root", NULL, 1, ID_ROOT, "DIR", "the machine whose / is DIR"},
        {"--store", NULL, 1, ID_STORE, "URI", "store: local, local?root=DIR, DIR"},
        {"--user", NULL, 0, ID_USER, NULL, "update: the user's table, also as root"},
        {"--url", NULL, 1, ID_URL, "URL", "update: a copy of kernel.org (http, https, file)"},
        {"--key", NULL, 1, ID_KEY, "FILE", "update: the key of its lists, in place of kernel.org's"},
        {"--dry-run", NULL, 0, ID_DRY, NULL, "update: only says what is new"},
        {"--help", "-h", 0, ID_HELP, NULL, "this text"},
        {NULL, NULL, 0, 0, NULL, NULL},
};

static int option(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct kernels_cmd *c = ctx;
	char **texts[] = {[ID_ROOT] = &c->root, [ID_STORE] = &c->uri, [ID_URL] = &c->url, [ID_KEY] = &c->key};
	bool *flags[] = {[ID_JSON] = &c->json,
	        [ID_ALL] = &c->all,
	        [ID_USER] = &c->user,
	        [ID_DRY] = &c->dry_run,
	        [ID_HELP] = &c->help};

	if (!row && (c->update || !str_eq(args[0], "update")))
		return err_set(
		        e, -EINVAL, "unknown word '%s': kernix kernels, or kernix kernels update", args[0]);
	if (!row) {
		c->update = true;
	} else if ((size_t)row->id < ARRAY_SIZE(texts)) {
		mem_free(*texts[row->id]);
		*texts[row->id] = mem_strdup(args[0]);
	} else {
		*flags[row->id] = true;
	}
	return 0;
}

static void usage(void)
{
	_cleanup_free_ char *options = opt_help(rows);

	printf("Usage: kernix kernels [OPTION]...          lists series of kernels\n"
	       "       kernix kernels update [OPTION]...   reads kernel.org's signed lists\n\n%s\n"
	       "The table is /etc/kernix/kernels.json for root, ~/.config/kernix/kernels.json for others.\n",
	        options);
}

// --- what is built, what runs ---

// The version in the name of a kernel's output, linux-6.12.104 or linux-hardened-6.12.63-hardened1; not of
// linux-config-6.12.104, linux-6.12.104-modules or linux-6.12.104.tar.xz.
static char *built_version(const char *name)
{
	static const char *const others[] = {
	        "config-", "source-", "headers-", "firmware-", "kbuild-", "image-"};
	const char *at = str_after(name, "linux-"), *rest;
	struct kernels_version v;

	if (!at)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (str_has_prefix(at, others[i]))
			return NULL;
	const char *digit = at + strcspn(at, "0123456789");
	if ((digit != at && digit[-1] != '-') || !kernels_version_parse(digit, &v, &rest))
		return NULL;
	size_t len = strlen(rest);
	// What follows is the number of a patch set: -rt56, -zen1, -hardened1, -stable_20250916.
	if (len && (rest[0] != '-' || !isdigit((unsigned char)rest[len - 1]) || strchr(rest, '.')))
		return NULL;
	return mem_strdup(digit);
}

static int by_version(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int order = kernels_version_cmp(x, y);

	return order ? order : strcmp(x, y);
}

static int find_built(struct kernels_cmd *c, struct err *e)
{
	_cleanup_free_ char *uri = boot_target_uri(c->root, c->uri);
	_cleanup_strv_ char **all = NULL;
	struct store *s = NULL;
	int r = store_open(uri, STORE_READ_ONLY | STORE_NO_CREATE, &s, e);

	if (r == 0)
		r = store_query_all(s, &all, e);
	strv_for_each (path, all) {
		_cleanup_free_ char *version = built_version(store_path_name(path));
		if (version && !strv_has(c->built, version))
			strv_take(&c->built, TAKE_PTR(version));
	}
	if (c->built)
		qsort(c->built, strv_len(c->built), sizeof(*c->built), by_version);
	store_close(s);
	return r;
}

// Debian 12's 6.1.0-30-amd64 is a 6.1.124: it says so in the text of its build.
static void find_running(struct kernels_cmd *c)
{
	struct utsname u;
	struct kernels_version v;

	if (c->root || uname(&u) < 0 || !kernels_version_parse(u.release, &v, &(const char *){NULL}))
		return;
	const char *debian = strstr(u.version, " Debian ");
	_cleanup_free_ char *text = debian ? mem_strndup(debian + 8, strcspn(debian + 8, "- ")) : NULL;
	c->running = mem_strdup(text && kernels_version_parse(text, &v, NULL) ? text : u.release);
}

static bool is_of(const char *version, const char *series)
{
	_cleanup_free_ char *own = version ? kernels_series_of(version) : NULL;

	return own && str_eq(own, series);
}

static char *built_of(const struct kernels_cmd *c, const char *series)
{
	_cleanup_strv_ char **found = NULL;

	strv_for_each (version, c->built)
		if (is_of(version, series))
			strv_add(&found, version);
	return found ? strv_join(found, " ") : mem_strdup("");
}

// Is the newest that is built older than what there is? Patch sets are judged by the version below them.
static bool built_is_behind(const struct kernels_cmd *c, const struct kernels_release *row)
{
	const char *newest = NULL;

	strv_for_each (version, c->built)
		if (is_of(version, row->series))
			newest = version;
	return newest && kernels_version_cmp(newest, row->version) < 0;
}

// --- the list ---

static bool is_shown(const struct kernels_cmd *c, const struct kernels_release *row)
{
	_cleanup_free_ char *built = built_of(c, row->series);

	return c->all || !row->eol || *built || is_of(c->running, row->series);
}

static char *note_of(const struct kernels_cmd *c, const struct kernels_release *row)
{
	_cleanup_strv_ char **notes = NULL;
	bool runs = is_of(c->running, row->series);

	if (runs)
		strv_take(&notes,
		        str_printf("%s runs%s", c->running,
		                kernels_version_cmp(c->running, row->version) < 0 ? ", there is a newer one"
		                                                                  : ""));
	if (built_is_behind(c, row))
		strv_take(&notes, mem_strdup("newer than what is built"));
	if (str_eq(row->series, "testing") && c->known.candidate &&
	        kernels_version_cmp(row->version, c->known.candidate) < 0)
		strv_take(&notes,
		        str_printf("kernel.org has %s, without a signed archive", c->known.candidate));
	return notes ? strv_join(notes, "; ") : mem_strdup("");
}

static const char *support_of(const struct kernels_release *row)
{
	if (row->eol)
		return row->lts ? "ended (LTS)" : "ended";
	return str_eq(row->series, "testing") ? "candidate" : row->lts ? "LTS" : "stable";
}

#define COLUMNS 6

static void print_cells(char *const *cells, const size_t *widths)
{
	_cleanup_buf_ struct buf b = {0};

	for (size_t i = 0; i < COLUMNS; i++) {
		buf_adds(&b, cells[i]);
		buf_addn(&b, ' ', widths[i] - strlen(cells[i]) + 2);
	}
	while (b.len && b.data[b.len - 1] == ' ')
		b.len--;
	term_printf(stdout, "%.*s\n", (int)b.len, buf_str(&b));
}

static void say_source(const struct kernels_cmd *c)
{
	time_t when = (time_t)c->known.fetched_s;
	struct tm tm = {0};
	char day[32] = "";

	if (!c->known.tables) {
		term_printf(stdout,
		        "This is what kernix %s knew when it was made; 'kernix kernels update' asks "
		        "kernel.org.\n",
		        KERNIX_VERSION);
		return;
	}
	gmtime_r(&when, &tm);
	strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	term_printf(stdout, "kernel.org was asked on %s ('kernix kernels update' asks again).\n", day);
}

static void print_table(const struct kernels_cmd *c)
{
	static const char *const heads[COLUMNS] = {
	        "Series", "Version", "Released", "Support", "Built", "Note"};
	char *(*lines)[COLUMNS] = mem_array(c->known.len + 1, sizeof(*lines));
	size_t widths[COLUMNS] = {0}, n = 0;

	for (size_t k = 0; k < COLUMNS; k++)
		lines[0][k] = mem_strdup(heads[k]);
	for (size_t i = c->known.len; i-- > 0;) {
		const struct kernels_release *row = &c->known.rows[i];
		if (!is_shown(c, row))
			continue;
		char *cells[COLUMNS] = {mem_strdup(row->series), mem_strdup(row->version),
		        mem_strdup(row->date ? row->date : "-"), mem_strdup(support_of(row)),
		        built_of(c, row->series), note_of(c, row)};
		memcpy(lines[++n], cells, sizeof(cells));
	}
	for (size_t i = 0; i <= n; i++)
		for (size_t k = 0; k < COLUMNS; k++)
			widths[k] = MAX(widths[k], strlen(lines[i][k]));
	for (size_t i = 0; i <= n; i++) {
		print_cells(lines[i], widths);
		for (size_t k = 0; k < COLUMNS; k++)
			mem_free(lines[i][k]);
	}
	mem_free(lines);
	say_source(c);
}

static json_t *row_json(const struct kernels_cmd *c, const struct kernels_release *row)
{
	json_t *built = json_array(),
	       *o = json_pack("{s:s, s:s, s:o, s:b, s:b, s:s}", "series", row->series, "version",
	               row->version, "released", row->date ? json_string(row->date) : json_null(), "lts",
	               row->lts, "eol", row->eol, "from", row->from_table ? "table" : "package set");
	bool runs = is_of(c->running, row->series);

	strv_for_each (version, c->built)
		if (is_of(version, row->series))
			json_array_append_new(built, json_string(version));
	json_object_set_new(o, "built", built);
	json_object_set_new(o, "running", runs ? json_string(c->running) : json_null());
	json_object_set_new(o, "newerThanBuilt", json_boolean(built_is_behind(c, row)));
	json_object_set_new(o, "newerThanRunning",
	        json_boolean(runs && kernels_version_cmp(c->running, row->version) < 0));
	return o;
}

static void print_json(const struct kernels_cmd *c)
{
	json_t *all = json_array();

	for (size_t i = c->known.len; i-- > 0;)
		if (is_shown(c, &c->known.rows[i]))
			json_array_append_new(all, row_json(c, &c->known.rows[i]));
	char *text = json_dumps(all, JSON_INDENT(2));
	printf("%s\n", text);
	free(text);
	json_decref(all);
}

static int list(struct kernels_cmd *c, struct err *e)
{
	_cleanup_err_ struct err why = {0};
	int r = kernels_read(c->root, &c->known, e);

	if (r < 0)
		return r;
	if (find_built(c, &why) < 0 && why.code != -ENOENT)
		log_warn("what is built is not known: %s", why.msg);
	find_running(c);
	if (c->json)
		print_json(c);
	else
		print_table(c);
	return 0;
}

static int update(struct kernels_cmd *c, struct err *e)
{
	const char *url = c->url ? c->url : getenv("KERNIX_KERNELS_URL"),
	           *key = c->key ? c->key : getenv("KERNIX_KERNELS_KEY");
	const struct kernels_update u = {
	        .url = url && *url ? url : NULL,
	        .key = key && *key ? key : NULL,
	        .root = c->root,
	        .user = c->user || (geteuid() != 0 && !c->root),
	        .dry_run = c->dry_run,
	};

	return kernels_update(&u, e);
}

static void release(struct kernels_cmd *c)
{
	char *owned[] = {c->root, c->uri, c->url, c->key, c->running};

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	strv_free(c->built);
	kernels_release(&c->known);
}

int cmd_kernels(int argc, char **argv)
{
	_cleanup_(release) struct kernels_cmd c = {0};
	_cleanup_err_ struct err e = {0};
	int r = opt_parse(rows, argc, argv, option, &c, &e);

	if (r == 0 && c.help) {
		usage();
		return 0;
	}
	if (r == 0 && c.root) {
		_cleanup_free_ char *given = TAKE_PTR(c.root);
		r = fs_absolute(given, &c.root, &e);
	}
	if (r == 0)
		r = c.update ? update(&c, &e) : list(&c, &e);
	return r < 0 ? cmd_fail(&e) : 0;
}
