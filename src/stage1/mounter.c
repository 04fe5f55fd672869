// SPDX-License-Identifier: GPL-2.0-or-later
// From an fstab line to a mounted file system.
#include "stage1/mounter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "stage1/check.h"
#include "stage1/fail.h"
#include "stage1/keeper.h"
#include "stage1/loop.h"
#include "stage1/nfs.h"

#define REBOOT_DELAY_S 3

// One entry on its way.
struct mounting {
	const struct mount_entry *e;
	char source[PATH_MAX], where[PATH_MAX];
	char options[4096];
	int loop_fd;       // keeps the loop device until it is mounted; -1: there is none
	struct blockdev d; // what source is, if it is a block device: name and fs; else empty
};

// What the person can do about a failed mount.
static const char *mount_hint(int error)
{
	if (error == ENODEV)
		return ": this kernel has no such file system, neither built in nor in the initrd "
		       "(boot.initrd.supportedFilesystems, boot.initrd.availableKernelModules)";
	if (error == EINVAL)
		return ": a wrong file system type, a damaged superblock or an option that it does not know";
	return "";
}

// Where paths of the configuration are at this moment.
static const char *base(const struct mounter *m)
{
	return m->root_is_there ? S1_ROOT_PATH : S1_ASIDE_PATH;
}

static bool explain(const struct mounter *m, const char *what)
{
	fail_explain(m->loader, what);
	return false;
}

// --- where it comes from ---

// A mapped device by its own name, as other tools and /proc/mounts have it, where that is there.
static void name_source(struct mounting *g)
{
	struct stat st;

	snprintf(g->source, sizeof(g->source), "/dev/mapper/%s", g->d.dm_name);
	if (!*g->d.dm_name || stat(g->source, &st) < 0 || !S_ISBLK(st.st_mode) ||
	        major(st.st_rdev) != g->d.major || minor(st.st_rdev) != g->d.minor)
		blockdev_path(&g->d, g->source, sizeof(g->source));
}

static bool wait_for_device(struct mounter *m, struct mounting *g)
{
	const struct say *say = m->loader->say;
	char what[PATH_MAX];

	if (!devices_wait(m->devices, g->e->device, &g->d)) {
		snprintf(what, sizeof(what), "%s (for %s) did not appear in %d seconds", g->e->device,
		        g->e->where, m->loader->cmdline->wait_s);
		return explain(m, what);
	}
	name_source(g);
	if (strcmp(g->d.fs.type, "btrfs") == 0 && !strstr(g->e->options, "degraded") &&
	        !devices_wait_btrfs(m->devices, &g->d))
		say_person(say,
		        "devices of the btrfs on %s are missing; rootflags=degraded mounts it without them",
		        g->e->device);
	return true;
}

// A folder to be bound, or a file that a loop device is made of. "../FILE" is one of the initrd.
static bool find_path(struct mounter *m, struct mounting *g)
{
	const char *device = g->e->device;
	char what[PATH_MAX + 200], loop[32];
	struct stat st;
	int r = 0;

	if (strncmp(device, "../", 3) == 0)
		snprintf(g->source, sizeof(g->source), "%s", device + 2);
	else
		snprintf(g->source, sizeof(g->source), "%s%s", base(m), device);
	if (stat(g->source, &st) < 0)
		r = -errno;
	bool bind = mount_option_find(g->e->options, "bind", NULL, 0) ||
	            mount_option_find(g->e->options, "rbind", NULL, 0);
	if (r == 0 && !bind && S_ISREG(st.st_mode)) {
		g->loop_fd = loop_attach(m->loader, g->source, g->e->options, loop, sizeof(loop));
		if (g->loop_fd < 0) {
			r = g->loop_fd;
		} else {
			snprintf(g->source, sizeof(g->source), "%s", loop);
			blockdev_read("/sys", loop + strlen("/dev/"), &g->d);
		}
	}
	if (r == 0)
		return true;
	snprintf(what, sizeof(what), "%s (for %s) cannot be used: %s%s", device, g->e->where,
	        r == -ENODEV ? "this kernel has no loop devices (BLK_DEV_LOOP)" : strerror(-r),
	        r == -ENOENT ? " (the file system that holds it has to be neededForBoot)" : "");
	return explain(m, what);
}

static bool find_source(struct mounter *m, struct mounting *g)
{
	const char *device = g->e->device;
	bool path = !nfs_is_type(g->e->type) &&
	            ((device[0] == '/' && device[1] != '/') || strncmp(device, "../", 3) == 0);

	if (blockdev_is_spec(device))
		return wait_for_device(m, g);
	if (path && strcmp(g->e->type, "overlay") != 0)
		return find_path(m, g);
	snprintf(g->source, sizeof(g->source), "%s", device);
	return true;
}

// --- checking ---

// True the first time that it is asked about this device.
static bool is_unchecked(struct mounter *m, const char *name)
{
	for (size_t i = 0; i < m->checked_count; i++)
		if (strcmp(m->checked[i], name) == 0)
			return false;
	if (m->checked_count == MOUNTER_CHECKED_MAX)
		return false;
	snprintf(m->checked[m->checked_count++], sizeof(m->checked[0]), "%s", name);
	return true;
}

static void start_again(const struct say *s, const char *device)
{
	say_person(s, "the check of %s wants the machine to be started again: rebooting in %d seconds",
	        device, REBOOT_DELAY_S);
	sync();
	sleep(REBOOT_DELAY_S);
	reboot(RB_AUTOBOOT);
	_exit(1);
}

