// SPDX-License-Identifier: GPL-2.0-or-later
// nixos-rebuild boot, switch, test, dry-activate, uninstall: everything is looked at and planned before the
// first byte is written.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/activate.h"
#include "boot/bootspec.h"
#include "cmd/cmd.h"
#include "cmd/machine.h"
#include "cmd/rebuild.h"
#include "cmd/streams.h"
#include "store/store.h"

// What is to be done, looked up once.
struct change {
	struct rebuild *rb;
	char *toplevel, *active; // of the generation, and what is activated (a specialisation of it)
	char *profile_path;
	uint64_t number;     // of the generation
	struct sysgens gens; // with the new one
	struct boot *boot;
	struct boot_plan *plan;
	struct activation *activation;
};

static bool does(const struct change *c, unsigned what)
{
	return (c->rb->action->does & what) != 0;
}

static bool is_dry(const struct rebuild *rb)
{
	return rb->dry_run || (rb->action->does & DOES_NOTHING);
}

static void change_release(struct change *c)
{
	activation_free(c->activation);
	boot_plan_free(c->plan);
	boot_close(c->boot);
	sysgens_release(&c->gens);
	mem_free(c->toplevel);
	mem_free(c->active);
	mem_free(c->profile_path);
}

// What nobody should learn only after a long build.
static int check_before(struct change *c, struct err *e)
{
	_cleanup_boot_ struct boot *probe = NULL;
	struct rebuild *rb = c->rb;
	int r = boot_target_open(rb->root, rb->store_uri, rb->loader, &rb->t, e);

	if (r == 0)
		r = sysgen_profile_path(rb->t.store, rb->profile, &c->profile_path, e);
	if (r == 0 && !is_dry(rb)) {
		_cleanup_free_ char *what = str_printf("nixos-rebuild %s", rb->action->name);
		r = boot_target_may_change(&rb->t, what, e);
	}
	if (r < 0)
		return r;
	struct boot_opts opts = boot_target_opts(&rb->t);
	if (r < 0 || !does(c, DOES_BOOT))
		return r;
	_cleanup_err_ struct err why = {0};
	r = boot_open(&opts, false, &probe, &why);
	// Which of several is meant the configuration may say.
	return r == -EEXIST && !rb->loader ? 0 : r < 0 ? err_move(e, &why) : 0;
}

// --- which system

static int previous_system(struct change *c, struct err *e)
{
	const struct sysgen *before = NULL, *current = NULL;

	for (size_t i = 0; i < c->gens.len; i++)
		if (str_eq(c->gens.gens[i].profile, c->rb->profile) && c->gens.gens[i].current)
			current = &c->gens.gens[i];
	for (size_t i = 0; current && i < c->gens.len; i++)
		if (str_eq(c->gens.gens[i].profile, c->rb->profile) &&
		        c->gens.gens[i].number < current->number)
			before = &c->gens.gens[i];
	if (!current)
		return err_set(e, -ENOENT,
		        "the profile '%s' has no generations yet, so there is nothing to go back to",
		        c->profile_path);
	bool finish = false;
	if (rollback_interrupted(c->profile_path, current->number, &finish, e) < 0)
		return e->code;
	if (finish) {
		log_note("the rollback to generation %llu was interrupted when it had switched; it is "
		         "finished "
		         "now",
		        (unsigned long long)current->number);
		before = current;
	}
	if (!before) {
		err_set(e, -ENOENT, "no generation is older than the current one (%llu)",
		        (unsigned long long)current->number);
		return err_hint(e, "'nixos-rebuild uninstall' goes back to the distribution's own kernel.");
	}
	c->toplevel = mem_strdup(before->toplevel);
	c->number = before->number;
	return 0;
}

static int find_active(struct change *c, struct err *e)
{
	const char *name = c->rb->specialisation;

	if (!name) {
		c->active = mem_strdup(c->toplevel);
		return 0;
	}
	c->active = str_printf("%s/specialisation/%s", c->toplevel, name);
	_cleanup_free_ char *real = NULL;
	int r = store_file(c->rb->t.store, c->active, &real, e);
	if (r == 0 && !strchr(name, '/'))
		r = fs_is_dir_maybe(real, e);
	if (r != 0)
		return MIN(r, 0);
	_cleanup_bootspec_ struct bootspec spec = {0};
	_cleanup_err_ struct err ignored = {0};
	_cleanup_free_ char *names =
	        bootspec_read(c->rb->t.store, c->toplevel, &spec, &ignored) == 0 && spec.specialisations
	                ? strv_join(spec.specialisations, ", ")
	                : NULL;
	err_set(e, -ENOENT, "the configuration has no specialisation '%s'", name);
	return err_hint(e, "It has: %s.", names ? names : "none");
}

