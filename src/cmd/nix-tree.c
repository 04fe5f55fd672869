// SPDX-License-Identifier: GPL-2.0-or-later
// 'nix store ls', 'nix store cat', 'nix derivation show': what paths of the store hold.
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/nix-words.h"
#include "store/drv.h"

#define DEPTH_MAX 512

// Where the one operand is: a path of the store or below one, or a link that leads to such a path.
static int place(struct nix_cmd *n, char **ret_real, struct err *e)
{
	_cleanup_free_ char *path = NULL, *abs = NULL;

	if (strv_len(n->c.words) != 1)
		return err_set(e, -EINVAL, "'%s' needs one path", n->called);
	int r = store_cmd_follow(&n->c, n->c.words[0], &path, e);
	if (r == 0)
		r = store_check_valid(n->c.store, path, e);
	if (r == 0)
		r = fs_absolute(n->c.words[0], &abs, e);
	if (r < 0)
		return r;
	*ret_real = store_real_path(n->c.store, store_path_inside(store_dir(n->c.store), abs) ? abs : path);
	return 0;
}

static int look_at(const char *real, const char *word, struct stat *ret, struct err *e)
{
	int r = fs_lstat_maybe(real, ret, e);

	return r != 0 ? MIN(r, 0) : err_set(e, -ENOENT, "path '%s' does not exist", word);
}

// --- ls ---

// One entry, as a line.
static int print_entry(
        const struct nix_cmd *n, const char *real, const struct stat *st, const char *name, struct err *e)
{
	_cleanup_free_ char *target = NULL;
	const char *mode = S_ISDIR(st->st_mode)      ? "dr-xr-xr-x"
	                   : S_ISLNK(st->st_mode)    ? "lrwxrwxrwx"
	                   : (st->st_mode & S_IXUSR) ? "-r-xr-xr-x"
	                                             : "-r--r--r--";

	if (!n->long_list) {
		puts(name);
		return 0;
	}
	int r = S_ISLNK(st->st_mode) ? fs_readlink(real, &target, e) : 0;
	if (r == 0)
		printf("%s %20llu %s%s%s\n", mode,
		        S_ISREG(st->st_mode) ? (unsigned long long)st->st_size : 0ULL, name,
		        target ? " -> " : "", target ? target : "");
	return r;
}

static int print_folder(const struct nix_cmd *n, const char *real, const char *name, int depth, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = depth > DEPTH_MAX ? err_set(e, -ELOOP, "'%s' is nested too deeply", real)
	                          : fs_list(real, &names, e);

	strv_sort(names);
	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *below = fs_join(real, names[i]), *shown = fs_join(name, names[i]);
		struct stat st;
		r = look_at(below, below, &st, e);
		if (r == 0)
			r = print_entry(n, below, &st, shown, e);
		if (r == 0 && n->recursive && S_ISDIR(st.st_mode))
			r = print_folder(n, below, shown, depth + 1, e);
	}
	return r;
}

// Names alone below the folder that is listed, but with --recursive.
static int entry_json(const struct nix_cmd *n, const char *real, int depth, json_t **ret, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ char *target = NULL;
	json_t *o = *ret = json_object();
	struct stat st;
	int r = look_at(real, real, &st, e);

	if (r < 0 || (depth && !n->recursive))
		return r;
	if (S_ISREG(st.st_mode)) {
		json_object_set_new(o, "type", json_string("regular"));
		json_object_set_new(o, "size", json_integer((json_int_t)st.st_size));
		if (st.st_mode & S_IXUSR)
			json_object_set_new(o, "executable", json_true());
		return 0;
	}
	if (S_ISLNK(st.st_mode)) {
		r = fs_readlink(real, &target, e);
		json_object_set_new(o, "type", json_string("symlink"));
		json_object_set_new(o, "target", json_string(target ? target : ""));
		return r;
	}
	json_object_set_new(o, "type", json_string("directory"));
	if (n->directory)
		return 0;
	json_t *entries = json_object();
	json_object_set_new(o, "entries", entries);
	r = depth > DEPTH_MAX ? err_set(e, -ELOOP, "'%s' is nested too deeply", real)
	                      : fs_list(real, &names, e);
	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *below = fs_join(real, names[i]);
		json_t *one;
		r = entry_json(n, below, depth + 1, &one, e);
		json_object_set_new(entries, names[i], one);
	}
	return r;
}

int nix_print_json(json_t *o, int r, struct err *e)
{
	char *text = r < 0 ? NULL : json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);

	if (r == 0 && !text)
		r = err_set(e, -EILSEQ, "a name in it is not UTF-8, which JSON cannot say");
	if (text)
		puts(text);
	free(text);
	json_decref(o);
	return r;
}

int nix_word_ls(struct nix_cmd *n, struct err *e)
{
	_cleanup_free_ char *real = NULL;
	struct stat st;
	json_t *o;
	int r = place(n, &real, e);

	if (r == 0)
		r = look_at(real, n->c.words[0], &st, e);
	if (r < 0)
		return r;
	if (n->json) {
		r = entry_json(n, real, 0, &o, e);
		return nix_print_json(o, r, e);
	}
	if (S_ISDIR(st.st_mode) && !n->directory)
		return print_folder(n, real, ".", 0, e);
	return print_entry(n, real, &st, S_ISDIR(st.st_mode) ? "." : str_basename(real), e);
}

// --- cat ---

static int copy_out(int fd, const char *name, struct err *e)
{
	char chunk[65536];
	ssize_t got;
	int r = 0;

	while (r == 0 && (got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got > 0)
			r = store_cmd_print(chunk, (size_t)got, e);
		else if (errno != EINTR)
			r = err_sys(e, errno, "reading '%s'", name);
	}
	return r;
}

