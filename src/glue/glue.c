// SPDX-License-Identifier: GPL-2.0-or-later
// The host of an evaluator over a store: files, search path, copying into the store, building on demand.

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/system.h"
#include "base/term.h"
#include "expr/builtin.h"
#include "glue/glue.h"
#include "store/drv.h"
#include "store/store.h"

#ifndef KERNIX_DATA_DIR
#define KERNIX_DATA_DIR "/usr/local/share/kernix"
#endif

static char *real_path(void *ctx, const char *path)
{
	struct glue *g = ctx;

	return store_real_path(g->store, path);
}

static enum host_file file_kind(mode_t mode)
{
	return S_ISREG(mode)   ? HOST_REGULAR
	       : S_ISDIR(mode) ? HOST_DIRECTORY
	       : S_ISLNK(mode) ? HOST_SYMLINK
	                       : HOST_OTHER;
}

static int file_type(void *ctx, const char *path, bool follow, enum host_file *ret, struct err *e)
{
	_cleanup_free_ char *real = real_path(ctx, path);
	struct stat st;

	if (*path == '<') {
		*ret = glue_internal_file(path) ? HOST_REGULAR : HOST_MISSING;
		return 0;
	}

	if ((follow ? stat(real, &st) : lstat(real, &st)) == 0)
		*ret = file_kind(st.st_mode);
	else if (errno == ENOENT || errno == ENOTDIR)
		*ret = HOST_MISSING;
	else if (errno == ELOOP)
		return err_set(e, -ELOOP, "infinite symlink recursion in path '%s'", path);
	else
		return err_sys(e, errno, "getting status of '%s'", path);
	return 0;
}

static int read_file(void *ctx, const char *path, struct buf *ret, struct err *e)
{
	_cleanup_free_ char *real = real_path(ctx, path);
	const char *internal = *path == '<' ? glue_internal_file(path) : NULL;

	if (internal) {
		buf_adds(ret, internal);
		return 0;
	}
	return fs_read_regular(real, 0, ret, e);
}

static int read_dir(void *ctx, const char *path, char ***ret_names, enum host_file **ret_types, struct err *e)
{
	_cleanup_free_ char *real = real_path(ctx, path);
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ unsigned char *kinds = NULL;
	int r = fs_list_types(real, &names, &kinds, e);

	if (r < 0)
		return r;
	enum host_file *types = mem_array(strv_len(names) + 1, sizeof(*types));
	for (size_t i = 0; r >= 0 && names && names[i]; i++) {
		_cleanup_free_ char *p = NULL;
		struct stat st;

		types[i] = file_kind(DTTOIF(kinds[i]));
		if (kinds[i] != DT_UNKNOWN) // some file systems do not say
			continue;
		p = fs_join(real, names[i]);
		r = fs_lstat_maybe(p, &st, e);
		types[i] = r > 0 ? file_kind(st.st_mode) : HOST_OTHER;
	}
	if (r < 0) {
		mem_free(types);
		return r;
	}
	*ret_names = TAKE_PTR(names);
	*ret_types = types;
	return 0;
}

static int read_link(void *ctx, const char *path, char **ret, struct err *e)
{
	_cleanup_free_ char *real = real_path(ctx, path);

	return fs_readlink(real, ret, e);
}

char *glue_wanted(const struct context_elem *el)
{
	if (el->kind == CONTEXT_BUILT)
		return str_printf("%s!%s", el->path->data, el->output->data);
	return el->kind == CONTEXT_DRV_DEEP ? str_printf("%s!*", el->path->data) : mem_strdup(el->path->data);
}

// What was built for evaluation may be read by it.
static int allow_output(struct glue *g, const struct context_elem *el, struct err *e)
{
	_cleanup_drv_ struct drv *d = NULL;
	int r = drv_read(g->store, el->path->data, &d, e);
	const struct drv_output *o = r < 0 ? NULL : drv_output(d, el->output->data);

	if (o && *o->path)
		eval_allow_path(g->ev, o->path);
	return r;
}

static int realise(void *ctx, const struct context_elem *elems, size_t count, struct err *e)
{
	struct glue *g = ctx;
	_cleanup_strv_ char **wanted = NULL;

	for (size_t i = 0; i < count; i++) {
		bool valid;
		int r = store_is_valid(g->store, elems[i].path->data, &valid, e);
		if (r < 0)
			return r;
		if (!valid)
			return g->unwritten && elems[i].kind == CONTEXT_BUILT &&
			                       hmap_has(&g->buildable, elems[i].path->data)
			               ? g->unwritten(g->build_ctx, e)
			               : err_set(e, -ENOENT, "path '%s' is not valid", elems[i].path->data);
		if (elems[i].kind == CONTEXT_BUILT)
			strv_take(&wanted, glue_wanted(&elems[i]));
	}
	if (!wanted)
		return 0;
	if (!g->build)
		return err_set(e, -EPERM, "cannot build '%s' during evaluation: this command does not build",
		        wanted[0]);
	int r = g->build(g->build_ctx, wanted, e);
	for (size_t i = 0; r == 0 && eval_is_closed(g->ev) && i < count; i++)
		if (elems[i].kind == CONTEXT_BUILT)
			r = allow_output(g, &elems[i], e);
	return r;
}

