// SPDX-License-Identifier: GPL-2.0-or-later
// Names that are like a given one: small differences in spelling first, then names that share its words.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/model.h"

struct near {
	const char *name;
	unsigned score; // smaller is nearer
};

static int by_score(const void *a, const void *b)
{
	const struct near *x = a, *y = b;

	return x->score != y->score ? (x->score < y->score ? -1 : 1) : strcmp(x->name, y->name);
}

// How many of the words of a (between underscores) are words of b.
static size_t words_shared(const char *a, const char *b, size_t *ret_words)
{
	size_t shared = 0, words = 0;

	for (size_t n; *a; a += n + (a[n] == '_')) {
		n = strcspn(a, "_");
		words++;
		for (const char *p = b; *p;) {
			size_t m = strcspn(p, "_");
			if (m == n && !strncmp(a, p, n)) {
				shared++;
				break;
			}
			p += m + (p[m] == '_');
		}
	}
	*ret_words = words;
	return shared;
}

static bool measure(const char *name, size_t len, const struct ksym *s, unsigned *ret)
{
	size_t max = len < 6 ? 2 : len < 12 ? 3 : 4, words, own;
	size_t d = (size_t)llabs((long long)s->name_len - (long long)len) > max
	                   ? max + 1
	                   : str_distance(name, s->name, max);

	if (d <= max) {
		*ret = (unsigned)d * 10;
		return true;
	}
	size_t shared = words_shared(name, s->name, &words);
	words_shared(s->name, name, &own);
	if (words < 2 || shared * 2 < words + (words > 2) || own > words + 2)
		return false;
	*ret = (unsigned)(35 + (words - shared) * 10 + (own > shared ? own - shared : 0) * 4);
	return true;
}

const char **kconfig_nearest(struct kconfig *k, const char *name, size_t max)
{
	_cleanup_free_ struct near *v = NULL;
	_cleanup_free_ char *capitals = mem_strdup(name); // nfs_fs means NFS_FS
	size_t n = 0, cap = 0, len = strlen(name);
	unsigned score;

	for (char *p = capitals; *p; p++)
		*p = (char)toupper((unsigned char)*p);

	for (size_t i = 0; i < k->syms_len; i++) {
		struct ksym *s = k->syms[i];
		if (!s->menus || !s->name || ksym_is_choice(s) || !measure(capitals, len, s, &score))
			continue;
		mem_grow(&v, &cap, n + 1, sizeof(*v));
		v[n++] = (struct near){s->name, score};
	}
	if (n)
		qsort(v, n, sizeof(*v), by_score);
	n = MIN(n, max);
	const char **names = mem_array(n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = v[i].name;
	return names;
}
