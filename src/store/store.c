// SPDX-License-Identifier: GPL-2.0-or-later
// Questions to a store: validity, metadata, references, closures.
#include "store/store-impl.h"

#include <errno.h>
#include <string.h>
#include "base/beneath.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/drv.h"

struct store_info *store_info_new(const char *path)
{
	struct store_info *i = NEW(struct store_info);

	i->path = mem_strdup(path);
	i->nar_hash.algo = HASH_NONE;
	return i;
}

void strs_add(struct buf *b, const char *s)
{
	char *copy = mem_strdup(s);

	buf_add(b, &copy, sizeof(copy));
}

char **strs_steal(struct buf *b)
{
	char *end = NULL;

	buf_add(b, &end, sizeof(end));
	return (char **)(void *)buf_steal(b);
}

void strs_sort(char **v)
{
	size_t kept = 0;

	strv_sort(v);
	for (size_t i = 0; v[i]; i++) {
		if (kept && str_eq(v[kept - 1], v[i]))
			mem_free(v[i]);
		else
			v[kept++] = v[i];
	}
	v[kept] = NULL;
}

char **strs_copy(char *const *v)
{
	struct buf b = {0};

	for (; v && *v; v++)
		strs_add(&b, *v);
	return strs_steal(&b);
}

struct store_info *store_info_copy(const struct store_info *i)
{
	struct store_info *copy = mem_dup(i, sizeof(*i));

	copy->path = mem_strdup(i->path);
	copy->refs = strs_copy(i->refs);
	copy->sigs = strs_copy(i->sigs);
	copy->deriver = i->deriver ? mem_strdup(i->deriver) : NULL;
	copy->ca = i->ca ? mem_strdup(i->ca) : NULL;
	return copy;
}

void store_info_free(struct store_info *i)
{
	if (!i)
		return;
	mem_free(i->path);
	mem_free(i->deriver);
	mem_free(i->ca);
	strv_free(i->refs);
	strv_free(i->sigs);
	mem_free(i);
}

int store_not_valid(const char *path, struct err *e)
{
	return err_set(e, -ENOENT, "path '%s' is not valid", path);
}

int store_db_valid(struct store *s, const char *path, bool *ret, struct err *e)
{
	int64_t id = 0;
	int r = s->db ? db_path_id(s->db, path, &id, e) : 0;

	if (r == 0)
		*ret = id != 0;
	return r;
}

int store_is_valid(struct store *s, const char *path, bool *ret, struct err *e)
{
	if (!hmap_has(&s->pending_index, path))
		return store_db_valid(s, path, ret, e);
	*ret = true;
	return 0;
}

int store_check_valid(struct store *s, const char *path, struct err *e)
{
	bool valid;
	int r = store_is_valid(s, path, &valid, e);

	return r < 0 || valid ? r : store_not_valid(path, e);
}

int store_query_info(struct store *s, const char *path, struct store_info **ret, struct err *e)
{
	struct store_info *i = hmap_get(&s->pending_index, path);
	int r = 0;

	if (i) {
		*ret = store_info_copy(i);
		return 0;
	}
	if (s->db)
		r = db_get_info(s->db, path, &i, e);
	if (r < 0)
		return r;
	if (!i)
		return store_not_valid(path, e);
	*ret = i;
	return 0;
}

// Flushes, and says whether there is a database to ask at all.
static int ask(struct store *s, struct err *e)
{
	int r = store_flush(s, e);

	return r < 0 ? r : s->db != NULL;
}

int store_query_all(struct store *s, char ***ret, struct err *e)
{
	int r = ask(s, e);

	if (r > 0)
		return db_all_paths(s->db, ret, e);
	if (r == 0)
		*ret = NULL;
	return r;
}

typedef int db_list_fn(struct db *db, const char *path, char ***ret, struct err *e);

// A list about a path that must be valid.
static int list_of_valid(struct store *s, const char *path, db_list_fn *f, char ***ret, struct err *e)
{
	int r = ask(s, e);

	if (r >= 0)
		r = store_check_valid(s, path, e);
	return r < 0 ? r : f(s->db, path, ret, e);
}

int store_query_refs(struct store *s, const char *path, char ***ret, struct err *e)
{
	return list_of_valid(s, path, db_refs, ret, e);
}

