// SPDX-License-Identifier: GPL-2.0-or-later
// The init of the initrd: mounts, modules, devices, root, and on to stage 2. Started as `modprobe` it loads
// one module (the kernel's request_module calls that).
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>
#include "stage1/devices.h"
#include "stage1/fail.h"
#include "stage1/keeper.h"
#include "stage1/keymap.h"
#include "stage1/mounts.h"
#include "stage1/mounter.h"
#include "stage1/network.h"
#include "stage1/nfs.h"
#include "stage1/root.h"

#define INIT_DEFAULT "/sbin/init"
#define UDEV_DATA    "/run/udev/data"

struct stage1 {
	struct say say;
	struct cmdline cmdline;
	struct table table;
	struct loader loader;
	struct mount_list mounts; // root first
	struct devices devices;
	struct keeper keeper;
	struct mounter mounter;
	struct network network;
};

static void read_cmdline(struct stage1 *s)
{
	char *text = file_text("/proc/cmdline");

	cmdline_parse(text ? text : "", &s->cmdline);
	free(text);
	s->say.trace = s->cmdline.trace;
}

// root=, rootfstype=, rootflags=, ro and rw win over what the fstab of the initrd says about "/".
static void plan_root(struct stage1 *s)
{
	const struct cmdline *c = &s->cmdline;
	const struct mount_entry *there = mount_list_at(&s->mounts, "/");
	const struct mount_entry *old = c->root ? NULL : there;
	const char *mode = c->ro < 0 ? "" : c->ro ? ",ro" : ",rw";
	char options[4200], device[PATH_MAX], nfs_options[4096] = "defaults";

	if (!there && !c->root)
		return;
	if (c->root && strcmp(c->root, "/dev/nfs") == 0) {
		// Without a server it is left to be told as what it is.
		if (!nfs_root(c, device, sizeof(device), nfs_options, sizeof(nfs_options)))
			snprintf(device, sizeof(device), "(nfsroot= names no server)");
		snprintf(options, sizeof(options), "%s%s", nfs_options, mode);
		mount_list_put(&s->mounts, device, "/", "nfs", options, true);
		return;
	}
	snprintf(options, sizeof(options), "%s%s",
	        c->rootflags ? c->rootflags
	        : old        ? old->options
	                     : "defaults",
	        mode);
	mount_list_put(&s->mounts, c->root ? c->root : there->device, "/",
	        c->rootfstype ? c->rootfstype
	        : old         ? old->type
	                      : "auto",
	        options, c->root != NULL);
	if (c->root_only)
		mount_list_cut(&s->mounts, mount_list_root(&s->mounts) + 1);
}

// Does the new root need the network?
static bool is_on_network(const struct stage1 *s)
{
	for (size_t i = 0; i < s->mounts.n; i++)
		if (strncmp(s->mounts.v[i].type, "nfs", 3) == 0 || strstr(s->mounts.v[i].options, "_netdev"))
			return true;
	return false;
}

static void hand_on_script(void)
{
	char chunk[4096];
	int from = open(S1_SCRIPT_PATH, O_RDONLY | O_CLOEXEC);
	int to = from >= 0 ? open(S1_SCRIPT_HANDED_ON, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755) : -1;
	ssize_t n;

	while (to >= 0 && (n = read(from, chunk, sizeof(chunk))) > 0)
		if (write(to, chunk, (size_t)n) != n)
			break;
	if (to >= 0)
		close(to);
	if (from >= 0)
		close(from);
}

