// SPDX-License-Identifier: GPL-2.0-or-later
// Superblocks. Offsets and magic numbers are those of each file system's on-disk format as its documentation
// gives them.
#include "stage1/probe.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct reader {
	int fd;
	uint8_t at[4096]; // the last block read
};

// Little-endian numbers of any width up to 4 bytes.
static uint32_t le(const uint8_t *p, int bytes)
{
	uint32_t n = 0;

	for (int i = bytes - 1; i >= 0; i--)
		n = n << 8 | p[i];
	return n;
}

static bool read_at(struct reader *r, off_t offset, size_t len)
{
	return pread(r->fd, r->at, len, offset) == (ssize_t)len;
}

static void uuid_text(const uint8_t *u, char *ret, size_t size)
{
	static const uint8_t zero[16];

	ret[0] = '\0';
	if (memcmp(u, zero, 16) == 0)
		return;
	snprintf(ret, size, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0],
	        u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
	        u[15]);
}

// Fixed-width text: up to the first NUL, trailing spaces cut.
static void label_text(const uint8_t *p, size_t n, char *ret, size_t size)
{
	size_t len = strnlen((const char *)p, n);

	while (len > 0 && p[len - 1] == ' ')
		len--;
	if (len >= size)
		len = size - 1;
	memcpy(ret, p, len);
	ret[len] = '\0';
}

static size_t utf8_put(uint32_t c, char *p)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 0x3f));
		p[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 0x3f));
	p[2] = (char)(0x80 | (c >> 6 & 0x3f));
	p[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

// UTF-16LE, n units, to UTF-8.
static void utf16_text(const uint8_t *p, size_t n, char *ret, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t c = le(p + 2 * i, 2);

		if (c == 0)
			break;
		if (c >= 0xd800 && c < 0xdc00 && i + 1 < n) {
			uint32_t low = le(p + 2 * i + 2, 2);
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i++;
			}
		}
		if (len + 5 > size)
			break;
		len += utf8_put(c, ret + len);
	}
	ret[len] = '\0';
}

static bool probe_ext(struct reader *r, struct probe *ret)
{
	enum { COMPAT = 92, INCOMPAT = 96, RO_COMPAT = 100, HAS_JOURNAL = 4, JOURNAL_DEV = 8 };

	if (!read_at(r, 1024, 1024) || le(r->at + 56, 2) != 0xef53)
		return false;
	uint32_t incompat = le(r->at + INCOMPAT, 4), ro_compat = le(r->at + RO_COMPAT, 4);
	// Features that ext3 does not know make it ext4; a journal makes it ext3.
	const char *type = incompat & JOURNAL_DEV                                       ? "jbd"
	                   : (incompat & ~(uint32_t)0x16) || (ro_compat & ~(uint32_t)7) ? "ext4"
	                   : le(r->at + COMPAT, 4) & HAS_JOURNAL                        ? "ext3"
	                                                                                : "ext2";
	snprintf(ret->type, sizeof(ret->type), "%s", type);
	uuid_text(r->at + 104, ret->uuid, sizeof(ret->uuid));
	label_text(r->at + 120, 16, ret->label, sizeof(ret->label));
	return true;
}

static bool fat_type_ok(const uint8_t *b)
{
	bool fat32 = memcmp(b + 82, "FAT32   ", 8) == 0;
	bool fat16 = memcmp(b + 54, "FAT16   ", 8) == 0 || memcmp(b + 54, "FAT12   ", 8) == 0 ||
	             memcmp(b + 54, "FAT     ", 8) == 0;
	uint32_t sector = le(b + 11, 2);

	return b[510] == 0x55 && b[511] == 0xaa && (fat32 || fat16) && sector >= 512 && sector <= 4096 &&
	       (sector & (sector - 1)) == 0 && b[13] != 0 && (b[13] & (b[13] - 1)) == 0;
}

// The volume label entry of the root directory counts more than the boot sector's copy; blkid says so too.
static void fat_root_label(struct reader *r, off_t at, size_t bytes, struct probe *ret)
{
	for (; bytes >= 512 && read_at(r, at, 512); bytes -= 512, at += 512)
		for (const uint8_t *e = r->at; e < r->at + 512; e += 32) {
			if (e[0] == 0)
				return;
			if (e[0] != 0xe5 && (e[11] & 0x3f) != 0x0f && (e[11] & 0x18) == 0x08) {
				label_text(e, 11, ret->label, sizeof(ret->label));
				return;
			}
		}
}

