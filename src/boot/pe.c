// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the headers of EFI programs.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/pe.h"

#define COFF_BYTES  24 // with "PE\0\0"
#define CERTIFICATE 4  // place of the certificate table among the data directories

uint16_t le16_at(const void *data, size_t at)
{
	const uint8_t *b = (const uint8_t *)data + at;

	return (uint16_t)(b[0] | b[1] << 8);
}

uint32_t le32_at(const void *data, size_t at)
{
	return le16_at(data, at) | (uint32_t)le16_at(data, at + 2) << 16;
}

void le32_put(void *data, size_t at, uint32_t value)
{
	uint8_t *b = (uint8_t *)data + at;

	for (int i = 0; i < 4; i++)
		b[i] = (uint8_t)(value >> (8 * i));
}

static int broken(struct err *e, const char *name, const char *why)
{
	return err_set(e, -EINVAL, "'%s' is not an EFI program (PE): %s", name, why);
}

static int parse_sections(
        const void *head, size_t len, uint64_t size_bytes, const char *name, struct pe *pe, struct err *e)
{
	if (pe->len > PE_SECTIONS_MAX || pe->table + pe->len * PE_SECTION_BYTES > len)
		return broken(e, name, "its section table does not end");
	for (size_t i = 0; i < pe->len; i++) {
		size_t at = pe->table + i * PE_SECTION_BYTES;
		struct pe_section *s = &pe->sections[i];
		memcpy(s->name, (const char *)head + at, 8);
		s->memory_bytes = le32_at(head, at + 8);
		s->address = le32_at(head, at + 12);
		s->file_bytes = le32_at(head, at + 16);
		s->offset = le32_at(head, at + 20);
		if ((uint64_t)s->offset + s->file_bytes > size_bytes)
			return broken(e, name, "a section lies beyond its end");
	}
	return 0;
}

int pe_parse(const void *head, size_t head_len, uint64_t size_bytes, const char *name, struct pe *ret,
        struct err *e)
{
	if (head_len < 0x40 || memcmp(head, "MZ", 2) != 0)
		return broken(e, name, "it does not begin with MZ");
	uint32_t at = le32_at(head, 0x3c);
	if (at > head_len || head_len - at < COFF_BYTES + 112 ||
	        memcmp((const char *)head + at, "PE\0", 4) != 0)
		return broken(e, name, "it has no PE header");
	struct pe pe = {.machine = le16_at(head, at + 4),
	        .len = le16_at(head, at + 6),
	        .optional = at + COFF_BYTES,
	        .table = at + COFF_BYTES + le16_at(head, at + 20)};
	uint16_t magic = le16_at(head, pe.optional);
	pe.plus = magic == 0x20b;
	if (!pe.plus && magic != 0x10b)
		return broken(e, name, "its optional header is of an unknown kind");
	pe.section_align = le32_at(head, pe.optional + 32);
	pe.file_align = le32_at(head, pe.optional + 36);
	pe.head_bytes = le32_at(head, pe.optional + 60);
	uint32_t count = pe.optional + (pe.plus ? 108 : 92), entry = count + 4 + CERTIFICATE * 8;
	if (entry + 8 <= head_len && entry + 8 <= pe.table && le32_at(head, count) > CERTIFICATE)
		pe.is_signed = le32_at(head, entry + 4) != 0;
	int r = parse_sections(head, head_len, size_bytes, name, &pe, e);
	if (r == 0)
		*ret = pe;
	return r;
}

static int parse_fd(int fd, const char *file, struct pe *ret, struct err *e)
{
	_cleanup_free_ char *head = mem_alloc(PE_HEAD_MAX);
	struct stat st;
	ssize_t n = fstat(fd, &st) < 0 ? -1 : pread(fd, head, PE_HEAD_MAX, 0);

	if (n < 0 && errno == ESPIPE)
		return broken(e, file, "it is no file");
	return n < 0 ? err_sys(e, errno, "reading '%s'", file)
	             : pe_parse(head, (size_t)n, (uint64_t)st.st_size, file, ret, e);
}

int pe_read(const char *file, struct pe *ret, struct err *e)
{
	_cleanup_close_ int fd = fs_open(file, O_RDONLY | O_NONBLOCK, 0, e);

	return fd < 0 ? fd : parse_fd(fd, file, ret, e);
}

const struct pe_section *pe_find(const struct pe *pe, const char *section)
{
	for (size_t i = 0; i < pe->len; i++)
		if (str_eq(pe->sections[i].name, section))
			return &pe->sections[i];
	return NULL;
}

int pe_read_section(const char *file, const char *section, size_t limit_bytes, struct buf *b, struct err *e)
{
	_cleanup_close_ int fd = fs_open(file, O_RDONLY | O_NONBLOCK, 0, e);
	struct pe pe;
	int r = fd < 0 ? fd : parse_fd(fd, file, &pe, e);
	const struct pe_section *s = r == 0 ? pe_find(&pe, section) : NULL;

	if (!s)
		return r;
	size_t len = MIN(s->file_bytes, s->memory_bytes);
	if (len > limit_bytes)
		return err_set(e, -EFBIG, "the section %s of '%s' is too large", section, file);
	buf_reserve(b, len + 1);
	ssize_t n = pread(fd, b->data + b->len, len, (off_t)s->offset);
	if (n != (ssize_t)len)
		return err_sys(e, n < 0 ? errno : EIO, "reading '%s'", file);
	b->len += len;
	b->data[b->len] = 0;
	return 1;
}

// Bytes [at, end) of the image, as far as they are there.
static void hash_part(struct hash_ctx *c, const struct buf *image, size_t at, size_t end)
{
	if (end > image->len)
		end = image->len;
	if (at < end)
		hash_update(c, image->data + at, end - at);
}

int pe_hash(const struct buf *image, const char *name, bool padded, struct hash *ret, struct err *e)
{
	static const char zero[8];
	struct pe pe;
	int r = pe_parse(image->data, MIN(image->len, (size_t)PE_HEAD_MAX), image->len, name, &pe, e);

	if (r < 0)
		return r;
	size_t sum = pe.optional + 64, entry = pe.optional + (pe.plus ? 112 : 96) + CERTIFICATE * 8,
	       end = image->len;
	if (pe.is_signed && le32_at(image->data, entry) < end)
		end = le32_at(image->data, entry);
	struct hash_ctx *c = hash_begin(HASH_SHA256);
	hash_part(c, image, 0, sum);
	hash_part(c, image, sum + 4, entry);
	hash_part(c, image, entry + 8, end);
	if (padded)
		hash_update(c, zero, -end & 7);
	hash_end(c, ret);
	return 0;
}
