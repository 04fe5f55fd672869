// SPDX-License-Identifier: GPL-2.0-or-later
// Archives one after the other, of which all but the last are plain (microcode); the last may be compressed
// (Documentation/driver-api/early-userspace/buffer-format.rst).
#include "boot/initrd-read.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/lazy.h"
#include "base/mem.h"
#include "base/str.h"
#include "stage1/format.h"
#include "stage1/table.h"

#define LIMIT_BYTES       ((size_t)1 << 30)
#define HEADER_BYTES      110
#define FIELD_FILE_BYTES  6
#define FIELD_NAME_BYTES  11
#define FIELD_DIGITS      8
#define MAGIC_BYTES       6
#define padded(n)         (((n) + 3) & ~(size_t)3)
#define is_newc(p, bytes) ((bytes) >= HEADER_BYTES && memcmp((p), "07070", 5) == 0)

// A number of the header, eight hexadecimal digits.
static size_t field(const char *header, int index)
{
	char text[FIELD_DIGITS + 1] = "";

	memcpy(text, header + MAGIC_BYTES + (size_t)index * FIELD_DIGITS, FIELD_DIGITS);
	return strtoul(text, NULL, 16);
}

static void take_entry(struct initrd_contents *c, const char *name, const char *data, size_t bytes)
{
	char **const texts[] = {&c->fstab, &c->storage, &c->table};
	static const char *const places[] = {S1_FSTAB_PATH, S1_STORAGE_PATH, S1_TABLE_PATH};
	_cleanup_free_ char *path = str_printf("/%s", *name == '/' ? name + 1 : name);

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!str_eq(path, places[i]))
			continue;
		mem_free(*texts[i]);
		*texts[i] = mem_alloc(bytes + 1);
		memcpy(*texts[i], data, bytes);
		(*texts[i])[bytes] = '\0';
		if (texts[i] == &c->table)
			c->table_bytes = bytes;
	}
	strv_take(&c->names, TAKE_PTR(path));
}

// One plain archive; how many bytes it takes, 0 where it is damaged.
static size_t walk(struct initrd_contents *c, const char *p, size_t bytes)
{
	size_t at = 0;

	while (is_newc(p + at, bytes - at)) {
		size_t name_bytes = field(p + at, FIELD_NAME_BYTES),
		       data_bytes = field(p + at, FIELD_FILE_BYTES),
		       data = padded(at + HEADER_BYTES + name_bytes);
		const char *name = p + at + HEADER_BYTES;

		if (name_bytes == 0 || name_bytes > bytes || data > bytes || data_bytes > bytes - data ||
		        name[name_bytes - 1] != '\0')
			return 0;
		at = MIN(padded(data + data_bytes), bytes);
		if (str_eq(name, "TRAILER!!!"))
			return at;
		take_entry(c, name, p + data, data_bytes);
	}
	return 0;
}

static bool unpack(const char *p, size_t bytes, struct buf *b)
{
	if (!lazy_is_there("libarchive.so.13")) // a machine that only ever starts generations
		return false;
	struct archive *a = archive_read_new();
	struct archive_entry *en;
	la_ssize_t n = -1;

	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, p, bytes) == ARCHIVE_OK &&
	        archive_read_next_header(a, &en) == ARCHIVE_OK)
		do {
			buf_reserve(b, 1 << 20);
			n = archive_read_data(a, b->data + b->len, 1 << 20);
			b->len += n > 0 ? (size_t)n : 0;
		} while (n > 0 && b->len < LIMIT_BYTES);
	archive_read_free(a);
	return n == 0;
}

static void decode(char *s)
{
	char *out = s;

	while (*s) {
		unsigned char digits[3] = {(unsigned char)(s[0] ? s[1] - '0' : 9), 9, 9};
		for (int i = 1; i < 3 && digits[i - 1] < 8; i++)
			digits[i] = (unsigned char)(s[i + 1] - '0');
		if (*s == '\\' && digits[0] < 4 && digits[1] < 8 && digits[2] < 8) {
			*out++ = (char)(digits[0] << 6 | digits[1] << 3 | digits[2]);
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

char **initrd_words(const char *line)
{
	char **words = strv_split(line, " \t");

	strv_for_each (word, words)
		decode(word);
	return words;
}

static void read_mounts(struct initrd_contents *c)
{
	_cleanup_strv_ char **lines = strv_split(c->fstab ? c->fstab : "", "\n");

	strv_for_each (line, lines) {
		_cleanup_strv_ char **words = initrd_words(line);
		size_t n = strv_len(words);

		if (n < 2 || *words[0] == '#')
			continue;
		mem_grow(&c->mounts, &c->mount_cap, c->mount_count + 1, sizeof(*c->mounts));
		c->mounts[c->mount_count++] = (struct initrd_mount){mem_strdup(words[0]),
		        mem_strdup(words[1]), mem_strdup(n > 2 ? words[2] : "auto"),
		        mem_strdup(n > 3 ? words[3] : "defaults")};
	}
}

int initrd_read(const char *path, struct initrd_contents *ret, bool *ret_known, struct err *e)
{
	_cleanup_initrd_contents_ struct initrd_contents c = {0};
	_cleanup_buf_ struct buf file = {0}, plain = {0};
	_cleanup_err_ struct err why = {0};
	int r = fs_read(path, LIMIT_BYTES, &file, &why);
	size_t at = 0, took = 1;

	*ret_known = false;
	if (r == -EFBIG) // as one that is damaged: nothing is known of it, and that is no reason to refuse it
		return 0;
	if (r < 0)
		return err_move(e, &why);
	while (at < file.len && took) {
		if (file.data[at] == '\0')
			at++; // archives begin anywhere after zeros
		else if (is_newc(file.data + at, file.len - at))
			at += took = walk(&c, file.data + at, file.len - at);
		else
			break;
	}
	bool more = took && at < file.len;
	if (!took || (more && (!unpack(file.data + at, file.len - at, &plain) ||
	                              !walk(&c, plain.data, plain.len))))
		return 0;
	read_mounts(&c);
	*ret_known = c.names != NULL;
	*ret = c;
	c = (struct initrd_contents){0};
	return 0;
}

void initrd_contents_release(struct initrd_contents *c)
{
	mem_free(c->fstab);
	mem_free(c->storage);
	mem_free(c->table);
	for (size_t i = 0; i < c->mount_count; i++) {
		struct initrd_mount *m = &c->mounts[i];
		char *const owned[] = {m->device, m->mount_point, m->type, m->options};
		for (size_t k = 0; k < ARRAY_SIZE(owned); k++)
			mem_free(owned[k]);
	}
	mem_free(c->mounts);
	strv_free(c->names);
	*c = (struct initrd_contents){0};
}

bool initrd_contents_has(const struct initrd_contents *c, const char *name)
{
	return strv_has(c->names, name);
}

bool initrd_contents_has_module(const struct initrd_contents *c, const char *name)
{
	struct table t = {0};

	return c->table && table_read(c->table, c->table_bytes, &t) == 0 && table_find(&t, name) >= 0;
}
