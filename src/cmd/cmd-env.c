// SPDX-License-Identifier: GPL-2.0-or-later
// nix-env as far as profiles go: lists generations, switches between them, deletes them. Installing packages
// is the distribution's business.

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "cmd/boot-target.h"
#include "cmd/cmd.h"
#include "cmd/streams.h"
#include "store/roots.h"
#include "store/store.h"

struct env {
	const struct operation *op;
	char *profile, *uri, *root, *loader;
	char **words;
	bool dry_run, help, version;
	struct boot_target t;
};

struct operation {
	const char *name, *alias, *args, *help;
	int (*fn)(struct env *c, struct err *e);
};

static int do_list(struct env *c, struct err *e);
static int do_rollback(struct env *c, struct err *e);
static int do_switch(struct env *c, struct err *e);
static int do_delete(struct env *c, struct err *e);
static int do_set(struct env *c, struct err *e);
static int do_refuse(struct env *c, struct err *e);

static const struct operation operations[] = {
        {"--list-generations", NULL, "", "lists the generations of the profile", do_list},
        {"--rollback", NULL, "", "switches to the generation before the current one", do_rollback},
        {"--switch-generation", "-G", "N", "switches to generation N", do_switch},
        {"--delete-generations", NULL, "N... | old | Nd | +N", "deletes generations", do_delete},
        {"--set", NULL, "PATH", "makes a generation that is this store path", do_set},
        {"--install", "-i", "", NULL, do_refuse},
        {"--uninstall", "-e", "", NULL, do_refuse},
        {"--upgrade", "-u", "", NULL, do_refuse},
        {"--query", "-q", "", NULL, do_refuse},
        {"--switch-profile", "-S", "", NULL, do_refuse},
};

static int do_refuse(struct env *c, struct err *e)
{
	err_set(e, -ENOSYS, "nix-env %s is not here: kernix keeps systems, the distribution keeps packages",
	        c->op->name);
	return err_hint(e, "What works: --list-generations, --rollback, --switch-generation, "
	                   "--delete-generations, --set.");
}

static int no_arguments(struct env *c, struct err *e)
{
	return c->words ? err_set(e, -EINVAL, "no arguments expected") : 0;
}

static int do_list(struct env *c, struct err *e)
{
	struct generation_list all = {0};
	int r = no_arguments(c, e);

	if (r == 0)
		r = profile_list(c->profile, &all, e);
	for (size_t i = 0; r == 0 && i < all.len; i++) {
		struct tm tm;
		char date[32];
		localtime_r(&all.gens[i].created, &tm);
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
		printf("%4llu   %s   %s\n", (unsigned long long)all.gens[i].number, date,
		        all.gens[i].current ? "(current)" : "");
	}
	generation_list_release(&all);
	return r;
}

// A system's boot entries do not follow by themselves, as with Nix.
static void say_boot(struct env *c)
{
	_cleanup_free_ char *name = NULL;

	if (sysgen_profile_name(c->t.store, c->profile, &name))
		log_note("the profile is switched; 'nixos-rebuild boot --rollback' switches what is booted "
		         "too");
}

static int switch_to(
        struct env *c, const struct generation_list *all, const struct generation *g, struct err *e)
{
	unsigned long long from = 0;

	for (size_t i = 0; i < all->len; i++)
		if (all->gens[i].current)
			from = all->gens[i].number;
	log_note("switching profile from version %llu to %llu", from, (unsigned long long)g->number);
	if (c->dry_run)
		return 0;
	int r = profile_switch(c->profile, g->number, e);
	if (r == 0)
		say_boot(c);
	return r;
}

static int go_back(
        struct env *c, const struct generation_list *all, const struct generation *g, struct err *e)
{
	int r = c->dry_run ? 0 : rollback_begin(c->profile, g->number, e);

	return r == 0 ? switch_to(c, all, g, e) : r;
}

