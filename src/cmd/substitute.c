// SPDX-License-Identifier: GPL-2.0-or-later
// Between plans and binary caches.
#include "cmd/substitute.h"

#include <errno.h>
#include "base/hmap.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/progress.h"
#include "cache/cache.h"

struct substitute {
	struct store *store;
	struct caches *caches;
	struct progress *progress;
	bool fallback, none; // none: nothing is taken any more
	struct hmap lacking; // paths that cannot be had whole
	char **found;        // what the plan at hand takes, references first
};

static void say_taken(void *ctx, const char *path, const char *from)
{
	const struct substitute *sub = ctx;

	progress_message(sub->progress, "copied '%s' from '%s'", path, from);
}

int substitute_new(struct store *s, const struct cache_settings *settings, struct progress *progress,
        struct substitute **ret, struct err *e)
{
	*ret = NULL;
	if (settings->no_substitute || !settings->substituters || store_is_read_only(s))
		return 0;
	struct substitute *sub = NEW(struct substitute);
	*sub = (struct substitute){.store = s, .progress = progress, .fallback = settings->fallback};
	struct cache_opts opts = cache_settings_opts(settings);
	opts.taken = say_taken;
	opts.ctx = sub;
	int r = caches_open(s, &opts, &sub->caches, e);
	if (r < 0) {
		mem_free(sub);
		return err_hint(e, "It is named by the setting 'substituters'.");
	}
	*ret = sub;
	return 0;
}

void substitute_free(struct substitute *sub)
{
	if (!sub)
		return;
	caches_free(sub->caches);
	hmap_release(&sub->lacking);
	strv_free(sub->found);
	mem_free(sub);
}

static int find(void *ctx, char *const *paths, bool *ret, struct err *e)
{
	struct substitute *sub = ctx;
	size_t n = strv_len(paths);
	_cleanup_free_ const struct cache_path **known = mem_array(n + 1, sizeof(*known));
	int r = sub->none ? 0 : caches_query(sub->caches, paths, known, e);

	for (size_t i = 0; r == 0 && i < n; i++)
		ret[i] = !sub->none && known[i] && !hmap_has(&sub->lacking, paths[i]);
	return r;
}

void substitute_fill(struct substitute *sub, struct plan_opts *opts)
{
	if (!sub)
		return;
	opts->find = find;
	opts->find_ctx = sub;
}

// What refers, through whatever, to what nobody has: references come first in found.
static void mark_lacking(struct substitute *sub)
{
	strv_for_each (path, sub->found) {
		strv_for_each (ref, caches_known(sub->caches, path)->n.info->refs)
			if (!str_eq(ref, path) && hmap_has(&sub->lacking, ref))
				hmap_put(&sub->lacking, path, sub);
	}
}

int substitute_check(struct substitute *sub, const struct plan *p, bool *ret_whole, struct err *e)
{
	_cleanup_strv_ char **fetches = sub ? plan_fetches(p) : NULL, **missing = NULL;
	int r = 0;

	*ret_whole = true;
	if (!sub)
		return 0;
	strv_free(sub->found);
	sub->found = NULL;
	if (fetches)
		r = caches_closure(sub->caches, fetches, &sub->found, &missing, e);
	strv_for_each (path, missing) {
		hmap_put(&sub->lacking, path, sub);
		*ret_whole = false;
	}
	if (r == 0 && !*ret_whole)
		mark_lacking(sub);
	return r;
}

void substitute_print(struct substitute *sub, struct buf *out, bool always)
{
	uint64_t download = 0, unpacked = 0;
	size_t n = sub ? strv_len(sub->found) : 0;

	if (n == 0 || (n == 1 && !always))
		return;
	strv_for_each (path, sub->found) {
		const struct narinfo *i = &caches_known(sub->caches, path)->n;
		download += i->file_size_bytes;
		unpacked += i->info->nar_size_bytes;
	}
	const double mib = 1024 * 1024;
	buf_addf(out, n == 1 ? "this path" : "these %zu paths", n);
	buf_addf(out, " will be fetched (%.2f MiB download, %.2f MiB unpacked):\n", (double)download / mib,
	        (double)unpacked / mib);
	strv_for_each (path, sub->found)
		buf_addf(out, "  %s\n", path);
}

int substitute_take(struct substitute *sub, struct err *e)
{
	if (!sub || !sub->found)
		return 0;
	int r = caches_take(sub->caches, sub->found, e);
	if (r == 0)
		return 0;
	if (!sub->fallback)
		return err_hint(e, "'--fallback' builds what cannot be taken.");
	log_warn("%s; it is built instead", e->msg);
	err_release(e);
	sub->none = true;
	return SUBSTITUTE_AGAIN;
}
