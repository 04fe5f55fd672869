// SPDX-License-Identifier: GPL-2.0-or-later
// What running processes use of the store, from /proc. Processes that are not ours to look at, or that have
// ended, are passed over; every other error is one, because what is not seen here is deleted.
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/roots-impl.h"
#include "store/store-impl.h"

#define FILE_BYTES_MAX (256u << 20)

struct runtime {
	struct store *s;
	struct root_list *ret;
	struct hmap seen; // paths that were found already: one root is enough
	struct err *e;
};

static int found(struct runtime *t, const char *link, const char *path)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_free_ char *logical = NULL, *whole = NULL;
	const char *below = str_after(path, t->s->real_dir);

	if (below && *below == '/')
		logical = str_printf("%s%s", t->s->dir, below);
	else
		logical = mem_strdup(path);
	if (!store_path_inside(t->s->dir, logical) ||
	        store_path_of(t->s->dir, logical, &whole, NULL, &ignored) < 0 || hmap_has(&t->seen, whole))
		return 0;
	hmap_put(&t->seen, whole, t);
	return roots_found(t->s, link, whole, t->ret, t->e);
}

// Hands an error on, unless it says that the process has ended or is somebody else's.
static int unless_gone(struct runtime *t, int r, struct err *found)
{
	if (r < 0 && r != -ENOENT && r != -ESRCH && r != -EACCES && r != -EPERM) {
		err_wrap(found, "looking for what is in use");
		return err_move(t->e, found);
	}
	err_release(found);
	return 0;
}

static int look_at_link(struct runtime *t, const char *link)
{
	struct err why = {0};
	_cleanup_free_ char *target = NULL;
	int r = fs_readlink(link, &target, &why);

	// The kernel cannot write down a path beyond PATH_MAX, and nobody can open one by its name: it is no
	// store path, and anybody can have one open, who must not stop the collector with it.
	if (r == -ENAMETOOLONG) {
		err_release(&why);
		return 0;
	}
	return r < 0 ? unless_gone(t, r, &why) : found(t, link, target);
}

// Every "STORE/HASH-NAME" in a text.
static int look_for(struct runtime *t, const char *file, const struct buf *text, const char *dir)
{
	size_t dir_len = strlen(dir);
	const char *end = text->data + text->len;
	int r = 0;

	for (const char *p = text->data; r == 0 && p && (p = memmem(p, (size_t)(end - p), dir, dir_len));
	        p += dir_len) {
		const char *q = p + dir_len;
		if (q >= end || *q != '/')
			continue;
		for (q++; q < end && *q && (isalnum((unsigned char)*q) || strchr("+-._?=", *q)); q++)
			;
		_cleanup_free_ char *path = mem_strndup(p, (size_t)(q - p));
		r = found(t, file, path);
	}
	return r;
}

static int look_at_file(struct runtime *t, const char *file)
{
	struct err why = {0};
	_cleanup_buf_ struct buf text = {0};
	int r = fs_read(file, FILE_BYTES_MAX, &text, &why);

	if (r < 0)
		return unless_gone(t, r, &why);
	if (text.len)
		r = look_for(t, file, &text, t->s->dir);
	if (r == 0 && text.len && store_is_private(t->s))
		r = look_for(t, file, &text, t->s->real_dir);
	return r;
}

static int look_at_fds(struct runtime *t, const char *dir)
{
	struct err why = {0};
	_cleanup_strv_ char **names = NULL;
	int r = fs_list(dir, &names, &why);

	if (r < 0)
		return unless_gone(t, r, &why);
	for (size_t i = 0; r == 0 && names[i]; i++) {
		_cleanup_free_ char *link = fs_join(dir, names[i]);
		r = look_at_link(t, link);
	}
	return r;
}

static int look_at_process(struct runtime *t, const char *pid)
{
	static const char *const links[] = {"exe", "cwd"}, *const files[] = {"maps", "environ"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(links); i++) {
		_cleanup_free_ char *link = str_printf("/proc/%s/%s", pid, links[i]);
		r = look_at_link(t, link);
	}
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *file = str_printf("/proc/%s/%s", pid, files[i]);
		r = look_at_file(t, file);
	}
	_cleanup_free_ char *fds = str_printf("/proc/%s/fd", pid);
	return r < 0 ? r : look_at_fds(t, fds);
}

int roots_find_runtime(struct store *s, struct root_list *ret, struct err *e)
{
	static const char *const kernel[] = {
	        "/proc/sys/kernel/modprobe", "/proc/sys/kernel/fbsplash", "/proc/sys/kernel/poweroff_cmd"};
	struct runtime t = {.s = s, .ret = ret, .e = e};
	_cleanup_strv_ char **pids = NULL;
	int r = fs_list_maybe("/proc", &pids, e);

	for (size_t i = 0; r == 0 && pids[i]; i++)
		if (isdigit((unsigned char)pids[i][0]))
			r = look_at_process(&t, pids[i]);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(kernel); i++)
		r = look_at_file(&t, kernel[i]);
	hmap_release(&t.seen);
	return r;
}