static int do_rollback(struct env *c, struct err *e)
{
	struct generation_list all = {0};
	const struct generation *before = NULL, *current = NULL;
	bool finish = false;
	int r = no_arguments(c, e);

	if (r == 0)
		r = profile_list(c->profile, &all, e);
	for (size_t i = 0; r == 0 && i < all.len; i++)
		if (all.gens[i].current)
			current = &all.gens[i];
	for (size_t i = 0; current && i < all.len; i++)
		if (all.gens[i].number < current->number)
			before = &all.gens[i];
	if (r == 0 && current)
		r = rollback_interrupted(c->profile, current->number, &finish, e);
	if (r == 0 && finish)
		log_note("the rollback to version %llu was interrupted when it had switched; it is complete "
		         "now",
		        (unsigned long long)current->number);
	else if (r == 0 && before)
		r = go_back(c, &all, before, e);
	else if (r == 0)
		r = current ? err_set(e, -ENOENT, "no profile version older than the current (%llu) exists",
		                      (unsigned long long)current->number)
		            : err_set(e, -ENOENT, "the profile '%s' has no generations", c->profile);
	generation_list_release(&all);
	return r;
}

static int do_switch(struct env *c, struct err *e)
{
	struct generation_list all = {0};
	const struct generation *found = NULL;
	uint64_t number;

	if (strv_len(c->words) != 1)
		return err_set(e, -EINVAL, "exactly one argument expected");
	if (str_to_u64(c->words[0], &number) < 0)
		return err_set(e, -EINVAL, "expected a generation number, not '%s'", c->words[0]);
	int r = profile_list(c->profile, &all, e);
	for (size_t i = 0; r == 0 && i < all.len; i++)
		if (all.gens[i].number == number)
			found = &all.gens[i];
	if (r == 0 && !found) {
		r = err_set(e, -ENOENT, "profile version %llu does not exist", (unsigned long long)number);
		err_hint(e, "'nix-env -p %s --list-generations' lists those that do.", c->profile);
	}
	if (r == 0)
		r = switch_to(c, &all, found, e);
	generation_list_release(&all);
	return r;
}

static bool match_numbers(const struct generation_list *all, size_t i, const void *ctx)
{
	_cleanup_free_ char *number = str_printf("%llu", (unsigned long long)all->gens[i].number);

	return strv_has((char *const *)ctx, number);
}

// "+N": all but the N newest up to the current one; newer ones than the current stay.
static bool match_beyond(const struct generation_list *all, size_t i, const void *ctx)
{
	uint64_t keep = *(const uint64_t *)ctx, newer = 0;
	bool before_current = false;

	for (size_t k = i + 1; k < all->len; k++) {
		newer += !before_current;
		before_current = before_current || all->gens[k].current;
	}
	return before_current && newer >= keep;
}

static const struct prune_rule prune_numbers = {match_numbers, false}, prune_beyond = {match_beyond, true};

static int check_numbers(struct env *c, struct err *e)
{
	struct generation_list all = {0};
	int r = profile_list(c->profile, &all, e);

	for (size_t i = 0; r == 0 && c->words[i]; i++) {
		uint64_t number;
		if (str_to_u64(c->words[i], &number) < 0)
			r = err_set(e, -EINVAL, "invalid generation number '%s'", c->words[i]);
		for (size_t k = 0; r == 0 && k < all.len; k++)
			if (all.gens[k].current && all.gens[k].number == number)
				r = err_set(e, -EBUSY, "cannot delete current version of profile %s'",
				        c->profile);
	}
	generation_list_release(&all);
	return r;
}

// Not an error, as with Nix; but nobody means a profile that is not there.
static int say_if_none(struct env *c, struct err *e)
{
	struct generation_list all = {0};
	int r = profile_list(c->profile, &all, e);

	if (r == 0 && !all.len)
		log_warn("the profile '%s' has no generations; nothing was deleted", c->profile);
	generation_list_release(&all);
	return r;
}