int glue_copy(struct glue *g, const char *path, const char *name, char **ret, struct err *e)
{
	_cleanup_free_ char *key = str_printf("%s\n%s", name, path), *real = NULL;
	char *done = hmap_get(&g->copied, key);
	bool valid = false;
	int r = 0;

	if (done) {
		*ret = mem_strdup(done);
		return 0;
	}
	if (store_path_inside(store_dir(g->store), path) && store_path_valid(store_dir(g->store), path))
		r = store_is_valid(g->store, path, &valid, e);
	if (r < 0)
		return r;
	if (valid) {
		*ret = mem_strdup(path);
		return 0;
	}
	real = store_real_path(g->store, path);
	struct stat st;
	r = fs_lstat_maybe(real, &st, e);
	if (r <= 0)
		return r < 0 ? r : err_set(e, -ENOENT, "path '%s' does not exist", path);
	if (g->read_only)
		r = store_path_for_file(g->store, name, real, CA_NAR, HASH_SHA256, NULL, ret, NULL, e);
	else
		r = store_add_path(g->store, name, real, CA_NAR, HASH_SHA256, NULL, ret, NULL, e);
	if (r < 0)
		return r;
	hmap_put(&g->copied, key, mem_strdup(*ret));
	return 0;
}

static int copy_to_store(void *ctx, const char *path, const char *name, char **ret, struct err *e)
{
	return glue_copy(ctx, path, name, ret, e);
}

static int store_refs(void *ctx, const char *path, char ***ret, struct err *e)
{
	struct glue *g = ctx;
	_cleanup_free_ char *base = NULL;
	bool valid;

	if (store_path_of(store_dir(g->store), path, &base, NULL, NULL) < 0)
		return 0;
	int r = store_is_valid(g->store, base, &valid, e);
	return r == 0 && valid ? store_query_refs(g->store, base, ret, e) : r;
}

static void say(void *ctx, const char *line)
{
	_cleanup_free_ char *safe = term_clean_str(line, term_flags(2));

	fprintf(stderr, "%s\n", safe);
}

static const char *get_env(void *ctx, const char *name)
{
	return getenv(name);
}

static int64_t now(void *ctx)
{
	return time(NULL);
}

// Entries of NIX_PATH are separated by ':', but not the one of a URL ("nixpkgs=https://...").
static void path_entries(char ***v, const char *s)
{
	while (*s) {
		const char *end = s;

		while (*end && !(*end == ':' && strncmp(end, "://", 3) != 0))
			end++;
		if (end > s)
			strv_take(v, mem_strndup(s, (size_t)(end - s)));
		s = end + (*end == ':');
	}
}

struct glue *glue_new(struct store *store, char *const *extra_nix_path)
{
	struct glue *g = NEW(struct glue);
	const char *env = getenv("NIX_PATH");
	_cleanup_free_ char *embedded = glue_embedded_nixpkgs();

	g->store = store;
	g->system = mem_strdup(system_name());
	g->read_only = store_is_read_only(store) && !store_is_unwritable(store);
	for (size_t i = 0; extra_nix_path && extra_nix_path[i]; i++)
		strv_add(&g->nix_path, extra_nix_path[i]);
	if (env)
		path_entries(&g->nix_path, env);
	else if (embedded)
		strv_take(&g->nix_path, str_printf("nixpkgs=%s", embedded));
	return g;
}

void glue_free(struct glue *g)
{
	if (!g)
		return;
	hmap_release_with(&g->copied, mem_free);
	hmap_release_with(&g->trees, mem_free);
	hmap_release(&g->floating);
	hmap_release(&g->buildable);
	strv_free(g->nix_path);
	mem_free(g->system);
	mem_free(g);
}

void glue_host(struct glue *g, struct host *ret)
{
	static char *none[] = {NULL};

	*ret = (struct host){
	        .ctx = g,
	        .store_dir = store_dir(g->store),
	        .system = g->system,
	        .nix_path = g->nix_path ? g->nix_path : none,
	        .real_path = real_path,
	        .file_type = file_type,
	        .read_file = read_file,
	        .read_dir = read_dir,
	        .read_link = read_link,
	        .realise = realise,
	        .copy_to_store = copy_to_store,
	        .say = say,
	        .get_env = get_env,
	        .now = now,
	        .fetch_tarball = glue_fetch_tarball,
	        .store_refs = store_refs,
	};
}

void glue_attach(struct glue *g, struct eval *ev)
{
	g->ev = ev;
	ev->glue = g;
	builtin_add_table(ev, builtin_derivations.rows, builtin_derivations.count);
	builtin_add_table(ev, builtin_stores.rows, builtin_stores.count);
	builtin_add_table(ev, builtin_fetches.rows, builtin_fetches.count);
	builtin_add_table(ev, builtin_gits.rows, builtin_gits.count);
	builtin_add_table(ev, builtin_flakes.rows, builtin_flakes.count);
	builtin_add_table(ev, builtin_drv_imports.rows, builtin_drv_imports.count);
	glue_add_feature_builtins(ev);
	glue_derivation(ev);
}
