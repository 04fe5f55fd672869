// SPDX-License-Identifier: GPL-2.0-or-later
// Names of disks by what the disks say of themselves. Each kind of name is a row: which disks may have it,
// and a function that makes the names of one disk and compares.
#include "stage1/diskid.h"

#include <ctype.h>
#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <linux/hdreg.h>
#include <scsi/sg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "stage1/blockdev.h"
#include "stage1/probe.h"

#define TEXT 300

// --- letters ---

void diskid_squeeze(char *s)
{
	size_t len = 0;

	for (const char *p = s; *p; p++)
		if (!isspace((unsigned char)*p))
			s[len++] = *p;
		else if (len > 0 && p[1] && !isspace((unsigned char)p[1]))
			s[len++] = '_';
	s[len] = '\0';
}

// Bytes of the UTF-8 character of more than one byte at s, or 0.
static size_t utf8_bytes(const unsigned char *s)
{
	size_t n = s[0] >= 0xc2 && s[0] < 0xe0   ? 2
	           : (s[0] & 0xf0) == 0xe0       ? 3
	           : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
	                                         : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void diskid_replace(char *s, const char *allowed)
{
	while (*s) {
		size_t n = utf8_bytes((const unsigned char *)s);

		if (n > 0) {
			s += n;
		} else if (s[0] == '\\' && s[1] == 'x') {
			s += 2;
		} else {
			if (!isalnum((unsigned char)*s) && !strchr("#+-.:=@_", *s) && !strchr(allowed, *s))
				*s = '_';
			s++;
		}
	}
}

// As udev takes an attribute into a link's name.
static void attribute_to_name(char *s)
{
	diskid_replace(s, "/ $%?,");
	diskid_squeeze(s);
	diskid_replace(s, "/");
}

// As its programs take what a device says.
static void said_to_name(char *s)
{
	diskid_squeeze(s);
	diskid_replace(s, "");
}

// --- kinds ---

static bool virtio_is(const struct sysdev *disk, const char *want)
{
	char serial[TEXT];

	if (!sysdev_text_above(disk, "serial", serial, sizeof(serial)))
		return false;
	attribute_to_name(serial);
	return strcmp(serial, want) == 0;
}

static bool nvme_is(const struct sysdev *disk, const char *want)
{
	char model[TEXT], serial[TEXT], nsid[32], made[2 * TEXT + 40];

	if (sysdev_text(disk, "wwid", made, TEXT)) {
		attribute_to_name(made);
		if (strcmp(made, want) == 0)
			return true;
	}
	if (!sysdev_text_above(disk, "model", model, sizeof(model)) ||
	        !sysdev_text_above(disk, "serial", serial, sizeof(serial)))
		return false;
	int n = snprintf(made, sizeof(made), "%s_%s", model, serial);
	diskid_replace(made, "");
	if (strcmp(made, want) == 0)
		return true;
	if (!sysdev_text_above(disk, "nsid", nsid, sizeof(nsid)))
		return false;
	snprintf(made + n, sizeof(made) - (size_t)n, "_%s", nsid);
	return strcmp(made, want) == 0;
}

static bool mmc_is(const struct sysdev *disk, const char *want)
{
	struct sysdev card;
	char name[TEXT], serial[TEXT], made[2 * TEXT + 2];

	if (!sysdev_find_above(disk, "mmc", NULL, &card) || !sysdev_text(&card, "name", name, sizeof(name)) ||
	        !sysdev_text(&card, "serial", serial, sizeof(serial)))
		return false;
	snprintf(made, sizeof(made), "%s_%s", name, serial);
	attribute_to_name(made);
	return strcmp(made, want) == 0;
}

static int open_disk(const struct sysdev *disk)
{
	struct blockdev d = {0};
	char path[80];

	snprintf(d.name, sizeof(d.name), "%.63s", sysdev_name(disk));
	blockdev_path(&d, path, sizeof(path));
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

// IDENTIFY DEVICE in an ATA PASS-THROUGH(16), for disks behind a bridge or an adapter that speaks SCSI.
static bool identify_through(int fd, uint16_t words[256])
{
	uint8_t command[16] = {0x85, 4 << 1, 0x0e, [6] = 1, [14] = 0xec}, sense[32];
	uint8_t data[512] = {0};
	struct sg_io_hdr io = {.interface_id = 'S',
	        .dxfer_direction = SG_DXFER_FROM_DEV,
	        .cmd_len = sizeof(command),
	        .mx_sb_len = sizeof(sense),
	        .dxfer_len = sizeof(data),
	        .dxferp = data,
	        .cmdp = command,
	        .sbp = sense,
	        .timeout = 2500};

	if (ioctl(fd, SG_IO, &io) != 0 || io.status != 0 || io.host_status != 0)
		return false;
	memcpy(words, data, sizeof(data));
	for (size_t i = 0; i < 256; i++) {
		bool text =
		        (i >= 10 && i < 20) || (i >= 23 && i < 47); // two bytes a word, the first one high
		words[i] = text ? be16toh(words[i]) : le16toh(words[i]);
		if (text)
			words[i] = htole16(words[i]);
	}
	return words[0] != 0 || words[27] != 0;
}

// Adapters of the kernel's libata keep what the disk said; then no command is sent.
static bool ata_identify(const struct sysdev *disk, uint16_t words[256])
{
	struct sysdev usb;
	char text[64];
	bool is_usb = sysdev_find_above(disk, "usb", NULL, &usb);

	if (is_usb ? !sysdev_text(disk, "removable", text, sizeof(text)) || strcmp(text, "0") != 0
	           : !sysdev_text_above(disk, "vendor", text, sizeof(text)) || strcmp(text, "ATA") != 0)
		return false;
	int fd = open_disk(disk);
	if (fd < 0)
		return false;
	bool ok = (!is_usb && ioctl(fd, HDIO_GET_IDENTITY, words) == 0) || identify_through(fd, words);
	close(fd);
	return ok;
}

static bool ata_is(const struct sysdev *disk, const char *want)
{
	uint16_t words[256];
	char model[41] = "", serial[21] = "", made[70];

	if (!ata_identify(disk, words))
		return false;
	memcpy(serial, words + 10, 20);
	memcpy(model, words + 27, 40);
	said_to_name(model);
	said_to_name(serial);
	snprintf(made, sizeof(made), "%s%s%s", model, *serial ? "_" : "", serial);
	return strcmp(made, want) == 0;
}

// Page 0x83 of a disk's product data: one designator after the other.
struct designators {
	uint8_t page[4096];
	size_t len, at;
};

static bool designators_read(const struct sysdev *disk, struct designators *ret)
{
	ssize_t n = sysdev_bytes(disk, "device/vpd_pg83", ret->page, sizeof(ret->page));

	if (n < 4)
		return false;
	size_t said = 4 + ((size_t)ret->page[2] << 8 | ret->page[3]);
	ret->len = said < (size_t)n ? said : (size_t)n;
	ret->at = 4;
	return true;
}

// The next one that is about the disk (not its port or target) and no more than fits; NULL at the end.
static const uint8_t *designators_next(struct designators *p)
{
	while (p->at + 4 <= p->len && p->at + 4 + p->page[p->at + 3] <= p->len) {
		const uint8_t *d = p->page + p->at;

		p->at += 4 + (size_t)d[3];
		if ((d[1] & 0x30) == 0)
			return d;
	}
	return NULL;
}

enum { DESIGNATOR_VENDOR = 0, DESIGNATOR_NAA = 3 };

#define DESIGNATOR_TEXT 640 // two digits for each of 255 bytes at the most, and what is before them

// "35000c500...", "1ATA     ...".
static void designator_text(const uint8_t *d, const char *vendor_model, char ret[DESIGNATOR_TEXT])
{
	bool binary = (d[0] & 0xf) == 1;
	int n = snprintf(ret, DESIGNATOR_TEXT, "%X%s", d[1] & 0xf,
	        (d[1] & 0xf) == DESIGNATOR_VENDOR ? vendor_model : "");

	for (size_t i = 0; i < d[3]; i++)
		n += snprintf(ret + n, DESIGNATOR_TEXT - (size_t)n, binary ? "%02x" : "%c", d[4 + i]);
	ret[n] = '\0';
}

// Vendor and model as the disk has them, in 8 and 16 bytes.
static void vendor_model(const struct sysdev *disk, char ret[25])
{
	char vendor[64] = "", model[64] = "";

	sysdev_text(disk, "device/vendor", vendor, sizeof(vendor));
	sysdev_text(disk, "device/model", model, sizeof(model));
	snprintf(ret, 25, "%-8.8s%-16.16s", vendor, model);
}

static bool scsi_is(const struct sysdev *disk, const char *want)
{
	struct designators p;
	char who[25], made[DESIGNATOR_TEXT];

	vendor_model(disk, who);
	for (const uint8_t *d = designators_read(disk, &p) ? designators_next(&p) : NULL; d;
	        d = designators_next(&p)) {
		designator_text(d, who, made);
		said_to_name(made);
		if (strcmp(made, want) == 0)
			return true;
	}
	ssize_t n = sysdev_bytes(disk, "device/vpd_pg80", p.page, sizeof(p.page));
	if (n <= 4)
		return false;
	snprintf(made, sizeof(made), "S%s%.*s", who, p.page[3], (const char *)p.page + 4);
	said_to_name(made);
	return strcmp(made, want) == 0;
}

static bool wwn_is(const struct sysdev *disk, const char *want)
{
	uint16_t words[256];
	struct designators p;
	char made[DESIGNATOR_TEXT], wwid[TEXT];

	if (strncmp(want, "0x", 2) != 0)
		return false;
	for (const uint8_t *d = designators_read(disk, &p) ? designators_next(&p) : NULL; d;
	        d = designators_next(&p)) {
		designator_text(d, "", made);
		if ((d[1] & 0xf) == DESIGNATOR_NAA && strcmp(made + 1, want + 2) == 0)
			return true;
	}
	if (sysdev_text(disk, "device/wwid", wwid, sizeof(wwid)) && strncmp(wwid, "naa.", 4) == 0 &&
	        strcmp(wwid + 4, want + 2) == 0)
		return true;
	if (!ata_identify(disk, words) || (words[108] & 0xf000) != 0x5000)
		return false;
	snprintf(made, sizeof(made), "%04x%04x%04x%04x", words[108], words[109], words[110], words[111]);
	return strcmp(made, want + 2) == 0;
}

// A storage device of USB says its name twice: in USB's words and, where it speaks SCSI, in SCSI's, which
// win.
static bool usb_text(const struct sysdev *at, const char *file, const struct sysdev *usb,
        const char *usb_file, const char *usb_id, char ret[TEXT])
{
	if ((at && sysdev_text(at, file, ret, TEXT)) || sysdev_text(usb, usb_file, ret, TEXT) ||
	        (usb_id && sysdev_text(usb, usb_id, ret, TEXT))) {
		said_to_name(ret);
		return true;
	}
	ret[0] = '\0';
	return false;
}

// Only printable letters, and no comma, are taken for a serial number.
static void usb_serial(const struct sysdev *usb, char ret[TEXT])
{
	if (!sysdev_text(usb, "serial", ret, TEXT))
		ret[0] = '\0';
	for (const char *p = ret; *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7f || *p == ',') {
			ret[0] = '\0';
			return;
		}
	said_to_name(ret);
}

static bool usb_is(const struct sysdev *disk, const char *want)
{
	struct sysdev usb, interface, scsi;
	char vendor[TEXT], model[TEXT], serial[TEXT], subclass[16] = "", place[40] = "", made[3 * TEXT + 50];
	int target, lun;

	if (!sysdev_find_above(disk, "usb", "usb_device", &usb) ||
	        !sysdev_find_above(disk, "usb", "usb_interface", &interface))
		return false;
	sysdev_text(&interface, "bInterfaceSubClass", subclass, sizeof(subclass));
	bool speaks_scsi = (strcmp(subclass, "06") == 0 || strcmp(subclass, "02") == 0) &&
	                   sysdev_find_above(disk, "scsi", "scsi_device", &scsi) &&
	                   sscanf(sysdev_name(&scsi), "%*d:%*d:%d:%d", &target, &lun) == 2;
	if (speaks_scsi)
		snprintf(place, sizeof(place), "-%d:%d", target, lun);
	usb_text(speaks_scsi ? &scsi : NULL, "vendor", &usb, "manufacturer", "idVendor", vendor);
	usb_text(speaks_scsi ? &scsi : NULL, "model", &usb, "product", "idProduct", model);
	usb_serial(&usb, serial);
	snprintf(made, sizeof(made), "%s_%s%s%s%s", vendor, model, *serial ? "_" : "", serial, place);
	return strcmp(made, want) == 0;
}

// What the first member of an array that can be read says of the array.
static bool array_member(const struct sysdev *md, struct probe *ret)
{
	char path[PATH_MAX];
	bool ok = false;

	if (snprintf(path, sizeof(path), "%s/slaves", md->path) >= (int)sizeof(path))
		return false;
	DIR *dir = opendir(path);
	for (struct dirent *e = dir ? readdir(dir) : NULL; e && !ok; e = readdir(dir)) {
		struct sysdev member = {0};

		if (e->d_name[0] == '.' || snprintf(member.path, sizeof(member.path), "/%s", e->d_name) < 2)
			continue;
		int fd = open_disk(&member);
		ok = fd >= 0 && probe_fd(fd, ret) && strcmp(ret->type, "linux_raid_member") == 0;
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
	return ok;
}

static bool array_name_is(const struct sysdev *md, const char *want)
{
	struct probe p;

	if (!array_member(md, &p) || !*p.label)
		return false;
	attribute_to_name(p.label);
	return strcmp(p.label, want) == 0;
}

// mdadm writes eight digits and a colon, four times; the probe writes a UUID as others do.
static bool array_uuid_is(const struct sysdev *md, const char *want)
{
	struct probe p;
	const char *have = p.uuid;

	if (!array_member(md, &p))
		return false;
	for (size_t digits = 0; *want; want++) {
		if (*want == ':' && digits > 0 && digits % 8 == 0)
			continue;
		have += *have == '-';
		if (*have == '\0' || tolower((unsigned char)*have++) != tolower((unsigned char)*want))
			return false;
		digits++;
	}
	return *have == '\0';
}

static bool path_is(const struct sysdev *disk, const char *want)
{
	char path[TEXT], old[TEXT];

	if (!diskpath_of(disk, path, old, TEXT))
		return false;
	if (strncmp(want, "virtio-pci-", 11) == 0 && strncmp(sysdev_name(disk), "vd", 2) == 0)
		want += strlen("virtio-");
	return strcmp(path, want) == 0 || (*old && strcmp(old, want) == 0);
}

#define BY_ID "/dev/disk/by-id/"

static const struct {
	const char *prefix;
	const char *disks; // their names begin with one of these words; NULL: all
	bool (*is)(const struct sysdev *disk, const char *want);
} kinds[] = {
        {BY_ID "ata-", "sd sr", ata_is},
        {BY_ID "md-name-", "md", array_name_is},
        {BY_ID "md-uuid-", "md", array_uuid_is},
        {BY_ID "mmc-", "mmcblk", mmc_is},
        {BY_ID "nvme-", "nvme", nvme_is},
        {BY_ID "scsi-", "sd sr", scsi_is},
        {BY_ID "usb-", "sd sr", usb_is},
        {BY_ID "virtio-", "vd", virtio_is},
        {BY_ID "wwn-", "sd sr", wwn_is},
        {"/dev/disk/by-path/", NULL, path_is},
};

static size_t kind_of(const char *spec)
{
	size_t i = 0;

	while (i < sizeof(kinds) / sizeof(kinds[0]) &&
	        strncmp(spec, kinds[i].prefix, strlen(kinds[i].prefix)) != 0)
		i++;
	return i;
}

bool diskid_is_spec(const char *spec)
{
	return kind_of(spec) < sizeof(kinds) / sizeof(kinds[0]);
}

static bool may_be(const char *disks, const char *name)
{
	for (const char *p = disks; p && *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		if (strncmp(name, p, len) == 0)
			return true;
		p += len;
	}
	return !disks;
}

bool diskid_matches(const char *sys, const char *name, const char *spec)
{
	size_t kind = kind_of(spec);
	struct sysdev d;
	char number[32], end[48] = "", want[TEXT];

	if (kind == sizeof(kinds) / sizeof(kinds[0]) || !may_be(kinds[kind].disks, name) ||
	        !sysdev_of_block(sys, name, &d))
		return false;
	if (sysdev_text(&d, "partition", number, sizeof(number))) {
		snprintf(end, sizeof(end), "-part%.30s", number);
		if (!sysdev_up(&d))
			return false;
	}
	int n = snprintf(want, sizeof(want), "%s", spec + strlen(kinds[kind].prefix));
	size_t len = (size_t)n, end_len = strlen(end);
	if (len >= sizeof(want) || len <= end_len || strcmp(want + len - end_len, end) != 0)
		return false;
	want[len - end_len] = '\0';
	return kinds[kind].is(&d, want);
}
