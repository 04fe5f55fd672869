// SPDX-License-Identifier: GPL-2.0-or-later
// One loop waits for everything: it looks at the block devices, puts together what can be, and sleeps until
// the kernel tells of a new one.
#include "stage1/devices.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "stage1/mounts.h"
#include "stage1/uevent.h"

#define SCAN_EVERY_MS     250
#define SETTLE_STEP_MS    20
#define SETTLE_MAX        25
#define SAY_AFTER_MS      2000
#define DEGRADED_AFTER_MS 15000

struct list {
	struct blockdev *v;
	size_t n;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

// Loads modules for what is there, until a moment passes in which nothing new comes.
static void settle(struct devices *d)
{
	bool block;

	for (int i = 0; i < SETTLE_MAX; i++) {
		size_t before = d->loader->loaded_count;

		uevent_wait(d->loader, d->uevent_fd, SETTLE_STEP_MS, &block);
		if (d->loader->loaded_count == before && !block)
			return;
	}
}

void devices_start(struct devices *d)
{
	loader_load_list(d->loader);
	d->uevent_fd = uevent_open();
	if (d->uevent_fd < 0)
		say_info(d->loader->say, "no uevents (%s): /sys is walked again and again instead",
		        strerror(-d->uevent_fd));
	uevent_coldplug(d->loader, "/sys/devices");
	settle(d);
}

// All block devices, with all arrays and volumes started that can be.
static struct list look(struct devices *d)
{
	struct list l;

	blockdev_scan("/sys", &l.v, &l.n);
	while (storage_assemble(&d->storage, l.v, l.n)) {
		free(l.v);
		settle(d);
		blockdev_scan("/sys", &l.v, &l.n);
	}
	return l;
}

// --- waiting ---

struct clock {
	int64_t start, limit_ms;
	bool said;
};

static struct clock clock_new(const struct devices *d)
{
	int wait_s = d->loader->cmdline->wait_s;

	return (struct clock){.start = now_ms(), .limit_ms = wait_s < 0 ? INT64_MAX / 2 : wait_s * 1000LL};
}

static void tell(const struct devices *d, const char *spec)
{
	int wait_s = d->loader->cmdline->wait_s;

	if (wait_s < 0)
		say_person(d->loader->say, "stage 1 waits for %s (for ever, as rootwait says)", spec);
	else
		say_person(d->loader->say, "stage 1 waits for %s (at most %d seconds)", spec, wait_s);
}

// Sleeps until something may have changed; false when the time is over. Half of the time, at most 15 seconds,
// is for disks that are late; then arrays start without them.
static bool clock_step(struct devices *d, struct clock *c, const char *spec)
{
	int64_t waited = now_ms() - c->start;
	bool block;

	if (waited >= c->limit_ms)
		return false;
	if (!c->said && waited > SAY_AFTER_MS) {
		tell(d, spec);
		c->said = true;
	}
	int64_t half = c->limit_ms / 2;
	if (waited >= (half < DEGRADED_AFTER_MS ? half : DEGRADED_AFTER_MS) &&
	        storage_start_degraded(&d->storage))
		return true;
	int64_t scan_at = now_ms() + SCAN_EVERY_MS;
	do
		uevent_wait(d->loader, d->uevent_fd, SCAN_EVERY_MS, &block);
	while (!block && now_ms() < scan_at);
	return true;
}

bool devices_wait(struct devices *d, const char *spec, struct blockdev *ret)
{
	struct clock c = clock_new(d);

	do {
		struct list l = look(d);
		const struct blockdev *found = blockdev_find(l.v, l.n, spec);

		if (found)
			*ret = *found;
		free(l.v);
		if (found)
			return true;
	} while (clock_step(d, &c, spec));
	return false;
}

// What comes while somebody is asked: a keyboard to type on, the network card that the answer comes by.
static void take_events(void *ctx)
{
	struct devices *d = ctx;
	bool block;

	uevent_wait(d->loader, d->uevent_fd, 0, &block); // what is on a disk is looked for afterwards
}

void devices_unlock(struct devices *d)
{
	struct clock c = clock_new(d);
	const char *waits_for;
	bool over = false;

	if (d->uevent_fd >= 0) {
		d->storage.ask.on_event = take_events;
		d->storage.ask.event_ctx = d;
		d->storage.ask.events_fd = d->uevent_fd;
	}
	while (true) {
		struct list l = look(d);
		bool opened = storage_unlock(&d->storage, l.v, l.n, now_ms() - c.start, &waits_for);

		free(l.v);
		if (opened) { // a new clock: typing does not count, and what was opened may hold the next one
			c = clock_new(d);
			continue;
		}
		if (!waits_for)
			return;
		if (!clock_step(d, &c, waits_for)) {
			if (over)
				break;
			over = true;
			storage_give_up_keys(&d->storage);
		}
	}
	say_person(d->loader->say, "%s did not appear in %d seconds; what it would open stays closed",
	        waits_for, d->loader->cmdline->wait_s);
}

// --- several devices, one file system ---

static bool btrfs_ready(struct devices *d, const struct blockdev *one)
{
	struct list l = look(d);
	char path[80];

	for (size_t i = 0; i < l.n; i++)
		if (strcmp(l.v[i].fs.type, "btrfs") == 0 && strcmp(l.v[i].fs.uuid, one->fs.uuid) == 0) {
			blockdev_path(&l.v[i], path, sizeof(path));
			btrfs_announce(path);
		}
	free(l.v);
	blockdev_path(one, path, sizeof(path));
	return btrfs_is_whole(path);
}

bool devices_wait_btrfs(struct devices *d, const struct blockdev *one)
{
	struct clock c = clock_new(d);
	char what[100];

	mount_load_type(d->loader, "btrfs");
	snprintf(what, sizeof(what), "the other devices of the btrfs %s", one->fs.uuid);
	while (!btrfs_ready(d, one))
		if (!clock_step(d, &c, what))
			return false;
	return true;
}

// --- hibernation ---

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

void devices_resume(struct devices *d, const char *spec, const char *offset)
{
	struct blockdev dev;
	char number[32];

	if (!devices_wait(d, spec, &dev)) {
		say_person(d->loader->say, "%s (resume=) did not appear; starting afresh", spec);
		return;
	}
	// A plain swap area has no image; a swap file's is known to the kernel alone.
	if (!offset && strcmp(dev.fs.type, "swsuspend") != 0)
		return;
	snprintf(number, sizeof(number), "%u:%u", dev.major, dev.minor);
	if (offset && !write_file("/sys/power/resume_offset", offset))
		say_warn(d->loader->say, "resume_offset=%s: the kernel does not take it", offset);
	say_info(d->loader->say, "waking up from %s (%s)", spec, number);
	// Only returns when there is no image that fits this kernel.
	write_file("/sys/power/resume", number);
}
