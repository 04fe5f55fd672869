// SPDX-License-Identifier: GPL-2.0-or-later
// Which kept tree is the nearest: of those with the same key and series one of the same source, else the one
// with the fewest files and options that differ. When make could not see what differs there is none.
#include "build/keep-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

enum { FIND_TRIES = 3, FIND_FAR = 1 << 20 };

struct candidate {
	char *tree;
	struct keep_meta meta;
	int lock;
	size_t distance, options, files;
	char **off; // options that are not set any more
	struct keep_list list;
};

static void candidate_release(struct candidate *c)
{
	mem_free(c->tree);
	keep_meta_release(&c->meta);
	keep_list_release(&c->list);
	strv_free(c->off);
	if (c->lock >= 0)
		close(c->lock);
	*c = (struct candidate){.lock = -1};
}

// The options that are set, each a line.
static void find_options(char *const *lines, struct hmap *ret)
{
	strv_for_each (line, lines) {
		const char *equals = str_has_prefix(line, "CONFIG_") ? strchr(line, '=') : NULL;
		if (equals)
			hmap_putn(ret, line, (size_t)(equals - line), (void *)(uintptr_t)(equals + 1));
	}
}

static void find_compare_options(struct candidate *c, const char *old_text, const char *new_text)
{
	_cleanup_strv_ char **old_lines = strv_split(old_text, "\n"),
	                    **new_lines = strv_split(new_text, "\n");
	_cleanup_hmap_ struct hmap old = {0}, new = {0};

	find_options(old_lines, &old);
	find_options(new_lines, &new);
	hmap_for_each (entry, &old) {
		if (!hmap_has(&new, entry->key)) {
			strv_add(&c->off, entry->key + strlen("CONFIG_"));
			c->options++;
		}
	}
	hmap_for_each (entry, &new) {
		const char *before = hmap_get(&old, entry->key);
		c->options += !before || !str_eq(before, entry->value);
	}
}

static bool find_open(const struct keep *k, const char *name, const char *options, struct candidate *c)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf old = {0};

	*c = (struct candidate){.tree = fs_join(k->place, name), .lock = -1};
	_cleanup_free_ char *lock = fs_join(c->tree, "lock"), *path = fs_join(c->tree, "options");
	if (fs_lock(lock, false, false, &c->lock, &ignored) < 0 ||
	        keep_meta_read(c->tree, &c->meta, &ignored) < 0 || !str_eq(c->meta.key, k->key) ||
	        !str_eq(c->meta.series, k->series) || fs_read_regular(path, 1 << 26, &old, &ignored) < 0) {
		candidate_release(c);
		return false;
	}
	find_compare_options(c, buf_str(&old), options);
	c->distance = c->options;
	return true;
}

static size_t find_all(const struct keep *k, struct candidate **ret)
{
	_cleanup_free_ char *real = store_real_path(k->store, k->options);
	_cleanup_strv_ char **names = NULL;
	_cleanup_buf_ struct buf options = {0};
	_cleanup_err_ struct err ignored = {0};
	size_t n = 0;

	if (fs_list(k->place, &names, &ignored) < 0 || fs_read_regular(real, 1 << 26, &options, &ignored) < 0)
		return 0;
	*ret = mem_array(strv_len(names) + 1, sizeof(**ret));
	strv_for_each (name, names)
		n += keep_name_is_tree(name) && find_open(k, name, buf_str(&options), &(*ret)[n]);
	return n;
}

// The list of our source, from that of any candidate: most files are the same, and are not read again.
static int find_list_source(struct keep *k, const struct candidate *c, struct err *e)
{
	_cleanup_free_ char *old_real = store_real_path(k->store, c->meta.source);

	if (k->list.n)
		return 0;
	int r = keep_list_make(k->source_real, &c->list, old_real, &k->list, e);
	if (r == 0)
		keep_list_index(&k->list);
	else
		keep_list_release(&k->list);
	return r;
}

