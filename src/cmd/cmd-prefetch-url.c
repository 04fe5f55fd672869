// SPDX-License-Identifier: GPL-2.0-or-later
// nix-prefetch-url: downloads a file into the store and says its hash, to be written into an expression.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "build/fetch.h"
#include "build/unpack.h"
#include "cmd/build-settings.h"
#include "cmd/cmd.h"
#include "store/roots.h"
#include "store/conf.h"
#include "store/store.h"

enum { OPT_TYPE, OPT_PRINT_PATH, OPT_UNPACK, OPT_NAME, OPT_STORE, OPT_NOTHING, OPT_HELP, OPT_VERSION };

static const struct opt_row rows[] = {
        {"--type", NULL, 1, OPT_TYPE, "ALGO", "md5, sha1, sha256 (default) or sha512"},
        {"--print-path", NULL, 0, OPT_PRINT_PATH, NULL, "prints the store path as well"},
        {"--unpack", NULL, 0, OPT_UNPACK, NULL, "unpacks the archive first, as fetchzip and fetchTarball do"},
        {"--name", NULL, 1, OPT_NAME, "NAME", "name in the store; default: end of the URL"},
        {"--store", NULL, 1, OPT_STORE, "URI", "store: local, local?root=DIR, DIR"},
        {"--option", NULL, 2, OPT_NOTHING, NULL, NULL},
        {"--quiet", "-q", 0, OPT_NOTHING, NULL, NULL},
        {"--help", NULL, 0, OPT_HELP, NULL, "this list"},
        {"--version", NULL, 0, OPT_VERSION, NULL, NULL},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct prefetch_cmd {
	enum hash_algo algo;
	bool print_path, unpack, help, version;
	char *name, *uri;
	char **words; // URL, wanted hash
	struct store *store;
};

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct prefetch_cmd *c = ctx;

	if (!row)
		strv_add(&c->words, args[0]);
	else if (row->id == OPT_TYPE && (c->algo = hash_algo_parse(args[0])) == HASH_NONE)
		return err_set(e, -EINVAL,
		        "unknown hash algorithm '%s', expect 'md5', 'sha1', 'sha256', or 'sha512'", args[0]);
	else if (row->id == OPT_PRINT_PATH)
		c->print_path = true;
	else if (row->id == OPT_UNPACK)
		c->unpack = true;
	else if (row->id == OPT_NAME)
		c->name = mem_strdup(args[0]);
	else if (row->id == OPT_STORE)
		c->uri = mem_strdup(args[0]);
	else if (row->id == OPT_HELP)
		c->help = true;
	else if (row->id == OPT_VERSION)
		c->version = true;
	return 0;
}

static int fetch_and_add(struct prefetch_cmd *c, const char *tmp, char **ret, struct hash *h, struct err *e)
{
	_cleanup_free_ char *file = fs_join(tmp, "file"), *tree = fs_join(tmp, "unpacked");
	struct build_settings settings = {0};
	struct fetch_opts opts = {.urls = (char *const[]){c->words[0], NULL}, .limits = &settings.fetch};
	int r = store_conf_each(build_settings_conf, &settings, e);

	settings.fetch.timeout_s = settings.timeout_s;
	if (r == 0)
		r = fetch_to_file(&opts, file, NULL, e);

	if (r == 0 && chmod(file, 0644) < 0)
		r = err_sys(e, errno, "changing the mode of '%s'", file);
	if (r == 0 && c->unpack)
		r = unpack_archive_within(file, tree, UNPACK_STRIP, &settings.fetch, e);
	if (r < 0)
		return r;
	return store_add_path(c->store, c->name, c->unpack ? tree : file, c->unpack ? CA_NAR : CA_FLAT,
	        c->algo, NULL, ret, h, e);
}