// The warnings that building the system found about parameters, modules and sysctls.
static void print_warnings(struct change *c)
{
	_cleanup_free_ char *logical = fs_join(c->toplevel, "warnings"), *real = NULL;
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf text = {0};

	if (store_file(c->rb->t.store, logical, &real, &ignored) == 0 &&
	        fs_read(real, 1 << 20, &text, &ignored) == 0 && text.len)
		fprintf(stderr, "%s", buf_str(&text));
}

// --- planning

// The loader that --loader says, else the configuration, else the one that is there.
static int open_boot(struct change *c, struct boot_opts *opts, struct err *e)
{
	_cleanup_bootspec_ struct bootspec spec = {0};
	_cleanup_err_ struct err why = {0};
	int r = c->rb->loader ? 0 : bootspec_read(c->rb->t.store, c->toplevel, &spec, e);

	if (r < 0)
		return r;
	if (spec.loader)
		opts->loader = spec.loader;
	r = boot_open(opts, !is_dry(c->rb), &c->boot, &why);
	if (r != -ENOENT || !spec.loader)
		return r < 0 ? err_move(e, &why) : 0;
	opts->loader = NULL;
	r = boot_open(opts, !is_dry(c->rb), &c->boot, e);
	if (r == 0)
		log_warn("boot.loader says %s, which is not on this machine: entries are written for %s, "
		         "which is "
		         "(--loader NAME says another)",
		        spec.loader, boot_loader(c->boot)->name);
	return r;
}

static int plan_boot(struct change *c, struct err *e)
{
	_cleanup_choice_ struct boot_choice choice = {0};
	struct boot_opts opts = boot_target_opts(&c->rb->t);

	opts.firmware = c->rb->force ? BOOT_FIRMWARE_FORCED : BOOT_FIRMWARE_CHECKED;
	int r = open_boot(c, &opts, e);

	if (r < 0)
		return r;
	if (!c->rb->rollback) {
		c->number = sysgens_next(&c->gens, c->rb->profile, c->toplevel);
		sysgens_add(&c->gens, c->rb->profile, c->number, c->toplevel, time(NULL));
	}
	for (size_t i = 0; i < c->gens.len; i++)
		if (str_eq(c->gens.gens[i].profile, c->rb->profile) && c->gens.gens[i].number == c->number) {
			if (!c->rb->rollback)
				boot_renew_secrets(c->boot, c->gens.gens[i].id);
			r = boot_choose(
			        c->boot, &c->gens.gens[i], c->rb->permanent, c->rb->tries, &choice, e);
		}
	return r == 0 ? boot_plan_new(c->boot, c->rb->t.store, &c->gens, &choice, &c->plan, e) : r;
}

static int plan_activation(struct change *c, struct err *e)
{
	struct activate_opts o = {
	        .root = c->rb->t.root,
	        .toplevel = c->active,
	        .persistent = does(c, DOES_BOOT),
	        .live = boot_target_is_live(&c->rb->t),
	        .release = c->rb->t.running,
	};

	return activation_plan(c->rb->t.store, &o, &c->activation, e);
}

static int plan(struct change *c, struct err *e)
{
	int r = does(c, DOES_BOOT) ? plan_boot(c, e) : 0;

	return r == 0 && does(c, DOES_ACTIVATE) ? plan_activation(c, e) : r;
}

static void say(const struct change *c, char *const *changes)
{
	FILE *f = is_dry(c->rb) ? stdout : stderr;

	strv_for_each (text, changes)
		fprintf(f, "%s%s\n", is_dry(c->rb) ? "would " : "  ", text);
}

static void say_plan(const struct change *c)
{
	char *const *entries = c->plan ? boot_plan_changes(c->plan) : NULL;
	char *const *files = c->activation ? activation_changes(c->activation) : NULL;

	if (!is_dry(c->rb) && (entries || files))
		fprintf(stderr, "changes:\n");
	if (is_dry(c->rb) && c->plan)
		printf("would make generation %llu of profile %s: %s\n", (unsigned long long)c->number,
		        c->rb->profile, c->toplevel);
	say(c, entries);
	say(c, files);
	strv_for_each (note, c->activation ? activation_notes(c->activation) : NULL)
		log_note("note: %s", note);
}

