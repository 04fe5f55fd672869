// SPDX-License-Identifier: GPL-2.0-or-later
// Names that are like a given one, as people write them: another spelling of the same words (NFTABLES for
// NF_TABLES), the name without what Linux puts before or behind it (AMDGPU for DRM_AMDGPU, BTRFS for
// BTRFS_FS), a slip of the keys, the words of the prompt (BLUETOOTH for BT, "Bluetooth subsystem support"),
// at last names that share some of its words. Each way has a score, small for what is surely meant.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/concepts.h"
#include "kconfig/model.h"

#define WORDS_MAX   16
#define SURE        6  // up to this score a name is surely meant
#define SPREAD      16 // what is so much further than the nearest is not shown
#define NO_LIKENESS 1000

struct near {
	const char *name;
	unsigned score; // smaller is nearer
};

struct words {
	const char *at[WORDS_MAX];
	size_t len[WORDS_MAX], n;
};

struct wanted {
	const char *name; // in capitals
	size_t len;
	struct words all, bare, core; // bare: without words that say nothing; core: nor a subsystem
};

static int by_score(const void *a, const void *b)
{
	const struct near *x = a, *y = b;
	size_t lx = strlen(x->name), ly = strlen(y->name);

	if (x->score != y->score)
		return x->score < y->score ? -1 : 1;
	return lx != ly ? (lx < ly ? -1 : 1) : strcmp(x->name, y->name);
}

static void split(const char *s, struct words *ret)
{
	ret->n = 0;
	while (*s && ret->n < WORDS_MAX) {
		size_t n = 0;
		while (isalnum((unsigned char)s[n]))
			n++;
		if (n) {
			ret->at[ret->n] = s;
			ret->len[ret->n++] = n;
		}
		s += n + (s[n] != '\0');
	}
}

static bool is_word(const char *s, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && !strncmp(list[i], s, len))
			return true;
	return false;
}

// Words that add nothing to what is meant.
static bool is_filler(const char *s, size_t len)
{
	static const char *const list[] = {"SUPPORT", "DRIVER", "DRIVERS", "MODULE", "ENABLE", "ENABLED",
	        "FS", "FILESYSTEM", "SUBSYSTEM", "KERNEL", "LINUX", "DEVICE", "DEVICES", "PROTOCOL"};

	return is_word(s, len, list, ARRAY_SIZE(list));
}

// Words for a subsystem, which people leave out.
static bool is_subsystem(const char *s, size_t len)
{
	static const char *const list[] = {"DRM", "SND", "USB", "NET", "BLK", "DEV", "SCSI", "SATA", "I2C",
	        "SPI", "HID", "SECURITY", "CRYPTO", "SENSORS", "INPUT", "MTD", "RTC", "GPIO", "PINCTRL", "BT",
	        "NF", "IP", "PCI", "CAN", "VIDEO", "ACPI", "TCG", "DEBUG", "MD", "DM", "SERIAL"};

	return is_word(s, len, list, ARRAY_SIZE(list));
}

// The same word, or the same with an s or a number behind it (CGROUPS; NTFS, NTFS3).
static unsigned word_cost(const char *wanted, size_t wanted_len, const char *s, size_t len)
{
	if (len < wanted_len || strncmp(wanted, s, wanted_len))
		return NO_LIKENESS;
	if (len == wanted_len)
		return 0;
	if (len == wanted_len + 1 && s[wanted_len] == 'S')
		return 1;
	for (size_t i = wanted_len; i < len; i++)
		if (!isdigit((unsigned char)s[i]) || isdigit((unsigned char)s[wanted_len - 1]))
			return NO_LIKENESS;
	return 3;
}

