// SPDX-License-Identifier: GPL-2.0-or-later
// All generations of all system profiles, read from their links.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/generation.h"
#include "store/roots.h"
#include "store/store.h"

static char *profiles_dir(struct store *s)
{
	return fs_join(store_state_dir(s), "profiles");
}

static bool is_name(const char *name)
{
	return *name && *name != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
	               strlen(name);
}

int sysgen_profile_path(struct store *s, const char *name, char **ret, struct err *e)
{
	_cleanup_free_ char *dir = profiles_dir(s);

	if (!is_name(name))
		return err_set(e, -EINVAL,
		        "'%s' cannot be the name of a system profile: letters, digits and ._- only", name);
	*ret = str_eq(name, "system") ? fs_join(dir, name) : str_printf("%s/system-profiles/%s", dir, name);
	return 0;
}

bool sysgen_profile_name(struct store *s, const char *path, char **ret)
{
	_cleanup_free_ char *dir = profiles_dir(s), *abs = NULL;
	_cleanup_err_ struct err nowhere = {0};

	// Without a working directory a relative path leads nowhere, so not to a system's profile either.
	if (fs_absolute(path, &abs, &nowhere) < 0)
		return false;
	const char *rest = str_after(abs, dir), *name = rest ? str_after(rest, "/system-profiles/") : NULL;

	if (rest && str_eq(rest, "/system"))
		name = "system";
	if (!name || !is_name(name))
		return false;
	*ret = mem_strdup(name);
	return true;
}

static char *entry_id(const char *profile, uint64_t number)
{
	return str_eq(profile, "system") ? str_printf("kernix-%llu", (unsigned long long)number)
	                                 : str_printf("kernix-%s-%llu", profile, (unsigned long long)number);
}

static void release_one(struct sysgen *g)
{
	mem_free(g->profile);
	mem_free(g->id);
	mem_free(g->toplevel);
	strv_free(g->variants);
}

void sysgens_release(struct sysgens *l)
{
	for (size_t i = 0; i < l->len; i++)
		release_one(&l->gens[i]);
	mem_free(l->gens);
	*l = (struct sysgens){0};
}

void sysgens_remove(struct sysgens *l, size_t i)
{
	release_one(&l->gens[i]);
	memmove(l->gens + i, l->gens + i + 1, (l->len - i - 1) * sizeof(*l->gens));
	l->len--;
}

static struct sysgen *insert(
        struct sysgens *l, size_t at, const char *profile, uint64_t number, const char *toplevel)
{
	mem_grow(&l->gens, &l->cap, l->len + 1, sizeof(*l->gens));
	memmove(l->gens + at + 1, l->gens + at, (l->len - at) * sizeof(*l->gens));
	l->len++;
	l->gens[at] = (struct sysgen){
	        .profile = mem_strdup(profile),
	        .number = number,
	        .id = entry_id(profile, number),
	        .toplevel = mem_strdup(toplevel),
	};
	return &l->gens[at];
}

// A generation's link may itself have been made with a path below the real store folder.
static char *logical(struct store *s, const char *path)
{
	const char *rest = str_after(path, store_real_dir(s));

	return rest && *rest == '/' ? str_printf("%s%s", store_dir(s), rest) : mem_strdup(path);
}

// The links in its specialisation/ lead to systems of their own.
static int read_variants(struct store *s, struct sysgen *g, struct err *e)
{
	_cleanup_free_ char *top = store_real_path(s, g->toplevel), *dir = fs_join(top, "specialisation");
	_cleanup_strv_ char **names = NULL;
	int r = fs_list_maybe(dir, &names, e);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *link = fs_join(dir, names[i]), *target = NULL;
		r = fs_readlink_maybe(link, &target, e);
		if (r > 0)
			strv_add(&g->variants, target);
		r = MIN(r, 0);
	}
	return r;
}

bool sysgen_runs(const struct sysgen *g, const char *booted)
{
	return booted && (str_eq(g->toplevel, booted) || strv_has(g->variants, booted));
}

static int read_profile(struct store *s, const char *name, struct sysgens *l, struct err *e)
{
	_cleanup_free_ char *path = NULL;
	struct generation_list all;
	int r = sysgen_profile_path(s, name, &path, e);

	if (r == 0)
		r = profile_list(path, &all, e);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < all.len; i++) {
		_cleanup_free_ char *toplevel = logical(s, all.gens[i].path);
		struct sysgen *g = insert(l, l->len, name, all.gens[i].number, toplevel);
		g->created = all.gens[i].created;
		g->current = all.gens[i].current;
		r = read_variants(s, g, e);
	}
	generation_list_release(&all);
	return r;
}

int sysgens_read(struct store *s, struct sysgens *ret, struct err *e)
{
	_cleanup_free_ char *dir = profiles_dir(s), *others = fs_join(dir, "system-profiles");
	_cleanup_strv_ char **names = NULL;
	_cleanup_sysgens_ struct sysgens l = {0};
	int r = read_profile(s, "system", &l, e);

	if (r == 0)
		r = fs_list_maybe(others, &names, e);
	for (size_t i = 0; r == 0 && names && names[i]; i++)
		if (!str_has_suffix(names[i], "-link") && !str_has_suffix(names[i], ".lock") &&
		        !str_has_suffix(names[i], ".rollback") && is_name(names[i]))
			r = read_profile(s, names[i], &l, e);
	if (r < 0)
		return r;
	*ret = l;
	l = (struct sysgens){0};
	return 0;
}

static size_t end_of_profile(const struct sysgens *l, const char *profile)
{
	size_t end = 0;

	for (size_t i = 0; i < l->len; i++)
		if (str_eq(l->gens[i].profile, profile))
			end = i + 1;
	return end ? end : l->len;
}

uint64_t sysgens_next(const struct sysgens *l, const char *profile, const char *toplevel)
{
	size_t end = end_of_profile(l, profile);

	if (!end || !str_eq(l->gens[end - 1].profile, profile))
		return 1;
	return l->gens[end - 1].number + !str_eq(l->gens[end - 1].toplevel, toplevel);
}

void sysgens_add(
        struct sysgens *l, const char *profile, uint64_t number, const char *toplevel, time_t created)
{
	_cleanup_free_ char *id = entry_id(profile, number);

	if (!sysgens_find(l, id))
		insert(l,
		        str_eq(profile, "system") && end_of_profile(l, profile) == l->len && l->len &&
		                        !str_eq(l->gens[0].profile, "system")
		                ? 0
		                : end_of_profile(l, profile),
		        profile, number, toplevel)
		        ->created = created;
}

const struct sysgen *sysgens_find(const struct sysgens *l, const char *id)
{
	for (size_t i = 0; id && i < l->len; i++)
		if (str_eq(l->gens[i].id, id))
			return &l->gens[i];
	return NULL;
}

const struct sysgen *sysgens_find_path(const struct sysgens *l, const char *toplevel)
{
	const struct sysgen *found = NULL;

	for (size_t i = 0; toplevel && i < l->len; i++)
		if (str_eq(l->gens[i].toplevel, toplevel) && (!found || l->gens[i].created >= found->created))
			found = &l->gens[i];
	return found;
}
