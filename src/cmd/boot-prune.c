// SPDX-License-Identifier: GPL-2.0-or-later
// Deletes generations of a profile, and of a system's profile the boot entries with them. Entries go before
// links: a generation without an entry is harmless, an entry without its system is not.
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/boot-target.h"
#include "store/store.h"

static bool match_all(const struct generation_list *all, size_t i, const void *ctx)
{
	return true;
}

// The newest one that is older than the moment was the current one then: it stays.
static bool match_older(const struct generation_list *all, size_t i, const void *ctx)
{
	time_t before = *(const time_t *)ctx;

	for (size_t k = i + 1; k < all->len; k++)
		if (all->gens[k].created < before)
			return true;
	return false;
}

const struct prune_rule prune_all = {match_all, false};
const struct prune_rule prune_older = {match_older, true};

// The boot file system when it has entries of ours; NULL: generations are only links.
static int open_entries(const struct boot_target *t, bool dry_run, struct boot **ret, struct err *e)
{
	_cleanup_boot_ struct boot *probe = NULL;
	_cleanup_err_ struct err why = {0};
	struct boot_opts opts = boot_target_opts(t);

	bool installed = false;

	*ret = NULL;
	int r = boot_open(&opts, false, &probe, &why);
	if (r == 0)
		r = boot_is_installed(probe, &installed, &why);
	// No loader, or several and none with entries of ours. Entries need root: who is not has none.
	if (r == -ENOENT || r == -EEXIST || (r == -EACCES && geteuid() != 0))
		return 0;
	if (r < 0)
		return err_move(e, &why);
	if (!installed)
		return 0;
	if (dry_run) {
		*ret = TAKE_PTR(probe);
		return 0;
	}
	return boot_open(&opts, true, ret, e);
}

struct pruning {
	const struct boot_target *t;
	struct boot *boot; // NULL: no entries
	char *name;        // of the system profile
	struct sysgens gens;
};

static size_t place_of(const struct pruning *p, uint64_t number)
{
	for (size_t i = 0; i < p->gens.len; i++)
		if (str_eq(p->gens.gens[i].profile, p->name) && p->gens.gens[i].number == number)
			return i;
	return p->gens.len;
}

// Takes the generation out of p->gens; false when it is needed to boot.
static bool give_up(struct pruning *p, const struct generation *g)
{
	size_t i = p->boot ? place_of(p, g->number) : p->gens.len;
	const char *why;

	if (i == p->gens.len)
		return true;
	if (boot_protects(p->boot, &p->gens.gens[i], &why)) {
		log_note("keeping profile version %llu: %s", (unsigned long long)g->number, why);
		return false;
	}
	sysgens_remove(&p->gens, i);
	return true;
}

static int update_entries(struct pruning *p, struct err *e)
{
	_cleanup_boot_plan_ struct boot_plan *plan = NULL;
	int r = boot_plan_new(p->boot, p->t->store, &p->gens, boot_choice(p->boot), &plan, e);

	if (r == 0)
		r = boot_plan_apply(plan, e);
	return r < 0 ? err_wrap(e, "updating the boot entries, no generation was deleted") : 0;
}

static int prune(struct pruning *p, const struct generation_list *all, const struct prune_rule *rule,
        const void *ctx, bool dry_run, struct err *e)
{
	_cleanup_free_ bool *gone = mem_array(all->len + 1, sizeof(*gone));
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; i < all->len; i++) {
		gone[i] = !all->gens[i].current && rule->matches(all, i, ctx) && give_up(p, &all->gens[i]);
		count += gone[i];
	}
	if (count && p->boot && !dry_run)
		r = update_entries(p, e);
	for (size_t k = 0; r == 0 && k < all->len; k++) {
		size_t i = rule->newest_first ? all->len - 1 - k : k;
		if (!gone[i])
			continue;
		log_note("%s profile version %llu", dry_run ? "would remove" : "removing",
		        (unsigned long long)all->gens[i].number);
		if (!dry_run && unlink(all->gens[i].link) < 0 && errno != ENOENT)
			r = err_sys(e, errno, "removing '%s'", all->gens[i].link);
	}
	if (r == 0 && count && !dry_run) {
		_cleanup_free_ char *dir = str_dirname(all->gens[0].link);
		r = fs_sync(dir, e); // or else a power cut brings them back
	}
	return r;
}

int boot_prune(const struct boot_target *t, const char *profile, const struct prune_rule *rule,
        const void *ctx, bool dry_run, struct err *e)
{
	struct pruning p = {.t = t};
	struct generation_list all = {0};
	_cleanup_close_ int lock = -1;
	_cleanup_free_ char *file = str_printf("%s.lock", profile);
	int r = dry_run ? 0 : fs_lock(file, true, true, &lock, e);

	if (r == 0)
		r = profile_list(profile, &all, e);
	if (r == 0 && sysgen_profile_name(t->store, profile, &p.name)) {
		r = sysgens_read(t->store, &p.gens, e);
		if (r == 0)
			r = open_entries(t, dry_run, &p.boot, e);
	}
	if (r == 0)
		r = prune(&p, &all, rule, ctx, dry_run, e);
	boot_close(p.boot);
	sysgens_release(&p.gens);
	mem_free(p.name);
	generation_list_release(&all);
	return r;
}
