// SPDX-License-Identifier: GPL-2.0-or-later
// Where two trees differ, for the message about a build that is not deterministic.
#include "build/output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

struct diff {
	size_t found, max;
	struct buf *out;
};

static void diff_found(struct diff *d, const char *rel, const char *why)
{
	if (d->found++ < d->max)
		buf_addf(d->out, "  %s: %s\n", *rel ? rel : ".", why);
}

// The offset of the first byte that is not the same.
static void diff_files(struct diff *d, const char *a, const char *b, const char *rel)
{
	_cleanup_buf_ struct buf x = {0}, y = {0};
	_cleanup_err_ struct err e = {0};
	char why[128];

	if (fs_read(a, 0, &x, &e) < 0 || fs_read(b, 0, &y, &e) < 0) {
		diff_found(d, rel, e.msg);
		return;
	}
	size_t n = MIN(x.len, y.len), i = 0;
	while (i < n && x.data[i] == y.data[i])
		i++;
	if (i == n && x.len == y.len)
		return;
	if (x.len == y.len)
		snprintf(why, sizeof(why), "differs from byte %zu on", i);
	else
		snprintf(why, sizeof(why), "differs from byte %zu on; %zu and %zu bytes", i, x.len, y.len);
	diff_found(d, rel, why);
}

static void diff_links(struct diff *d, const char *a, const char *b, const char *rel)
{
	_cleanup_free_ char *x = NULL, *y = NULL;
	_cleanup_err_ struct err e = {0};

	if (fs_readlink(a, &x, &e) < 0 || fs_readlink(b, &y, &e) < 0 || !str_eq(x, y))
		diff_found(d, rel, "links to different places");
}

static void diff_trees(struct diff *d, const char *a, const char *b, const char *rel, int depth);

static void diff_folders(struct diff *d, const char *a, const char *b, const char *rel, int depth)
{
	_cleanup_strv_ char **x = NULL, **y = NULL;
	_cleanup_err_ struct err e = {0};

	if (fs_list(a, &x, &e) < 0 || fs_list(b, &y, &e) < 0)
		return;
	// Both sorted: walk them side by side.
	char *const *p = x, *const *q = y;
	while (d->found < d->max && ((p && *p) || (q && *q))) {
		int order = !p || !*p ? 1 : !q || !*q ? -1 : strcmp(*p, *q);
		_cleanup_free_ char *sub = str_printf("%s%s%s", rel, *rel ? "/" : "", order <= 0 ? *p : *q);
		if (order < 0) {
			diff_found(d, sub, "missing from the new output");
		} else if (order > 0) {
			diff_found(d, sub, "only in the new output");
		} else {
			_cleanup_free_ char *pa = fs_join(a, *p), *pb = fs_join(b, *q);
			diff_trees(d, pa, pb, sub, depth + 1);
		}
		p += order <= 0;
		q += order >= 0;
	}
}

static void diff_trees(struct diff *d, const char *a, const char *b, const char *rel, int depth)
{
	struct stat x, y;

	if (depth > NAR_DEPTH_MAX || lstat(a, &x) < 0 || lstat(b, &y) < 0)
		return;
	if ((x.st_mode & S_IFMT) != (y.st_mode & S_IFMT))
		diff_found(d, rel, "is of another type");
	else if (S_ISDIR(x.st_mode))
		diff_folders(d, a, b, rel, depth);
	else if (S_ISLNK(x.st_mode))
		diff_links(d, a, b, rel);
	else if ((x.st_mode ^ y.st_mode) & 0100)
		diff_found(d, rel, "is executable in one of them");
	else
		diff_files(d, a, b, rel);
}

size_t output_diff(const char *a, const char *b, size_t max, struct buf *out)
{
	struct diff d = {.max = max, .out = out};

	diff_trees(&d, a, b, "", 0);
	while (out->len && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
	return d.found;
}