// All wanted words, one after the other, among those of a name.
static unsigned inside(const struct words *q, const struct words *c)
{
	unsigned best = NO_LIKENESS;

	for (size_t at = 0; q->n && at + q->n <= c->n; at++) {
		unsigned cost = 4;
		for (size_t i = 0; i < q->n; i++)
			cost += word_cost(q->at[i], q->len[i], c->at[at + i], c->len[at + i]);
		for (size_t i = 0; i < c->n; i++) {
			if (i >= at && i < at + q->n)
				continue;
			bool behind = i >= at + q->n;
			cost += is_filler(c->at[i], c->len[i])      ? 1
			        : is_subsystem(c->at[i], c->len[i]) ? 2 + behind
			                                            : 4 + 2 * behind;
		}
		best = MIN(best, cost);
	}
	return best;
}

static bool same_letters(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "_");
		b += strspn(b, "_");
		if (*a != *b || !*a)
			return *a == *b;
	}
}

// Two neighbours have changed places.
static bool is_swapped(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] && a[i] == b[i])
		i++;
	return a[i] && a[i + 1] && a[i] == b[i + 1] && a[i + 1] == b[i] && !strcmp(a + i + 2, b + i + 2);
}

static unsigned slip(const struct wanted *w, const struct ksym *s)
{
	size_t max = w->len < 4 ? 1 : w->len < 6 ? 2 : w->len < 12 ? 3 : 4, d;

	if (is_swapped(w->name, s->name))
		return 9;
	if ((size_t)llabs((long long)s->name_len - (long long)w->len) > max)
		return NO_LIKENESS;
	d = str_distance(w->name, s->name, max);
	if (d > max)
		return NO_LIKENESS;
	return (unsigned)d * 10 + (d > 1 && w->len < 6 ? 12 : 0) + (w->name[0] != s->name[0] ? 5 : 0);
}

// Length without the s of a plural.
static size_t stem(const char *s, size_t len)
{
	return len > 3 && (s[len - 1] == 'S' || s[len - 1] == 's') ? len - 1 : len;
}

// A word of a text, or two of it without what is between them (TUNTAP of "TUN/TAP").
static bool in_text(const char *word, size_t len, const struct words *text)
{
	for (size_t i = 0; i < text->n; i++) {
		size_t n = text->len[i], same = stem(word, len);
		if (stem(text->at[i], n) == same && !strncasecmp(text->at[i], word, same))
			return true;
		if (n > len || strncasecmp(text->at[i], word, n))
			continue;
		if (i + 1 < text->n && n > 1 && text->len[i + 1] == len - n &&
		        !strncasecmp(text->at[i + 1], word + n, len - n))
			return true;
	}
	return false;
}

// Where the number of a chip begins (RTL8152, R8152, 8152); len: there is none.
static size_t number_at(const char *s, size_t len)
{
	size_t at = 0;

	while (at < len && !isdigit((unsigned char)s[at]))
		at++;
	for (size_t i = at; i < at + 3; i++)
		if (i >= len || !isdigit((unsigned char)s[i]))
			return len;
	return at;
}

// A chip of the same number.
static bool has_number(const struct words *q, const struct words *text)
{
	size_t at = q->n == 1 ? number_at(q->at[0], q->len[0]) : 0;

	for (size_t i = 0; q->n == 1 && at < q->len[0] && i < text->n; i++) {
		size_t from = number_at(text->at[i], text->len[i]);
		if (text->len[i] - from == q->len[0] - at &&
		        !strncasecmp(text->at[i] + from, q->at[0] + at, q->len[0] - at))
			return true;
	}
	return false;
}

// All wanted words in a prompt: the shorter that is, the more it is about them.
static unsigned prompted(const struct words *q, const struct ksym *s)
{
	unsigned best = NO_LIKENESS;
	struct words text;

	for (const struct kmenu *m = s->menus; m && q->n; m = m->same) {
		if (!m->prompt || !m->prompt->text)
			continue;
		split(m->prompt->text, &text);
		if (has_number(q, &text))
			best = MIN(best, 17U);
		bool all = text.n > 0;
		for (size_t i = 0; i < q->n && all; i++)
			all = q->len[i] > 2 && in_text(q->at[i], q->len[i], &text);
		if (!all)
			continue;
		unsigned first = strncasecmp(text.at[0], q->at[0], q->len[0]) ? 3 : 0;
		best = MIN(best, 14 + first + 2 * (unsigned)MIN(text.n - MIN(q->n, text.n), (size_t)8));
	}
	return best;
}

