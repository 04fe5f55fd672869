// SPDX-License-Identifier: GPL-2.0-or-later
// Hash map with insertion order: a dense array of entries and an index of slots with linear probing.

#include <string.h>
#include "base/hmap.h"
#include "base/mem.h"

uint64_t hmap_hash(const void *key, size_t len)
{
	const unsigned char *p = key;
	uint64_t h = 0x9e3779b97f4a7c15u ^ len;

	for (; len >= 8; p += 8, len -= 8) {
		uint64_t w;

		memcpy(&w, p, 8);
		h = (h ^ w) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	for (; len; p++, len--)
		h = (h ^ *p) * 0x100000001b3u;
	h ^= h >> 29;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ (h >> 32);
}

static uint32_t *slot_find(const struct hmap *m, const void *key, size_t len, uint64_t hash)
{
	for (size_t i = hash & (m->index_cap - 1);; i = (i + 1) & (m->index_cap - 1)) {
		uint32_t n = m->index[i];

		if (!n)
			return &m->index[i];
		struct hmap_entry *e = &m->entries[n - 1];
		if (e->key && e->hash == hash && e->key_len == len && memcmp(e->key, key, len) == 0)
			return &m->index[i];
	}
}

static void index_grow(struct hmap *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->len; i++) // drop what was removed
		if (m->entries[i].key)
			m->entries[n++] = m->entries[i];
	m->len = n;
	m->index_cap = m->index_cap ? m->index_cap : 16;
	while (m->index_cap < 4 * (n + 1))
		m->index_cap *= 2;
	mem_free(m->index);
	m->index = mem_array(m->index_cap, sizeof(*m->index));
	for (size_t i = 0; i < n; i++) {
		struct hmap_entry *e = &m->entries[i];

		*slot_find(m, e->key, e->key_len, e->hash) = (uint32_t)(i + 1);
	}
}

void *hmap_getn(const struct hmap *m, const void *key, size_t len)
{
	if (!m->live)
		return NULL;
	uint32_t n = *slot_find(m, key, len, hmap_hash(key, len));
	return n ? m->entries[n - 1].value : NULL;
}

void *hmap_get(const struct hmap *m, const char *key)
{
	return hmap_getn(m, key, strlen(key));
}

bool hmap_has(const struct hmap *m, const char *key)
{
	size_t len = strlen(key);

	return m->live && *slot_find(m, key, len, hmap_hash(key, len)) != 0;
}

void *hmap_putn(struct hmap *m, const void *key, size_t len, void *value)
{
	uint64_t hash = hmap_hash(key, len);

	if (2 * (m->len + 1) > m->index_cap)
		index_grow(m);
	uint32_t *slot = slot_find(m, key, len, hash);
	if (*slot) {
		struct hmap_entry *e = &m->entries[*slot - 1];
		void *old = e->value;

		e->value = value;
		return old;
	}
	mem_grow(&m->entries, &m->cap, m->len + 1, sizeof(*m->entries));
	m->entries[m->len++] = (struct hmap_entry){mem_strndup(key, len), len, hash, value};
	m->live++;
	*slot = (uint32_t)m->len;
	return NULL;
}

void *hmap_put(struct hmap *m, const char *key, void *value)
{
	return hmap_putn(m, key, strlen(key), value);
}

void *hmap_del(struct hmap *m, const char *key)
{
	size_t len = strlen(key);

	if (!m->live)
		return NULL;
	uint32_t n = *slot_find(m, key, len, hmap_hash(key, len));
	if (!n)
		return NULL;
	struct hmap_entry *e = &m->entries[n - 1]; // its slot stays as a tombstone: key NULL never matches
	void *old = e->value;
	mem_free(e->key);
	e->key = NULL;
	e->value = NULL;
	m->live--;
	return old;
}

void hmap_release_with(struct hmap *m, void (*f)(void *))
{
	for (size_t i = 0; i < m->len; i++) {
		if (f && m->entries[i].key)
			f(m->entries[i].value);
		mem_free(m->entries[i].key);
	}
	mem_free(m->entries);
	mem_free(m->index);
	*m = (struct hmap){0};
}

void hmap_release(struct hmap *m)
{
	hmap_release_with(m, NULL);
}
