// SPDX-License-Identifier: GPL-2.0-or-later
// 'nix copy': paths and all that they need to or from a binary cache or another store. Machines behind ssh
// are nix-copy-closure's.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cache/cache.h"
#include "cmd/cache-settings.h"
#include "cmd/cmd.h"
#include "cmd/nix-words.h"
#include "store/conf.h"
#include "store/drv.h"

static void say_taken(void *ctx, const char *path, const char *from)
{
	(void)ctx;
	log_info("copied '%s' from '%s'", path, from);
}

// --- ssh ---

static int by_ssh(struct nix_cmd *n, const char *uri, bool from)
{
	_cleanup_strv_ char **argv = NULL;
	const char *host = strstr(uri, "://") + 3;

	strv_add(&argv, "nix-copy-closure");
	strv_add(&argv, from ? "--from" : "--to");
	if (n->c.uri) {
		strv_add(&argv, "--store");
		strv_add(&argv, n->c.uri);
	}
	strv_take(&argv, mem_strndup(host, strcspn(host, "?/")));
	strv_for_each (w, n->c.words)
		strv_add(&argv, w);
	return cmd_copy_closure((int)strv_len(argv), argv);
}

static bool is_ssh(const char *uri)
{
	return str_has_prefix(uri, "ssh://") || str_has_prefix(uri, "ssh-ng://");
}

// --- from a cache ---

static int from_cache(struct nix_cmd *n, char *const *paths, struct err *e)
{
	struct cache_settings settings = {0};
	_cleanup_strv_ char **found = NULL, **missing = NULL, **uris = NULL;
	struct caches *caches = NULL;
	int r = cache_settings_read(&settings, e);

	strv_add(&uris, n->from);
	struct cache_opts opts = cache_settings_opts(&settings);
	opts.uris = uris;
	if (n->trusted_keys)
		opts.trusted_keys = n->trusted_keys;
	opts.no_sigs = opts.no_sigs || n->no_check_sigs;
	opts.taken = say_taken;
	if (r == 0)
		r = caches_open(n->c.store, &opts, &caches, e);
	if (r == 0)
		r = caches_closure(caches, paths, &found, &missing, e);
	if (r == 0 && missing) {
		r = err_set(e, -ENOENT, "'%s' does not have '%s'", n->from, missing[0]);
		if (!opts.no_sigs)
			err_hint(e, "Or has it without a signature by a key in trusted-public-keys.");
	}
	if (r == 0 && found)
		log_note("copying %zu paths from '%s'...", strv_len(found), n->from);
	if (r == 0)
		r = caches_take(caches, found, e);
	caches_free(caches);
	cache_settings_release(&settings);
	return r;
}

// --- to a cache ---

static int read_keys(const char *uri, char *const *files, char ***ret, struct err *e)
{
	_cleanup_free_ char *one = cache_uri_param(uri, "secret-key"),
	                    *more = cache_uri_param(uri, "secret-keys");
	_cleanup_strv_ char **all = more ? strv_split(more, ",") : NULL;

	strv_for_each (f, files)
		strv_add(&all, f);
	if (one)
		strv_add(&all, one);
	strv_for_each (f, all) {
		_cleanup_free_ char *key = NULL;
		int r = nix_read_key(f, &key, e);
		if (r < 0)
			return r;
		strv_take(ret, TAKE_PTR(key));
	}
	return 0;
}

static int to_cache(struct nix_cmd *n, const char *folder, char *const *paths, struct err *e)
{
	_cleanup_free_ char *compression = cache_uri_param(n->to, "compression"),
	                    *level = cache_uri_param(n->to, "compression-level");
	_cleanup_strv_ char **closure = NULL, **keys = NULL;
	struct cache_settings settings = {0};
	uint64_t number = 0;
	size_t given;
	int r = store_closure(n->c.store, paths, 0, &closure, e);

	if (r == 0)
		r = cache_settings_read(&settings, e);
	if (r == 0)
		r = read_keys(n->to, settings.secret_key_files, &keys, e);
	if (r == 0 && level && str_to_u64(level, &number) < 0)
		r = err_set(e, -EINVAL, "compression-level is a number, not '%s'", level);
	struct cache_give_opts opts = {
	        .compression = compression, .level = (int)MIN(number, 99u), .secret_keys = keys};
	if (r == 0)
		r = cache_give(n->c.store, folder, closure, &opts, &given, e);
	if (r == 0 && given)
		log_note("copied %zu paths (of %zu) to '%s'", given, strv_len(closure), n->to);
	cache_settings_release(&settings);
	return r;
}