// Some of the wanted words, in any order.
static unsigned shared(const struct words *q, const struct words *c)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n; i++)
		n += in_text(q->at[i], q->len[i], c);
	if (q->n < 2 || n * 2 < q->n + (q->n > 2) || c->n > q->n + 2)
		return NO_LIKENESS;
	return (unsigned)(35 + (q->n - n) * 10 + (c->n > n ? c->n - n : 0) * 4);
}

// A name of which the wanted one is the beginning, or which is the wanted one but for one word.
static unsigned cut(const struct wanted *w, const struct ksym *s, const struct words *c)
{
	if (w->len > 2 && s->name_len > w->len && !strncmp(w->name, s->name, w->len))
		return 16 + (unsigned)(s->name_len - w->len);
	if (c->n && c->n + 1 == w->all.n && inside(c, &w->all) < NO_LIKENESS)
		return is_subsystem(c->at[0], c->len[0]) && c->n == 1 ? 34 : 22;
	return NO_LIKENESS;
}

static unsigned measure(const struct wanted *w, const struct ksym *s)
{
	struct words c;
	unsigned best;

	if (same_letters(w->name, s->name))
		return 2;
	split(s->name, &c);
	best = MIN(inside(&w->all, &c), slip(w, s));
	if (w->bare.n < w->all.n)
		best = MIN(best, inside(&w->bare, &c) + 3);
	if (w->core.n < w->bare.n && inside(&w->core, &c) <= SURE)
		best = MIN(best, inside(&w->core, &c) + 6);
	best = MIN(best, prompted(&w->bare, s));
	best = MIN(best, cut(w, s, &c));
	return MIN(best, shared(&w->all, &c));
}

static void add_word(struct words *v, const char *at, size_t len)
{
	v->at[v->n] = at;
	v->len[v->n++] = len;
}

static void want(struct wanted *w, char *capitals)
{
	for (char *p = capitals; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	w->name = capitals;
	w->len = strlen(capitals);
	split(capitals, &w->all);
	w->bare.n = w->core.n = 0;
	for (size_t i = 0; i < w->all.n; i++) {
		const char *at = w->all.at[i];
		size_t len = w->all.len[i];
		if (!is_filler(at, len))
			add_word(&w->bare, at, len);
		if (!is_filler(at, len) && !is_subsystem(at, len))
			add_word(&w->core, at, len);
	}
}

const char **kconfig_nearest(struct kconfig *k, const char *name, size_t max)
{
	_cleanup_free_ struct near *v = NULL;
	_cleanup_free_ char *capitals = mem_strdup(name); // nfs_fs means NFS_FS
	size_t n = 0, cap = 0, len = 0;
	struct wanted w;

	want(&w, capitals);
	for (size_t i = 0; i < k->syms_len; i++) {
		struct ksym *s = k->syms[i];
		if (!s->menus || !s->name || ksym_is_choice(s))
			continue;
		unsigned score = measure(&w, s);
		if (score >= NO_LIKENESS)
			continue;
		mem_grow(&v, &cap, n + 1, sizeof(*v));
		v[n++] = (struct near){s->name, score};
	}
	if (n)
		qsort(v, n, sizeof(*v), by_score);
	const char **names = mem_array(max + 1, sizeof(*names));
	if (!n || v[0].score > SURE)
		len = kconcept_names(k, name, names, max);
	for (size_t i = 0, own = len; i < n && len < max && !own && v[i].score <= v[0].score + SPREAD; i++)
		names[len++] = v[i].name;
	names[len] = NULL;
	return names;
}
