// SPDX-License-Identifier: GPL-2.0-or-later
// Where else in the tree a name occurs that no Kconfig file of this architecture defines: the Kconfig files
// of other architectures, and Makefiles and defconfigs that still use a name which was renamed or removed.
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/concepts.h"
#include "kconfig/reason.h"
#include "kconfig/walk.h"

#define PLACES_MAX 3

enum place { DEFINED, USED, PLACES };

struct elsewhere {
	const char *name;
	size_t len;
	const char *path; // of the file being read, below the tree
	unsigned found[PLACES];
	struct buf text[PLACES];
	struct buf file; // reused
};

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

// Is the name at p the one that "config NAME" or "menuconfig NAME" on this line defines?
static bool defines(const char *start, const char *p)
{
	const char *line = p;

	while (line > start && line[-1] != '\n')
		line--;
	line += strspn(line, " \t");
	line += str_has_prefix(line, "menu") ? 4 : 0;
	if (!str_has_prefix(line, "config"))
		return false;
	line += strlen("config");
	return line < p && line + strspn(line, " \t") == p;
}

static void note(struct elsewhere *x, enum place kind, const char *p)
{
	unsigned line = 1;

	if (x->found[kind]++ >= PLACES_MAX)
		return;
	for (const char *q = x->file.data; q < p; q++)
		line += *q == '\n';
	buf_addf(&x->text[kind], "%s%s:%u", x->found[kind] > 1 ? ", " : "", x->path, line);
}

static void search_file(struct elsewhere *x, int dir, const char *name, bool kconfig)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_err_ struct err skip = {};
	const char *start, *end, *p;

	buf_clear(&x->file);
	if (fd < 0 || fs_read_fd(fd, name, (size_t)4 << 20, &x->file, &skip) < 0)
		return;
	start = p = buf_str(&x->file);
	end = start + x->file.len;
	for (; (p = memmem(p, (size_t)(end - p), x->name, x->len)); p += x->len) {
		bool prefixed = p - start >= 7 && !memcmp(p - 7, "CONFIG_", 7);
		if (word_char(p[x->len]) || (!prefixed && p > start && word_char(p[-1])))
			continue;
		if (kconfig ? defines(start, p) : prefixed) {
			note(x, kconfig ? DEFINED : USED, p);
			return; // one place a file
		}
	}
}

static void search_entry(void *ctx, int dir, const char *path, const struct dirent *de)
{
	struct elsewhere *x = ctx;
	bool kconfig = str_has_prefix(de->d_name, "Kconfig");

	x->path = path;
	if (de->d_type == DT_REG &&
	        (kconfig || str_eq(de->d_name, "Makefile") || str_eq(de->d_name, "Kbuild") ||
	                str_has_suffix(de->d_name, "defconfig") || str_has_suffix(de->d_name, ".config")))
		search_file(x, dir, de->d_name, kconfig);
}

static void say(const struct elsewhere *x, enum place kind, const char *before, struct buf *b)
{
	if (!x->found[kind])
		return;
	buf_addf(b, "%s: %s", before, x->text[kind].data);
	if (x->found[kind] > PLACES_MAX)
		buf_addf(b, " and %u more", x->found[kind] - PLACES_MAX);
	buf_addc(b, '\n');
}

void kreason_elsewhere(struct kconfig *k, const char *name, struct buf *b)
{
	struct elsewhere x = {.name = name, .len = strlen(name)};

	for (size_t i = 0; i < x.len; i++)
		if (!word_char(name[i]))
			return;
	if (!x.len)
		return;
	kconcept_say(k, name, b);
	kwalk(k->src_fd, search_entry, &x);
	say(&x, DEFINED, "it is defined where this architecture does not look", b);
	if (!x.found[DEFINED])
		say(&x, USED, "it was renamed or removed; still used at", b);
	for (size_t i = 0; i < PLACES; i++)
		buf_release(&x.text[i]);
	buf_release(&x.file);
}
