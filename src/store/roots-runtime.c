// SPDX-License-Identifier: GPL-2.0-or-later
// What running processes use of the store, from /proc. Processes that are not ours to look at are passed
// over.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/roots-impl.h"
#include "store/store-impl.h"

#define FILE_BYTES_MAX (64u << 20)

struct runtime {
	struct store *s;
	struct root_list *ret;
	struct hmap seen; // paths that were found already: one root is enough
};

static void found(struct runtime *t, const char *link, const char *path)
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
		return;
	hmap_put(&t->seen, whole, t);
	roots_found(t->s, link, whole, t->ret);
}

static void look_at_link(struct runtime *t, const char *link)
{
	char target[4096];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n <= 0)
		return;
	target[n] = '\0';
	found(t, link, target);
}

// Every "STORE/HASH-NAME" in a text.
static void look_for(struct runtime *t, const char *file, const struct buf *text, const char *dir)
{
	size_t dir_len = strlen(dir);
	const char *end = text->data + text->len;

	for (const char *p = text->data; p && (p = memmem(p, (size_t)(end - p), dir, dir_len));
	        p += dir_len) {
		const char *q = p + dir_len;
		if (q >= end || *q != '/')
			continue;
		for (q++; q < end && *q && (isalnum((unsigned char)*q) || strchr("+-._?=", *q)); q++)
			;
		_cleanup_free_ char *path = mem_strndup(p, (size_t)(q - p));
		found(t, file, path);
	}
}

static void look_at_file(struct runtime *t, const char *file)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf text = {0};

	if (fs_read(file, FILE_BYTES_MAX, &text, &ignored) < 0 || !text.len)
		return;
	look_for(t, file, &text, t->s->dir);
	if (store_is_private(t->s))
		look_for(t, file, &text, t->s->real_dir);
}

static void look_at_fds(struct runtime *t, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		_cleanup_free_ char *link = fs_join(dir, ent->d_name);
		if (isdigit((unsigned char)ent->d_name[0]))
			look_at_link(t, link);
	}
	if (d)
		closedir(d);
}

static void look_at_process(struct runtime *t, const char *pid)
{
	static const char *const links[] = {"exe", "cwd"}, *const files[] = {"maps", "environ"};

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		_cleanup_free_ char *link = str_printf("/proc/%s/%s", pid, links[i]);
		look_at_link(t, link);
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *file = str_printf("/proc/%s/%s", pid, files[i]);
		look_at_file(t, file);
	}
	_cleanup_free_ char *fds = str_printf("/proc/%s/fd", pid);
	look_at_fds(t, fds);
}

int roots_find_runtime(struct store *s, struct root_list *ret, struct err *e)
{
	static const char *const kernel[] = {
	        "/proc/sys/kernel/modprobe", "/proc/sys/kernel/fbsplash", "/proc/sys/kernel/poweroff_cmd"};
	struct runtime t = {.s = s, .ret = ret};
	DIR *proc = opendir("/proc");
	struct dirent *ent;

	if (!proc)
		return errno == ENOENT ? 0 : err_sys(e, errno, "opening /proc");
	while ((ent = readdir(proc)))
		if (isdigit((unsigned char)ent->d_name[0]))
			look_at_process(&t, ent->d_name);
	closedir(proc);
	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		look_at_file(&t, kernel[i]);
	hmap_release(&t.seen);
	return 0;
}
