// SPDX-License-Identifier: GPL-2.0-or-later
// Packs the secrets of an initrd.
#include "boot/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"
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

// What is packed now: an open file or folder, or a held link, with the path for messages.
struct source {
	int fd, depth;
	const char *path;
	struct stat st;
};

static int pack(struct cpio *c, const char *target, const struct source *from, struct err *e);

// Each entry is reached from its folder and read from the descriptor that was looked at: who owns the folder
// may put a link in its place meanwhile.
static int pack_entry(
        struct cpio *c, const char *target, const struct source *dir, const char *name, struct err *e)
{
	_cleanup_free_ char *to = fs_join(target, name), *path = fs_join(dir->path, name);
	struct source from = {.depth = dir->depth + 1, .path = path};
	_cleanup_close_ int held = tree_hold(dir->fd, name, &from.st), fd = -1;

	if (held < 0)
		return err_sys(e, -held, "reading about '%s'", path);
	if (S_ISREG(from.st.st_mode) || S_ISDIR(from.st.st_mode)) {
		fd = tree_open(held, &from.st, dir->fd, name);
		if (fd < 0)
			return err_sys(e, -fd, "reading '%s'", path);
	}
	from.fd = fd >= 0 ? fd : held;
	return pack(c, to, &from, e);
}

static int pack_folder(struct cpio *c, const char *target, const struct source *dir, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = tree_names(dir->fd, &names);

	if (r < 0)
		return err_sys(e, -r, "reading the folder '%s'", dir->path);
	for (size_t i = 0; r == 0 && names && names[i]; i++)
		r = pack_entry(c, target, dir, names[i], e);
	return r;
}

static int pack_file(struct cpio *c, const char *target, const struct source *from, struct err *e)
{
	_cleanup_buf_ struct buf data = {0};
	int r = fs_read_fd(from->fd, from->path, 0, &data, e);

	if (r == 0)
		r = cpio_data(c, target, from->st.st_mode & 0777, buf_str(&data), data.len, e);
	if (data.len)
		explicit_bzero(data.data, data.len);
	return r;
}

static int pack_link(struct cpio *c, const char *target, const struct source *from, struct err *e)
{
	char link[PATH_MAX];
	ssize_t n = readlinkat(from->fd, "", link, sizeof(link) - 1);

	if (n < 0)
		return err_sys(e, errno, "reading the link '%s'", from->path);
	link[n] = '\0';
	return cpio_link(c, target, link, e);
}

static int pack(struct cpio *c, const char *target, const struct source *from, struct err *e)
{
	if (from->depth > DEPTH_MAX)
		return err_set(e, -ELOOP, "'%s' is nested too deeply", from->path);
	if (S_ISREG(from->st.st_mode))
		return pack_file(c, target, from, e);
	if (S_ISLNK(from->st.st_mode))
		return pack_link(c, target, from, e);
	if (!S_ISDIR(from->st.st_mode))
		return err_set(e, -EINVAL, "'%s' is neither a file nor a folder", from->path);
	int r = cpio_dir(c, target, from->st.st_mode & 0777, e);
	return r < 0 ? r : pack_folder(c, target, from, e);
}

// What the configuration names may be a link.
static int pack_source(struct cpio *c, const char *target, const char *path, struct err *e)
{
	struct source from = {.path = path};
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &from.st) < 0)
		return err_sys(e, errno, "reading about '%s'", path);
	from.fd = fd;
	return pack(c, target, &from, e);
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
		r = pack_source(c, s->v[i].target, source, e);
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
