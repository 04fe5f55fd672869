// SPDX-License-Identifier: GPL-2.0-or-later
// Makes signed kernels and unified kernel images. An image that is signed is handed to sbsign as a file in
// memory: the EFI system partition may have no room for it twice.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "boot/bootmake.h"
#include "boot/pe.h"

#define SIGNATURE_BYTES 8192 // at the most

static int add_file(struct hash_ctx *c, const char *file, struct err *e)
{
	struct hash h;
	int r = file ? hash_file(HASH_SHA256, file, &h, e) : 0;

	if (r == 0 && file)
		hash_update(c, h.bytes, hash_size(HASH_SHA256));
	return r;
}

static void add_text(struct hash_ctx *c, const char *text)
{
	hash_update(c, text, strlen(text) + 1);
}

static char *name_of(struct hash_ctx *c, const char *suffix)
{
	struct hash h;

	hash_end(c, &h);
	_cleanup_free_ char *text = hash_format(&h, HASH_NIX32, false);
	return str_printf("%.*s-%s", BOOTFILE_HASH_LEN, text, suffix);
}

// A file of that name is whole: it was renamed when it was. It is looked at all the same where that can be
// done.
static int is_there(const char *dir, const char *name, const struct signer *g, bool *ret, struct err *e)
{
	_cleanup_free_ char *file = fs_join(dir, name), *program = g ? proc_which("sbverify") : NULL;
	_cleanup_err_ struct err ignored = {0};
	struct stat st;
	struct pe pe;
	int r = fs_lstat_maybe(file, &st, e);

	*ret = r > 0 && S_ISREG(st.st_mode) && pe_read(file, &pe, &ignored) == 0 &&
	       pe.is_signed == (g != NULL);
	if (!*ret || !program)
		return MIN(r, 0);
	r = signer_verify(g, file, e);
	*ret = r > 0;
	return MIN(r, 0);
}

int bootfiles_add_signed(struct bootfiles *f, const char *source, const struct signer *g,
        const struct bootfile **ret, struct err *e)
{
	if ((*ret = bootfiles_find_source(f, source, "kernel")))
		return 0;
	struct bootfile file = {.signer = g};
	struct stat st;
	struct pe pe;
	int r = pe_read(source, &pe, e);
	if (r < 0)
		return err_wrap(e, "a kernel that cannot be signed");
	_cleanup_free_ char *program = pe.is_signed ? proc_which("sbverify") : NULL;
	r = program ? signer_verify(g, source, e) : 0;
	if (r != 0)
		return r > 0 ? bootfiles_add(f, source, "kernel", ret, e) : r;
	if (stat(source, &st) < 0)
		return err_sys(e, errno, "reading about '%s'", source);
	struct hash_ctx *c = hash_begin(HASH_SHA256);
	add_text(c, "signed");
	add_text(c, g->id);
	r = add_file(c, source, e);
	_cleanup_free_ char *name = name_of(c, "kernel");
	if (r < 0 || (*ret = bootfiles_find(f, name)))
		return r;
	r = is_there(f->dir, name, g, &file.there, e);
	if (r < 0)
		return r;
	file.name = TAKE_PTR(name);
	file.source = mem_strdup(source);
	file.size_bytes = (uint64_t)st.st_size + SIGNATURE_BYTES;
	*ret = bootfiles_take(f, &file);
	return 0;
}

static int size_of(const struct uki_parts *p, uint64_t *ret, struct err *e)
{
	const char *const files[] = {p->stub, p->kernel, p->initrd};
	struct stat st;

	*ret = 64 << 10;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (files[i] && stat(files[i], &st) < 0)
			return err_sys(e, errno, "reading about '%s'", files[i]);
		*ret += files[i] ? (uint64_t)st.st_size : 0;
	}
	return 0;
}

static char *uki_name(const struct uki_parts *p, const struct signer *g, struct err *e)
{
	const char *const files[] = {p->stub, p->kernel, p->initrd}, *const texts[] = {"uki", g ? g->id : "",
	                                                                     p->cmdline, p->osrel, p->uname};
	struct hash_ctx *c = hash_begin(HASH_SHA256);
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		add_text(c, texts[i]);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(files); i++)
		r = add_file(c, files[i], e);
	char *name = name_of(c, "uki");
	if (r < 0)
		mem_free(TAKE_PTR(name));
	return name;
}

int bootfiles_add_uki(struct bootfiles *f, struct uki_parts *parts, const struct signer *g,
        const char *entries, const struct bootfile **ret, struct err *e)
{
	struct bootfile file = {.signer = g};
	int r = uki_check(parts, e);

	*ret = NULL;
	if (r == 0)
		r = size_of(parts, &file.size_bytes, e);
	if (r == 0 && !(file.name = uki_name(parts, g, e)))
		r = e->code;
	if (r == 0 && !(*ret = bootfiles_find(f, file.name)))
		r = is_there(f->dir, file.name, g, &file.there, e);
	if (r < 0 || *ret) {
		mem_free(file.name);
		uki_parts_release(parts);
		return r;
	}
	file.there = file.there || (entries && strstr(entries, file.name));
	_cleanup_free_ char *osrel = parts->osrel;
	parts->osrel = str_printf("%sKERNIX_FILE=%s\n", osrel, file.name);
	file.source = mem_strdup(parts->kernel);
	file.uki = NEW(struct uki_parts);
	*file.uki = *parts;
	*parts = (struct uki_parts){0};
	*ret = bootfiles_take(f, &file);
	return 0;
}

static int write_plain(const struct buf *image, const char *target, struct err *e)
{
	_cleanup_close_ int fd = fs_open(target, O_WRONLY | O_CREAT | O_EXCL, 0644, e);

	return fd < 0 ? fd : fs_write_all(fd, image->data, image->len, target, e);
}

static int make_uki(const struct bootfile *file, const char *target, struct err *e)
{
	_cleanup_buf_ struct buf image = {0};
	_cleanup_close_ int fd = -1;
	int r = uki_build(file->uki, &image, e);

	if (r < 0 || !file->signer)
		return r < 0 ? r : write_plain(&image, target, e);
	fd = memfd_create("kernix-uki", MFD_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "making a file in memory");
	r = fs_write_all(fd, image.data, image.len, "a file in memory", e);
	buf_release(&image);
	_cleanup_free_ char *name = str_printf("/proc/%d/fd/%d", (int)getpid(), fd);
	return r == 0 ? signer_sign(file->signer, name, target, e) : r;
}

int bootfile_make(const struct bootfile *file, const char *target, struct err *e)
{
	int r = file->uki ? make_uki(file, target, e) : signer_sign(file->signer, file->source, target, e);

	if (r == 0 && chmod(target, 0644) < 0 && errno != EPERM) // FAT has no modes
		r = err_sys(e, errno, "changing the mode of '%s'", target);
	return r == 0 ? fs_sync(target, e) : r;
}