static bool probe_vfat(struct reader *r, struct probe *ret)
{
	if (!read_at(r, 0, 512) || !fat_type_ok(r->at))
		return false;
	const uint8_t *b = r->at;
	bool fat32 = memcmp(b + 82, "FAT32   ", 8) == 0;
	const uint8_t *serial = b + (fat32 ? 67 : 39);
	uint32_t sector = le(b + 11, 2), reserved = le(b + 14, 2), fats = b[16];
	uint64_t fat_sectors = fat32 ? le(b + 36, 4) : le(b + 22, 2);
	uint64_t first = reserved + fats * fat_sectors;
	uint32_t cluster_bytes = b[13] * sector, root_bytes = le(b + 17, 2) * 32;

	snprintf(ret->type, sizeof(ret->type), "vfat");
	snprintf(ret->uuid, sizeof(ret->uuid), "%02X%02X-%02X%02X", serial[3], serial[2], serial[1],
	        serial[0]);
	label_text(b + (fat32 ? 71 : 43), 11, ret->label, sizeof(ret->label));
	if (strcmp(ret->label, "NO NAME") == 0)
		ret->label[0] = '\0';
	if (fat32)
		first += (uint64_t)(le(b + 44, 4) - 2) * (cluster_bytes / sector);
	fat_root_label(r, (off_t)(first * sector), fat32 ? cluster_bytes : root_bytes, ret);
	return true;
}

static bool probe_ntfs(struct reader *r, struct probe *ret)
{
	if (!read_at(r, 0, 512) || memcmp(r->at + 3, "NTFS    ", 8) != 0)
		return false;
	snprintf(ret->type, sizeof(ret->type), "ntfs");
	snprintf(ret->uuid, sizeof(ret->uuid), "%08X%08X", le(r->at + 76, 4), le(r->at + 72, 4));
	return true;
}

static bool probe_luks(struct reader *r, struct probe *ret)
{
	if (!read_at(r, 0, 512) || memcmp(r->at, "LUKS\xba\xbe", 6) != 0)
		return false;
	snprintf(ret->type, sizeof(ret->type), "crypto_LUKS");
	label_text(r->at + 168, 40, ret->uuid, sizeof(ret->uuid));
	if (r->at[7] == 2)
		label_text(r->at + 24, 48, ret->label, sizeof(ret->label));
	return true;
}

// Versions 1.0 (near the end of the device), 1.1 and 1.2. The superblock says itself where it is, so that one
// at the end of a partition is not taken for one of its disk.
static bool probe_raid(struct reader *r, struct probe *ret)
{
	off_t end = lseek(r->fd, 0, SEEK_END);
	off_t places[] = {4096, 0, end > 65536 ? ((end >> 9) - 16) / 8 * 8 * 512 : 0};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!read_at(r, places[i], 256) || le(r->at, 4) != 0xa92b4efc || le(r->at + 4, 4) != 1 ||
		        ((uint64_t)le(r->at + 148, 4) << 32 | le(r->at + 144, 4)) !=
		                (uint64_t)places[i] / 512)
			continue;
		snprintf(ret->type, sizeof(ret->type), "linux_raid_member");
		uuid_text(r->at + 16, ret->uuid, sizeof(ret->uuid));
		label_text(r->at + 32, 32, ret->label, sizeof(ret->label));
		return true;
	}
	return false;
}

// An image of hibernation takes the place of the swap area's signature.
static bool probe_hibernated(struct reader *r, struct probe *ret)
{
	static const char *const magic[] = {"S1SUSPEND", "S2SUSPEND", "ULSUSPEND", "LINHIB0001"};

	for (size_t i = 0; i < sizeof(magic) / sizeof(magic[0]); i++)
		if (memcmp(r->at + 4086, magic[i], strlen(magic[i])) == 0) {
			snprintf(ret->type, sizeof(ret->type), "swsuspend");
			return true;
		}
	return false;
}

static bool probe_swap(struct reader *r, struct probe *ret)
{
	if (!read_at(r, 0, 4096))
		return false;
	if (memcmp(r->at + 4086, "SWAPSPACE2", 10) == 0)
		snprintf(ret->type, sizeof(ret->type), "swap");
	else if (!probe_hibernated(r, ret))
		return false;
	uuid_text(r->at + 1036, ret->uuid, sizeof(ret->uuid));
	label_text(r->at + 1052, 16, ret->label, sizeof(ret->label));
	return true;
}

