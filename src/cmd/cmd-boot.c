// SPDX-License-Identifier: GPL-2.0-or-later
// kernix boot: what starts by itself and why; the note that this start came up; entries made anew from the
// generations.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "base/term.h"
#include "boot/trialkeeper.h"
#include "cmd/boot-secure.h"
#include "cmd/boot-target.h"
#include "cmd/cmd.h"
#include "store/store.h"

struct boot_cmd {
	const struct word *word;
	char *root, *uri, *loader, *booted;
	bool dry_run, help, json, force;
	struct boot_keys keys;
	struct boot_target t;
	struct sysgens gens;
	struct boot *boot;
};

static int do_status(struct boot_cmd *c, struct err *e);
static int do_confirm(struct boot_cmd *c, struct err *e);
static int do_refresh(struct boot_cmd *c, struct err *e);
static int do_keys(struct boot_cmd *c, struct err *e);

static const struct word {
	const char *name, *help;
	bool changes, alone; // alone: without a boot loader
	int (*fn)(struct boot_cmd *c, struct err *e);
} words[] = {
        {"status", "the boot loader, its default, what is on trial, Secure Boot", false, false, do_status},
        {"confirm", "this start came up: what was on trial becomes the default", true, false, do_confirm},
        {"refresh", "writes the boot entries anew from the generations", true, false, do_refresh},
        {"keys", "makes keys for Secure Boot and says, or does, what enrols them", true, true, do_keys},
};

static const char *generation_name(const char *id)
{
	return id ? id : "the distribution's own";
}

static int do_status(struct boot_cmd *c, struct err *e)
{
	const struct boot_choice *choice = boot_choice(c->boot);

	if (c->json)
		return boot_status_json(&c->t, c->boot, &c->gens, e);
	term_printf(stdout, "boot loader: %s (%s)\ndefault: %s\n", boot_loader(c->boot)->name,
	        boot_place(c->boot)->config, generation_name(choice->normal));
	if (choice->trial && choice->tries)
		term_printf(stdout, "next boot: %s, on trial (%u %s left)\n", choice->trial, choice->tries,
		        choice->tries == 1 ? "try" : "tries");
	else if (choice->trial)
		term_printf(stdout, "on trial: %s was started and has not been confirmed\n", choice->trial);
	_cleanup_err_ struct err why = {0};
	if (boot_loader(c->boot)->can_try(boot_place(c->boot), &why) == -EOPNOTSUPP)
		term_printf(stdout, "new generations cannot be tried: %s\n", why.msg);
	for (size_t i = 0; i < c->gens.len; i++) {
		const struct sysgen *g = &c->gens.gens[i];
		term_printf(stdout, "  %-16s %s%s%s\n", g->id, g->toplevel,
		        boot_is_good(c->boot, g->toplevel) ? "  has come up" : "",
		        str_eq(g->toplevel, c->t.booted) ? "  running" : "");
	}
	return boot_status_secure(&c->t, e);
}

static int apply(struct boot_cmd *c, const struct boot_choice *choice, struct err *e)
{
	_cleanup_boot_plan_ struct boot_plan *plan = NULL;
	int r = boot_plan_new(c->boot, c->t.store, &c->gens, choice, &plan, e);

	if (r < 0)
		return r;
	strv_for_each (text, boot_plan_changes(plan))
		term_printf(c->dry_run ? stdout : stderr, "%s%s\n", c->dry_run ? "would " : "  ", text);
	return c->dry_run ? 0 : boot_plan_apply(plan, e);
}

static int do_confirm(struct boot_cmd *c, struct err *e)
{
	_cleanup_choice_ struct boot_choice choice = {0};
	_cleanup_free_ char *id = NULL;
	enum boot_outcome outcome = BOOT_OTHER;
	bool installed;
	// First: that nothing can be written is no reason to restart a machine that is up.
	int r = boot_target_is_live(&c->t) ? trialkeeper_stop("/proc", e) : 0;

	if (r == 0)
		r = boot_is_installed(c->boot, &installed, e);

	if (r == 0 && installed)
		r = boot_confirm(c->boot, &c->gens, &choice, &outcome, &id, e);
	if (r < 0 || outcome == BOOT_OTHER)
		return r;
	r = apply(c, &choice, e);
	if (r == 0 && outcome == BOOT_CONFIRMED)
		log_note("%s has come up: it is the default now", id);
	if (r == 0 && outcome == BOOT_FAILED)
		log_warn("%s was started and did not come up; the default is %s", id,
		        generation_name(choice.normal));
	return r;
}

static int do_refresh(struct boot_cmd *c, struct err *e)
{
	return apply(c, boot_choice(c->boot), e);
}

static int do_keys(struct boot_cmd *c, struct err *e)
{
	c->keys.dry_run = c->dry_run;
	return boot_keys(&c->t, &c->keys, e);
}

