// SPDX-License-Identifier: GPL-2.0-or-later
// Packs the secrets of an initrd.
#include "boot/secrets.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/cpio.h"

#define DEPTH_MAX 64

void secrets_add(struct secrets *s, const char *target, const char *source)
{
	mem_grow(&s->v, &s->cap, s->len + 1, sizeof(*s->v));
	s->v[s->len++] = (struct secret){mem_strdup(target), mem_strdup(source)};
}

void secrets_release(struct secrets *s)
{
	for (size_t i = 0; i < s->len; i++) {
		mem_free(s->v[i].target);
		mem_free(s->v[i].source);
	}
	mem_free(s->v);
	*s = (struct secrets){0};
}

static int pack_at(struct cpio *c, const char *target, const char *source, int depth, struct err *e);

static int pack_folder(struct cpio *c, const char *target, const char *source, int depth, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = fs_list(source, &names, e);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *to = fs_join(target, names[i]), *from = fs_join(source, names[i]);
		r = pack_at(c, to, from, depth + 1, e);
	}
	return r;
}

static int pack_at(struct cpio *c, const char *target, const char *source, int depth, struct err *e)
{
	_cleanup_free_ char *link = NULL;
	struct stat st;

	if (depth > DEPTH_MAX)
		return err_set(e, -ELOOP, "'%s' is nested too deeply", source);
	if ((depth ? lstat(source, &st) : stat(source, &st)) < 0)
		return err_sys(e, errno, "reading about '%s'", source);
	if (S_ISREG(st.st_mode))
		return cpio_file(c, target, st.st_mode & 0777, source, e);
	if (S_ISDIR(st.st_mode)) {
		int r = cpio_dir(c, target, st.st_mode & 0777, e);
		return r < 0 ? r : pack_folder(c, target, source, depth, e);
	}
	if (!S_ISLNK(st.st_mode))
		return err_set(e, -EINVAL, "'%s' is neither a file nor a folder", source);
	int r = fs_readlink(source, &link, e);
	return r < 0 ? r : cpio_link(c, target, link, e);
}

// A path literal of a configuration below root has the root in it already.
static char *source_path(const char *root, const char *source)
{
	const char *rest = *root ? str_after(source, root) : NULL;

	return rest && *rest == '/' ? beneath_again(root, source) : beneath_path(root, source);
}

static int write_archive(struct cpio *c, int fd, struct err *e)
{
	_cleanup_compress_ struct compress *out = NULL;
	int r = compress_open(fd, COMPRESS_NONE, 0, &out, e);

	if (r == 0)
		r = cpio_write(c, out, e);
	return r == 0 ? compress_finish(out, e) : r;
}

int secrets_pack(const struct secrets *s, const char *root, struct buf *ret, struct err *e)
{
	_cleanup_cpio_ struct cpio *c = cpio_new();
	// Not below /tmp: what is in memory leaves nothing behind.
	_cleanup_close_ int fd = memfd_create("kernix-secrets", MFD_CLOEXEC);
	int r = fd < 0 ? err_sys(e, errno, "memfd_create") : 0;

	for (size_t i = 0; r == 0 && i < s->len; i++) {
		_cleanup_free_ char *source = source_path(root, s->v[i].source);
		r = pack_at(c, s->v[i].target, source, 0, e);
		if (r < 0) {
			err_wrap(e, "boot.initrd.secrets.\"%s\"", s->v[i].target);
			err_hint(e,
			        "Secrets are read from this machine when its boot entry is written; nothing "
			        "was changed.");
		}
	}
	if (r == 0)
		r = write_archive(c, fd, e);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = err_sys(e, errno, "lseek");
	return r == 0 ? fs_read_fd(fd, "the initrd's secrets", 0, ret, e) : r;
}