// What cannot be written can neither be repaired nor get worse.
static bool check(struct mounter *m, const struct mounting *g)
{
	const char *type = *g->d.fs.type ? g->d.fs.type : g->e->type;
	char read_only[8], what[PATH_MAX];

	if (!g->e->check || !*g->d.name || !check_program(type) || !is_unchecked(m, g->d.name) ||
	        (blockdev_attribute("/sys", g->d.name, "ro", read_only, sizeof(read_only)) &&
	                strcmp(read_only, "0") != 0))
		return true;
	keeper_pause(m->keeper);
	enum check_verdict v = check_device(g->source, type, m->loader->cmdline, m->loader->say);
	keeper_resume(m->keeper);
	if (v == CHECK_REBOOT)
		start_again(m->loader->say, g->source);
	if (v == CHECK_CLEAN || v == CHECK_REPAIRED)
		return true;
	snprintf(what, sizeof(what),
	        "%s (%s, for %s) %s: run `%s %s` in the shell (boot.shell_on_fail); fsck.mode=skip on the "
	        "kernel command line starts without a check",
	        g->source, type, g->e->where,
	        v == CHECK_UNREPAIRED ? "has errors that are not repaired without being asked"
	                              : "could not be checked",
	        check_program(type), g->source);
	return explain(m, what);
}

// --- mounting ---

// An overlay's upper folder becomes the folder that is seen, so it is made with the mode of one.
static void make_layers(const char *options)
{
	char folder[PATH_MAX];

	if (mount_option_find(options, "upperdir", folder, sizeof(folder)))
		mkdir_parents(folder);
	if (mount_option_find(options, "workdir", folder, sizeof(folder)))
		mkdir_parents(folder);
}

static int mount_it(struct mounter *m, struct mounting *g)
{
	if (strcmp(g->e->type, "overlay") == 0) {
		if (!mount_overlay_options(g->e->options, base(m), g->options, sizeof(g->options)))
			return -E2BIG;
		make_layers(g->options);
	} else {
		snprintf(g->options, sizeof(g->options), "%s", g->e->options);
	}
	return mount_one(m->loader, g->source, g->where, g->e->type, g->options, g->d.fs.type);
}

static bool mount_or_explain(struct mounter *m, struct mounting *g)
{
	const struct mount_entry *e = g->e;
	char what[2 * PATH_MAX], why[600] = "";
	bool nfs = nfs_is_type(e->type);
	int r = nfs ? nfs_mount(m->loader, g->source, g->where, e->type, e->options, why, sizeof(why))
	            : mount_it(m, g);

	if (r == 0) {
		say_info(m->loader->say, "mounted %s (%s) on %s", e->device, g->source, e->where);
		return true;
	}
	if (!nfs)
		snprintf(why, sizeof(why), "%s%s", strerror(-r), mount_hint(-r));
	snprintf(what, sizeof(what), "cannot mount %s (%s, type %s%s%s) on %s: %s", e->device, g->source,
	        e->type, *g->d.fs.type ? ", found " : "", g->d.fs.type, e->where, why);
	return explain(m, what);
}

static bool mount_entry(struct mounter *m, const struct mount_entry *e)
{
	struct mounting g = {.e = e, .loop_fd = -1};
	bool root = strcmp(e->where, "/") == 0;

	snprintf(g.where, sizeof(g.where), "%s%s", root ? S1_ROOT_PATH : base(m), root ? "" : e->where);
	bool ok = find_source(m, &g) && check(m, &g) && mount_or_explain(m, &g);
	if (g.loop_fd >= 0)
		close(g.loop_fd);
	return ok;
}

// Whether e is mounted within one of the first n, with which it moves.
static bool is_within(const struct mount_list *l, size_t n, const struct mount_entry *e)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(l->v[i].where);

		if (strncmp(l->v[i].where, e->where, len) == 0 && e->where[len] == '/')
			return true;
	}
	return false;
}

// To its place in the root. A root that cannot be written may lack the folder: then it stays aside, where
// /run goes along.
static void move_in(const struct mounter *m, const struct mount_entry *e)
{
	char from[PATH_MAX], to[PATH_MAX];

	snprintf(from, sizeof(from), "%s%s", S1_ASIDE_PATH, e->where);
	snprintf(to, sizeof(to), "%s%s", S1_ROOT_PATH, e->where);
	mkdir_parents(to);
	if (mount(from, to, NULL, MS_MOVE, NULL) < 0)
		say_warn(m->loader->say, "%s stays at %s: %s", e->where, from, strerror(errno));
}

static void root_came(struct mounter *m, const struct mount_list *l, size_t root)
{
	m->root_is_there = true;
	for (size_t i = 0; i < root; i++)
		if (!is_within(l, i, &l->v[i]))
			move_in(m, &l->v[i]);
}

bool mounter_mount_all(struct mounter *m, const struct mount_list *l)
{
	size_t root = mount_list_root(l);

	if (!mount_list_at(l, "/"))
		return explain(m, "nothing says where the root file system is (fileSystems.\"/\" in the "
		                  "configuration, or root= on the kernel command line)");
	for (size_t i = 0; i < l->n; i++) {
		if (!mount_entry(m, &l->v[i]) && !mount_option_find(l->v[i].options, "nofail", NULL, 0))
			return false;
		if (i == root)
			root_came(m, l, root);
	}
	return true;
}

void mounter_unmount_all(struct mounter *m, const struct mount_list *l)
{
	char where[PATH_MAX];

	while (umount2(S1_ROOT_PATH, MNT_DETACH) == 0)
		;
	for (size_t i = mount_list_root(l); i-- > 0;) {
		snprintf(where, sizeof(where), "%s%s", S1_ASIDE_PATH, l->v[i].where);
		umount2(where, MNT_DETACH);
	}
	m->root_is_there = false;
	m->checked_count = 0;
}
