// SPDX-License-Identifier: GPL-2.0-or-later
// mdadm and lvm do the work; here is when they are called.
#include "stage1/storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "stage1/mounts.h"
#include "stage1/run.h"

#define MDADM     "/sbin/mdadm"
#define LVM       "/sbin/lvm"
#define WORDS_MAX 16

static void luks_add(struct storage *s, char *const *words, size_t n)
{
	struct luks l;

	if (!luks_parse(words, n, &l)) {
		say_warn(s->say, "a line 'luks %s' of the initrd makes no sense; it is left out",
		        n > 0 ? words[0] : "");
		return;
	}
	struct luks *grown = realloc(s->luks, (s->luks_count + 1) * sizeof(*grown));
	if (!grown)
		abort();
	s->luks = grown;
	s->luks[s->luks_count++] = l;
}

// Cuts a line into words, in place.
static size_t split(char *line, char **words)
{
	char *rest = line;
	size_t n = 0;

	for (char *p = strsep(&rest, " \t"); p && n < WORDS_MAX; p = strsep(&rest, " \t"))
		if (*p) {
			octal_decode(p);
			words[n++] = p;
		}
	return n;
}

static void obey_line(struct storage *s, char *line)
{
	char *words[WORDS_MAX];
	size_t n = split(line, words);

	if (n == 0 || words[0][0] == '#')
		return;
	if (strcmp(words[0], "raid") == 0)
		s->raid = true;
	else if (strcmp(words[0], "lvm") == 0)
		s->lvm = true;
	else if (strcmp(words[0], "luks") == 0)
		luks_add(s, words + 1, n - 1);
	else
		say_warn(s->say, "'%s' in the initrd is not known to this stage 1", words[0]);
}

void storage_parse(struct storage *s, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		char *line = strndup(text, n);

		if (!line)
			abort();
		obey_line(s, line);
		free(line);
		text += n + (text[n] == '\n');
	}
}

void storage_read(struct storage *s, const char *path)
{
	char *text = file_text(path);

	if (text)
		storage_parse(s, text);
	free(text);
}

void storage_release(struct storage *s)
{
	for (size_t i = 0; i < s->luks_count; i++)
		luks_release(&s->luks[i]);
	free(s->luks);
	free(s->seen);
	ask_forget(&s->ask);
	*s = (struct storage){.say = s->say};
}

// True the first time that it is asked about this device.
static bool is_new(struct storage *s, const struct blockdev *d)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (s->seen[i].major == d->major && s->seen[i].minor == d->minor)
			return false;
	if (s->seen_count == s->seen_cap) {
		s->seen_cap = s->seen_cap ? 2 * s->seen_cap : 16;
		struct storage_seen *grown = realloc(s->seen, s->seen_cap * sizeof(*grown));
		if (!grown)
			abort();
		s->seen = grown;
	}
	s->seen[s->seen_count++] = (struct storage_seen){d->major, d->minor};
	return true;
}

// An array starts by itself as soon as all of its members were handed over.
static void raid_add(struct storage *s, const struct blockdev *d)
{
	char path[80];

	blockdev_path(d, path, sizeof(path));
	char *const argv[] = {(char *)MDADM, (char *)"--incremental", (char *)"--quiet", path, NULL};
	run_logged(s->say, argv);
}

// Volumes of which a part is missing stay as they are: the part may only be late.
static void lvm_activate(struct storage *s, const char *mode)
{
	char *const argv[] = {(char *)LVM, (char *)"vgchange", (char *)"--sysinit", (char *)"-ay",
	        (char *)"--activationmode", (char *)mode, NULL};

	run_logged(s->say, argv);
}

bool storage_assemble(struct storage *s, const struct blockdev *v, size_t n)
{
	bool raid = false, lvm = false;

	for (size_t i = 0; i < n; i++) {
		if (s->raid && strcmp(v[i].fs.type, "linux_raid_member") == 0 && is_new(s, &v[i])) {
			raid_add(s, &v[i]);
			raid = true;
		}
		if (s->lvm && strcmp(v[i].fs.type, "LVM2_member") == 0 && is_new(s, &v[i]))
			lvm = true;
	}
	if (lvm)
		lvm_activate(s, s->degraded ? "degraded" : "complete");
	return raid || lvm;
}

bool storage_start_degraded(struct storage *s)
{
	char *const argv[] = {
	        (char *)MDADM, (char *)"--incremental", (char *)"--run", (char *)"--scan", NULL};

	if (s->degraded || (!s->raid && !s->lvm) || s->seen_count == 0)
		return false;
	s->degraded = true;
	say_person(s->say, "stage 1 starts arrays and volumes with the disks that are here");
	if (s->raid)
		run_logged(s->say, argv);
	if (s->lvm)
		lvm_activate(s, "degraded");
	return true;
}

bool storage_unlock(
        struct storage *s, const struct blockdev *v, size_t n, int64_t waited_ms, const char **ret_waits_for)
{
	const char *first = NULL;

	*ret_waits_for = NULL;
	for (size_t i = 0; i < s->luks_count; i++) {
		const char *waits_for;

		if (s->luks[i].opened || s->luks[i].given_up)
			continue;
		// What it holds may be what another one waits for: look again before going on.
		if (luks_open(&s->luks[i], &s->ask, v, n, waited_ms, s->say, &waits_for) != LUKS_NOT_YET)
			return true;
		if (!first)
			first = waits_for;
	}
	*ret_waits_for = first;
	return false;
}

void storage_give_up_keys(struct storage *s)
{
	for (size_t i = 0; i < s->luks_count; i++) {
		if (s->luks[i].key_file && s->luks[i].fallback)
			s->luks[i].key_wait_s = 0;
		s->luks[i].token_wait_s = 0;
	}
}

// device-mapper's rules leave an "add" event alone unless the database says that the device was made by
// libdevmapper with udev looking on (the comments of 10-dm.rules and 55-dm.rules).
void storage_hand_on(const char *sys, const char *run_udev)
{
	static const char text[] = "I:1\nE:DM_UDEV_PRIMARY_SOURCE_FLAG=1\nE:DM_UDEV_RULES_VSN=2\nV:1\n";
	char path[PATH_MAX], dev[32];

	snprintf(path, sizeof(path), "%s/class/block", sys);
	DIR *dir = opendir(path);
	for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
		if (strncmp(e->d_name, "dm-", 3) != 0 ||
		        !blockdev_attribute(sys, e->d_name, "dev", dev, sizeof(dev)))
			continue;
		mkdir_parents(run_udev);
		snprintf(path, sizeof(path), "%s/b%s", run_udev, dev);
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd >= 0 && write(fd, text, sizeof(text) - 1) < 0)
			unlink(path);
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
}