// --- doing

// So that the collector keeps what runs, as NixOS does it.
static int mark_current(struct change *c, struct err *e)
{
	_cleanup_free_ char *root = fs_join(store_state_dir(c->rb->t.store), "gcroots/current-system");
	int r = fs_symlink_atomic(c->active, "/run/current-system", e);

	return r == 0 ? fs_symlink_atomic("/run/current-system", root, e) : r;
}

static int activate(struct change *c, struct err *e)
{
	_cleanup_strv_ char **failed = NULL;
	int r = activation_apply(c->activation, &failed, e);

	if (r == 0 && boot_target_is_live(&c->rb->t))
		r = mark_current(c, e);
	if (r < 0 || !failed)
		return r;
	_cleanup_free_ char *list = strv_join(failed, "\n");
	return err_set(e, -EIO, "the system is activated but for this:\n%s", list);
}

static int switch_profile(struct change *c, struct err *e)
{
	if (!c->rb->rollback)
		return profile_add(c->rb->t.store, c->profile_path, c->toplevel, false, &c->number, e);
	int r = rollback_begin(c->profile_path, c->number, e);
	return r == 0 ? profile_switch(c->profile_path, c->number, e) : r;
}

static int install(struct change *c, struct err *e)
{
	int r = switch_profile(c, e);

	if (r == 0)
		r = boot_plan_apply(c->plan, e);
	return r == 0 ? confirm_unit_write(&c->rb->t, false, e) : r;
}

// A system that has come up on this machine needs no test.
static int test_boot(struct change *c, struct err *e)
{
	for (size_t i = 0; does(c, DOES_BOOT) && !is_dry(c->rb) && i < c->gens.len; i++) {
		const struct sysgen *g = &c->gens.gens[i];
		if (str_eq(g->profile, c->rb->profile) && g->number == c->number &&
		        !boot_is_good(c->boot, c->toplevel))
			return rebuild_boot_test(c->rb, c->toplevel, c->plan, g->id, e);
	}
	return 0;
}

static void say_done(const struct change *c)
{
	const struct boot_choice *choice = c->boot ? boot_choice(c->boot) : NULL;

	if (choice && choice->trial && choice->tries) {
		const struct sysgen *normal = sysgens_find(&c->gens, choice->normal);
		_cleanup_free_ char *name =
		        normal ? str_printf("generation %llu", (unsigned long long)normal->number)
		               : mem_strdup("the distribution's own kernel");
		log_note("generation %llu starts at the next boot. When it has come up it stays the default; "
		         "if it does not, the boot after "
		         "that starts %s.",
		        (unsigned long long)c->number, name);
	} else if (choice) {
		log_note("generation %llu is the default of every boot", (unsigned long long)c->number);
	}
	printf("Done. The new configuration is %s\n", c->toplevel);
}

static int run(struct change *c, struct err *e)
{
	int r = find_active(c, e);

	if (r == 0)
		print_warnings(c);
	if (r == 0)
		r = rebuild_refuse(c->rb, c->toplevel, is_dry(c->rb), e);
	if (r == 0)
		r = plan(c, e);
	if (r == 0)
		r = test_boot(c, e);
	if (r < 0)
		return r;
	say_plan(c);
	if (is_dry(c->rb))
		return does(c, DOES_BOOT) ? confirm_unit_write(&c->rb->t, true, e) : 0;
	if (does(c, DOES_BOOT))
		r = install(c, e);
	if (r == 0 && does(c, DOES_ACTIVATE))
		r = activate(c, e);
	if (r == 0)
		say_done(c);
	// What is said is part of it: after a failure the same words must not go back one further.
	if (r == 0)
		r = streams_flush(e);
	if (r == 0 && does(c, DOES_BOOT))
		c->rb->switched = mem_strdup(c->profile_path);
	return r;
}

// What the machine's file systems lie on, as lines "lvm", "raid" and "luks<TAB>NAME<TAB>DEVICE". Only the
// running system shows it; where that cannot be read there are none.
static void add_below(const char *root, struct buf *b)
{
	_cleanup_(machine_release) struct machine m = {0};
	_cleanup_err_ struct err e = {0};

	if ((*root && !str_eq(root, "/")) || machine_read("", "", false, &m, &e) < 0)
		return;
	buf_adds(b, m.lvm ? "\nlvm" : "");
	buf_adds(b, m.raid ? "\nraid" : "");
	for (size_t i = 0; i < m.luks_count; i++)
		buf_addf(b, "\nluks\t%s\t%s", m.luks[i].name, m.luks[i].device);
}

