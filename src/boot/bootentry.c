// SPDX-License-Identifier: GPL-2.0-or-later
// An open boot file system: its loader, its choice, the systems that are known to come up. The plan is in
// bootplan.c.
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootentry-impl.h"
#include "boot/bootspec.h"

static int read_good(struct boot *b, struct err *e)
{
	_cleanup_free_ char *file = place_file(&b->place, "good");
	_cleanup_buf_ struct buf text = {0};
	int r = fs_read_maybe(file, 1 << 20, &text, e);

	b->good = strv_split(buf_str(&text), "\n");
	return MIN(r, 0);
}

int boot_write_good(struct boot *b, const struct sysgens *gens, struct err *e)
{
	_cleanup_free_ char *file = place_file(&b->place, "good");
	_cleanup_buf_ struct buf old = {0}, text = {0};
	int r = fs_read_maybe(file, 1 << 20, &old, e);

	strv_for_each (toplevel, b->good)
		if (sysgens_find_path(gens, toplevel))
			buf_addf(&text, "%s\n", toplevel);
	if (r < 0 || str_eq(buf_str(&text), buf_str(&old)))
		return MIN(r, 0);
	return fs_write_atomic(file, buf_str(&text), text.len, 0644, e);
}

// The boot file system in fstab that is not mounted: writing below /boot would then go to a folder that
// nobody reads.
static int check_mounted(const char *root, const char *dir, struct err *e)
{
	_cleanup_buf_ struct buf fstab = {0}, mounts = {0};
	int r = *root ? 0 : fs_read_maybe("/etc/fstab", 1 << 20, &fstab, e);

	if (r > 0)
		r = fs_read_maybe("/proc/self/mounts", 0, &mounts, e);
	if (r <= 0)
		return r;
	const char *at = buf_str(&fstab);
	for (char **next; (next = fstab_next(&at, dir));) {
		_cleanup_strv_ char **fields = next;
		if (strv_len(fields) < 4)
			continue;
		_cleanup_free_ char *mounted = str_printf(" %s ", dir);
		if (strstr(buf_str(&mounts), mounted) || strstr(fields[3], "x-systemd.automount"))
			continue;
		err_set(e, -ENXIO, "'%s' is a file system of its own (/etc/fstab) but is not mounted", dir);
		return err_hint(e, "Mount it first: mount %s", dir);
	}
	return 0;
}

static int open_place(struct boot *b, const struct boot_opts *o, bool lock, struct err *e)
{
	_cleanup_free_ char *folder = NULL, *file = NULL;
	int r = loader_find(o->root, o->loader, &b->loader, &b->place, e);

	if (r == 0)
		r = check_mounted(o->root, b->place.dir, e);
	if (r < 0)
		return r;
	if (lock) {
		folder = place_file(&b->place, NULL);
		file = place_file(&b->place, "lock");
		r = fs_mkdir_p(folder, 0755, e);
		if (r == 0)
			r = fs_lock(file, true, true, &b->lock, e);
		if (r == -EACCES || r == -EROFS || r == -EPERM)
			err_hint(e, "Writing boot entries needs root and a boot file system that is mounted "
			            "read-write.");
	}
	if (r == 0)
		r = b->loader->read(&b->place, &b->choice, e);
	return r == 0 ? read_good(b, e) : r;
}

int boot_open(const struct boot_opts *o, bool lock, struct boot **ret, struct err *e)
{
	_cleanup_boot_ struct boot *b = NEW(struct boot);

	b->lock = -1;
	b->booted = o->booted ? mem_strdup(o->booted) : NULL;
	int r = open_place(b, o, lock, e);
	if (r == 0)
		*ret = TAKE_PTR(b);
	return r;
}

void boot_close(struct boot *b)
{
	if (!b)
		return;
	boot_place_release(&b->place);
	boot_choice_release(&b->choice);
	strv_free(b->good);
	mem_free(b->booted);
	mem_free(b->renewed);
	fs_closep(&b->lock);
	mem_free(b);
}

void boot_renew_secrets(struct boot *b, const char *id)
{
	mem_free(b->renewed);
	b->renewed = mem_strdup(id);
}

const struct loader *boot_loader(const struct boot *b)
{
	return b->loader;
}

const struct boot_place *boot_place(const struct boot *b)
{
	return &b->place;
}

const struct boot_choice *boot_choice(const struct boot *b)
{
	return &b->choice;
}

bool boot_is_good(const struct boot *b, const char *toplevel)
{
	return strv_has(b->good, toplevel);
}

int boot_is_installed(const struct boot *b, bool *ret, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = b->loader->text(&b->place, &text, e);

	*ret = text.len;
	return r;
}

int boot_choose(const struct boot *b, const struct sysgen *g, bool permanent, unsigned tries,
        struct boot_choice *ret, struct err *e)
{
	if (permanent || boot_is_good(b, g->toplevel)) {
		*ret = (struct boot_choice){.normal = mem_strdup(g->id)};
		return 0;
	}
	int r = b->loader->can_try(&b->place, e);
	if (r == 0)
		*ret = (struct boot_choice){
		        // An entry that is normal without having come up (--permanent) stays so when it is
		        // asked for once more.
		        .normal = b->choice.normal ? mem_strdup(b->choice.normal) : NULL,
		        .trial = str_eq(g->id, b->choice.normal) ? NULL : mem_strdup(g->id),
		        .tries = tries,
		};
	return r;
}

bool boot_protects(const struct boot *b, const struct sysgen *g, const char **ret_why)
{
	const char *why = g->current                        ? "it is the current one"
	                  : str_eq(g->id, b->choice.normal) ? "it is the default and the last that came up"
	                  : str_eq(g->id, b->choice.trial) && b->choice.tries
	                          ? "it is to be tried at the next boot"
	                  : str_eq(g->toplevel, b->booted) ? "it is running"
	                                                   : NULL;

	if (ret_why)
		*ret_why = why;
	return why != NULL;
}

int boot_confirm(struct boot *b, const struct sysgens *gens, struct boot_choice *ret,
        enum boot_outcome *ret_outcome, char **ret_id, struct err *e)
{
	const struct sysgen *booted = sysgens_find_path(gens, b->booted),
	                    *trial = sysgens_find(gens, b->choice.trial);

	*ret = boot_choice_copy(&b->choice);
	*ret_outcome = BOOT_OTHER;
	*ret_id = NULL;
	if (booted && trial && str_eq(booted->toplevel, trial->toplevel)) {
		boot_choice_release(ret);
		*ret = (struct boot_choice){.normal = mem_strdup(trial->id)};
		*ret_outcome = BOOT_CONFIRMED;
		*ret_id = mem_strdup(trial->id);
	} else if (b->choice.trial && b->choice.tries == 0) {
		*ret_id = TAKE_PTR(ret->trial);
		*ret_outcome = BOOT_FAILED;
	}
	// Nothing will be written, so what a confirmation that was cut off left beside the entries goes here.
	int r = *ret_outcome == BOOT_OTHER ? place_sweep(&b->place, e) : 0;
	if (r < 0 || !booted || boot_is_good(b, booted->toplevel))
		return r;
	strv_add(&b->good, booted->toplevel);
	return boot_write_good(b, gens, e);
}

int boot_uninstall(struct boot *b, struct err *e)
{
	_cleanup_free_ char *folder = place_file(&b->place, NULL);
	int r = b->loader->remove(&b->place, e);

	return r == 0 ? fs_rm_rf(folder, e) : r;
}