static int do_delete(struct env *c, struct err *e)
{
	const char *first = c->words ? c->words[0] : NULL;
	size_t len = first ? strlen(first) : 0;
	uint64_t n;

	if (!first)
		return 0;
	if (say_if_none(c, e) < 0)
		return e->code;
	_cleanup_free_ char *digits = mem_strndup(first, len ? len - 1 : 0);
	if (strv_len(c->words) == 1 && str_eq(first, "old"))
		return boot_prune(&c->t, c->profile, &prune_all, NULL, c->dry_run, e);
	if (strv_len(c->words) == 1 && len > 1 && first[len - 1] == 'd' && isdigit((unsigned char)*first)) {
		if (str_to_u64(digits, &n) < 0 || n < 1 || n > 100000)
			return err_set(e, -EINVAL, "invalid number of days specifier '%s'", first);
		time_t before = time(NULL) - (time_t)n * 24 * 3600;
		return boot_prune(&c->t, c->profile, &prune_older, &before, c->dry_run, e);
	}
	if (strv_len(c->words) == 1 && *first == '+') {
		if (str_to_u64(first + 1, &n) < 0 || n == 0)
			return err_set(e, -EINVAL, "invalid number of generations to keep '%s'", first);
		return boot_prune(&c->t, c->profile, &prune_beyond, &n, c->dry_run, e);
	}
	int r = check_numbers(c, e);
	return r == 0 ? boot_prune(&c->t, c->profile, &prune_numbers, c->words, c->dry_run, e) : r;
}

static int do_set(struct env *c, struct err *e)
{
	if (strv_len(c->words) != 1)
		return err_set(e, -EINVAL, "exactly one argument expected");
	_cleanup_free_ char *abs = NULL, *path = NULL;
	if (fs_absolute(c->words[0], &abs, e) < 0 ||
	        store_path_of(store_dir(c->t.store), abs, &path, NULL, e) < 0)
		return e->code;
	int r = store_check_valid(c->t.store, path, e);
	return r < 0 || c->dry_run ? r : profile_add(c->t.store, c->profile, abs, false, NULL, e);
}

// --- the command line

enum {
	ID_OPERATION,
	ID_PROFILE,
	ID_STORE,
	ID_ROOT,
	ID_LOADER,
	ID_DRY,
	ID_OPTION,
	ID_VERBOSE,
	ID_QUIET,
	ID_HELP,
	ID_VERSION
};

static const struct opt_row plain_rows[] = {
        {"--profile", "-p", 1, ID_PROFILE, "PATH",
                "the profile; default: $NIX_PROFILE, else the default profile"},
        {"--store", NULL, 1, ID_STORE, "URI", "store: local, local?root=DIR, DIR"},
        {"--root", NULL, 1, ID_ROOT, "DIR", "the machine whose / is DIR"},
        {"--loader", NULL, 1, ID_LOADER, "NAME", "boot loader: grub, systemd-boot, extlinux"},
        {"--dry-run", NULL, 0, ID_DRY, NULL, "only says what would be done"},
        {"--option", NULL, 2, ID_OPTION, "NAME VALUE", NULL},
        {"--verbose", "-v", 0, ID_VERBOSE, NULL, NULL},
        {"--quiet", NULL, 0, ID_QUIET, NULL, NULL},
        {"--help", NULL, 0, ID_HELP, NULL, "this list"},
        {"--version", NULL, 0, ID_VERSION, NULL, NULL},
};

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct env *c = ctx;
	char **texts[] = {[ID_PROFILE] = &c->profile,
	        [ID_STORE] = &c->uri,
	        [ID_ROOT] = &c->root,
	        [ID_LOADER] = &c->loader};
	bool *flags[] = {[ID_DRY] = &c->dry_run, [ID_HELP] = &c->help, [ID_VERSION] = &c->version};

	if (!row) {
		strv_add(&c->words, args[0]);
	} else if (row->id == ID_OPERATION) {
		for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
			if (str_eq(row->name, operations[i].name)) {
				if (c->op)
					return err_set(e, -EINVAL, "only one operation may be specified");
				c->op = &operations[i];
			}
	} else if ((size_t)row->id < ARRAY_SIZE(texts) && texts[row->id]) {
		mem_free(*texts[row->id]);
		*texts[row->id] = mem_strdup(args[0]);
	} else if ((size_t)row->id < ARRAY_SIZE(flags) && flags[row->id]) {
		*flags[row->id] = true;
	} else if (row->id == ID_QUIET) {
		log_set_level(LOG_WARN);
	}
	return 0;
}

