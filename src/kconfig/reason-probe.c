// SPDX-License-Identifier: GPL-2.0-or-later
// Which tests of the toolchain decide a symbol: the macro calls of its entry, as they stand in the Kconfig
// file. Only their results are in the tree.
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/str.h"
#include "kconfig/reason.h"

#define TEST_MAX  200
#define TESTS_MAX 4

// The length of the macro call at p, "$(cc-option,-mfoo)"; 0: it is none that could be a test, as "$(ARCH)".
static size_t call_len(const char *p, const char *end)
{
	const char *q = p + 2;
	unsigned open = 1;

	while (q < end && (islower((unsigned char)*q) || isdigit((unsigned char)*q) || *q == '-'))
		q++;
	if (q == p + 2 || q >= end || (*q != ',' && *q != ' '))
		return 0;
	for (; q < end && open; q++)
		open += (*q == '(') - (*q == ')');
	return open ? 0 : (size_t)(q - p);
}

static void add_call(const char *p, size_t len, struct buf *b)
{
	bool blank = false;

	for (size_t i = 0; i < len && i < TEST_MAX; i++) {
		bool space = strchr(" \t\n", p[i]) || (p[i] == '\\' && i + 1 < len && p[i + 1] == '\n');
		if (!space)
			buf_addf(b, "%s%c", blank ? " " : "", p[i]);
		blank = space;
	}
	if (len > TEST_MAX)
		buf_adds(b, " ...");
}

static unsigned calls_of(const char *line, const char *end, unsigned said, struct buf *b)
{
	while (said < TESTS_MAX && (line = memmem(line, (size_t)(end - line), "$(", 2))) {
		size_t len = call_len(line, end);
		if (len) {
			buf_adds(b, said++ ? " and " : "");
			add_call(line, len, b);
		}
		line += len ? len : 2;
	}
	return said;
}

static bool starts_with_word(const char *p, const char *const *words)
{
	p += strspn(p, " \t");
	for (; *words; words++)
		if (str_has_prefix(p, *words) && strchr(" \t\n\"", p[strlen(*words)]))
			return true;
	return false;
}

// The end of the line, with those that continue it.
static const char *line_end(const char *p)
{
	const char *end = p + strcspn(p, "\n");

	while (*end == '\n' && end > p && end[-1] == '\\')
		end += 1 + strcspn(end + 1, "\n");
	return end;
}

static unsigned tests_of(struct kconfig *k, const struct kmenu *m, unsigned said, struct buf *b)
{
	static const char *const ends[] = {"config", "menuconfig", "choice", "endchoice", "menu", "endmenu",
	        "if", "endif", "comment", "source", "help", NULL};
	static const char *const conditions[] = {
	        "depends", "default", "def_bool", "def_tristate", "bool", "tristate", "int", NULL};
	_cleanup_close_ int fd = openat(k->src_fd, m->file, O_RDONLY | O_CLOEXEC);
	_cleanup_err_ struct err skip = {};
	_cleanup_buf_ struct buf text = {};

	if (fd < 0 || fs_read_fd(fd, m->file, (size_t)4 << 20, &text, &skip) < 0)
		return said;
	const char *p = buf_str(&text);
	for (int line = 1; line <= m->line && *p; line++)
		p += strcspn(p, "\n") + (p[strcspn(p, "\n")] == '\n');
	while (*p && !starts_with_word(p, ends)) {
		const char *end = line_end(p);
		if (starts_with_word(p, conditions))
			said = calls_of(p, end, said, b);
		p = end + (*end == '\n');
	}
	return said;
}

bool kreason_tests(struct kconfig *k, const struct ksym *s, struct buf *b)
{
	unsigned said = 0;

	for (const struct kmenu *m = s->menus; m && said < TESTS_MAX; m = m->same)
		said = tests_of(k, m, said, b);
	_cleanup_buf_ struct buf tools = {};
	if (s->name && s->menus)
		kreason_tools(k, s->name, &tools);
	if (tools.len)
		buf_addf(b, "%s%s", said ? "; " : "", buf_str(&tools));
	return said > 0 || tools.len;
}
