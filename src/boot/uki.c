// SPDX-License-Identifier: GPL-2.0-or-later
// Puts sections behind those of systemd's stub. The stub finds them in memory, by name, through its own
// section table (VirtualAddress and VirtualSize), so each gets pages of its own there, behind everything that
// the stub has: nothing can overlap, whatever the sizes are. The kernel is the last one, since stubs that
// start it in place need the memory behind it.
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/pe.h"
#include "boot/uki.h"

#define PAGE          4096u
#define READ_ONLY     0x40000040u // initialised data, readable
#define IMAGE_MAX     (2000ull << 20)
#define OPT_DATA_SIZE 8 // places in the optional header
#define OPT_IMAGE     56
#define OPT_HEADERS   60
#define OPT_CHECKSUM  64

struct part {
	const char *name;
	const void *data;
	size_t len;
};

void uki_parts_release(struct uki_parts *p)
{
	char *owned[] = {p->stub, p->kernel, p->initrd, p->cmdline, p->osrel, p->uname};

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	*p = (struct uki_parts){0};
}

static uint64_t align_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

static bool is_power(uint32_t n)
{
	return n && !(n & (n - 1));
}

static int check_stub(const struct pe *pe, const char *file, struct err *e)
{
	if (!pe->plus || pe->is_signed || !is_power(pe->file_align) || !is_power(pe->section_align) ||
	        !pe->len)
		return err_set(e, -EINVAL, "'%s' is not a stub for unified kernel images%s", file,
		        pe->is_signed ? ": it is signed" : "");
	if (pe_find(pe, ".linux"))
		return err_set(e, -EINVAL, "'%s' has a kernel already, so it is no stub", file);
	return 0;
}

int uki_check(const struct uki_parts *p, struct err *e)
{
	struct pe stub, kernel;
	int r = pe_read(p->stub, &stub, e);

	if (r == 0)
		r = check_stub(&stub, p->stub, e);
	if (r == 0)
		r = pe_read(p->kernel, &kernel, e);
	if (r < 0)
		return r;
	if (stub.machine != kernel.machine)
		return err_set(e, -EINVAL,
		        "the kernel '%s' is for another machine (%#x) than the stub '%s' (%#x)", p->kernel,
		        kernel.machine, p->stub, stub.machine);
	return 0;
}

// A debugger's symbols behind the last section go: they would be a gap, and what lies in gaps is not covered
// by the signature.
static void cut_symbols(struct buf *image, const struct pe *pe)
{
	uint64_t end = pe->head_bytes;

	for (size_t i = 0; i < pe->len; i++)
		end = MAX(end, (uint64_t)pe->sections[i].offset + pe->sections[i].file_bytes);
	image->len = MIN(image->len, end);
	le32_put(image->data, pe->optional - 12, 0); // where they are, and how many
	le32_put(image->data, pe->optional - 8, 0);
}

// The stub with room for more section headers: where they do not fit, everything behind them moves.
static int make_room(struct buf *image, struct pe *pe, const char *file, size_t more, struct err *e)
{
	uint64_t first = image->len, lowest = UINT64_MAX,
	         end = pe->table + (pe->len + more) * PE_SECTION_BYTES;

	for (size_t i = 0; i < pe->len; i++) {
		if (pe->sections[i].file_bytes)
			first = MIN(first, pe->sections[i].offset);
		lowest = MIN(lowest, pe->sections[i].address);
	}
	size_t shift = end > first ? align_up(end - first, pe->file_align) : 0;
	// What is between headers and sections would be a gap: headers are as long as they were, or as they
	// must be.
	uint64_t head = MAX(pe->head_bytes + shift, align_up(end, pe->file_align));
	if (pe->len + more > PE_SECTIONS_MAX || head > lowest)
		return err_set(e, -EINVAL, "'%s' has no room for more sections", file);
	if (shift) {
		_cleanup_free_ char *rest = mem_alloc(image->len - first);
		size_t len = image->len - first;
		memcpy(rest, image->data + first, len);
		image->len = first;
		buf_addn(image, 0, shift);
		buf_add(image, rest, len);
	}
	for (size_t i = 0; shift && i < pe->len; i++)
		if (pe->sections[i].file_bytes)
			le32_put(image->data, pe->table + i * PE_SECTION_BYTES + 20,
			        (uint32_t)(pe->sections[i].offset + shift));
	le32_put(image->data, pe->optional + OPT_HEADERS, (uint32_t)head);
	return 0;
}