static struct opt_row *all_rows(void)
{
	struct opt_row *rows = mem_array(ARRAY_SIZE(operations) + ARRAY_SIZE(plain_rows) + 1, sizeof(*rows));
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		rows[n++] = (struct opt_row){operations[i].name, operations[i].alias, 0, ID_OPERATION,
		        *operations[i].args ? operations[i].args : NULL, operations[i].help};
	memcpy(rows + n, plain_rows, sizeof(plain_rows));
	return rows;
}

static char *default_profile(struct env *c)
{
	const char *env = getenv("NIX_PROFILE");

	return env && *env ? mem_strdup(env) : str_printf("%s/profiles/default", store_state_dir(c->t.store));
}

// With another machine's store a profile in the usual folder is that machine's, not the one of the same name
// here.
static int meant_profile(struct env *c, struct err *e)
{
	static const char usual[] = "/nix/var/nix/";
	_cleanup_free_ char *abs = NULL;
	int r = fs_absolute(c->profile, &abs, e);
	const char *below = r == 0 && *store_root(c->t.store) ? str_after(abs, usual) : NULL;

	if (!below)
		return r;
	mem_free(c->profile);
	c->profile = fs_join(store_state_dir(c->t.store), below);
	log_note("the profile '%s' is meant", c->profile);
	return 0;
}

static int run(struct env *c, struct err *e)
{
	if (!c->op) {
		err_set(e, -EINVAL, "no operation specified");
		return err_hint(e, "Try 'nix-env --help' for more information.");
	}
	int r = boot_target_open(c->root, c->uri, c->loader, &c->t, e);
	if (r == 0 && !c->profile)
		c->profile = default_profile(c);
	if (r == 0)
		r = meant_profile(c, e);
	if (r == 0 && c->dry_run)
		log_note("(dry run; not doing anything)");
	return r == 0 ? c->op->fn(c, e) : r;
}

// -iA, -qaP, -f: several letters in one word, as everybody types them for packages.
static int refuse_clusters(struct env *c, int argc, char **argv, struct err *e)
{
	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < ARRAY_SIZE(operations); k++) {
			const char *alias = operations[k].alias;

			if (operations[k].fn == do_refuse && strlen(argv[i]) > 2 &&
			        str_has_prefix(argv[i], alias)) {
				c->op = &operations[k];
				return do_refuse(c, e);
			}
		}
	return 0;
}

int cmd_env(int argc, char **argv)
{
	_cleanup_free_ struct opt_row *rows = all_rows();
	_cleanup_err_ struct err e = {0};
	struct env c = {0};
	int r = refuse_clusters(&c, argc, argv, &e);

	if (r == 0)
		r = opt_parse(rows, argc, argv, take, &c, &e);
	if (r == 0 && c.help) {
		_cleanup_free_ char *help = opt_help(rows);
		printf("Usage: nix-env -p PROFILE OPERATION [ARGUMENTS...]\n\n%s", help);
	} else if (r == 0 && c.version) {
		printf("nix-env (kernix) %s\n", KERNIX_VERSION);
	} else if (r == 0) {
		r = run(&c, &e);
	}
	boot_target_release(&c.t);
	bool switches = c.op && (c.op->fn == do_rollback || c.op->fn == do_switch || c.op->fn == do_set);
	if (r == 0 && switches && c.profile && !c.dry_run)
		r = streams_flush(&e);
	if (r == 0 && switches && c.profile && !c.dry_run)
		r = rollback_done(c.profile, &e);
	mem_free(c.profile);
	mem_free(c.uri);
	mem_free(c.root);
	mem_free(c.loader);
	strv_free(c.words);
	return r < 0 ? cmd_fail(&e) : 0;
}