// Those whose superblock says all in fixed places.
static const struct {
	const char *type;
	off_t offset;
	const char *magic;
	uint8_t magic_at, magic_bytes;
	int16_t uuid_at, label_at; // from the superblock; -1: none
	uint16_t label_bytes;
} fixed_rows[] = {
        {"xfs", 0, "XFSB", 0, 4, 32, 108, 12},
        {"btrfs", 0x10000, "_BHRfS_M", 64, 8, 32, 299, 256},
        {"squashfs", 0, "hsqs", 0, 4, -1, -1, 0},
        {"erofs", 1024, "\xe2\xe1\xf5\xe0", 0, 4, 48, 64, 16},
        {"bcachefs", 4096, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81", 24, 16, 56, 72,
                32},
        {"LVM2_member", 512, "LABELONE", 0, 8, -1, -1, 0},
        {"iso9660", 32768, "CD001", 1, 5, -1, 40, 32},
        {"nilfs2", 1024, "\x34\x34", 6, 2, 152, 168, 80},
};

static bool probe_fixed(struct reader *r, struct probe *ret)
{
	for (size_t i = 0; i < sizeof(fixed_rows) / sizeof(fixed_rows[0]); i++) {
		if (!read_at(r, fixed_rows[i].offset, 1024) ||
		        memcmp(r->at + fixed_rows[i].magic_at, fixed_rows[i].magic,
		                fixed_rows[i].magic_bytes) != 0)
			continue;
		snprintf(ret->type, sizeof(ret->type), "%s", fixed_rows[i].type);
		if (fixed_rows[i].uuid_at >= 0)
			uuid_text(r->at + fixed_rows[i].uuid_at, ret->uuid, sizeof(ret->uuid));
		if (fixed_rows[i].label_at >= 0)
			label_text(r->at + fixed_rows[i].label_at, fixed_rows[i].label_bytes, ret->label,
			        sizeof(ret->label));
		return true;
	}
	return false;
}

static bool probe_f2fs(struct reader *r, struct probe *ret)
{
	if (!read_at(r, 1024, 2048) || le(r->at, 4) != 0xf2f52010)
		return false;
	snprintf(ret->type, sizeof(ret->type), "f2fs");
	uuid_text(r->at + 108, ret->uuid, sizeof(ret->uuid));
	utf16_text(r->at + 124, 512, ret->label, sizeof(ret->label));
	return true;
}

// Containers first: what is inside of them may look like a file system at the same place.
bool probe_fd(int fd, struct probe *ret)
{
	static bool (*const rows[])(struct reader *, struct probe *) = {probe_raid, probe_luks, probe_swap,
	        probe_fixed, probe_ext, probe_f2fs, probe_ntfs, probe_vfat};
	struct reader r = {.fd = fd};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		*ret = (struct probe){0};
		if (rows[i](&r, ret))
			return true;
	}
	*ret = (struct probe){0};
	return false;
}

bool probe_mountable(const char *type)
{
	static const char *const not_mountable[] = {
	        "", "crypto_LUKS", "LVM2_member", "linux_raid_member", "swap", "swsuspend", "jbd"};

	for (size_t i = 0; i < sizeof(not_mountable) / sizeof(not_mountable[0]); i++)
		if (strcmp(type, not_mountable[i]) == 0)
			return false;
	return true;
}

// GPT writes the first three fields of a GUID in little-endian order.
static void guid_text(const uint8_t *g, char *ret, size_t size)
{
	uint8_t u[16] = {g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6]};

	memcpy(u + 8, g + 8, 8);
	uuid_text(u, ret, size);
}

static bool gpt_read(struct reader *r, unsigned block_bytes, unsigned number, struct part_id *ret)
{
	if (!read_at(r, block_bytes, 512) || memcmp(r->at, "EFI PART", 8) != 0)
		return false;
	uint64_t table = (uint64_t)le(r->at + 76, 4) << 32 | le(r->at + 72, 4);
	uint32_t count = le(r->at + 80, 4), entry_bytes = le(r->at + 84, 4);

	if (number < 1 || number > count || entry_bytes < 128 || entry_bytes > 4096 || table > UINT32_MAX)
		return false;
	if (!read_at(r, (off_t)(table * block_bytes + (uint64_t)(number - 1) * entry_bytes), 128))
		return false;
	guid_text(r->at + 16, ret->uuid, sizeof(ret->uuid));
	utf16_text(r->at + 56, 36, ret->label, sizeof(ret->label));
	return ret->uuid[0] != '\0';
}

bool part_id_read(int fd, unsigned block_bytes, unsigned number, struct part_id *ret)
{
	struct reader r = {.fd = fd};
	struct part_id id = {0};

	if (!read_at(&r, 0, 512) || r.at[510] != 0x55 || r.at[511] != 0xaa)
		return false;
	uint32_t signature = le(r.at + 440, 4);
	if (!gpt_read(&r, block_bytes, number, &id)) {
		if (signature == 0)
			return false;
		snprintf(id.uuid, sizeof(id.uuid), "%08x-%02x", signature, number);
	}
	*ret = id;
	return true;
}
