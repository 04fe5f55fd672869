// SPDX-License-Identifier: GPL-2.0-or-later
// The readable end of a boot that cannot go on.
#include "stage1/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>
#include "stage1/blockdev.h"

static void field_add(char *line, size_t size, const char *name, const char *value)
{
	size_t len = strlen(line);

	if (*value)
		snprintf(line + len, size - len, " %s=%s", name, value);
}

static const char *why_not(const char *type)
{
	static const struct {
		const char *type, *text;
	} rows[] = {
	        {"crypto_LUKS", "  (encrypted; what boot.initrd.luks.devices names is opened)"},
	        {"LVM2_member", "  (part of an LVM volume group; boot.initrd.services.lvm.enable)"},
	        {"linux_raid_member", "  (part of a RAID; boot.swraid.enable)"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].type, type) == 0)
			return rows[i].text;
	return "";
}

// The kernel's own words about arrays, so that one with too few disks is seen.
static void explain_arrays(const struct say *s)
{
	char line[200];
	FILE *f = fopen("/proc/mdstat", "re");

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "md", 2) == 0)
			say_person(s, "    array %s", line);
	}
	if (f)
		fclose(f);
}

static void explain_devices(const struct say *s)
{
	struct blockdev *v;
	size_t n;

	blockdev_scan("/sys", &v, &n);
	if (n == 0)
		say_person(s,
		        "  no block devices at all: the driver of the disk is missing. Name its module in");
	if (n == 0)
		say_person(s, "  boot.initrd.availableKernelModules (virtio_blk, ahci, nvme, sd_mod, "
		              "usb_storage, ...).");
	else
		say_person(s, "  block devices that are here:");
	for (size_t i = 0; i < n; i++) {
		char line[800] = "", path[80];

		blockdev_path(&v[i], path, sizeof(path));
		snprintf(line, sizeof(line), "    %-12s %6llu MiB", path,
		        (unsigned long long)(v[i].size_bytes >> 20));
		field_add(line, sizeof(line), "NAME", v[i].dm_name);
		field_add(line, sizeof(line), "TYPE", v[i].fs.type);
		field_add(line, sizeof(line), "LABEL", v[i].fs.label);
		field_add(line, sizeof(line), "UUID", v[i].fs.uuid);
		field_add(line, sizeof(line), "PARTLABEL", v[i].part.label);
		field_add(line, sizeof(line), "PARTUUID", v[i].part.uuid);
		say_person(s, "%s%s", line, why_not(v[i].fs.type));
	}
	free(v);
	explain_arrays(s);
}

// Names of the modules for which tried and failed are as given, in lines of moderate length.
static void explain_modules(const struct loader *l, const char *title, bool tried, bool failed)
{
	char line[100] = "";
	size_t len = 0;
	bool first = true;

	for (uint32_t i = 0; l->table->head && i < l->table->head->module_count; i++) {
		const char *name = table_string(l->table, l->table->modules[i].name);
		char item[80];

		if (l->status[i].tried != tried || (l->status[i].error != 0) != failed)
			continue;
		if (failed)
			snprintf(item, sizeof(item), "%s (%s)", name, strerror(l->status[i].error));
		else
			snprintf(item, sizeof(item), "%s", name);
		if (len + strlen(item) + 2 > sizeof(line)) {
			say_person(l->say, "  %s%s", first ? title : "    ", line);
			first = false;
			len = 0;
		}
		len += (size_t)snprintf(line + len, sizeof(line) - len, " %s", item);
	}
	if (len > 0)
		say_person(l->say, "  %s%s", first ? title : "    ", line);
}

void fail_explain(const struct loader *l, const char *waited_for)
{
	say_person(l->say, "  ");
	say_person(l->say, "stage 1 cannot start the system: %s", waited_for);
	explain_devices(l->say);
	explain_modules(l, "modules loaded:", true, false);
	explain_modules(l, "modules that could not be loaded:", true, true);
	explain_modules(l, "modules in the initrd that nothing asked for:", false, false);
	if (!l->table->head)
		say_person(l->say, "  this initrd holds no modules");
}

static void shell_child(void)
{
	int fd = open("/dev/console", O_RDWR);

	setsid();
	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	ioctl(STDIN_FILENO, TIOCSCTTY, 1);
	setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 1);
	setenv("HOME", "/", 1);
	setenv("PS1", "stage-1 # ", 1);
	execl("/bin/sh", "sh", "-i", NULL);
	_exit(127);
}

bool fail_shell(const struct say *s, const char *why)
{
	if (access("/bin/sh", X_OK) < 0)
		return false;
	say_person(s, "%s: a shell; `exit` goes on", why);
	pid_t child = fork();
	if (child == 0)
		shell_child();
	// As process 1 we also reap what others leave behind.
	for (pid_t p = wait(NULL); child > 0 && p != child; p = wait(NULL))
		if (p < 0 && errno != EINTR)
			break;
	return true;
}

static bool kernel_reboots_on_panic(void)
{
	char text[32] = "";
	int fd = open("/proc/sys/kernel/panic", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;

	if (fd >= 0)
		close(fd);
	return n > 0 && strtol(text, NULL, 10) != 0;
}

bool fail_end(const struct loader *l)
{
	const struct cmdline *c = l->cmdline;
	int delay_s = c->trial ? FAIL_REBOOT_DELAY_TRIAL_S : FAIL_REBOOT_DELAY_S;

	if (c->panic_on_fail) {
		say_person(l->say, "boot.panic_on_fail: giving up");
		sync();
		if (kernel_reboots_on_panic())
			_exit(1); // process 1 ends, so the kernel panics and panic= says what then
		reboot(RB_AUTOBOOT);
	}
	if (c->trial && c->trial_stage1_s)
		say_person(l->say,
		        "this start is a trial: the machine restarts %d seconds after it began, whatever "
		        "is done here",
		        c->trial_stage1_s);
	if (c->shell_on_fail && fail_shell(l->say, "boot.shell_on_fail"))
		return true;
	say_person(l->say, "rebooting in %d seconds%s", delay_s,
	        c->shell_on_fail ? " (boot.shell_on_fail: this initrd has no /bin/sh)"
	                         : " (add boot.shell_on_fail to the kernel command line for a shell)");
	sleep((unsigned)delay_s);
	sync();
	reboot(RB_AUTOBOOT);
	_exit(1);
}