int store_query_referrers(struct store *s, const char *path, char ***ret, struct err *e)
{
	return list_of_valid(s, path, db_referrers, ret, e);
}

int store_query_valid_derivers(struct store *s, const char *path, char ***ret, struct err *e)
{
	int r = ask(s, e);

	if (r > 0)
		return db_derivers(s->db, path, ret, e);
	if (r == 0)
		*ret = NULL;
	return r;
}

static int outputs_from_file(struct store *s, const char *drv_path, struct hmap *ret, struct err *e)
{
	_cleanup_drv_ struct drv *d = NULL;
	int r = drv_read(s, drv_path, &d, e);

	for (size_t i = 0; r == 0 && i < d->n_outputs; i++)
		if (*d->outputs[i].path)
			mem_free(hmap_put(ret, d->outputs[i].name, mem_strdup(d->outputs[i].path)));
	return r;
}

int store_query_drv_outputs(struct store *s, const char *drv_path, struct hmap *ret, struct err *e)
{
	int r = ask(s, e);

	if (r > 0)
		r = db_drv_outputs(s->db, drv_path, ret, e);
	if (r == 0 && ret->live == 0)
		r = outputs_from_file(s, drv_path, ret, e);
	return r;
}

int store_path_from_hash_part(struct store *s, const char *hash_part, char **ret, struct err *e)
{
	_cleanup_free_ char *prefix = str_printf("%s/%s", s->dir, hash_part), *found = NULL;
	int r = ask(s, e);

	if (strlen(hash_part) != STORE_HASH_CHARS)
		return err_set(e, -EINVAL, "invalid hash part '%s'", hash_part);
	if (r > 0)
		r = db_first_from(s->db, prefix, &found, e);
	if (r < 0)
		return r;
	*ret = found && str_has_prefix(found, prefix) ? TAKE_PTR(found) : NULL;
	return 0;
}

char *store_log_path(struct store *s, const char *drv_path)
{
	const char *base = store_path_hash(drv_path);

	_cleanup_free_ char *path = str_printf("%s/drvs/%.2s/%s", s->log_dir, base, base + 2);

	return beneath_again(s->root, path);
}

const struct hash *store_drv_hash_get(const struct store *s, const char *drv_path)
{
	return hmap_get(&s->drv_hashes, drv_path);
}

void store_drv_hash_put(struct store *s, const char *drv_path, const struct hash *h)
{
	mem_free(hmap_put(&s->drv_hashes, drv_path, mem_dup(h, sizeof(*h))));
}

// Paths still to be looked at are seen.entries[next..): the map keeps the order in which they came.
static void see_all(struct hmap *seen, char *const *paths)
{
	strv_for_each (p, paths)
		if (!hmap_has(seen, p))
			hmap_put(seen, p, seen);
}

int store_see_valid(struct store *s, struct hmap *seen, const char *path, struct err *e)
{
	bool valid = false;
	int r = hmap_has(seen, path) ? 0 : store_is_valid(s, path, &valid, e);

	if (r == 0 && valid)
		hmap_put(seen, path, seen);
	return r;
}

int store_see_outputs(struct store *s, struct hmap *seen, const char *drv_path, struct err *e)
{
	struct hmap outputs = {0};
	int r = store_query_drv_outputs(s, drv_path, &outputs, e);

	hmap_for_each (out, &outputs)
		r = r < 0 ? r : store_see_valid(s, seen, out->value, e);
	hmap_release_with(&outputs, mem_free);
	return r;
}

static int see_derivers(struct store *s, struct hmap *seen, const char *path, int flags, struct err *e)
{
	_cleanup_strv_ char **derivers = NULL;
	_cleanup_store_info_ struct store_info *info = NULL;
	int r = 0;

	if (flags & CLOSURE_REFERRERS) {
		r = store_query_valid_derivers(s, path, &derivers, e);
		if (r == 0)
			see_all(seen, derivers);
		return r;
	}
	r = store_query_info(s, path, &info, e);
	return r == 0 && info->deriver ? store_see_valid(s, seen, info->deriver, e) : r;
}