static bool go_on(struct stage1 *s, char **argv)
{
	const char *init = s->cmdline.init ? s->cmdline.init : INIT_DEFAULT;
	const char *what;
	char text[PATH_MAX + 200];

	const char *lacks = root_lacks_init(S1_ROOT_PATH, init);
	if (lacks) {
		snprintf(text, sizeof(text), "the root file system is mounted, but %s %s%s", init, lacks,
		        s->cmdline.init ? " (init= on the kernel command line)"
		                        : " (init= says another place)");
		fail_explain(&s->loader, text);
		return false;
	}
	loader_report(&s->loader, S1_REPORT_PATH);
	hand_on_script();
	storage_release(&s->devices.storage);
	network_end(&s->network, is_on_network(s), s->keeper.pid);
	storage_hand_on("/sys", UDEV_DATA);
	keeper_hand_on(&s->keeper);
	say_info(&s->say, "switching to %s", init);
	say_close(&s->say);
	argv[0] = (char *)init;
	int r = root_switch(S1_ROOT_PATH, argv, &what);
	fprintf(stderr, "stage 1: cannot %s: %s\n", what, strerror(-r));
	// The initramfs is empty by now: nothing is left to offer.
	sleep(FAIL_REBOOT_DELAY_S);
	reboot(RB_AUTOBOOT);
	_exit(1);
}

static void start(struct stage1 *s)
{
	const char *what;
	int early = mounts_early(&what);

	say_open(&s->say);
	read_cmdline(s);
	int r = table_open(S1_TABLE_PATH, &s->table);
	loader_init(&s->loader, &s->table, &s->cmdline, &s->say);
	if (early < 0)
		say_person(&s->say,
		        "stage 1: cannot mount %s: %s (the kernel needs PROC_FS, SYSFS, DEVTMPFS and TMPFS)",
		        what, strerror(-early));
	if (r < 0 && r != -ENOENT)
		say_person(&s->say, "stage 1: %s: %s", S1_TABLE_PATH,
		        r == -EBADMSG ? "not a module table" : strerror(-r));
	keeper_start(&s->keeper, &s->loader);
	keymap_load(S1_KEYMAP_PATH, &s->say);
	s->devices.loader = &s->loader;
	s->devices.storage.ask.keeper = &s->keeper;
	s->devices.storage.say = &s->say;
	storage_read(&s->devices.storage, S1_STORAGE_PATH);
	s->mounter.devices = &s->devices;
	s->mounter.keeper = &s->keeper;
	s->mounter.loader = &s->loader;
	mount_list_read(S1_FSTAB_PATH, &s->mounts);
	plan_root(s);
}

static void debug_shell(struct stage1 *s, bool wanted, const char *word)
{
	if (wanted && !fail_shell(&s->say, word))
		say_person(&s->say, "%s: this initrd has no /bin/sh", word);
}

// Before anything is asked for, so that it can be answered from afar.
static void start_network(struct stage1 *s)
{
	if (!network_start(&s->network, &s->say))
		return;
	int r = ask_listen(&s->devices.storage.ask, S1_ASK_PATH);
	if (r < 0)
		say_person(&s->say, "passphrases cannot be given from afar: %s", strerror(-r));
}

int main(int argc, char **argv)
{
	struct stage1 s = {.say.kmsg_fd = -1, .devices.uevent_fd = -1};
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];

	if (strcmp(name, "modprobe") == 0)
		return modprobe_main(argc, argv);
	// As a login shell its name begins with a dash.
	if (strcmp(name + (*name == '-'), S1_ASKPASS_NAME) == 0)
		return askpass_main(S1_ASK_PATH);
	if (getpid() != 1) {
		fprintf(stderr, "%s: this is the init of an initrd; the kernel starts it\n", argv[0]);
		return 1;
	}
	umask(022);
	start(&s);
	debug_shell(&s, s.cmdline.debug1, "boot.debug1");
	devices_start(&s.devices);
	start_network(&s);
	debug_shell(&s, s.cmdline.debug1_devices, "boot.debug1devices");
	while (true) {
		devices_unlock(&s.devices);
		if (s.cmdline.resume)
			devices_resume(&s.devices, s.cmdline.resume, s.cmdline.resume_offset);
		bool mounted = mounter_mount_all(&s.mounter, &s.mounts);

		if (mounted)
			debug_shell(&s, s.cmdline.debug1_mounts, "boot.debug1mounts");
		if (mounted)
			go_on(&s, argv);
		fail_end(&s.loader);
		mounter_unmount_all(&s.mounter, &s.mounts);
	}
}
