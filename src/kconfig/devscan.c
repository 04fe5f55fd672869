// SPDX-License-Identifier: GPL-2.0-or-later
// Collecting the aliases of a tree, and asking them.
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/devscan.h"
#include "kconfig/walk.h"

#define UNKNOWN '\1'

#define FILE_MAX_BYTES   ((size_t)8 << 20)
#define HEADER_MAX_BYTES ((size_t)256 << 10) // larger ones are lists of registers

struct scan {
	struct daliases *a;
	struct dscan x;
	const char *arch, *file;
	struct buf text; // reused
};

static void take(void *ctx, const char *alias)
{
	struct scan *s = ctx;
	struct daliases *a = s->a;

	mem_grow(&a->v, &a->cap, a->len + 1, sizeof(*a->v));
	a->v[a->len++] = (struct dalias){arena_strdup(&a->arena, alias), s->file};
}

static bool other_arch(const struct scan *s, const char *path)
{
	const char *arch = str_after(path, "arch/");
	size_t n = s->arch ? strlen(s->arch) : 0;

	return arch && n && (strncmp(arch, s->arch, n) || arch[n] != '/');
}

static bool read_at(int dir, const char *name, size_t limit_bytes, struct buf *text)
{
	_cleanup_err_ struct err skip = {};

	buf_clear(text);
	return fs_read_regular_at(dir, name, O_NOFOLLOW, limit_bytes, text, &skip) >= 0;
}

// The source file of this folder that includes a header of it, if need be by way of another; owned.
static char *includer(int dir, const char *header, int depth)
{
	_cleanup_free_ char *line = str_printf("#include \"%s\"", header);
	_cleanup_buf_ struct buf text = {};
	char *found = NULL;
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;

	for (struct dirent *e = d ? readdir(d) : NULL; e && !found; e = readdir(d)) {
		bool source = str_has_suffix(e->d_name, ".c");
		if ((!source && !(depth && str_has_suffix(e->d_name, ".h"))) ||
		        !read_at(dir, e->d_name, FILE_MAX_BYTES, &text) || !strstr(buf_str(&text), line))
			continue;
		found = source ? mem_strdup(e->d_name) : includer(dir, e->d_name, depth - 1);
	}
	if (d)
		closedir(d);
	else if (copy >= 0)
		close(copy);
	return found;
}

// A header's table is one of the file that includes it, with what that includes before: both as one text.
// False where no file beside it does.
static bool with_includer(struct scan *s, int dir, const char *path, const char *name)
{
	_cleanup_free_ char *source = includer(dir, name, 1), *folder = str_dirname(path);
	_cleanup_free_ char *whole = source ? fs_join(folder, source) : NULL;
	_cleanup_buf_ struct buf header = s->text;

	s->text = (struct buf){};
	if (!source || !read_at(dir, source, FILE_MAX_BYTES, &s->text))
		return false;
	buf_addc(&s->text, '\n');
	buf_adds(&s->text, buf_str(&header));
	s->file = arena_strdup(&s->a->arena, whole);
	return true;
}

static void visit(void *ctx, int dir, const char *path, const struct dirent *de)
{
	struct scan *s = ctx;
	bool header = str_has_suffix(de->d_name, ".h");

	if ((!header && !str_has_suffix(de->d_name, ".c")) || str_has_suffix(de->d_name, ".mod.c") ||
	        other_arch(s, path) ||
	        (header && (str_has_prefix(path, "include/") || strstr(path, "/include/"))))
		return;
	if (!read_at(dir, de->d_name, header ? HEADER_MAX_BYTES : FILE_MAX_BYTES, &s->text) ||
	        (header && !strstr(buf_str(&s->text), "MODULE_DEVICE_TABLE(")) ||
	        !dscan_wants(&s->x, buf_str(&s->text), s->text.len))
		return;
	s->file = arena_strdup(&s->a->arena, path);
	if (header && !with_includer(s, dir, path, de->d_name))
		return;
	s->a->files++;
	dscan_file(&s->x, s->file, &s->text);
}