static void add_section(struct buf *image, const struct pe *pe, size_t place, const struct part *part,
        uint32_t address, uint32_t offset)
{
	size_t at = pe->table + place * PE_SECTION_BYTES;
	char *row = image->data + at;

	memset(row, 0, PE_SECTION_BYTES);
	memcpy(row, part->name, MIN(strlen(part->name), 8u));
	le32_put(row, 8, (uint32_t)part->len);
	le32_put(row, 12, address);
	le32_put(row, 16, (uint32_t)align_up(part->len, pe->file_align));
	le32_put(row, 20, offset);
	le32_put(row, 36, READ_ONLY);
}

static int add_all(struct buf *image, struct pe *pe, const struct part *parts, size_t n, struct err *e)
{
	uint64_t end = 0, bytes = 0;

	for (size_t i = 0; i < pe->len; i++)
		end = MAX(end, (uint64_t)pe->sections[i].address +
		                       MAX(pe->sections[i].memory_bytes, pe->sections[i].file_bytes));
	for (size_t i = 0; i < n; i++)
		bytes += align_up(parts[i].len, PAGE) + PAGE;
	if (image->len + end + bytes > IMAGE_MAX)
		return err_set(e, -EFBIG, "kernel and initrd are too large for one image");
	bytes = le32_at(image->data, pe->optional + OPT_DATA_SIZE);
	buf_reserve(image, bytes + align_up(image->len, PAGE));
	for (size_t i = 0; i < n; i++) {
		uint64_t address = align_up(end, MAX(pe->section_align, PAGE)),
		         offset = align_up(image->len, pe->file_align),
		         whole = align_up(parts[i].len, pe->file_align);
		add_section(image, pe, pe->len + i, &parts[i], (uint32_t)address, (uint32_t)offset);
		buf_addn(image, 0, offset - image->len);
		buf_add(image, parts[i].data, parts[i].len);
		buf_addn(image, 0, whole - parts[i].len);
		end = address + parts[i].len;
		bytes += whole;
	}
	uint16_t count = (uint16_t)(pe->len + n);
	image->data[pe->optional - 18] = (char)(count & 0xff);
	image->data[pe->optional - 17] = (char)(count >> 8);
	le32_put(image->data, pe->optional + OPT_DATA_SIZE, (uint32_t)bytes);
	le32_put(image->data, pe->optional + OPT_IMAGE, (uint32_t)align_up(end, pe->section_align));
	le32_put(image->data, pe->optional + OPT_CHECKSUM, 0);
	return 0;
}

int uki_build(const struct uki_parts *p, struct buf *ret, struct err *e)
{
	_cleanup_buf_ struct buf image = {0}, kernel = {0}, initrd = {0};
	struct part parts[5];
	size_t n = 0;
	struct pe pe;
	int r = uki_check(p, e);

	if (r == 0)
		r = fs_read(p->stub, 64 << 20, &image, e);
	if (r == 0)
		r = pe_parse(image.data, image.len, image.len, p->stub, &pe, e);
	if (r == 0)
		r = fs_read(p->kernel, 0, &kernel, e);
	if (r == 0 && p->initrd)
		r = fs_read(p->initrd, 0, &initrd, e);
	if (r < 0)
		return r;
	parts[n++] = (struct part){".osrel", p->osrel, strlen(p->osrel)};
	parts[n++] = (struct part){".cmdline", p->cmdline, strlen(p->cmdline)};
	parts[n++] = (struct part){".uname", p->uname, strlen(p->uname)};
	if (p->initrd)
		parts[n++] = (struct part){".initrd", buf_str(&initrd), initrd.len};
	parts[n++] = (struct part){".linux", buf_str(&kernel), kernel.len};
	cut_symbols(&image, &pe);
	r = make_room(&image, &pe, p->stub, n, e);
	if (r == 0)
		r = add_all(&image, &pe, parts, n, e);
	if (r == 0) {
		buf_release(ret);
		*ret = image;
		image = (struct buf){0};
	}
	return r;
}
