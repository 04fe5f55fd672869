// SPDX-License-Identifier: GPL-2.0-or-later
// Which test of the toolchain decided a value: the macros of the line that gave it, as they stand in the
// Kconfig file. Only their results are in the tree.
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/str.h"
#include "kconfig/reason.h"

#define TEST_MAX 300

// The macro calls of a line: from the first "$(" to the last ")".
static void calls_of(const char *line, const char *end, struct buf *b)
{
	const char *start = memmem(line, (size_t)(end - line), "$(", 2);

	while (end > line && end[-1] != ')')
		end--;
	if (!start || end <= start)
		return;
	bool blank = false;
	for (const char *p = start; p < end && p < start + TEST_MAX; p++) {
		bool space =
		        *p == ' ' || *p == '\t' || *p == '\n' || (*p == '\\' && p + 1 < end && p[1] == '\n');
		if (!space)
			buf_addf(b, "%s%c", blank ? " " : "", *p);
		blank = space;
	}
	if (end > start + TEST_MAX)
		buf_adds(b, " ...");
}

// The line with this number, with those that continue it.
static const char *find_line(const char *text, int number, const char **ret_end)
{
	const char *p = text;

	while (number-- > 1) {
		p = strchr(p, '\n');
		if (!p)
			return NULL;
		p++;
	}
	const char *end = p + strcspn(p, "\n");
	while (*end == '\n' && end > p && end[-1] == '\\')
		end += 1 + strcspn(end + 1, "\n");
	*ret_end = end;
	return p;
}

bool kreason_test(struct kconfig *k, const struct kprop *q, struct buf *b)
{
	_cleanup_close_ int fd = openat(k->src_fd, q->file, O_RDONLY | O_CLOEXEC);
	_cleanup_err_ struct err skip = {};
	_cleanup_buf_ struct buf text = {};
	size_t before = b->len;
	const char *end;

	if (fd < 0 || fs_read_fd(fd, q->file, (size_t)4 << 20, &text, &skip) < 0)
		return false;
	const char *line = find_line(buf_str(&text), q->line, &end);
	if (line)
		calls_of(line, end, b);
	return b->len > before;
}