void daliases_scan(struct daliases *a, struct kconfig *k, char *const *prefixes)
{
	struct cworld w = {.k = k};
	struct scan s = {.a = a, .x = {.w = &w, .prefixes = prefixes, .emit = take}};

	s.x.ctx = &s;
	s.arch = hmap_get(&k->env, "SRCARCH");
	kwalk(k->src_fd, visit, &s);
	a->entries += s.x.entries;
	a->unread += s.x.unread;
	buf_release(&s.text);
	cworld_release(&w);
}

void daliases_read(struct daliases *a, const char *text, size_t len)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	strv_for_each (l, lines) {
		const char *pattern = str_after(l, "alias ");
		char *module = pattern ? strchr(pattern, ' ') : NULL;
		if (!module)
			continue;
		*module++ = '\0';
		mem_grow(&a->v, &a->cap, a->len + 1, sizeof(*a->v));
		a->v[a->len++] =
		        (struct dalias){arena_strdup(&a->arena, pattern), arena_strdup(&a->arena, module)};
	}
}

void daliases_release(struct daliases *a)
{
	mem_free(a->v);
	arena_release(&a->arena);
	*a = (struct daliases){};
}

static bool hex(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isxdigit((unsigned char)s[i]))
			return false;
	return n > 0;
}

// VVVV:DDDD[:SVSV:SDSD][:CCCCCC]; the class has six digits (four: the interface is not known).
static bool ids(const char *s, bool pci, char ***ret)
{
	_cleanup_strv_ char **f = strv_split(s, ":");
	size_t n = strv_len(f);
	_cleanup_buf_ struct buf b = {};
	const char *class = NULL, *sv = NULL, *sd = NULL;

	for (size_t i = 0; i < n; i++)
		if (!hex(f[i], strlen(f[i])) || strlen(f[i]) > (i < 2 ? 4u : 6u))
			return false;
	if (n < 2 || n > (pci ? 5u : 2u))
		return false;
	if (n >= 4)
		sv = f[2], sd = f[3];
	if (n == 3 || n == 5)
		class = f[n - 1];
	if (class && strlen(class) != 4 && strlen(class) != 6)
		return false;
	buf_adds(&b, pci ? "pci:v" : "usb:v");
	for (size_t i = 0; i < 2; i++) {
		buf_addn(&b, '0', (pci ? 8u : 4u) - strlen(f[i]));
		for (const char *c = f[i]; *c; c++)
			buf_addc(&b, (char)toupper((unsigned char)*c));
		buf_adds(&b, i ? pci ? "sv" : "d" : pci ? "d" : "p");
	}
	if (!pci) {
		buf_adds(&b, "\1dc\1dsc\1dp\1ic\1isc\1ip\1in\1");
	} else {
		buf_addf(&b, sv ? "%08llX" : "\1", sv ? (unsigned long long)strtoull(sv, NULL, 16) : 0);
		buf_addf(&b, sd ? "sd%08llX" : "sd\1", sd ? (unsigned long long)strtoull(sd, NULL, 16) : 0);
		unsigned long c = class ? strtoul(class, NULL, 16) : 0;
		if (class && strlen(class) == 4)
			buf_addf(&b, "bc%02lXsc%02lXi\1", c >> 8, c & 255);
		else if (class)
			buf_addf(&b, "bc%02lXsc%02lXi%02lX", c >> 16, c >> 8 & 255, c & 255);
		else
			buf_adds(&b, "bc\1sc\1i\1");
	}
	buf_str(&b);
	strv_take(ret, buf_steal(&b));
	return true;
}

