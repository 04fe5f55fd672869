// SPDX-License-Identifier: GPL-2.0-or-later
// The table of symbols, the order in which conf walks it, and small helpers over the menu tree.
#include <string.h>
#include "base/mem.h"
#include "kconfig/model.h"

// FNV-1a over signed characters: not for speed but because its buckets give the order of conf's walks.
static uint32_t name_hash(const char *s, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint32_t)(int)(signed char)s[i]) * 0x01000193u;
	return h;
}

static void table_grow(struct kconfig *k)
{
	size_t cap = k->table_cap ? k->table_cap * 2 : 32768;
	struct ksym **t = mem_array(cap, sizeof(*t));

	for (size_t i = 0; i < k->table_cap; i++) {
		if (!k->table[i])
			continue;
		size_t at = (k->table[i]->hash * 2654435769u) & (cap - 1);
		while (t[at])
			at = (at + 1) & (cap - 1);
		t[at] = k->table[i];
	}
	mem_free(k->table);
	k->table = t;
	k->table_cap = cap;
}

static struct ksym *sym_new(struct kconfig *k, const char *name, size_t len, uint32_t hash, unsigned flags)
{
	struct ksym *s = arena_alloc(&k->arena, sizeof(*s));

	s->name = name ? arena_strndup(&k->arena, name, len) : NULL;
	s->name_len = (uint32_t)len;
	s->hash = hash;
	s->flags = (uint16_t)flags;
	s->index = (uint32_t)k->syms_len;
	mem_grow(&k->syms, &k->syms_cap, k->syms_len + 1, sizeof(*k->syms));
	k->syms[k->syms_len++] = s;
	return s;
}

static struct ksym *fixed_sym(struct kconfig *k, const char *name, size_t len)
{
	if (len != 1)
		return NULL;
	return name[0] == 'y' ? k->yes : name[0] == 'm' ? k->mod : name[0] == 'n' ? k->no : NULL;
}

struct ksym *ksym_lookup(struct kconfig *k, const char *name, size_t len, bool is_const)
{
	struct ksym *s = fixed_sym(k, name, len);

	if (s)
		return s;
	uint32_t hash = name_hash(name, len);
	if (k->syms_len * 2 >= k->table_cap)
		table_grow(k);
	size_t at = (hash * 2654435769u) & (k->table_cap - 1);
	for (; (s = k->table[at]); at = (at + 1) & (k->table_cap - 1))
		if (s->hash == hash && s->name_len == len && is_const == !!(s->flags & KS_CONST) &&
		        !memcmp(s->name, name, len))
			return s;
	s = sym_new(k, name, len, hash, is_const ? KS_CONST : 0);
	k->table[at] = s;
	return s;
}

struct ksym *ksym_find_n(struct kconfig *k, const char *name, size_t len)
{
	struct ksym *s = fixed_sym(k, name, len);

	if (s)
		return s;
	uint32_t hash = name_hash(name, len);
	for (size_t at = (hash * 2654435769u) & (k->table_cap - 1); k->table_cap && (s = k->table[at]);
	        at = (at + 1) & (k->table_cap - 1))
		if (s->hash == hash && s->name_len == len && !(s->flags & KS_CONST) &&
		        !memcmp(s->name, name, len))
			return s;
	return NULL;
}

struct ksym *ksym_new_choice(struct kconfig *k, const char *name, size_t len)
{
	return sym_new(k, name, len, name ? name_hash(name, len) : 0, KS_CHOICE);
}

// conf walks its buckets in order, and in a bucket the newest symbol first. Choices without name are all in
// bucket 0.
void kconfig_order_symbols(struct kconfig *k)
{
	uint32_t n = k->dialect.hash_size;
	_cleanup_free_ uint32_t *start = mem_array(n + 1, sizeof(*start));
	size_t fixed = 3;

	for (size_t i = fixed; i < k->syms_len; i++)
		start[k->syms[i]->hash % n + 1]++;
	for (uint32_t b = 0; b < n; b++)
		start[b + 1] += start[b];
	k->walk = arena_alloc(&k->arena, (k->syms_len + 1) * sizeof(*k->walk));
	for (size_t i = k->syms_len; i-- > fixed;)
		k->walk[start[k->syms[i]->hash % n]++] = k->syms[i];
	k->walk[k->syms_len - fixed] = NULL;
}

const char *ktype_name(uint8_t type)
{
	static const char *const names[] = {
	        [KCONFIG_UNKNOWN] = "unknown",
	        [KCONFIG_BOOL] = "bool",
	        [KCONFIG_TRISTATE] = "tristate",
	        [KCONFIG_INT] = "integer",
	        [KCONFIG_HEX] = "hex",
	        [KCONFIG_STRING] = "string",
	};

	return type < ARRAY_SIZE(names) ? names[type] : "???";
}

void kwarn(struct kconfig *k, const char *fmt, ...)
{
	_cleanup_buf_ struct buf b = {};
	va_list ap;

	if (!k->warn || k->quiet)
		return;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	k->warn(k->warn_ctx, buf_str(&b));
}

const char *kfile_intern(struct kconfig *k, const char *name)
{
	char *have = hmap_get(&k->files, name);

	if (!have) {
		have = arena_strdup(&k->arena, name);
		hmap_put(&k->files, name, have);
	}
	return have;
}

struct kmenu *kmenu_next(struct kmenu *m, struct kmenu *root)
{
	if (m->list)
		return m->list;
	while (m != root && !m->next)
		m = m->parent;
	return m == root ? NULL : m->next;
}

// The entry of the choice that holds the first entry of s that has a prompt.
static struct kmenu *choice_menu_walk(const struct ksym *s)
{
	struct kmenu *m = s->menus;

	while (m && !m->prompt)
		m = m->same;
	if (!m)
		return NULL;
	do
		m = m->parent;
	while (m && !m->sym);
	return m && ksym_is_choice(m->sym) ? m : NULL;
}

struct kmenu *ksym_choice_menu(const struct kconfig *k, const struct ksym *s)
{
	return k->finalized ? s->choice_menu : choice_menu_walk(s);
}

bool ksym_is_member(const struct kconfig *k, const struct ksym *s)
{
	return k->dialect.new_choice ? s->in_list != NULL : (s->flags & KS_MEMBER) != 0;
}

struct ksym *kconfig_find(struct kconfig *k, const char *name)
{
	struct ksym *s = ksym_find_n(k, name, strlen(name));

	return s && s->menus && !ksym_is_choice(s) && !(s->flags & KS_FIXED) ? s : NULL;
}

const char *kconfig_sym_name(const struct ksym *s)
{
	return s->name ? s->name : "<choice>";
}

enum kconfig_type kconfig_sym_type(const struct ksym *s)
{
	return s->type;
}

const char *kconfig_version(const struct kconfig *k)
{
	const char *v = hmap_get(&k->env, "KERNELVERSION");

	return v ? v : "";
}
