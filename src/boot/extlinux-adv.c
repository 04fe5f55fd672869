// SPDX-License-Identifier: GPL-2.0-or-later
// Reads and writes the vector in place: the loader knows its sectors by number, so the file must not move. It
// is no link, for that could lead to any file.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/immutable.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/extlinux-adv.h"

#define SECTOR      512
#define HEAD_MAGIC  0x5a2d2fa5u
#define SUM_MAGIC   0xa3041767u // checksum and data words add up to it
#define TAIL_MAGIC  0xdd28bf64u
#define DATA_AT     8
#define DATA_BYTES  (SECTOR - DATA_AT - 4)
#define TAG_END     0
#define TAG_ONCE    1
#define MSDOS_MAGIC 0x4d44
#define EXT_MAGIC   0xef53

static uint32_t word_at(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_word(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t sum_of(const uint8_t *sector)
{
	uint32_t sum = SUM_MAGIC;

	for (size_t i = DATA_AT; i < SECTOR - 4; i += 4)
		sum -= word_at(sector + i);
	return sum;
}

static bool is_valid(const uint8_t *sector)
{
	return word_at(sector) == HEAD_MAGIC && word_at(sector + SECTOR - 4) == TAIL_MAGIC &&
	       word_at(sector + 4) == sum_of(sector);
}

// The data of the first copy that is whole, and true; all zero when neither is.
static int read_data(int fd, const char *file, uint8_t data[DATA_BYTES], off_t *ret_at, struct err *e)
{
	uint8_t sectors[2 * SECTOR];
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_size < 2 * SECTOR)
		return err_set(e, -EINVAL, "'%s' is no ldlinux.sys", file);
	*ret_at = st.st_size - 2 * SECTOR;
	if (pread(fd, sectors, sizeof(sectors), *ret_at) != sizeof(sectors))
		return err_sys(e, errno, "reading '%s'", file);
	memset(data, 0, DATA_BYTES);
	for (size_t i = 0; i < 2; i++)
		if (is_valid(sectors + i * SECTOR)) {
			memcpy(data, sectors + i * SECTOR + DATA_AT, DATA_BYTES);
			return 1;
		}
	return 0;
}

static bool has_notes(const char *file)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_close_ int fd = fs_open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, &ignored);
	uint8_t data[DATA_BYTES];
	off_t at;

	return fd >= 0 && read_data(fd, file, data, &at, &ignored) > 0;
}

bool extlinux_adv_is_usable(const char *file, bool *ret_there)
{
	struct statfs fs;
	struct stat st;

	*ret_there = lstat(file, &st) == 0 && S_ISREG(st.st_mode);
	return *ret_there && st.st_size >= 2 * SECTOR && statfs(file, &fs) == 0 &&
	       ((unsigned long)fs.f_type == EXT_MAGIC || (unsigned long)fs.f_type == MSDOS_MAGIC) &&
	       has_notes(file);
}

// The next record at *at: false at the end, or where its length leads out of the data.
static bool next_record(
        const uint8_t *data, size_t *at, uint8_t *ret_tag, const uint8_t **ret, size_t *ret_len)
{
	if (*at + 2 > DATA_BYTES || data[*at] == TAG_END || *at + 2 + data[*at + 1] > DATA_BYTES)
		return false;
	*ret_tag = data[*at];
	*ret_len = data[*at + 1];
	*ret = data + *at + 2;
	*at += 2 + *ret_len;
	return true;
}

int extlinux_adv_read(const char *file, char **ret, struct err *e)
{
	_cleanup_close_ int fd = fs_open(file, O_RDONLY | O_NOFOLLOW, 0, e);
	uint8_t data[DATA_BYTES], tag;
	const uint8_t *record;
	size_t at = 0, len;
	off_t place;

	*ret = NULL;
	int r = fd < 0 ? fd : read_data(fd, file, data, &place, e);
	while (r > 0 && !*ret && next_record(data, &at, &tag, &record, &len))
		if (tag == TAG_ONCE && len)
			*ret = mem_strndup((const char *)record, len);
	return MIN(r, 0);
}

// The sector with the same records but for the command.
static int make_sector(const uint8_t *old, const char *command, uint8_t sector[SECTOR], struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	const uint8_t *record;
	size_t at = 0, len, command_len = command ? strlen(command) : 0;
	uint8_t tag;

	while (next_record(old, &at, &tag, &record, &len))
		if (tag != TAG_ONCE)
			buf_add(&b, record - 2, len + 2);
	if (command_len) {
		buf_addc(&b, TAG_ONCE);
		buf_addc(&b, (char)command_len);
		buf_adds(&b, command);
	}
	if (command_len > 255 || b.len > DATA_BYTES)
		return err_set(e, -ENAMETOOLONG, "the label '%s' is too long for EXTLINUX's note", command);
	memset(sector, 0, SECTOR);
	memcpy(sector + DATA_AT, buf_str(&b), b.len);
	put_word(sector, HEAD_MAGIC);
	put_word(sector + SECTOR - 4, TAIL_MAGIC);
	put_word(sector + 4, sum_of(sector));
	return 0;
}

// One copy after the other, so that one of them is whole at every instant.
static int write_sectors(int fd, const char *file, const uint8_t sector[SECTOR], off_t at, struct err *e)
{
	for (int i = 0; i < 2; i++)
		if (pwrite(fd, sector, SECTOR, at + i * SECTOR) != SECTOR || fsync(fd) < 0)
			return err_sys(e, errno, "writing '%s'", file);
	return 0;
}

int extlinux_adv_write(const char *file, const char *command, struct err *e)
{
	uint8_t data[DATA_BYTES], sector[SECTOR];
	int flags = -1;
	off_t at = 0;
	int r = immutable_lift(file, &flags, e); // EXTLINUX makes its file immutable

	if (r < 0)
		return r;
	_cleanup_close_ int fd = fs_open(file, O_RDWR | O_NOFOLLOW, 0, e);
	r = fd < 0 ? fd : read_data(fd, file, data, &at, e);
	if (r == 0) // the end of a file that is something else must stay
		r = err_set(e, -EINVAL,
		        "'%s' has no notes of EXTLINUX at its end: 'extlinux --install' writes them", file);
	if (r > 0)
		r = make_sector(data, command, sector, e);
	if (r == 0)
		r = write_sectors(fd, file, sector, at, e);
	int again = fd >= 0 ? immutable_restore(fd, file, flags, r == 0 ? e : NULL) : 0;
	return r < 0 ? r : again;
}