static bool acpi_ids(const char *s, char ***ret)
{
	char *q = str_printf("acpi:%s%s", s, str_has_suffix(s, ":") ? "" : ":");

	for (char *c = q + 5; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	strv_take(ret, q);
	return true;
}

static bool plain_id(const char *s)
{
	size_t letters = 0;

	while (isupper((unsigned char)s[letters]))
		letters++;
	return letters >= 3 && letters <= 4 && strlen(s) >= 7 && strlen(s) <= 8 &&
	       hex(s + letters, strlen(s) - letters);
}

bool dquery(const char *word, char ***ret)
{
	const char *rest;
	size_t before = strv_len(*ret);

	if (strchr(word, ' '))
		return dquery_line(word, ret);
	if (strpbrk(word, "/\t") && !str_has_prefix(word, "dmi:")) // which has dates
		return false;
	if (((rest = str_after(word, "pci:")) && ids(rest, true, ret)) ||
	        ((rest = str_after(word, "usb:")) && ids(rest, false, ret)))
		return true;
	if ((rest = str_after(word, "acpi:")) && *rest)
		return acpi_ids(rest, ret);
	if ((rest = str_after(word, "of:")) && *rest && *rest != 'N') {
		strv_take(ret, str_printf("of:N\1T\1C%s", rest));
		return true;
	}
	if (ids(word, true, ret))
		ids(word, false, ret);
	else if (plain_id(word))
		acpi_ids(word, ret);
	else if (strchr(word, ':') && word[strcspn(word, ":")] && strcspn(word, ":") > 1)
		strv_add(ret, word);
	else if (str_has_prefix(word, "fs-") || str_has_prefix(word, "net-pf-") ||
	         str_has_prefix(word, "crypto-") || str_has_prefix(word, "char-major-") ||
	         str_has_prefix(word, "block-major-"))
		strv_add(ret, word);
	return strv_len(*ret) > before;
}

// "00:1f.2 0106: 8086:2922 (rev 02)" and "Bus 001 Device 002: ID 8087:0024 Intel Corp. ..."
bool dquery_line(const char *line, char ***ret)
{
	const char *at = str_has_prefix(line, "Bus ") ? strstr(line, " ID ") : strchr(line, ' ');
	unsigned class, vendor, device;
	int end = 0;
	_cleanup_free_ char *word = NULL;

	if (str_has_prefix(line, "Bus ") && at && sscanf(at, " ID %4x:%4x", &vendor, &device) == 2)
		word = str_printf("usb:%04x:%04x", vendor, device);
	else if (at && sscanf(at, " %4x: %4x:%4x%n", &class, &vendor, &device, &end) == 3 && end)
		word = str_printf("pci:%04x:%04x:%04x", vendor, device, class);
	return word && dquery(word, ret);
}

// Can both be the same text? \1 of the query stands for anything, like * of the pattern. Whoever writes
// patterns that take more than `left` steps gets a yes.
static bool overlap(const char *p, const char *q, unsigned *left)
{
	for (; *left; p++, q++) {
		--*left;
		if (*p == '*')
			return overlap(p + 1, q, left) || (*q && overlap(p, q + 1, left));
		if (*q == UNKNOWN)
			return overlap(p, q + 1, left) || (*p && overlap(p + 1, q, left));
		if (*p == '[' && *q) {
			const char *end = strchr(p, ']');
			_cleanup_free_ char *set = end ? mem_strndup(p, (size_t)(end - p) + 1) : NULL;
			char one[2] = {*q, 0};
			if (!set || fnmatch(set, one, 0))
				return false;
			p = end;
			continue;
		}
		if (!*p || !*q)
			return !*p && !*q;
		if (*p != *q && *p != '?')
			return false;
	}
	return true;
}

enum dmatch dmatch(const char *pattern, const char *query)
{
	size_t fixed = strcspn(pattern, "*?[");

	if (strncmp(pattern, query, MIN(fixed, strcspn(query, "\1"))))
		return DMATCH_NONE;
	if (fnmatch(pattern, query, 0) == 0)
		return DMATCH_SURE;
	unsigned left = 20000;
	return strchr(query, UNKNOWN) && overlap(pattern, query, &left) ? DMATCH_MAYBE : DMATCH_NONE;
}
