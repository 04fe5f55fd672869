// SPDX-License-Identifier: GPL-2.0-or-later
// 'nix store verify' and 'nix store sign', 'nix key': who vouches for a path, and whether it is what it was.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/nix-words.h"
#include "store/conf.h"
#include "store/narinfo.h"

#define KEY_MAX_BYTES 4096
// Exit statuses of 'nix store verify', added up.
enum { VERIFY_CORRUPT = 1, VERIFY_UNTRUSTED = 2, VERIFY_FAILED = 4 };

static char **trusted_keys(const struct nix_cmd *n)
{
	char **keys = NULL;

	if (n->trusted_keys) {
		strv_for_each (k, n->trusted_keys)
			strv_add(&keys, k);
		return keys;
	}
	_cleanup_free_ char *conf = store_conf_get("trusted-public-keys");
	return conf ? strv_split(conf, " \t\n") : NULL;
}

// What was built here and what names its own contents needs no signature, unless a number is asked for.
static int check_trust(struct nix_cmd *n, const char *path, char *const *keys, bool *ret, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	int r = store_query_info(n->c.store, path, &i, e);

	if (r < 0)
		return r;
	if (!n->sigs_needed && (i->ultimate || i->ca))
		*ret = true;
	else
		*ret = i->ca || store_count_good_sigs(i, keys) >= (n->sigs_needed ? n->sigs_needed : 1);
	return 0;
}

static int verify_one(struct nix_cmd *n, const char *path, char *const *keys, int *status, struct err *e)
{
	bool trusted = true;
	int r = 0;

	log_note("checking '%s'...", path);
	if (!n->no_contents) {
		_cleanup_err_ struct err found = {0};
		r = store_verify_path(n->c.store, path, &found);
		if (r == -EUCLEAN) {
			log_error("%s", found.msg);
			*status |= VERIFY_CORRUPT;
			r = 0;
		} else if (r < 0) {
			err_move(e, &found);
		}
	}
	if (r == 0 && !n->no_trust)
		r = check_trust(n, path, keys, &trusted, e);
	if (r == 0 && !trusted) {
		log_error("path '%s' is untrusted", path);
		*status |= VERIFY_UNTRUSTED;
	}
	return r;
}

int nix_word_verify(struct nix_cmd *n, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **keys = trusted_keys(n);
	int status = 0, r = nix_paths(n, &paths, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		_cleanup_err_ struct err one = {0};
		if (verify_one(n, paths[i], keys, &status, &one) < 0) {
			log_error("%s", one.msg);
			status |= VERIFY_FAILED;
		}
	}
	return r < 0 ? r : status;
}

int nix_read_key(const char *file, char **ret, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = fs_read_regular(file, KEY_MAX_BYTES, &text, e);

	if (r == 0)
		*ret = mem_strndup(buf_str(&text), strcspn(buf_str(&text), "\r\n"));
	return r;
}

int nix_word_sign(struct nix_cmd *n, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	_cleanup_free_ char *secret = NULL;
	size_t count = 0;

	if (!n->key_file)
		return err_set(e, -EINVAL, "'%s' needs '--key-file FILE', a secret key", n->called);
	int r = nix_read_key(n->key_file, &secret, e);
	if (r == 0)
		r = nix_paths(n, &paths, e);
	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		r = store_sign(n->c.store, paths[i], secret, e);
		count += r == 0;
	}
	if (r == 0)
		log_info("signed %zu paths", count);
	return r;
}

int nix_word_generate_secret(struct nix_cmd *n, struct err *e)
{
	_cleanup_free_ char *secret = NULL, *public = NULL;

	if (!n->key_name)
		return err_set(
		        e, -EINVAL, "'%s' needs '--key-name NAME', as in cache.example.org-1", n->called);
	int r = sign_generate(n->key_name, &secret, &public, e);
	// Without an end of line, as Nix writes it.
	return r < 0 ? r : store_cmd_print(secret, strlen(secret), e);
}

int nix_word_public_of(struct nix_cmd *n, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	_cleanup_free_ char *public = NULL;

	if (n->c.words)
		return err_set(e, -EINVAL, "'%s' reads the secret key from standard input", n->called);
	int r = fs_read_fd(0, "standard input", KEY_MAX_BYTES, &text, e);
	if (r == 0) {
		_cleanup_free_ char *secret = mem_strndup(buf_str(&text), strcspn(buf_str(&text), "\r\n"));
		r = sign_public_of(secret, &public, e);
	}
	return r < 0 ? r : store_cmd_print(public, strlen(public), e);
}