enum {
	ID_ROOT,
	ID_STORE,
	ID_LOADER,
	ID_BOOTED,
	ID_DIR,
	ID_DRY,
	ID_HELP,
	ID_JSON,
	ID_FORCE,
	ID_OWN,
	ID_ENROL
};

static const struct opt_row rows[] = {
        {"--root", NULL, 1, ID_ROOT, "DIR", "the machine whose / is DIR, with the store in DIR/nix"},
        {"--store", NULL, 1, ID_STORE, "URI", "store: local, local?root=DIR, DIR"},
        {"--loader", NULL, 1, ID_LOADER, "NAME", "boot loader: grub, systemd-boot, extlinux"},
        {"--booted", NULL, 1, ID_BOOTED, "PATH", "the system that runs, in place of what /proc/cmdline says"},
        {"--dir", NULL, 1, ID_DIR, "DIR", "keys: where they are kept (/etc/kernix/secureboot)"},
        {"--own", NULL, 0, ID_OWN, NULL, "keys: the firmware's own (PK, KEK, db) in place of one for shim"},
        {"--enroll", NULL, 0, ID_ENROL, NULL, "keys: and writes them into a firmware in setup mode"},
        {"--json", NULL, 0, ID_JSON, NULL, "status as JSON"},
        {"--force", NULL, 0, ID_FORCE, NULL, "refresh: also a kernel that Secure Boot would refuse"},
        {"--dry-run", NULL, 0, ID_DRY, NULL, "only says what would be done"},
        {"--help", "-h", 0, ID_HELP, NULL, "this text"},
        {NULL, NULL, 0, 0, NULL, NULL},
};

static int option(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct boot_cmd *c = ctx;
	char **texts[] = {[ID_ROOT] = &c->root,
	        [ID_STORE] = &c->uri,
	        [ID_LOADER] = &c->loader,
	        [ID_BOOTED] = &c->booted,
	        [ID_DIR] = &c->keys.dir};
	bool *const flags[] = {[ID_DRY] = &c->dry_run,
	        [ID_HELP] = &c->help,
	        [ID_JSON] = &c->json,
	        [ID_FORCE] = &c->force,
	        [ID_OWN] = &c->keys.own,
	        [ID_ENROL] = &c->keys.enroll};

	if (row && (size_t)row->id < ARRAY_SIZE(texts)) {
		mem_free(*texts[row->id]);
		*texts[row->id] = mem_strdup(args[0]);
	} else if (row) {
		*flags[row->id] = true;
	} else {
		for (size_t i = 0; !c->word && i < ARRAY_SIZE(words); i++)
			if (str_eq(words[i].name, args[0]))
				c->word = &words[i];
		if (!c->word || !str_eq(c->word->name, args[0]))
			return err_set(
			        e, -EINVAL, "unknown word '%s': status, confirm, refresh or keys", args[0]);
	}
	return 0;
}

static void usage(void)
{
	_cleanup_free_ char *options = opt_help(rows);

	printf("Usage: kernix boot WORD [OPTION]...\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		printf("  %-10s %s\n", words[i].name, words[i].help);
	printf("\n%s", options);
}

static int run(struct boot_cmd *c, struct err *e)
{
	int r = boot_target_open(c->root, c->uri, c->loader, &c->t, e);

	if (r < 0)
		return r;
	if (c->booted) {
		mem_free(c->t.booted);
		c->t.booted = TAKE_PTR(c->booted);
	}
	bool writes = c->word->changes && !c->dry_run;
	if (writes)
		r = boot_target_may_change(&c->t, "changing boot entries", e);
	if (r == 0 && c->word->alone)
		return c->word->fn(c, e);
	if (r == 0)
		r = sysgens_read(c->t.store, &c->gens, e);
	struct boot_opts opts = boot_target_opts(&c->t);
	if (c->word->fn == do_refresh)
		opts.firmware = c->force ? BOOT_FIRMWARE_FORCED : BOOT_FIRMWARE_CHECKED;
	if (r == 0)
		r = boot_open(&opts, writes, &c->boot, e);
	return r == 0 ? c->word->fn(c, e) : r;
}

int cmd_boot(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	struct boot_cmd c = {.word = NULL};
	int r = opt_parse(rows, argc, argv, option, &c, &e);

	if (r == 0 && (c.help || !c.word))
		usage();
	else if (r == 0)
		r = run(&c, &e);
	boot_close(c.boot);
	sysgens_release(&c.gens);
	boot_target_release(&c.t);
	mem_free(c.root);
	mem_free(c.uri);
	mem_free(c.loader);
	mem_free(c.booted);
	mem_free(c.keys.dir);
	return r < 0 ? cmd_fail(&e) : 0;
}
