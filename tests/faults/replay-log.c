// SPDX-License-Identifier: GPL-2.0-or-later
// Puts a recorded block device into the state that it had at some moment. The record has the format of
// Linux's dm-log-writes, as QEMU's driver blklogwrites writes it, too: a super sector, then for each write
// one sector that says where, how long and of what kind, and its data.
//   replay-log LOG                 prints 'ENTRIES FLUSHES': what was recorded up to now
//   replay-log LOG N SEED IMAGE    applies the first N entries to IMAGE
// With a SEED but 0, about half of what was written after the last flush among them is left out, chosen by
// SEED: a disk may lose those when the power goes, and need not keep their order. What was written with FUA
// is never left out.
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_MAGIC 0x6a736677736872ULL

enum { FLUSH = 1, FUA = 2, DISCARD = 4, MARK = 8 };
enum { SECTOR = 512, PIECE = 1 << 20 }; // places on the device are in sectors of 512 bytes

struct log_super {
	uint64_t magic, version, n_entries;
	uint32_t sector_size;
} __attribute__((packed));
struct log_entry {
	uint64_t sector, n_sectors, flags, data_length;
} __attribute__((packed));

struct record {
	int fd;
	uint32_t sector_size;
	uint64_t at; // of the next entry
};

static void die(const char *what)
{
	fprintf(stderr, "replay-log: %s: %s\n", what, errno ? strerror(errno) : "wrong contents");
	exit(1);
}

static void record_open(struct record *r, const char *path)
{
	struct log_super super;
	r->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0 || pread(r->fd, &super, sizeof(super), 0) != sizeof(super))
		die(path);
	errno = 0;
	r->sector_size =
	        super.magic ? le32toh(super.sector_size) : SECTOR; // it is written at the first flush
	if ((super.magic && le64toh(super.magic) != LOG_MAGIC) || le64toh(super.version) > 1 ||
	        r->sector_size < SECTOR)
		die(path);
	r->at = r->sector_size;
}

// The next entry and where its data is; false at the end: nothing was written there yet.
static bool record_next(struct record *r, struct log_entry *e, uint64_t *data)
{
	if (pread(r->fd, e, sizeof(*e), (off_t)r->at) != sizeof(*e))
		return false;
	e->sector = le64toh(e->sector);
	e->n_sectors = le64toh(e->n_sectors);
	e->flags = le64toh(e->flags);
	if (!e->n_sectors && !e->flags)
		return false;
	*data = r->at + r->sector_size;
	r->at = *data;
	if (!(e->flags & (DISCARD | MARK)))
		r->at += (e->n_sectors * SECTOR + r->sector_size - 1) / r->sector_size * r->sector_size;
	return true;
}

static void apply(const struct record *r, const struct log_entry *e, uint64_t data, int image)
{
	static char piece[PIECE];
	uint64_t left = e->n_sectors * SECTOR, to = e->sector * SECTOR;
	while (left) {
		size_t n = left < PIECE ? left : PIECE;
		if (e->flags &
		        DISCARD) // reads of what was discarded may give anything: zeros are the usual answer
			memset(piece, 0, n);
		else if (pread(r->fd, piece, n, (off_t)data) != (ssize_t)n)
			die("reading the record");
		if (pwrite(image, piece, n, (off_t)to) != (ssize_t)n)
			die("writing the image");
		left -= n;
		to += n;
		data += n;
	}
}

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

// The number of the last flush among the first n entries: everything before it is on the disk.
static unsigned long last_flush(const struct record *r, unsigned long n)
{
	struct record walk = *r;
	struct log_entry e;
	uint64_t data;
	unsigned long last = 0;
	for (unsigned long i = 1; i <= n && record_next(&walk, &e, &data); i++)
		if (e.flags & FLUSH)
			last = i;
	return last;
}

static void replay(struct record *r, unsigned long n, uint64_t seed, int image)
{
	struct log_entry e;
	uint64_t data, state = seed * 0x9e3779b97f4a7c15ULL + 1;
	unsigned long safe = seed ? last_flush(r, n) : n;
	for (unsigned long i = 1; i <= n && record_next(r, &e, &data); i++)
		if (i <= safe || (e.flags & FUA) || (random_next(&state) >> 33) & 1)
			apply(r, &e, data, image);
}

static void count(struct record *r)
{
	struct log_entry e;
	uint64_t data;
	unsigned long n = 0, flushes = 0;
	while (record_next(r, &e, &data)) {
		n++;
		flushes += e.flags & FLUSH;
	}
	printf("%lu %lu\n", n, flushes);
}

int main(int argc, char **argv)
{
	struct record r;
	if (argc != 2 && argc != 5) {
		fprintf(stderr, "usage: replay-log LOG [N SEED IMAGE]\n");
		return 2;
	}
	record_open(&r, argv[1]);
	if (argc == 2) {
		count(&r);
		return 0;
	}
	int image = open(argv[4], O_WRONLY | O_CLOEXEC);
	if (image < 0)
		die(argv[4]);
	replay(&r, strtoul(argv[2], NULL, 10), strtoull(argv[3], NULL, 10), image);
	if (close(image))
		die(argv[4]);
	return 0;
}