// --- between stores of this machine ---

static int pipe_nar(struct store *from, struct store *to, const struct store_info *info, struct err *e)
{
	_cleanup_free_ struct source_fd *file = NEW(struct source_fd);
	_cleanup_free_ char *real = store_real_path(from, info->path);
	FILE *tmp = tmpfile();
	int fd = tmp ? fileno(tmp) : -1, r = tmp ? 0 : err_sys(e, errno, "making a temporary file");
	struct sink out = sink_fd(&fd);

	if (r == 0)
		r = nar_dump(real, NULL, &out, e);
	if (r == 0)
		rewind(tmp);
	file->fd = fd;
	struct source in = source_fd(file);
	if (r == 0)
		r = store_add_nar(to, info, &in, e);
	if (tmp)
		fclose(tmp);
	return r;
}

static int between_stores(
        struct nix_cmd *n, struct store *from, struct store *to, char *const *paths, struct err *e)
{
	_cleanup_strv_ char **closure = NULL;
	int r = store_closure(from, paths, 0, &closure, e);

	if (r == 0 && !str_eq(store_dir(from), store_dir(to)))
		r = err_set(e, -EINVAL, "the stores have different prefixes: '%s' and '%s'", store_dir(from),
		        store_dir(to));
	for (size_t i = 0; r == 0 && closure[i]; i++) {
		_cleanup_store_info_ struct store_info *info = NULL;
		bool valid;
		r = store_is_valid(to, closure[i], &valid, e);
		if (r == 0 && !valid)
			r = store_query_info(from, closure[i], &info, e);
		if (r == 0 && info) {
			info->ultimate = false;
			r = pipe_nar(from, to, info, e);
		}
	}
	return r;
}

static int other_store(struct nix_cmd *n, const char *uri, bool from, char *const *paths, struct err *e)
{
	struct store *other = NULL;
	int r = store_open(uri, from ? STORE_NO_CREATE : 0, &other, e);

	if (r == 0)
		r = from ? between_stores(n, other, n->c.store, paths, e)
		         : between_stores(n, n->c.store, other, paths, e);
	store_close(other);
	return r;
}

// --- the command ---

static int copy_to(struct nix_cmd *n, struct err *e)
{
	_cleanup_free_ char *folder = str_has_prefix(n->to, "file://") ? cache_folder(n->to) : NULL;
	_cleanup_strv_ char **paths = NULL;

	if (str_has_prefix(n->to, "http://") || str_has_prefix(n->to, "https://") ||
	        str_has_prefix(n->to, "s3://")) {
		err_set(e, -EOPNOTSUPP, "writing to '%s' is not built", n->to);
		return err_hint(e, "Write to a folder, as file:///srv/cache, that the web server serves.");
	}
	int r = nix_paths(n, &paths, e);
	if (r < 0)
		return r;
	return folder ? to_cache(n, folder, paths, e) : other_store(n, n->to, false, paths, e);
}

static int copy_from(struct nix_cmd *n, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	bool cache = str_has_prefix(n->from, "file://") || str_has_prefix(n->from, "http://") ||
	             str_has_prefix(n->from, "https://");

	if (n->all)
		return err_set(e, -EOPNOTSUPP, "'--all' with '--from' is not built; name the paths");
	bool recursive = n->recursive;
	n->recursive = false; // the closure is the other side's to say
	int r = nix_words_paths(n, &paths, e);
	n->recursive = recursive;
	if (r < 0)
		return r;
	return cache ? from_cache(n, paths, e) : other_store(n, n->from, true, paths, e);
}

int nix_word_copy(struct nix_cmd *n, struct err *e)
{
	if (!n->to == !n->from)
		return err_set(e, -EINVAL, "'%s' needs '--to URI' or '--from URI'", n->called);
	if (is_ssh(n->to ? n->to : n->from))
		return by_ssh(n, n->to ? n->to : n->from, n->from != NULL);
	return n->to ? copy_to(n, e) : copy_from(n, e);
}