static int check_wanted(const struct hash *want, const struct hash *got, const char *url, struct err *e)
{
	if (hash_eq(want, got))
		return 0;
	_cleanup_free_ char *a = hash_format(want, HASH_NIX32, true), *b = hash_format(got, HASH_NIX32, true);
	return err_set(e, -EINVAL, "hash mismatch for '%s': specified '%s', got '%s'", url, a, b);
}

// With a wanted hash the path is known beforehand; when it is valid nothing is fetched.
static int prefetch(struct prefetch_cmd *c, char **ret, struct hash *h, struct err *e)
{
	_cleanup_free_ char *tmp = NULL;
	struct ca ca = {.method = c->unpack ? CA_NAR : CA_FLAT};
	_cleanup_err_ struct err ignored = {0};
	int r = 0;

	if (c->words[1]) {
		r = hash_parse(c->words[1], c->algo, &ca.hash, e);
		if (r == 0)
			r = store_path_from_ca(store_dir(c->store), &ca, c->name, NULL, false, ret, e);
		if (r < 0)
			return r;
		*h = ca.hash;
		bool valid;
		r = store_is_valid(c->store, *ret, &valid, e);
		if (r < 0 || valid)
			return r;
		mem_free(TAKE_PTR(*ret));
	}
	r = fs_mkdtemp("/tmp", "nix-prefetch-url", &tmp, e);
	if (r == 0)
		r = fetch_and_add(c, tmp, ret, h, e);
	if (tmp)
		fs_rm_rf(tmp, &ignored);
	if (r == 0 && c->words[1])
		r = check_wanted(&ca.hash, h, c->words[0], e);
	return r;
}

// The end of a URL, as expressions take it with baseNameOf; without the query when that has letters that no
// name may have.
static char *name_of(const char *url)
{
	_cleanup_err_ struct err bad = {0};
	_cleanup_free_ char *whole = mem_strdup(url), *plain = mem_strndup(url, strcspn(url, "?#"));
	char *const ends[] = {whole, plain};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		while (*ends[i] && ends[i][strlen(ends[i]) - 1] == '/')
			ends[i][strlen(ends[i]) - 1] = '\0';
		if (store_name_check(str_basename(ends[i]), &bad) == 0)
			return mem_strdup(str_basename(ends[i]));
	}
	return mem_strdup(str_basename(plain));
}

static int run(struct prefetch_cmd *c, struct err *e)
{
	_cleanup_free_ char *path = NULL;
	struct hash h;
	size_t n = strv_len(c->words);

	if (n < 1 || n > 2)
		return err_set(e, -EINVAL, "a URL, and maybe the wanted hash, are needed");
	if (!c->name)
		c->name = name_of(c->words[0]);
	int r = store_name_check(c->name, e);
	if (r < 0)
		return err_wrap(e, "cannot figure out a file name for '%s' (use --name)", c->words[0]);
	r = store_open(c->uri, 0, &c->store, e);
	if (r == 0)
		r = prefetch(c, &path, &h, e);
	if (r < 0)
		return r;
	_cleanup_free_ char *text = hash_format(&h, h.algo == HASH_MD5 ? HASH_BASE16 : HASH_NIX32, false);
	if (!c->print_path)
		fprintf(stderr, "path is '%s'\n", path);
	puts(text);
	if (c->print_path)
		puts(path);
	return 0;
}

int cmd_prefetch_url(int argc, char **argv)
{
	struct prefetch_cmd c = {.algo = HASH_SHA256};
	struct err e = {0};
	int r = opt_parse(rows, argc, argv, take, &c, &e);

	if (r == 0 && c.help) {
		_cleanup_free_ char *help = opt_help(rows);
		printf("Usage: nix-prefetch-url [OPTIONS...] URL [HASH]\n\n%s", help);
	} else if (r == 0 && c.version) {
		printf("nix-prefetch-url (kernix) %s\n", KERNIX_VERSION);
	} else if (r == 0) {
		r = run(&c, &e);
	}
	store_close(c.store);
	mem_free(c.name);
	mem_free(c.uri);
	strv_free(c.words);
	return r < 0 ? cmd_fail(&e) : 0;
}