int nix_word_cat(struct nix_cmd *n, struct err *e)
{
	_cleanup_free_ char *real = NULL;
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r = place(n, &real, e);

	if (r == 0)
		r = look_at(real, n->c.words[0], &st, e);
	if (r == 0 && !S_ISREG(st.st_mode))
		r = err_set(e, -EINVAL, "path '%s' is not a regular file", n->c.words[0]);
	if (r < 0)
		return r;
	fd = open(real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd < 0 ? err_sys(e, errno, "opening '%s'", real) : copy_out(fd, real, e);
}

// --- derivation show: the format of Nix 2.34, its version 4 ---

static json_t *names_of(char *const *paths, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(str_basename(paths[i])));
	return list;
}

static const char *method_of(const char *hash_algo)
{
	return str_has_prefix(hash_algo, "r:") ? "nar" : str_has_prefix(hash_algo, "text:") ? "text" : "flat";
}

static json_t *outputs_json(const struct drv *d)
{
	json_t *all = json_object();

	for (size_t i = 0; i < d->n_outputs; i++) {
		const struct drv_output *out = &d->outputs[i];
		json_t *o = json_object();
		const char *algo = strrchr(out->hash_algo, ':');
		algo = algo ? algo + 1 : out->hash_algo;
		_cleanup_err_ struct err e = {0};
		struct hash h;
		if (*out->hash && hash_parse(out->hash, hash_algo_parse(algo), &h, &e) == 0) {
			_cleanup_free_ char *sri = hash_format(&h, HASH_SRI, true);
			json_object_set_new(o, "hash", json_string(sri));
			json_object_set_new(o, "method", json_string(method_of(out->hash_algo)));
		} else if (*out->hash_algo) {
			json_object_set_new(o, "hashAlgo", json_string(algo));
			json_object_set_new(o, "method", json_string(method_of(out->hash_algo)));
		} else {
			json_object_set_new(o, "path", json_string(str_basename(out->path)));
		}
		json_object_set_new(all, out->name, o);
	}
	return all;
}

static json_t *inputs_json(const struct drv *d)
{
	json_t *o = json_object(), *drvs = json_object();

	for (size_t i = 0; i < d->n_inputs; i++) {
		json_t *one = json_object(), *outputs = json_array();
		strv_for_each (name, d->inputs[i].outputs)
			json_array_append_new(outputs, json_string(name));
		json_object_set_new(one, "dynamicOutputs", json_object());
		json_object_set_new(one, "outputs", outputs);
		json_object_set_new(drvs, str_basename(d->inputs[i].path), one);
	}
	json_object_set_new(o, "drvs", drvs);
	json_object_set_new(o, "srcs", names_of(d->srcs, d->n_srcs));
	return o;
}

static json_t *drv_json(const struct drv *d)
{
	json_t *o = json_object(), *args = json_array(), *env = json_object();

	for (size_t i = 0; i < d->n_args; i++)
		json_array_append_new(args, json_string(d->args[i]));
	for (size_t i = 0; i < d->n_env; i++)
		if (!str_eq(d->env[i].name, "__json"))
			json_object_set_new(env, d->env[i].name, json_string(d->env[i].value));
	const char *structured = drv_env(d, "__json");
	if (structured)
		json_object_set_new(o, "structuredAttrs", json_loads(structured, 0, NULL));
	json_object_set_new(o, "args", args);
	json_object_set_new(o, "builder", json_string(d->builder));
	json_object_set_new(o, "env", env);
	json_object_set_new(o, "inputs", inputs_json(d));
	json_object_set_new(o, "name", json_string(d->name));
	json_object_set_new(o, "outputs", outputs_json(d));
	json_object_set_new(o, "system", json_string(d->system));
	json_object_set_new(o, "version", json_integer(4));
	return o;
}

// The derivation that is meant: itself, or what made the path.
static int drv_of(struct nix_cmd *n, const char *path, char **ret, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	int r;

	if (store_path_is_drv(path)) {
		*ret = mem_strdup(path);
		return 0;
	}
	r = store_query_info(n->c.store, path, &i, e);
	if (r == 0 && !i->deriver)
		r = err_set(e, -ENOENT, "'%s' does not have a known deriver", path);
	if (r == 0)
		*ret = mem_strdup(i->deriver);
	return r;
}

static int wanted_drvs(struct nix_cmd *n, char ***ret, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **drvs = NULL, **closure = NULL;
	bool recursive = n->recursive;
	int r;

	n->recursive = false; // of the derivations, not of what they made
	r = nix_paths(n, &paths, e);
	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		char *drv;
		r = drv_of(n, paths[i], &drv, e);
		if (r == 0)
			strv_take(&drvs, drv);
	}
	if (r == 0 && recursive)
		r = store_closure(n->c.store, drvs, 0, &closure, e);
	strv_for_each (path, recursive ? closure : drvs)
		if (r == 0 && store_path_is_drv(path))
			strv_add(ret, path);
	return r;
}

int nix_word_derivation_show(struct nix_cmd *n, struct err *e)
{
	_cleanup_strv_ char **drvs = NULL;
	json_t *o = json_object(), *all = json_object();
	int r = wanted_drvs(n, &drvs, e);

	json_object_set_new(o, "derivations", all);
	json_object_set_new(o, "version", json_integer(4));
	for (size_t i = 0; r == 0 && drvs && drvs[i]; i++) {
		_cleanup_drv_ struct drv *d = NULL;
		r = drv_read(n->c.store, drvs[i], &d, e);
		if (r == 0)
			json_object_set_new(all, str_basename(drvs[i]), drv_json(d));
	}
	return nix_print_json(o, r, e);
}
