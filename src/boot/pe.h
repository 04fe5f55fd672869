// SPDX-License-Identifier: GPL-2.0-or-later
// What has to be known of EFI programs (PE32 and PE32+, Microsoft's PE format): sections, whether they are
// signed. Files of others are read, so nothing in them is believed before it was held against the file's
// size.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

enum { PE_SECTIONS_MAX = 96, PE_SECTION_BYTES = 40, PE_HEAD_MAX = 64 << 10 };

struct pe_section {
	char name[9];
	uint32_t address, memory_bytes; // in memory
	uint32_t offset, file_bytes;    // in the file; file_bytes 0: nothing of it is there
};
struct pe {
	uint16_t machine;
	bool plus;         // PE32+
	bool is_signed;    // there is a certificate table
	uint32_t optional; // where the optional header begins
	uint32_t table;    // where the section table begins
	uint32_t section_align, file_align, head_bytes;
	size_t len;
	struct pe_section sections[PE_SECTIONS_MAX];
};

// -EINVAL: it is none; the message names `name`. size_bytes is the file's, head_len how much of it head has
// (all section headers must be in it).
int pe_parse(const void *head, size_t head_len, uint64_t size_bytes, const char *name, struct pe *ret,
        struct err *e);
int pe_read(const char *file, struct pe *ret, struct err *e);
const struct pe_section *pe_find(const struct pe *pe, const char *section);
// What is in the section, appended; 0 where there is no such section, 1 where there is. More than the limit
// is -EFBIG.
int pe_read_section(const char *file, const char *section, size_t limit_bytes, struct buf *b, struct err *e);

// The SHA-256 by which firmware knows a whole image that is in memory (Authenticode): without its checksum
// and its signatures. padded: as it will be when it is signed, of a multiple of eight bytes.
int pe_hash(const struct buf *image, const char *name, bool padded, struct hash *ret, struct err *e);

uint16_t le16_at(const void *data, size_t at);
uint32_t le32_at(const void *data, size_t at);
void le32_put(void *data, size_t at, uint32_t value);