static int see_next(struct store *s, struct hmap *seen, const char *path, int flags, struct err *e)
{
	_cleanup_strv_ char **next = NULL;
	int r = flags & CLOSURE_REFERRERS ? store_query_referrers(s, path, &next, e)
	                                  : store_query_refs(s, path, &next, e);

	if (r < 0)
		return r;
	see_all(seen, next);
	// In the direction of referrers outputs and derivers change places, as Nix has it.
	bool outputs = flags & CLOSURE_OUTPUTS, derivers = flags & CLOSURE_DERIVERS;
	if (flags & CLOSURE_REFERRERS) {
		bool swap = outputs;
		outputs = derivers;
		derivers = swap;
	}
	if (outputs && store_path_is_drv(path))
		r = store_see_outputs(s, seen, path, e);
	if (r == 0 && derivers)
		r = see_derivers(s, seen, path, flags, e);
	return r;
}

int store_closure(struct store *s, char *const *paths, int flags, char ***ret, struct err *e)
{
	_cleanup_hmap_ struct hmap seen = {0};
	_cleanup_strv_ char **all = NULL;
	struct buf list = {0};
	int r = store_flush(s, e);

	see_all(&seen, paths);
	for (size_t i = 0; r == 0 && i < seen.len; i++) {
		_cleanup_free_ char *path = mem_strdup(seen.entries[i].key);
		r = see_next(s, &seen, path, flags, e);
	}
	if (r < 0)
		return r;
	hmap_for_each (entry, &seen)
		strs_add(&list, entry->key);
	all = strs_steal(&list);
	return store_topo_sort(s, all, ret, e);
}

// One path whose references are being sorted before it.
struct topo_frame {
	char *path;
	char **refs;
	size_t next;
};

struct topo {
	struct topo_frame *stack;
	size_t depth, cap;
	struct hmap wanted; // given paths
	struct hmap state;  // TOPO_OPEN: on the stack, TOPO_DONE: sorted
};

#define TOPO_OPEN ((void *)1)
#define TOPO_DONE ((void *)2)

static int topo_push(struct store *s, struct topo *t, const char *path, struct err *e)
{
	char **refs = NULL;
	bool valid;
	int r = store_is_valid(s, path, &valid, e);

	if (r == 0 && valid)
		r = store_query_refs(s, path, &refs, e);
	if (r < 0)
		return r;
	mem_grow(&t->stack, &t->cap, t->depth + 1, sizeof(*t->stack));
	t->stack[t->depth++] = (struct topo_frame){.path = mem_strdup(path), .refs = refs};
	hmap_put(&t->state, path, TOPO_OPEN);
	return 0;
}

static void topo_pop(struct topo *t)
{
	struct topo_frame *f = &t->stack[--t->depth];

	mem_free(f->path);
	strv_free(f->refs);
}

static int topo_step(struct store *s, struct topo *t, struct buf *sorted, struct err *e)
{
	struct topo_frame *f = &t->stack[t->depth - 1];
	const char *ref = f->refs ? f->refs[f->next] : NULL;

	if (!ref) {
		strs_add(sorted, f->path);
		hmap_put(&t->state, f->path, TOPO_DONE);
		topo_pop(t);
		return 0;
	}
	f->next++;
	void *state = hmap_get(&t->state, ref);
	if (str_eq(ref, f->path) || state == TOPO_DONE || !hmap_has(&t->wanted, ref))
		return 0;
	if (state == TOPO_OPEN)
		return err_set(e, -ELOOP, "cycle detected in the references of '%s' from '%s'", ref, f->path);
	return topo_push(s, t, ref, e);
}

int store_topo_sort(struct store *s, char *const *paths, char ***ret, struct err *e)
{
	_cleanup_strv_ char **roots = strs_copy(paths);
	struct topo t = {0};
	struct buf sorted = {0};
	int r = 0;

	strv_sort(roots);
	strv_for_each (p, roots)
		hmap_put(&t.wanted, p, TOPO_DONE);
	strv_for_each (root, roots) {
		if (r == 0 && !hmap_has(&t.state, root))
			r = topo_push(s, &t, root, e);
		while (r == 0 && t.depth)
			r = topo_step(s, &t, &sorted, e);
	}
	while (t.depth)
		topo_pop(&t);
	mem_free(t.stack);
	hmap_release(&t.wanted);
	hmap_release(&t.state);
	char **list = strs_steal(&sorted);
	if (r < 0)
		strv_free(list);
	else
		*ret = list;
	return r;
}
