// SPDX-License-Identifier: GPL-2.0-or-later
// Which option builds a module, for trimming: a quick look at all Makefiles of the tree, which takes what
// stands there word for word (kbuild.h has the thorough one, which begins at the top and needs a whole tree).
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/model.h"
#include "kconfig/trim.h"
#include "kconfig/walk.h"

static void add_option(struct kmodmap *t, const char *module, size_t len, struct ksym *s)
{
	_cleanup_free_ char *name = mem_strndup(module, len);

	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	if (!t->module[s->index])
		t->module[s->index] = arena_strdup(&t->arena, name);
	if (!hmap_has(&t->first, name)) {
		hmap_put(&t->first, name, s);
		return;
	}
	mem_grow(&t->more, &t->more_cap, t->more_len + 1, sizeof(*t->more));
	t->more[t->more_len++] = s;
	strv_add(&t->more_names, name);
}

// "obj-$(CONFIG_X) += a.o b.o", lines joined.
static void makefile_line(struct kmodmap *t, const char *p, const char *end)
{
	static const char head[] = "obj-$(CONFIG_";
	const char *close;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if ((size_t)(end - p) < sizeof(head) || memcmp(p, head, sizeof(head) - 1))
		return;
	p += sizeof(head) - 1;
	close = memchr(p, ')', (size_t)(end - p));
	struct ksym *s = close ? ksym_find_n(t->k, p, (size_t)(close - p)) : NULL;
	const char *eq = close ? memchr(close, '=', (size_t)(end - close)) : NULL;
	if (!s || !s->menus || !eq)
		return;
	for (p = eq + 1; p < end;) {
		const char *w = p;
		while (p < end && !strchr(" \t\n\\", *p))
			p++;
		if (p - w > 2 && p[-2] == '.' && p[-1] == 'o')
			add_option(t, w, (size_t)(p - w - 2), s);
		p += p == w || p < end;
	}
}

static void read_makefile(struct kmodmap *t, int dir, const char *name)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	_cleanup_buf_ struct buf b = {};
	_cleanup_err_ struct err e = {};

	if (fd < 0 || fs_read_fd(fd, name, (size_t)4 << 20, &b, &e) < 0)
		return;
	for (const char *p = buf_str(&b), *end = p + b.len; p < end;) {
		const char *stop = p;
		do {
			const char *nl = memchr(stop, '\n', (size_t)(end - stop));
			stop = nl ? nl + 1 : end;
		} while (stop < end && stop - p >= 2 && stop[-2] == '\\');
		makefile_line(t, p, stop);
		p = stop;
	}
}

static void read_entry(void *ctx, int dir, const char *path, const struct dirent *de)
{
	if (str_eq(de->d_name, "Makefile") || str_eq(de->d_name, "Kbuild"))
		read_makefile(ctx, dir, de->d_name);
}

void kmodmap_read(struct kmodmap *m, struct kconfig *k)
{
	*m = (struct kmodmap){.k = k, .module = mem_array(k->syms_len, sizeof(*m->module))};
	kwalk(k->src_fd, read_entry, m);
}

void kmodmap_release(struct kmodmap *m)
{
	hmap_release(&m->first);
	strv_free(m->more_names);
	mem_free(m->more);
	mem_free(m->module);
	arena_release(&m->arena);
}
