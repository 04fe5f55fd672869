// SPDX-License-Identifier: GPL-2.0-or-later
// Paths of packages and where they are in a merged tree.

#include <errno.h>
#include <string.h>
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/debroot.h"
#include "store/nar.h"

// A path's parts; ".." is only there for links.
struct parts {
	char **list;
	size_t len;
};

static bool path_is_merged(const char *top)
{
	static const char *const merged[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};

	for (size_t i = 0; i < ARRAY_SIZE(merged); i++) {
		if (str_eq(top, merged[i]))
			return true;
	}
	return false;
}

static bool path_has_control(const char *path)
{
	for (; *path; path++) {
		if ((unsigned char)*path < 0x20 || *path == 0x7f)
			return true;
	}
	return false;
}

// The list without its last n parts.
static void parts_cut(struct parts *p, size_t n)
{
	while (n--) {
		mem_free(p->list[--p->len]);
		p->list[p->len] = NULL;
	}
}

// Goes on from p as a link's text says; false when it would go above the tree.
static bool parts_follow(struct parts *p, const char *text)
{
	_cleanup_strv_ char **words = strv_split(text, "/");

	strv_for_each (word, words) {
		if (str_eq(word, "."))
			continue;
		if (!str_eq(word, "..")) {
			strv_add(&p->list, word);
			p->len++;
		} else if (p->len) {
			parts_cut(p, 1);
		} else {
			return false;
		}
	}
	return true;
}

// The merged path of the parts from the first on.
static char *parts_merged(const struct parts *p)
{
	struct buf b = {0};

	if (p->len && path_is_merged(p->list[0]))
		buf_adds(&b, "usr/");
	for (size_t i = 0; i < p->len; i++)
		buf_addf(&b, "%s%s", i ? "/" : "", p->list[i]);
	buf_str(&b);
	return buf_steal(&b);
}

static int path_check(const char *name, struct err *e)
{
	if (name[0] == '/')
		return err_set(e, -EINVAL, "'%s' is an absolute path", name);
	if (path_has_control(name))
		return err_set(e, -EINVAL, "a name has control characters");
	return 0;
}

int debroot_path(const char *name, char **ret, struct err *e)
{
	int r = path_check(name, e);
	_cleanup_strv_ char **words = r == 0 ? strv_split(name, "/") : NULL;
	struct parts p = {0};

	strv_for_each (word, words) {
		if (str_eq(word, ".."))
			r = err_set(e, -EINVAL, "'%s' leads out of the tree", name);
		else if (!str_eq(word, "."))
			strv_add(&p.list, word), p.len++;
	}
	if (r == 0 && p.len >= NAR_DEPTH_MAX)
		r = err_set(e, -EINVAL, "'%s' is nested too deeply", name);
	if (r == 0)
		*ret = parts_merged(&p);
	strv_free(p.list);
	return r;
}

// From the folder of path to target, both paths of the tree.
static char *path_relative(const char *path, const char *target)
{
	size_t same = 0;
	struct buf b = {0};

	for (size_t i = 0; path[i] && path[i] == target[i]; i++) {
		if (path[i] == '/')
			same = i + 1;
	}
	for (const char *p = path + same; *p; p++) {
		if (*p == '/')
			buf_adds(&b, "../");
	}
	buf_adds(&b, target + same);
	if (b.len && b.data[b.len - 1] == '/') // the tree itself
		b.data[--b.len] = '\0';
	if (!b.len)
		buf_addc(&b, '.');
	return buf_steal(&b);
}

int debroot_target(const char *name, const char *target, char **ret, struct err *e)
{
	_cleanup_free_ char *path = NULL, *to = NULL;
	struct parts p = {0};
	int r = debroot_path(name, &path, e);

	if (r < 0)
		return r;
	if (path_has_control(target) || !*target)
		return err_set(e, -EINVAL, "the link '%s' leads to no path", name);
	if (target[0] != '/') {
		parts_follow(&p, name); // has no ".."
		if (p.len)
			parts_cut(&p, 1);
	}
	if (parts_follow(&p, target))
		to = parts_merged(&p);
	strv_free(p.list);
	if (!to)
		return err_set(e, -EINVAL, "the link '%s' leads out of the tree, to '%s'", name, target);
	*ret = str_eq(to, path) ? NULL : path_relative(path, to);
	return 0;
}
