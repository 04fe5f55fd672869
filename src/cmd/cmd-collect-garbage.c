// SPDX-License-Identifier: GPL-2.0-or-later
// nix-collect-garbage: old generations of profiles away (of systems: with their boot entries), then
// everything that nothing needs.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "build/builder.h"
#include "build/keep.h"
#include "cmd/boot-target.h"
#include "cmd/cmd.h"
#include "store/conf.h"
#include "store/gc.h"
#include "store/roots.h"
#include "store/store.h"

enum {
	OPT_OLD,
	OPT_OLDER,
	OPT_DRY,
	OPT_MAX,
	OPT_STORE,
	OPT_ROOT,
	OPT_LOADER,
	OPT_OPTION,
	OPT_VERBOSE,
	OPT_QUIET,
	OPT_HELP,
	OPT_VERSION
};

static const struct opt_row rows[] = {
        {"--delete-old", "-d", 0, OPT_OLD, NULL, "deletes all generations but the current ones"},
        {"--delete-older-than", NULL, 1, OPT_OLDER, "Nd", "deletes generations that are older than N days"},
        {"--dry-run", NULL, 0, OPT_DRY, NULL, "only says what would be deleted"},
        {"--max-freed", NULL, 1, OPT_MAX, "BYTES", "stops when so much is free"},
        {"--store", NULL, 1, OPT_STORE, "URI", "store: local, local?root=DIR, DIR"},
        {"--root", NULL, 1, OPT_ROOT, "DIR", "the machine whose / is DIR, with the store in DIR/nix"},
        {"--loader", NULL, 1, OPT_LOADER, "NAME", "boot loader: grub, systemd-boot, extlinux"},
        {"--option", NULL, 2, OPT_OPTION, "NAME VALUE", "keep-outputs, keep-derivations"},
        {"--verbose", "-v", 0, OPT_VERBOSE, NULL, "says more"},
        {"--quiet", NULL, 0, OPT_QUIET, NULL, "says less"},
        {"--help", NULL, 0, OPT_HELP, NULL, "this list"},
        {"--version", NULL, 0, OPT_VERSION, NULL, NULL},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct collect_cmd {
	bool old, older, dry_run, keep_outputs, no_keep_derivations, help, version;
	uint64_t days, max_freed_bytes;
	char *uri;
	char *root, *loader;
	struct boot_target t;
};

// "30d"
static int parse_days(const char *text, uint64_t *ret, struct err *e)
{
	size_t len = strlen(text);
	_cleanup_free_ char *number = mem_strndup(text, len ? len - 1 : 0);

	if (len < 2 || text[len - 1] != 'd' || str_to_u64(number, ret) < 0 || *ret < 1 || *ret > 100000)
		return err_set(e, -EINVAL,
		        "invalid number of days specifier '%s', expected something like '14d'", text);
	return 0;
}

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct collect_cmd *c = ctx;

	if (!row)
		return err_set(e, -EINVAL, "no arguments expected, but got '%s'", args[0]);
	switch (row->id) {
	case OPT_OLD:
		c->old = true;
		break;
	case OPT_OLDER:
		c->older = true;
		return parse_days(args[0], &c->days, e);
	case OPT_DRY:
		c->dry_run = true;
		break;
	case OPT_MAX:
		if (str_to_u64(args[0], &c->max_freed_bytes) < 0)
			return err_set(e, -EINVAL, "flag '--max-freed' requires a number of bytes, not '%s'",
			        args[0]);
		break;
	case OPT_STORE:
	case OPT_ROOT:
	case OPT_LOADER: {
		char **p = row->id == OPT_STORE ? &c->uri : row->id == OPT_ROOT ? &c->root : &c->loader;
		mem_free(*p);
		*p = mem_strdup(args[0]);
		break;
	}
	case OPT_OPTION:
		if (str_eq(args[0], "keep-outputs"))
			c->keep_outputs = str_eq(args[1], "true");
		else if (str_eq(args[0], "keep-derivations"))
			c->no_keep_derivations = !str_eq(args[1], "true");
		break;
	case OPT_VERBOSE:
		log_set_level(LOG_INFO);
		break;
	case OPT_QUIET:
		log_set_level(LOG_WARN);
		break;
	case OPT_HELP:
		c->help = true;
		break;
	case OPT_VERSION:
		c->version = true;
		break;
	}
	return 0;
}

static int delete_generations(struct collect_cmd *c, const char *profile, struct err *e)
{
	log_note("removing old generations of profile %s", profile);
	time_t before = time(NULL) - (time_t)c->days * 24 * 3600;
	return c->older ? boot_prune(&c->t, profile, &prune_older, &before, c->dry_run, e)
	                : boot_prune(&c->t, profile, &prune_all, NULL, c->dry_run, e);
}

