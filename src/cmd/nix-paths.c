// SPDX-License-Identifier: GPL-2.0-or-later
// 'nix path-info', and which paths the words of 'nix' mean.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/nix-words.h"

#define STDIN_MAX (64u << 20)

static int add_stdin(struct nix_cmd *n, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = fs_read_fd(0, "standard input", STDIN_MAX, &text, e);

	if (r < 0)
		return r;
	_cleanup_strv_ char **lines = strv_split(buf_str(&text), "\n");
	strv_for_each (l, lines)
		strv_add(&n->c.words, l);
	return 0;
}

int nix_words_paths(struct nix_cmd *n, char ***ret, struct err *e)
{
	int r = n->from_stdin ? add_stdin(n, e) : 0;

	if (r == 0 && !n->c.words && !n->from_stdin)
		r = err_set(e, -EINVAL, "'%s' needs a store path, or a link to one", n->called);
	for (size_t i = 0; r == 0 && n->c.words && n->c.words[i]; i++) {
		char *path;
		if (!strchr(n->c.words[i], '/') && strchr(n->c.words[i], '#')) {
			err_set(e, -EOPNOTSUPP, "'%s' takes store paths and links to them, not '%s'",
			        n->called, n->c.words[i]);
			return err_hint(
			        e, "Build it first: nix build %s, then name ./result.", n->c.words[i]);
		}
		r = store_cmd_follow(&n->c, n->c.words[i], &path, e);
		if (r == 0)
			strv_take(ret, path);
	}
	return r;
}

int nix_paths(struct nix_cmd *n, char ***ret, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **ordered = NULL;
	int r;

	if (n->all && (n->c.words || n->from_stdin))
		return err_set(e, -EINVAL, "'--all' and paths exclude each other");
	r = n->all ? store_query_all(n->c.store, &paths, e) : nix_words_paths(n, &paths, e);
	if (r == 0 && n->recursive && !n->all) {
		r = store_closure(n->c.store, paths, 0, &ordered, e);
	} else if (r == 0 && paths) {
		strv_sort(paths);
		r = store_topo_sort(n->c.store, paths, &ordered, e);
	}
	*ret = TAKE_PTR(ordered);
	return r;
}

// The sum over all that path needs.
static int closure_size(struct store *s, const char *path, uint64_t *ret, struct err *e)
{
	char *const one[] = {(char *)path, NULL};
	_cleanup_strv_ char **closure = NULL;
	int r = store_closure(s, one, 0, &closure, e);

	*ret = 0;
	for (size_t i = 0; r == 0 && closure[i]; i++) {
		_cleanup_store_info_ struct store_info *info = NULL;
		r = store_query_info(s, closure[i], &info, e);
		if (r == 0)
			*ret += info->nar_size_bytes;
	}
	return r;
}

// "  12.3 MiB", as wide as Nix writes it; without --human-readable the bytes.
static void print_size(const struct nix_cmd *n, uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
	double size = (double)bytes / 1024;
	size_t unit = 0;

	if (!n->human) {
		printf("\t%11llu", (unsigned long long)bytes);
		return;
	}
	for (; size >= 1024 && unit + 1 < ARRAY_SIZE(units); unit++)
		size /= 1024;
	printf("\t%6.1f %s", size, units[unit]);
}

