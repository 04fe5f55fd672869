// SPDX-License-Identifier: GPL-2.0-or-later
// Profiles: PROFILE is a link to NAME-N-link beside it, which is a link to a store path and a root.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/roots.h"
#include "store/store-impl.h"

static char *generation_link(const char *profile, uint64_t number)
{
	return str_printf("%s-%llu-link", profile, (unsigned long long)number);
}

// The number in "NAME-N-link" when name is that of the profile.
static bool parse_link(const char *profile_name, const char *entry, uint64_t *ret)
{
	const char *rest = str_after(entry, profile_name);

	if (!rest || *rest != '-' || !str_has_suffix(rest, "-link") || strlen(rest) < strlen("-1-link"))
		return false;
	_cleanup_free_ char *number = mem_strndup(rest + 1, strlen(rest) - strlen("--link"));
	return str_to_u64(number, ret) == 0;
}

static int generation_cmp(const void *a, const void *b)
{
	const struct generation *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

void generation_list_release(struct generation_list *l)
{
	for (size_t i = 0; i < l->len; i++) {
		mem_free(l->gens[i].link);
		mem_free(l->gens[i].path);
	}
	mem_free(l->gens);
	*l = (struct generation_list){0};
}

// The profile as it was named may itself be a link to where the generations are (~/.nix-profile). One that
// lies where a store has its profiles is meant itself: a link in somebody else's store leads to nobody's.
// *ret is the absolute name of the real one.
int profile_real(const char *profile, char **ret, struct err *e)
{
	_cleanup_free_ char *abs = NULL;
	uint64_t number;
	int r = fs_absolute(profile, &abs, e);

	if (r < 0)
		return r;
	for (int hops = 0; hops < 8; hops++) {
		_cleanup_free_ char *target = NULL, *second = NULL;
		r = strstr(abs, "/nix/var/nix/profiles/") ? 0 : fs_readlink_maybe(abs, &target, e);
		if (r < 0)
			return r;
		if (r == 0)
			break;
		_cleanup_free_ char *dir = str_dirname(abs);
		_cleanup_free_ char *next = *target == '/' ? mem_strdup(target) : fs_join(dir, target);
		if (parse_link(str_basename(abs), str_basename(next), &number))
			break;
		r = fs_readlink_maybe(next, &second, e);
		if (r < 0)
			return r;
		if (r == 0)
			break; // not a profile behind it
		mem_free(abs);
		abs = fs_clean(next);
	}
	*ret = TAKE_PTR(abs);
	return 0;
}

// What is there and cannot be read is an error: a generation that is passed over would be overwritten, or
// lose its boot entry.
static int add_generation(struct generation_list *l, const char *dir, const char *entry, uint64_t number,
        const char *current, struct err *e)
{
	_cleanup_free_ char *link = fs_join(dir, entry), *path = NULL;
	struct stat st;
	int r = fs_lstat_maybe(link, &st, e);

	if (r > 0)
		r = fs_readlink_maybe(link, &path, e);
	if (r <= 0)
		return r;
	mem_grow(&l->gens, &l->cap, l->len + 1, sizeof(*l->gens));
	l->gens[l->len++] = (struct generation){
	        .number = number,
	        .link = TAKE_PTR(link),
	        .path = TAKE_PTR(path),
	        .created = st.st_mtim.tv_sec,
	        .current = current && str_eq(str_basename(current), entry),
	};
	return 0;
}

int profile_list(const char *profile, struct generation_list *ret, struct err *e)
{
	_cleanup_free_ char *abs = NULL, *dir = NULL, *current = NULL;
	_cleanup_strv_ char **names = NULL;
	struct generation_list l = {0};
	uint64_t number;
	int r = profile_real(profile, &abs, e);

	*ret = l;
	if (r == 0)
		r = fs_readlink_maybe(abs, &current, e);
	if (r < 0)
		return r;
	dir = str_dirname(abs);
	r = fs_list_maybe(dir, &names, e);
	for (size_t i = 0; r == 0 && names[i]; i++)
		if (parse_link(str_basename(abs), names[i], &number))
			r = add_generation(&l, dir, names[i], number, current, e);
	if (r < 0) {
		generation_list_release(&l);
		return r;
	}
	if (l.len)
		qsort(l.gens, l.len, sizeof(*l.gens), generation_cmp);
	*ret = l;
	return 0;
}

static int lock_profile(const char *profile, int *ret_fd, struct err *e)
{
	_cleanup_free_ char *file = str_printf("%s.lock", profile);

	return fs_lock(file, true, true, ret_fd, e);
}

static int switch_link(const char *profile, uint64_t number, struct err *e)
{
	_cleanup_free_ char *link = generation_link(profile, number);

	int r = fs_lstat_maybe(link, NULL, e);
	if (r == 0)
		r = err_set(e, -ENOENT, "profile version %llu of '%s' does not exist",
		        (unsigned long long)number, profile);
	if (r > 0)
		r = fs_symlink_atomic(str_basename(link), profile, e);
	return r;
}

int profile_switch(const char *profile, uint64_t number, struct err *e)
{
	_cleanup_free_ char *abs = NULL;
	_cleanup_close_ int lock = -1;
	int r = profile_real(profile, &abs, e);

	if (r == 0)
		r = lock_profile(abs, &lock, e);
	return r < 0 ? r : switch_link(abs, number, e);
}

int profile_add(struct store *s, const char *profile, const char *path, bool always_new, uint64_t *ret_number,
        struct err *e)
{
	_cleanup_free_ char *abs = NULL, *dir = NULL;
	_cleanup_close_ int lock = -1;
	struct generation_list all = {0};
	uint64_t number = 1;
	int r = profile_real(profile, &abs, e);

	if (r < 0)
		return r;
	dir = str_dirname(abs);
	r = fs_mkdir_p(dir, 0755, e);
	if (r == 0)
		r = lock_profile(abs, &lock, e);
	if (r == 0)
		r = profile_list(abs, &all, e);
	if (r == 0 && all.len) {
		struct generation *last = &all.gens[all.len - 1];
		number = last->number + (always_new || !str_eq(last->path, path));
	}
	generation_list_release(&all);
	if (r < 0)
		return r;
	// The generation and its root first: until PROFILE points to it nothing has changed.
	_cleanup_free_ char *link = generation_link(abs, number);
	r = roots_add_indirect(s, link, path, NULL, e);
	if (r == 0)
		r = switch_link(abs, number, e);
	if (r == 0 && ret_number)
		*ret_number = number;
	return r;
}

int profile_rollback(const char *profile, uint64_t *ret_number, struct err *e)
{
	struct generation_list all;
	uint64_t before = 0;
	bool found = false;
	int r = profile_list(profile, &all, e);

	for (size_t i = 0; r == 0 && i < all.len; i++)
		if (all.gens[i].current && i > 0) {
			before = all.gens[i - 1].number;
			found = true;
		}
	generation_list_release(&all);
	if (r == 0 && !found)
		r = err_set(
		        e, -ENOENT, "no profile version older than the current one exists in '%s'", profile);
	if (r == 0)
		r = profile_switch(profile, before, e);
	if (r == 0 && ret_number)
		*ret_number = before;
	return r;
}

static int delete_one(const struct generation *g, bool dry_run, struct err *e)
{
	log_note("%s profile version %llu", dry_run ? "would remove" : "removing",
	        (unsigned long long)g->number);
	if (!dry_run && unlink(g->link) < 0)
		return err_sys(e, errno, "removing '%s'", g->link);
	return 0;
}

// Is generation i of all to be deleted? `ctx` is what the caller's rule needs.
typedef bool delete_rule(const struct generation_list *all, size_t i, const void *ctx);

static int delete_by(const char *profile, delete_rule *rule, const void *ctx, bool dry_run, size_t *ret_count,
        struct err *e)
{
	_cleanup_free_ char *abs = NULL;
	_cleanup_close_ int lock = -1;
	struct generation_list all = {0};
	size_t count = 0;
	int r = profile_real(profile, &abs, e);

	if (r == 0 && !dry_run)
		r = lock_profile(abs, &lock, e);
	if (r == 0)
		r = profile_list(abs, &all, e);
	for (size_t i = 0; r == 0 && i < all.len; i++) {
		if (all.gens[i].current || !rule(&all, i, ctx))
			continue;
		r = delete_one(&all.gens[i], dry_run, e);
		count++;
	}
	generation_list_release(&all);
	if (r == 0 && ret_count)
		*ret_count = count;
	return r;
}

static bool rule_number(const struct generation_list *all, size_t i, const void *ctx)
{
	return all->gens[i].number == *(const uint64_t *)ctx;
}

static bool rule_all(const struct generation_list *all, size_t i, const void *ctx)
{
	(void)all;
	(void)i;
	(void)ctx;
	return true;
}

// The newest one that is older than the moment was the current one then: it stays.
static bool rule_older(const struct generation_list *all, size_t i, const void *ctx)
{
	time_t before = *(const time_t *)ctx;

	for (size_t k = i + 1; k < all->len; k++)
		if (all->gens[k].created < before)
			return true;
	return false;
}

int profile_delete_generation(const char *profile, uint64_t number, bool dry_run, struct err *e)
{
	struct generation_list all;
	bool current = false;
	size_t count = 0;
	int r = profile_list(profile, &all, e);

	for (size_t i = 0; r == 0 && i < all.len; i++)
		current = current || (all.gens[i].current && all.gens[i].number == number);
	generation_list_release(&all);
	if (r == 0 && current)
		return err_set(e, -EBUSY, "cannot delete current version of profile %s", profile);
	if (r == 0)
		r = delete_by(profile, rule_number, &number, dry_run, &count, e);
	if (r == 0 && count == 0)
		r = err_set(e, -ENOENT, "profile version %llu of '%s' does not exist",
		        (unsigned long long)number, profile);
	return r;
}

int profile_delete_old(const char *profile, bool dry_run, size_t *ret_count, struct err *e)
{
	return delete_by(profile, rule_all, NULL, dry_run, ret_count, e);
}

int profile_delete_older(const char *profile, time_t before, bool dry_run, size_t *ret_count, struct err *e)
{
	return delete_by(profile, rule_older, &before, dry_run, ret_count, e);
}
