// SPDX-License-Identifier: GPL-2.0-or-later
// Hashes of derivations modulo their fixed-output inputs, the output paths that follow from them, and .drv
// files in the store.
#include "store/drv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include "base/codec.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"
#include "store/aterm.h"
#include "store/store-impl.h"

#define DRV_BYTES_MAX (256u << 20)

static bool has_output_hash(const struct drv *d)
{
	for (size_t i = 0; i < d->n_outputs; i++)
		if (*d->outputs[i].hash_algo)
			return true;
	return false;
}

// Content-addressed but not fixed, impure: kinds that need Nix's experimental features.
static int refuse_experimental(const struct drv *d, struct err *e)
{
	if (!has_output_hash(d) || drv_is_fixed(d))
		return 0;
	return err_set(e, -EOPNOTSUPP,
	        "derivation '%s' has outputs that are content-addressed without a fixed hash, which is not "
	        "supported",
	        d->name);
}

static void hash_fixed(const struct drv *d, struct hash *ret)
{
	const struct drv_output *o = &d->outputs[0];
	_cleanup_free_ char *text = str_cat("fixed:out:", o->hash_algo, ":", o->hash, ":", o->path, NULL);

	hash_bytes(HASH_SHA256, text, strlen(text), ret);
}

static int aterm_input_cmp(const void *a, const void *b)
{
	return strcmp(((const struct aterm_input *)a)->name, ((const struct aterm_input *)b)->name);
}

static int output_name_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

// Both lists together, sorted and without doubles.
static char **join_outputs(struct arena *mem, char *const *a, char *const *b)
{
	size_t n = strv_len(a), more = strv_len(b), kept = 0;
	char **all = arena_alloc(mem, (n + more + 1) * sizeof(*all));

	memcpy(all, a, n * sizeof(*all));
	memcpy(all + n, b, more * sizeof(*all));
	qsort(all, n + more, sizeof(*all), output_name_cmp);
	for (size_t i = 0; i < n + more; i++)
		if (kept == 0 || strcmp(all[kept - 1], all[i]) != 0)
			all[kept++] = all[i];
	all[kept] = NULL;
	return all;
}

// Inputs by their hashes, sorted; those with equal hashes become one, whose outputs are in mem. false: not
// all hashes are remembered.
static bool hashed_inputs(
        struct store *s, const struct drv *d, struct aterm_input *in, size_t *ret_n, struct arena *mem)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_inputs; i++) {
		const struct hash *h = store_drv_hash_get(s, d->inputs[i].path);
		if (!h)
			return false;
		codec_base16_into(h->bytes, ATERM_HASH_BYTES, in[i].name);
		in[i].outputs = d->inputs[i].outputs;
	}
	if (d->n_inputs > 1)
		qsort(in, d->n_inputs, sizeof(*in), aterm_input_cmp);
	for (size_t i = 0; i < d->n_inputs; i++) {
		if (n == 0 || strcmp(in[n - 1].name, in[i].name) != 0)
			in[n++] = in[i];
		else
			in[n - 1].outputs = join_outputs(mem, in[n - 1].outputs, in[i].outputs);
	}
	*ret_n = n;
	return true;
}

// The hash of d, whose lists are finished; false when not all its inputs are remembered.
static bool hash_known(struct store *s, const struct drv *d, bool mask_outputs, struct hash *ret)
{
	_cleanup_buf_ struct buf text = {0};
	struct arena mem = {0};
	size_t n = 0;

	if (drv_is_fixed(d)) {
		hash_fixed(d, ret);
		return true;
	}
	struct aterm_input *in = mem_array(d->n_inputs + 1, sizeof(*in));
	bool known = hashed_inputs(s, d, in, &n, &mem);
	if (known) {
		aterm_print(d, mask_outputs, in, n, &text);
		hash_bytes(HASH_SHA256, text.data, text.len, ret);
	}
	mem_free(in);
	arena_release(&mem);
	return known;
}

// Derivations that are being hashed: each waits for those above it. on_stack guards against a forged cycle.
struct work {
	struct {
		struct drv *drv;
		char *path;
		size_t next; // input to look at
	} * all;
	size_t len, cap;
	struct hmap on_stack;
};

