// SPDX-License-Identifier: GPL-2.0-or-later
// The units that a system declares, for the distribution's systemd: links below /run/systemd/system, which
// the next boot forgets and stage 2 makes again for the generation that is booted. /etc/systemd stays the
// administrator's.
#include <string.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/activate-steps.h"
#include "boot/bootspec.h"
#include "store/store.h"

#define UNITS         "/run/systemd/system"
#define UNIT_LIMIT_MS 120000 // as long as systemd itself waits for a start, and some

// Units as paths below the folder: NAME, or NAME.wants/UNIT, NAME.d/FILE.
struct units {
	char *here;    // UNITS of the root that is changed
	char *logical; // the folder in the store, "" when the system has none
	char **wanted, **there;
	char **stop, **start, **restart;
};

static void units_release(struct units *u)
{
	mem_free(u->here);
	mem_free(u->logical);
	strv_free(u->wanted);
	strv_free(u->there);
	strv_free(u->stop);
	strv_free(u->start);
	strv_free(u->restart);
}

// Everything in a folder and in the folders of it, as paths below it.
static char **list_two_levels(struct activation *a, const char *dir)
{
	_cleanup_strv_ char **names = activation_names(a, dir);
	char **ret = NULL;

	strv_for_each (name, names) {
		_cleanup_free_ char *path = fs_join(dir, name), *target = activation_link(a, path);
		if (target || !activation_is_dir(a, path)) {
			strv_add(&ret, name);
			continue;
		}
		_cleanup_strv_ char **inner = activation_names(a, path);
		strv_for_each (file, inner)
			strv_take(&ret, fs_join(name, file));
	}
	return ret;
}

// The folder of the units, behind the link that the system's etc is.
static char *units_folder(struct activation *a)
{
	_cleanup_free_ char *etc = str_printf("%s/etc", a->o->toplevel), *real = store_real_path(a->s, etc),
	                    *target = activation_link(a, real);

	return target ? str_printf("%s/systemd/system", target) : str_printf("%s/systemd/system", etc);
}

// Links into the store are ours: nothing else makes such below /run.
static char **list_ours(struct activation *a, const char *here)
{
	_cleanup_strv_ char **all = list_two_levels(a, here);
	char **ours = NULL;

	strv_for_each (name, all) {
		_cleanup_free_ char *path = fs_join(here, name), *target = activation_link(a, path);
		if (target && store_path_inside(store_dir(a->s), target))
			strv_add(&ours, name);
	}
	return ours;
}

static bool is_unit(const char *name)
{
	return !strchr(name, '/');
}

// Whether two paths in the store hold the same text.
static bool same_text(struct activation *a, const char *x, const char *y)
{
	_cleanup_free_ char *file_x = activation_file(a, x), *file_y = activation_file(a, y);
	_cleanup_buf_ struct buf text_x = {0}, text_y = {0};

	return activation_read(a, file_x, &text_x) && activation_read(a, file_y, &text_y) &&
	       str_eq(buf_str(&text_x), buf_str(&text_y));
}

// UNIT.d/FILE
static bool is_drop_in(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash && slash - name > 2 && strncmp(slash - 2, ".d", 2) == 0;
}

// The unit that a path below the folder belongs to: UNIT of UNIT, UNIT.d/FILE; NULL for an enabling link.
static char *unit_of(const char *name)
{
	if (is_unit(name))
		return mem_strdup(name);
	return is_drop_in(name) ? mem_strndup(name, strcspn(name, "/") - 2) : NULL;
}

static void note_changed(struct units *u, const char *name)
{
	_cleanup_free_ char *unit = unit_of(name);

	if (unit && !strv_has(u->restart, unit))
		strv_add(&u->restart, unit);
}

static void plan_link(struct activation *a, struct units *u, const char *name)
{
	_cleanup_free_ char *path = fs_join(u->here, name), *link = beneath_entry(a->o->root, path),
	                    *target = fs_join(u->logical, name), *old = activation_link(a, link);
	bool there = old;

	if (there && str_eq(old, target))
		return;
	if (!is_unit(name) && !is_drop_in(name)) { // UNIT.wants/OTHER: what it enables is started
		const char *enabled = str_basename(name);
		if (!there && !strv_has(u->start, enabled))
			strv_add(&u->start, enabled);
		activation_step(a, STEP_LINK, link, target, NULL);
		return;
	}
	bool same = there && same_text(a, old, target);
	if (there && !same)
		note_changed(u, name);
	activation_step(a, STEP_LINK, link, target,
	        same ? NULL
	             : str_printf("%s the unit %s in " UNITS " (until the next boot; a boot of this "
	                          "generation has it again)",
	                       there ? "change" : "add", name));
}

static void plan_verbs(struct activation *a, char *const *units, const char *verb, const char *why)
{
	strv_for_each (unit, units)
		activation_step(a, STEP_UNIT, unit, verb, str_printf("%s %s%s", verb, unit, why));
}

// Links that the system does not want any more go, and what they are units of stops before that.
static void plan_old(struct activation *a, struct units *u)
{
	strv_for_each (name, u->there)
		if (!strv_has(u->wanted, name) && is_unit(name))
			strv_add(&u->stop, name);
	if (a->o->live)
		plan_verbs(a, u->stop, "stop", "");
	strv_for_each (name, u->there) {
		if (strv_has(u->wanted, name))
			continue;
		_cleanup_free_ char *path = fs_join(u->here, name), *link = beneath_entry(a->o->root, path);
		note_changed(u, name);
		activation_step(a, STEP_REMOVE, link, NULL,
		        is_unit(name) || is_drop_in(name) ? str_printf("remove the unit %s from " UNITS, name)
		                                          : NULL);
	}
}

static void plan_running(struct activation *a, struct units *u)
{
	_cleanup_strv_ char **changed = NULL;

	strv_for_each (unit, u->restart)
		if (!strv_has(u->start, unit) && !strv_has(u->stop, unit))
			strv_add(&changed, unit);
	activation_step(a, STEP_UNIT, "", "daemon-reload", NULL);
	plan_verbs(a, changed, "try-restart", ", whose text has changed");
	plan_verbs(a, u->start, "start", "");
}

void activation_plan_units(struct activation *a)
{
	_cleanup_(units_release) struct units u = {.here = beneath_path(a->o->root, UNITS)};
	size_t before = a->len;

	if (!activation_is_dir(a, u.here))
		return; // systemd does not run there
	u.logical = a->o->toplevel ? units_folder(a) : mem_strdup("");
	if (*u.logical) {
		_cleanup_free_ char *real = store_real_path(a->s, u.logical);
		u.wanted = list_two_levels(a, real);
	}
	u.there = list_ours(a, u.here);
	plan_old(a, &u);
	strv_for_each (name, u.wanted)
		plan_link(a, &u, name);
	if (a->o->live && a->len > before)
		plan_running(a, &u);
}

int activation_do_unit(const struct step *s, char ***failed, struct err *e)
{
	char *argv[] = {(char *)"systemctl", s->text, *s->path ? (char *)"--" : NULL, s->path, NULL};
	_cleanup_free_ char *what = str_printf("systemctl %s %s", s->text, s->path);

	activation_run(argv, UNIT_LIMIT_MS, what, failed);
	return 0;
}