// Does this link lead to a generation of its own beside it, NAME-N-link? Others may lead anywhere.
static bool is_profile(const char *path, const char *target)
{
	_cleanup_free_ char *dir = str_dirname(path), *to = str_dirname(target);
	const char *rest = str_after(str_basename(target), str_basename(path));

	return rest && *rest == '-' && str_has_suffix(rest, "-link") && (str_eq(to, ".") || str_eq(to, dir));
}

// Every link of dir that leads to a generation is a profile.
static int delete_below(struct collect_cmd *c, const char *dir, int depth, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = depth < 16 ? fs_list_maybe(dir, &names, e) : 0;
	bool writable = access(dir, W_OK) == 0;

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *path = fs_join(dir, names[i]), *target = NULL;
		struct stat st;
		r = fs_lstat_maybe(path, &st, e);
		if (r > 0 && S_ISDIR(st.st_mode)) {
			r = delete_below(c, path, depth + 1, e);
			continue;
		}
		if (r > 0)
			r = writable ? fs_readlink_maybe(path, &target, e) : 0;
		if (r > 0)
			r = is_profile(path, target) ? delete_generations(c, path, e) : 0;
	}
	return r;
}

static int delete_old(struct collect_cmd *c, struct err *e)
{
	_cleanup_free_ char *profiles = fs_join(store_state_dir(c->t.store), "profiles");
	const char *state = getenv("XDG_STATE_HOME");
	_cleanup_free_ char *home = home_dir();
	_cleanup_free_ char *mine = state && *state ? fs_join(state, "nix/profiles")
	                            : home          ? fs_join(home, ".local/state/nix/profiles")
	                                            : NULL;
	int r = delete_below(c, profiles, 0, e);

	if (r == 0 && mine && !*store_root(c->t.store))
		r = delete_below(c, mine, 0, e);
	return r;
}

// Objects of earlier builds are space, too, that nobody else gives back.
static int collect_objects(struct collect_cmd *c, struct err *e)
{
	uint64_t bytes;
	size_t n;
	int r = keep_drop_all(store_state_dir(c->t.store), &n, &bytes, e);

	if (r == 0 && n)
		printf("%zu kept object trees deleted, %.2f MiB freed\n", n,
		        (double)bytes / (1024.0 * 1024.0));
	return r;
}

static int collect(struct collect_cmd *c, struct err *e)
{
	struct gc_opts opts = {
	        .action = c->dry_run ? GC_RETURN_DEAD : GC_DELETE_DEAD,
	        .keep_outputs = c->keep_outputs,
	        .keep_derivations = !c->no_keep_derivations,
	        .max_freed_bytes = c->max_freed_bytes,
	        .leftover = build_leftover,
	};
	struct gc_result result;
	int r = boot_target_open_with(c->root, c->uri, c->loader, c->dry_run ? 0 : STORE_RECLAIM, &c->t, e);

	if (r == 0 && (c->old || c->older))
		r = delete_old(c, e);
	if (r == 0)
		r = gc_run(c->t.store, &opts, &result, e);
	if (r < 0)
		return r;
	if (c->dry_run)
		strv_for_each (p, result.paths)
			puts(p);
	else
		printf("%zu store paths deleted, %.2f MiB freed\n", strv_len(result.paths),
		        (double)result.freed_bytes / (1024.0 * 1024.0));
	gc_result_release(&result);
	return c->dry_run || c->max_freed_bytes != UINT64_MAX ? 0 : collect_objects(c, e);
}

int cmd_collect_garbage(int argc, char **argv)
{
	struct collect_cmd c = {
	        .max_freed_bytes = UINT64_MAX,
	        .keep_outputs = store_conf_bool("keep-outputs", false),
	        .no_keep_derivations = !store_conf_bool("keep-derivations", true),
	};
	struct err e = {0};
	int r = opt_parse(rows, argc, argv, take, &c, &e);

	if (r == 0 && c.help) {
		_cleanup_free_ char *help = opt_help(rows);
		printf("Usage: nix-collect-garbage [OPTIONS...]\n\n%s", help);
	} else if (r == 0 && c.version) {
		printf("nix-collect-garbage (kernix) %s\n", KERNIX_VERSION);
	} else if (r == 0) {
		r = collect(&c, &e);
	}
	boot_target_release(&c.t);
	mem_free(c.uri);
	mem_free(c.root);
	mem_free(c.loader);
	return r < 0 ? cmd_fail(&e) : 0;
}