static int work_push(struct store *s, struct work *w, const char *path, struct err *e)
{
	struct drv *d;

	if (hmap_has(&w->on_stack, path))
		return err_set(e, -ELOOP, "derivation '%s' depends on itself", path);
	int r = drv_read(s, path, &d, e);
	if (r == 0 && (r = refuse_experimental(d, e)) < 0)
		drv_free(d);
	if (r < 0)
		return r;
	mem_grow(&w->all, &w->cap, w->len + 1, sizeof(*w->all));
	w->all[w->len].drv = d;
	w->all[w->len].path = mem_strdup(path);
	w->all[w->len].next = 0;
	w->len++;
	hmap_put(&w->on_stack, path, d);
	return 0;
}

static void work_pop(struct work *w)
{
	w->len--;
	hmap_del(&w->on_stack, w->all[w->len].path);
	drv_free(w->all[w->len].drv);
	mem_free(w->all[w->len].path);
}

// Pushes the next input of the top that is not remembered; false when there is none.
static int push_next_input(struct store *s, struct work *w, bool *ret_pushed, struct err *e)
{
	struct drv *d = w->all[w->len - 1].drv;
	size_t *next = &w->all[w->len - 1].next;

	*ret_pushed = false;
	while (!drv_is_fixed(d) && *next < d->n_inputs) {
		const char *path = d->inputs[(*next)++].path;
		if (store_drv_hash_get(s, path))
			continue;
		*ret_pushed = true;
		return work_push(s, w, path, e);
	}
	return 0;
}

// Remembers the hash of the derivation at path, and of all that it needs, without recursion.
static int remember(struct store *s, const char *path, struct err *e)
{
	struct work w = {0};
	int r = work_push(s, &w, path, e);

	while (r == 0 && w.len) {
		struct hash h;
		bool pushed;
		r = push_next_input(s, &w, &pushed, e);
		if (r < 0 || pushed)
			continue;
		hash_known(s, w.all[w.len - 1].drv, false, &h);
		store_drv_hash_put(s, w.all[w.len - 1].path, &h);
		work_pop(&w);
	}
	while (w.len)
		work_pop(&w);
	mem_free(w.all);
	hmap_release(&w.on_stack);
	return r;
}

int drv_hash_modulo(struct store *s, const struct drv *d, bool mask_outputs, struct hash *ret, struct err *e)
{
	int r = refuse_experimental(d, e);

	if (r < 0 || hash_known(s, d, mask_outputs, ret))
		return r;
	for (size_t i = 0; r == 0 && i < d->n_inputs; i++)
		if (!store_drv_hash_get(s, d->inputs[i].path))
			r = remember(s, d->inputs[i].path, e);
	if (r == 0)
		hash_known(s, d, mask_outputs, ret);
	return r;
}

static int fixed_path(struct store *s, const struct drv *d, char **ret, struct err *e)
{
	const struct drv_output *o = &d->outputs[0];
	enum hash_algo algo;
	struct ca ca;
	int r = ca_parse_method_algo(o->hash_algo, &ca.method, &algo, e);

	if (r < 0)
		return r;
	ca.hash.algo = algo;
	if (strlen(o->hash) != 2 * hash_size(algo) ||
	        !codec_un16(o->hash, strlen(o->hash), ca.hash.bytes, hash_size(algo)))
		return err_set(e, -EINVAL, "hash '%s' of derivation '%s' is not base16 of algorithm '%s'",
		        o->hash, d->name, hash_algo_name(algo));
	return store_path_from_ca(store_dir(s), &ca, d->name, NULL, false, ret, e);
}

// The path of each output, in the order of d->outputs; strv.
static int output_paths(struct store *s, const struct drv *d, char ***ret, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	struct hash h;
	char *path;
	int r = drv_is_fixed(d) ? 0 : drv_hash_modulo(s, d, true, &h, e);

	for (size_t i = 0; r == 0 && i < d->n_outputs; i++) {
		r = drv_is_fixed(d)
		            ? fixed_path(s, d, &path, e)
		            : store_path_output(store_dir(s), d->outputs[i].name, &h, d->name, &path, e);
		if (r == 0)
			strv_take(&paths, path);
	}
	if (r == 0)
		*ret = TAKE_PTR(paths);
	return r;
}

int drv_fill_outputs(struct store *s, struct drv *d, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;

	drv_finish(d);
	int r = output_paths(s, d, &paths, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < d->n_outputs; i++) {
		d->outputs[i].path = arena_strdup(&d->mem, paths[i]);
		drv_set_env(d, d->outputs[i].name, paths[i]);
	}
	drv_finish(d);
	return 0;
}

