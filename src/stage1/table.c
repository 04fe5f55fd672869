// SPDX-License-Identifier: GPL-2.0-or-later
// Lookups in the mapped module table: by name, and by modalias with wildcards.
#include "stage1/table.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_BYTES 1024

// Whether count elements of the given size lie inside the file.
static bool part_fits(const struct table *t, uint32_t offset, uint32_t count, size_t element_bytes)
{
	return offset % 4 == 0 && offset <= t->size_bytes &&
	       count <= (t->size_bytes - offset) / element_bytes;
}

static bool string_ok(const struct table *t, uint32_t offset)
{
	return offset >= t->head->strings && offset < t->head->strings + t->head->strings_bytes;
}

static bool header_ok(const struct table *t)
{
	const struct s1_header *h = t->head;

	return memcmp(h->magic, S1_MAGIC, sizeof(h->magic)) == 0 && h->size_bytes == t->size_bytes &&
	       part_fits(t, h->modules, h->module_count, sizeof(struct s1_module)) &&
	       part_fits(t, h->plan, h->plan_count, sizeof(uint32_t)) &&
	       part_fits(t, h->aliases, h->alias_count, sizeof(struct s1_alias)) &&
	       part_fits(t, h->load, h->load_count, sizeof(uint32_t)) && h->strings <= t->size_bytes &&
	       h->strings_bytes == t->size_bytes - h->strings && h->strings_bytes > 0 &&
	       t->map[t->size_bytes - 1] == '\0' && string_ok(t, h->kernel);
}

static bool indices_ok(const uint32_t *index, uint32_t count, uint32_t limit)
{
	for (uint32_t i = 0; i < count; i++)
		if (index[i] >= limit)
			return false;
	return true;
}

static bool modules_ok(const struct table *t)
{
	for (uint32_t i = 0; i < t->head->module_count; i++) {
		const struct s1_module *m = &t->modules[i];

		if (!string_ok(t, m->name) || !string_ok(t, m->path) || !string_ok(t, m->options) ||
		        m->plan_first > t->head->plan_count ||
		        m->plan_count > t->head->plan_count - m->plan_first)
			return false;
	}
	return true;
}

static bool aliases_ok(const struct table *t)
{
	for (uint32_t i = 0; i < t->head->alias_count; i++) {
		const struct s1_alias *a = &t->aliases[i];

		if (!string_ok(t, a->pattern) || a->module >= t->head->module_count ||
		        a->prefix_bytes > strlen(t->map + a->pattern))
			return false;
	}
	return true;
}

static bool table_ok(struct table *t)
{
	if (!header_ok(t))
		return false;
	t->modules = (const struct s1_module *)(t->map + t->head->modules);
	t->plan = (const uint32_t *)(t->map + t->head->plan);
	t->aliases = (const struct s1_alias *)(t->map + t->head->aliases);
	t->load = (const uint32_t *)(t->map + t->head->load);
	return modules_ok(t) && aliases_ok(t) &&
	       indices_ok(t->plan, t->head->plan_count, t->head->module_count) &&
	       indices_ok(t->load, t->head->load_count, t->head->module_count);
}

int table_read(const void *map, size_t size_bytes, struct table *ret)
{
	struct table t = {.map = map, .size_bytes = size_bytes, .head = map};

	if (size_bytes < sizeof(*t.head) || !table_ok(&t))
		return -EBADMSG;
	*ret = t;
	return 0;
}

int table_open(const char *path, struct table *ret)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || st.st_size < (off_t)sizeof(struct s1_header)) {
		close(fd);
		return -EBADMSG;
	}
	size_t size = (size_t)st.st_size;
	void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	int saved = errno;
	close(fd);
	if (map == MAP_FAILED)
		return -saved;
	int r = table_read(map, size, ret);
	if (r < 0)
		munmap(map, size);
	return r;
}

void table_close(struct table *t)
{
	if (t->map)
		munmap((void *)t->map, t->size_bytes);
	*t = (struct table){0};
}

const char *table_string(const struct table *t, uint32_t offset)
{
	return t->map + offset;
}

bool table_normalise(const char *s, char *ret, size_t ret_size)
{
	size_t i = 0;
	bool bracket = false;

	for (; s[i] != '\0'; i++) {
		if (i + 1 >= ret_size)
			return false;
		if (s[i] == '[')
			bracket = true;
		else if (s[i] == ']')
			bracket = false;
		ret[i] = s[i] == '-' && !bracket ? '_' : s[i];
	}
	ret[i] = '\0';
	return true;
}

int table_find(const struct table *t, const char *name)
{
	char key[NAME_MAX_BYTES];
	uint32_t low = 0, high = t->head ? t->head->module_count : 0;

	if (!table_normalise(name, key, sizeof(key)))
		return -1;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int order = strcmp(key, t->map + t->modules[mid].name);

		if (order == 0)
			return (int)mid;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return -1;
}

// Orders n bytes of key against the literal prefix of an alias, as the table is sorted.
static int prefix_order(const struct table *t, const char *key, size_t n, const struct s1_alias *a)
{
	size_t common = n < a->prefix_bytes ? n : a->prefix_bytes;
	int order = memcmp(key, t->map + a->pattern, common);

	if (order != 0)
		return order;
	return n < a->prefix_bytes ? -1 : n > a->prefix_bytes;
}

// First alias whose prefix is not before the first n bytes of key.
static uint32_t prefix_first(const struct table *t, const char *key, size_t n)
{
	uint32_t low = 0, high = t->head->alias_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (prefix_order(t, key, n, &t->aliases[mid]) > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool has(const uint32_t *v, size_t n, uint32_t x)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == x)
			return true;
	return false;
}

size_t table_match(const struct table *t, const char *name, uint32_t *ret, size_t ret_max)
{
	char key[NAME_MAX_BYTES];
	size_t count = 0;

	if (!t->head || !table_normalise(name, key, sizeof(key)))
		return 0;
	size_t len = strlen(key);
	for (size_t n = 0; n <= len; n++)
		for (uint32_t i = prefix_first(t, key, n); i < t->head->alias_count; i++) {
			const struct s1_alias *a = &t->aliases[i];

			if (prefix_order(t, key, n, a) != 0)
				break;
			if (count < ret_max && !has(ret, count, a->module) &&
			        fnmatch(t->map + a->pattern, key, 0) == 0)
				ret[count++] = a->module;
		}
	return count;
}