// Sets how far each is. Where one has our source, the others are not compared.
static void find_measure(struct keep *k, struct candidate *all, size_t n)
{
	_cleanup_err_ struct err ignored = {0};
	bool same = false;

	for (size_t i = 0; i < n; i++)
		same = same || str_eq(all[i].meta.source, k->source);
	for (size_t i = 0; i < n; i++) {
		struct candidate *c = &all[i];
		struct keep_changes changes;
		if (str_eq(c->meta.source, k->source))
			continue;
		c->distance += FIND_FAR;
		_cleanup_free_ char *path = fs_join(c->tree, "source");
		if (same || keep_list_read(path, &c->list, &ignored) < 0 ||
		        find_list_source(k, c, &ignored) < 0)
			continue;
		keep_count(&c->list, &k->list, &changes);
		c->files = changes.changed + changes.added + changes.removed;
		c->distance = c->options + 4 * c->files;
	}
}

static struct candidate *find_nearest(struct candidate *all, size_t n)
{
	struct candidate *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (all[i].tree && all[i].distance < FIND_FAR && (!best || all[i].distance < best->distance))
			best = &all[i];
	}
	return best;
}

// Files that are touched now must be newer than every object: the clock may have been set back, and is
// coarse.
static bool find_clock_fits(const struct keep_meta *meta)
{
	const struct timespec tick = {0, 50 * 1000 * 1000};
	struct timespec now;

	nanosleep(&tick, NULL);
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return now.tv_sec > meta->newest.tv_sec ||
	       (now.tv_sec == meta->newest.tv_sec && now.tv_nsec > meta->newest.tv_nsec);
}

static char *find_try(struct keep *k, struct candidate *c)
{
	_cleanup_free_ char *tree = fs_join(c->tree, "tree");
	_cleanup_err_ struct err ignored = {0};

	if (!find_clock_fits(&c->meta))
		return mem_strdup("the clock is before the time of the kept objects");
	char *why = keep_rule_turned_off(k->source_real, k->arch, c->off);
	if (why || str_eq(c->meta.source, k->source))
		return why;
	fs_rm_rf(k->new_upper, &ignored);
	const struct keep_touch touch = {.source_dir = k->source_real,
	        .tree_dir = tree,
	        .arch = k->arch,
	        .into = k->new_upper,
	        .ids = &k->ids};
	if (mkdir(k->new_upper, 0755) < 0 ||
	        (!k->ids.own && lchown(k->new_upper, k->ids.uid, k->ids.gid) < 0))
		return str_printf("making '%s': %s", k->new_upper, strerror(errno));
	k->touched = true;
	return keep_touch(&touch, &c->list, &k->list);
}

static void find_take(struct keep *k, struct candidate *c, char **ret_word)
{
	_cleanup_free_ char *used = fs_join(c->tree, "used");

	utimensat(AT_FDCWD, used, NULL, AT_SYMLINK_NOFOLLOW);
	if (!k->touched)
		k->list_from = fs_join(c->tree, "source");
	k->lower = TAKE_PTR(c->tree);
	k->lower_lock = TAKE_FD(c->lock);
	k->lower_meta = c->meta;
	c->meta = (struct keep_meta){0};
	k->lower_same = c->distance == 0;
	*ret_word = str_printf("begins with the objects of an earlier build (%zu options, %zu files differ)",
	        c->options, c->files);
}

void keep_find(struct keep *k, char **ret_word)
{
	struct candidate *all = NULL, *c;
	size_t n = find_all(k, &all);
	_cleanup_free_ char *first = NULL;

	find_measure(k, all, n);
	for (unsigned i = 0; !k->lower && i < FIND_TRIES && (c = find_nearest(all, n)); i++) {
		k->touched = false;
		char *why = find_try(k, c);
		if (!why)
			find_take(k, c, ret_word);
		else if (!first)
			first = TAKE_PTR(why);
		mem_free(why);
		candidate_release(c);
	}
	if (!k->lower && first)
		*ret_word = str_printf("built clean: %s", first);
	for (size_t i = 0; i < n; i++) {
		if (all[i].tree)
			candidate_release(&all[i]);
	}
	mem_free(all);
}