int drv_check_outputs(struct store *s, const struct drv *d, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = output_paths(s, d, &paths, e);

	for (size_t i = 0; r == 0 && i < d->n_outputs; i++) {
		const struct drv_output *o = &d->outputs[i];
		const char *env = drv_env(d, o->name);
		if (strcmp(o->path, paths[i]) != 0)
			r = err_set(e, -EINVAL, "derivation '%s' has incorrect output '%s', should be '%s'",
			        d->name, o->path, paths[i]);
		else if (env && strcmp(env, paths[i]) != 0)
			r = err_set(e, -EINVAL,
			        "derivation '%s' has incorrect environment variable '%s', should be '%s'",
			        d->name, o->name, paths[i]);
	}
	return r;
}

// References of the .drv file: its sources and the derivations it needs.
static char **drv_refs(const struct drv *d)
{
	struct buf list = {0};

	for (size_t i = 0; i < d->n_srcs; i++)
		strs_add(&list, d->srcs[i]);
	for (size_t i = 0; i < d->n_inputs; i++)
		strs_add(&list, d->inputs[i].path);
	char **refs = strs_steal(&list);
	strs_sort(refs);
	return refs;
}

int drv_path(struct store *s, const struct drv *d, char **ret, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	_cleanup_free_ char *name = str_cat(d->name, STORE_DRV_SUFFIX, NULL);
	_cleanup_strv_ char **refs = drv_refs(d);
	struct ca ca = {.method = CA_TEXT};

	drv_print(d, &text);
	hash_bytes(HASH_SHA256, text.data, text.len, &ca.hash);
	return store_path_from_ca(store_dir(s), &ca, name, refs, false, ret, e);
}

int drv_write(struct store *s, const struct drv *d, char **ret_path, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	_cleanup_free_ char *name = str_cat(d->name, STORE_DRV_SUFFIX, NULL), *path = NULL;
	_cleanup_strv_ char **refs = drv_refs(d);
	struct hash h;

	drv_print(d, &text);
	int r = store_add_drv_text(s, name, text.data, text.len, refs, true, &path, e);
	if (r < 0)
		return r;
	if (!store_drv_hash_get(s, path) && (!has_output_hash(d) || drv_is_fixed(d))) {
		r = drv_hash_modulo(s, d, false, &h, e);
		if (r < 0)
			return r;
		store_drv_hash_put(s, path, &h);
	}
	*ret_path = TAKE_PTR(path);
	return 0;
}

// What a file of the store says is written, removed and locked by: all of it has to be a path of this store.
static int check_paths(struct store *s, const struct drv *d, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->n_outputs; i++)
		r = *d->outputs[i].path ? store_path_check(s->dir, d->outputs[i].path, e) : 0;
	for (size_t i = 0; r == 0 && i < d->n_inputs; i++)
		r = store_path_check(s->dir, d->inputs[i].path, e);
	for (size_t i = 0; r == 0 && i < d->n_srcs; i++)
		r = store_path_check(s->dir, d->srcs[i], e);
	return r;
}

static int read_text(const char *file, struct buf *ret, struct err *e)
{
	struct stat st;
	_cleanup_close_ int fd = tree_open_entry(AT_FDCWD, file, &st);

	return fd < 0 ? err_sys(e, -fd, "opening '%s'", file) : fs_read_fd(fd, file, DRV_BYTES_MAX, ret, e);
}

int drv_read(struct store *s, const char *drv_path, struct drv **ret, struct err *e)
{
	_cleanup_drv_ struct drv *d = NULL;
	_cleanup_buf_ struct buf text = {0};
	int r = store_path_check(store_dir(s), drv_path, e);

	if (r == 0 && !store_path_is_drv(drv_path))
		r = err_set(e, -EINVAL, "path '%s' is not a derivation", drv_path);
	if (r < 0)
		return r;
	_cleanup_free_ char *real = store_real_path(s, drv_path), *name = store_drv_name(drv_path);
	r = read_text(real, &text, e);
	if (r == 0)
		r = drv_parse(text.data ? text.data : "", text.len, name, &d, e);
	else
		return err_wrap(e, "reading derivation '%s'", drv_path);
	if (r == 0 && check_paths(s, d, e) < 0)
		return err_wrap(e, "derivation '%s'", drv_path);
	if (r == 0)
		*ret = TAKE_PTR(d);
	return r;
}
