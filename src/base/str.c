// SPDX-License-Identifier: GPL-2.0-or-later
// C strings and string lists.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

bool str_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

const char *str_after(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

bool str_has_prefix(const char *s, const char *prefix)
{
	return str_after(s, prefix) != NULL;
}

bool str_has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

char *str_printf(const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	return buf_steal(&b);
}

char *str_cat(const char *first, ...)
{
	const char *part[STR_CAT_MAX];
	size_t len[STR_CAT_MAX], n = 0, total = 0;
	va_list ap;

	va_start(ap, first);
	for (const char *s = first; s && n < STR_CAT_MAX; s = va_arg(ap, const char *)) {
		part[n] = s;
		len[n] = strlen(s);
		total += len[n++];
	}
	va_end(ap);
	char *all = mem_alloc(total + 1), *to = all;
	for (size_t i = 0; i < n; i++) {
		memcpy(to, part[i], len[i]);
		to += len[i];
	}
	*to = '\0';
	return all;
}

int str_to_u64(const char *s, uint64_t *ret)
{
	uint64_t n = 0;

	if (!*s)
		return -EINVAL;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			return -ERANGE;
	}
	*ret = n;
	return 0;
}

int str_to_i64(const char *s, int64_t *ret)
{
	bool neg = *s == '-';
	uint64_t n;
	int r = str_to_u64(s + neg, &n);

	if (r < 0)
		return r;
	if (n > (uint64_t)INT64_MAX + neg)
		return -ERANGE;
	*ret = neg ? (int64_t)(0 - n) : (int64_t)n;
	return 0;
}

size_t str_distance(const char *a, const char *b, size_t max)
{
	size_t n = strlen(a), m = strlen(b), i, j;
	size_t row[257];

	if (n > m)
		return str_distance(b, a, max);
	if (m - n > max || n > 255)
		return max + 1;
	for (i = 0; i <= n; i++)
		row[i] = i;
	for (j = 1; j <= m; j++) {
		size_t diag = row[0], best = row[0] = j;

		for (i = 1; i <= n; i++) {
			size_t old = row[i], d = diag + (a[i - 1] != b[j - 1]);

			d = MIN(d, old + 1);
			d = MIN(d, row[i - 1] + 1);
			diag = old;
			row[i] = d;
			best = MIN(best, d);
		}
		if (best > max)
			return max + 1;
	}
	return MIN(row[n], max + 1);
}

void str_near_offer(struct str_near *n, const char *word, const char *name)
{
	size_t d = n->below ? str_distance(name, word, n->below - 1) : 0;

	if (d < n->below) {
		n->name = name;
		n->below = d;
	}
}

size_t str_near_limit(size_t word_len)
{
	return MIN((size_t)3, word_len / 2) + 1;
}

const char *str_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *str_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return mem_strdup(".");
	return slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

size_t strv_len(char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

void strv_take(char ***v, char *s)
{
	size_t n = strv_len(*v);

	if ((n & (n + 1)) == 0) // room for n + 1 strings and NULL, doubled when n + 1 is a power of two
		*v = mem_realloc(*v, (2 * (n + 1)) * sizeof(char *));
	(*v)[n] = s;
	(*v)[n + 1] = NULL;
}

void strv_add(char ***v, const char *s)
{
	strv_take(v, mem_strdup(s));
}

bool strv_has(char *const *v, const char *s)
{
	for (; v && *v; v++)
		if (strcmp(*v, s) == 0)
			return true;
	return false;
}

static size_t count_words(const char *s, const char *seps)
{
	size_t n = 0;

	for (; *(s += strspn(s, seps)); n++)
		s += strcspn(s, seps);
	return n;
}

// Counted first: adding a million words one by one would count them a million times.
char **strv_split(const char *s, const char *seps)
{
	size_t n = count_words(s, seps), cap = 2, i = 0;

	if (!n)
		return NULL;
	while (cap < n + 1) // as strv_take has it, so that more may follow
		cap *= 2;
	char **v = mem_array(cap, sizeof(*v));
	while (*(s += strspn(s, seps))) {
		size_t len = strcspn(s, seps);

		v[i++] = mem_strndup(s, len);
		s += len;
	}
	return v;
}

char *strv_join(char *const *v, const char *sep)
{
	struct buf b = {0};

	for (size_t i = 0; v && v[i]; i++) {
		if (i)
			buf_adds(&b, sep);
		buf_adds(&b, v[i]);
	}
	return buf_steal(&b);
}

static int strv_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(char **v)
{
	if (v)
		qsort(v, strv_len(v), sizeof(*v), strv_cmp);
}

void strv_free(char **v)
{
	for (size_t i = 0; v && v[i]; i++)
		mem_free(v[i]);
	mem_free(v);
}
