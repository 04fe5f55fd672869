// SPDX-License-Identifier: GPL-2.0-or-later
// Names of disks by the way on which they are reached, from the disk upwards: each bus that has a word puts
// it in front of what is there. The words are those of udev's path_id.
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stage1/diskid.h"

#define WAY 300

struct way {
	char text[WAY], old[WAY];
	bool begins;   // at something whose name stays the same
	bool carries;  // by a bus of which it is known how its disks are told apart
	bool no_words; // a bus is in between of which that is not known here
};

__attribute__((format(printf, 2, 3))) static void prepend(char text[WAY], const char *format, ...)
{
	char word[200], rest[WAY];
	va_list ap;

	va_start(ap, format);
	vsnprintf(word, sizeof(word), format, ap);
	va_end(ap);
	snprintf(rest, sizeof(rest), "%s", text);
	int n = snprintf(text, WAY, "%s%s%s", word, *rest ? "-" : "", rest);
	if (n >= WAY)
		text[0] = '\0'; // matches nothing
}

// Up to the last device in a row that is of this subsystem.
static void skip(struct sysdev *d, const char *subsystem)
{
	struct sysdev up = *d;

	while (sysdev_up(&up) && sysdev_is(&up, subsystem))
		*d = up;
}

// Hosts are numbered as they come; what stays is their number among those of the same device.
static int first_host(const struct sysdev *host)
{
	char path[PATH_MAX];
	int first = -1, n;

	snprintf(path, sizeof(path), "%s", host->path);
	*strrchr(path, '/') = '\0';
	DIR *dir = opendir(path);
	for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
		if (sscanf(e->d_name, "host%d", &n) == 1 && (first < 0 || n < first))
			first = n;
	if (dir)
		closedir(dir);
	return first < 0 ? 0 : first;
}

static bool ata(const struct sysdev *host, int bus, int target, struct way *w)
{
	struct sysdev port = *host;
	char file[NAME_MAX + 40], number[32];

	if (!sysdev_up(&port))
		return false;
	snprintf(file, sizeof(file), "ata_port/%s/port_no", sysdev_name(&port));
	if (!sysdev_text(&port, file, number, sizeof(number)))
		return false;
	if (bus != 0) // behind a port multiplier
		prepend(w->text, "ata-%s.%d.0", number, bus);
	else
		prepend(w->text, "ata-%s.%d", number, target);
	prepend(w->old, "ata-%s", number);
	return true;
}

static void scsi(struct sysdev *d, struct way *w)
{
	static const char *const unknown[] = {"/rport-", "/end_device-", "/session", "/vmbus_", NULL};
	struct sysdev host;
	int number, bus, target, lun;

	if (!sysdev_is_type(d, "scsi", "scsi_device") || !sysdev_find_above(d, "scsi", "scsi_host", &host) ||
	        sscanf(sysdev_name(d), "%d:%d:%d:%d", &number, &bus, &target, &lun) != 4)
		return;
	for (const char *const *p = unknown; *p; p++)
		w->no_words = w->no_words || strstr(d->path, *p);
	if (strstr(d->path, "/ata"))
		w->no_words = w->no_words || !ata(&host, bus, target, w);
	else
		prepend(w->text, "scsi-%d:%d:%d:%d", number - first_host(&host), bus, target, lun);
	w->carries = true;
	*d = host;
}

static void usb(struct sysdev *d, struct way *w)
{
	const char *port = strchr(sysdev_name(d), '-');

	if (!port || (!sysdev_is_type(d, "usb", "usb_interface") && !sysdev_is_type(d, "usb", "usb_device")))
		return;
	prepend(w->text, "usb-0:%s", port + 1);
	w->carries = true;
	skip(d, "usb");
}

static void nvme(struct sysdev *d, const struct sysdev *disk, const char *subsystem, struct way *w)
{
	char nsid[32];

	if (!sysdev_text(disk, "nsid", nsid, sizeof(nsid)))
		return;
	prepend(w->text, "nvme-%s", nsid);
	w->begins = w->carries = true;
	skip(d, subsystem);
}

// Buses whose devices' own names stay the same.
static const struct {
	const char *subsystem;
	bool begins, carries, silent, old;
} buses[] = {
        {"pci", .begins = true, .old = true},
        {"platform", .begins = true, .carries = true},
        {"amba", .begins = true, .carries = true},
        {"acpi", .begins = true},
        {"xen", .begins = true},
        {"virtio", .carries = true, .silent = true},
};

static void bus(struct sysdev *d, struct way *w)
{
	for (size_t i = 0; i < sizeof(buses) / sizeof(buses[0]); i++) {
		if (!sysdev_is(d, buses[i].subsystem))
			continue;
		if (!buses[i].silent)
			prepend(w->text, "%s-%s", buses[i].subsystem, sysdev_name(d));
		if (buses[i].old && *w->old)
			prepend(w->old, "%s-%s", buses[i].subsystem, sysdev_name(d));
		w->begins = w->begins || buses[i].begins;
		w->carries = w->carries || buses[i].carries;
		skip(d, buses[i].subsystem);
		return;
	}
}

bool diskpath_of(const struct sysdev *disk, char *ret, char *ret_old, size_t size)
{
	struct sysdev d = *disk;
	struct way w = {0};

	while (sysdev_up(&d)) {
		if (sysdev_is(&d, "scsi"))
			scsi(&d, &w);
		else if (sysdev_is(&d, "usb"))
			usb(&d, &w);
		else if (sysdev_is(&d, "nvme"))
			nvme(&d, disk, "nvme", &w);
		else if (sysdev_is(&d, "nvme-subsystem"))
			nvme(&d, disk, "nvme-subsystem", &w);
		else
			bus(&d, &w);
	}
	if (!*w.text || !w.begins || !w.carries || w.no_words)
		return false;
	snprintf(ret, size, "%s", w.text);
	snprintf(ret_old, size, "%s", w.old);
	return true;
}