static int print_line(struct nix_cmd *n, const char *path, int width, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	uint64_t sum = 0;
	int r = store_query_info(n->c.store, path, &i, e);

	if (r == 0 && n->closure_size)
		r = closure_size(n->c.store, path, &sum, e);
	if (r < 0)
		return r;
	bool more = n->size || n->closure_size || n->sigs;
	printf("%-*s", more ? width : 0, path);
	if (n->size)
		print_size(n, i->nar_size_bytes);
	if (n->closure_size)
		print_size(n, sum);
	if (n->sigs) {
		const char *sep = "\t";
		if (i->ultimate)
			printf("%sultimate", sep), sep = " ";
		if (i->ca)
			printf("%sca:%s", sep, i->ca), sep = " ";
		strv_for_each (sig, i->sigs)
			printf("%s%s", sep, sig), sep = " ";
		if (*sep == '\t')
			printf("\t");
	}
	putchar('\n');
	return 0;
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

// Format 2 writes the names of paths, format 1 whole paths.
static json_t *path_list(char *const *paths, bool names)
{
	json_t *list = json_array();

	strv_for_each (p, paths)
		json_array_append_new(list, json_string(names ? str_basename(p) : p));
	return list;
}

// Format 2 takes what names a content-addressed path apart.
static json_t *ca_json(const char *text)
{
	_cleanup_err_ struct err e = {0};
	struct ca ca;

	if (!text || ca_parse(text, &ca, &e) < 0)
		return json_null();
	_cleanup_free_ char *hash = hash_format(&ca.hash, HASH_SRI, true);
	json_t *o = json_object();
	json_object_set_new(o, "hash", json_string(hash));
	json_object_set_new(o, "method",
	        json_string(ca.method == CA_TEXT   ? "text"
	                    : ca.method == CA_FLAT ? "flat"
	                                           : "nar"));
	return o;
}

static json_t *info_json(struct nix_cmd *n, const struct store_info *i, uint64_t closure_bytes, bool names)
{
	_cleanup_free_ char *hash = hash_format(&i->nar_hash, HASH_SRI, true);
	json_t *o = json_object(), *sigs = json_array();

	strv_for_each (sig, i->sigs)
		json_array_append_new(sigs, json_string(sig));
	json_object_set_new(o, "ca", names ? ca_json(i->ca) : text_or_null(i->ca));
	json_object_set_new(
	        o, "deriver", text_or_null(i->deriver && names ? str_basename(i->deriver) : i->deriver));
	json_object_set_new(o, "narHash", json_string(hash));
	json_object_set_new(o, "narSize", json_integer((json_int_t)i->nar_size_bytes));
	json_object_set_new(o, "references", path_list(i->refs, names));
	json_object_set_new(o, "registrationTime", json_integer((json_int_t)i->registration_time));
	json_object_set_new(o, "signatures", sigs);
	json_object_set_new(o, "storeDir", json_string(store_dir(n->c.store)));
	json_object_set_new(o, "ultimate", json_boolean(i->ultimate));
	json_object_set_new(o, "version", json_integer(names ? 2 : 1));
	if (n->closure_size)
		json_object_set_new(o, "closureSize", json_integer((json_int_t)closure_bytes));
	return o;
}

// A path that is not valid is null, as Nix has it.
static int add_json(struct nix_cmd *n, const char *path, bool names, json_t *all, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	const char *key = names ? str_basename(path) : path;
	uint64_t sum = 0;
	bool valid;
	int r = store_is_valid(n->c.store, path, &valid, e);

	if (r == 0 && !valid) {
		json_object_set_new(all, key, json_null());
		return 0;
	}
	if (r == 0)
		r = store_query_info(n->c.store, path, &i, e);
	if (r == 0 && n->closure_size)
		r = closure_size(n->c.store, path, &sum, e);
	if (r == 0)
		json_object_set_new(all, key, info_json(n, i, sum, names));
	return r;
}

static int print_json(struct nix_cmd *n, char *const *paths, struct err *e)
{
	bool names = n->json_format == 2;
	json_t *all = json_object(), *top = all;
	int r = 0;

	for (size_t i = 0; r == 0 && paths && paths[i]; i++)
		r = add_json(n, paths[i], names, all, e);
	if (names) {
		top = json_object();
		json_object_set_new(top, "info", all);
		json_object_set_new(top, "storeDir", json_string(store_dir(n->c.store)));
		json_object_set_new(top, "version", json_integer(2));
	}
	return nix_print_json(top, r, e);
}

int nix_word_path_info(struct nix_cmd *n, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int width = 0;

	if (n->json_format > 2)
		return err_set(e, -EINVAL, "'--json-format' is 1 or 2");
	int r = nix_paths(n, &paths, e);
	if (r == 0 && (n->json || n->json_format))
		return print_json(n, paths, e);
	strv_for_each (p, paths)
		width = MAX(width, (int)strlen(p));
	for (size_t i = 0; r == 0 && paths && paths[i]; i++)
		r = print_line(n, paths[i], width, e);
	return r;
}