// What /etc/fstab of the machine mounts on / is what the initrd is made for, where the configuration does not
// say (nixpkgs/nixos/default.nix).
static int tell_root(const struct rebuild *rb, struct err *e)
{
	_cleanup_free_ char *file = beneath_path(rb->t.root, "/etc/fstab");
	_cleanup_strv_ char **root = NULL;
	_cleanup_buf_ struct buf told = {0};
	int r = fstab_root(file, &root, e);

	unsetenv("KERNIX_ROOT_FILE_SYSTEM");
	if (!root)
		return r;
	buf_addf(&told, "%s\n%s", root[0], root[1]);
	add_below(rb->t.root, &told);
	setenv("KERNIX_ROOT_FILE_SYSTEM", buf_str(&told), 1);
	return 0;
}

// --dry-run builds nothing: *ret stays NULL when there is no system yet to compare with.
static int look_for_system(struct rebuild *rb, char **ret)
{
	_cleanup_free_ char *drv = NULL;
	int status = rebuild_is_built(rb, rb->action->attr, ret, &drv);

	if (status || *ret)
		return status;
	status = rebuild_say_missing(rb, drv);
	if (!status)
		log_note(
		        "note: nothing is built. After 'nixos-rebuild build', --dry-run also says which boot "
		        "entries and files would change; 'nixos-rebuild dry-activate' does both.");
	return status;
}

int rebuild_activate(struct rebuild *rb)
{
	_cleanup_(change_release) struct change c = {.rb = rb};
	_cleanup_err_ struct err e = {0};
	int status = 0;

	if (check_before(&c, &e) < 0)
		return cmd_fail(&e);
	if (!rb->rollback && tell_root(rb, &e) < 0)
		return cmd_fail(&e);
	if (!rb->rollback)
		status = rb->dry_run ? look_for_system(rb, &c.toplevel)
		                     : rebuild_build(rb, rb->action->attr, &c.toplevel);
	if (status || (!rb->rollback && !c.toplevel))
		return status;
	if (sysgens_read(rb->t.store, &c.gens, &e) < 0 || (rb->rollback && previous_system(&c, &e) < 0))
		return cmd_fail(&e);
	if (!is_dry(rb) && store_add_temp_root(rb->t.store, c.toplevel, &e) < 0)
		return cmd_fail(&e);
	return run(&c, &e) < 0 ? cmd_fail(&e) : 0;
}

// --- going away again

int rebuild_uninstall(struct rebuild *rb)
{
	_cleanup_(change_release) struct change c = {.rb = rb};
	_cleanup_err_ struct err e = {0}, none = {0};

	if (boot_target_open(rb->root, rb->store_uri, rb->loader, &rb->t, &e) < 0 ||
	        (!is_dry(rb) && boot_target_may_change(&rb->t, "nixos-rebuild uninstall", &e) < 0))
		return cmd_fail(&e);
	struct activate_opts o = {.root = rb->t.root};
	struct boot_opts opts = boot_target_opts(&rb->t);
	bool loader = false;
	int found = boot_open(&opts, false, &c.boot, &none);
	if (found == 0)
		found = boot_is_installed(c.boot, &loader, &none);
	if (found < 0 && found != -ENOENT)
		return cmd_fail(&none); // several loaders, /boot not mounted, ...: entries would stay behind
	if (activation_plan(rb->t.store, &o, &c.activation, &e) < 0)
		return cmd_fail(&e);
	if (loader)
		fprintf(is_dry(rb) ? stdout : stderr, "%sremove the boot entries and %s/kernix\n",
		        is_dry(rb) ? "would " : "  ", boot_place(c.boot)->dir);
	say(&c, activation_changes(c.activation));
	if (is_dry(rb))
		return confirm_unit_remove(&rb->t, true, &e) < 0 ? cmd_fail(&e) : 0;
	_cleanup_strv_ char **failed = NULL;
	if ((loader && boot_uninstall(c.boot, &e) < 0) || activation_apply(c.activation, &failed, &e) < 0 ||
	        confirm_unit_remove(&rb->t, false, &e) < 0)
		return cmd_fail(&e);
	printf("Done. The next boot starts the distribution's own kernel. Generations are kept; "
	       "'nix-collect-garbage -d' deletes the old ones.\n");
	return 0;
}
