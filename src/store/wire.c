// SPDX-License-Identifier: GPL-2.0-or-later
// Nix's serialisation of values.
#include "store/wire.h"

#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "store/store-impl.h"

void wire_u64(struct buf *b, uint64_t n)
{
	buf_add_le64(b, n);
}

void wire_str(struct buf *b, const char *s)
{
	size_t len = strlen(s);

	buf_add_le64(b, len);
	buf_add(b, s, len);
	buf_addn(b, '\0', (8 - len % 8) % 8);
}

void wire_list(struct buf *b, char *const *list)
{
	buf_add_le64(b, strv_len(list));
	strv_for_each (s, list)
		wire_str(b, s);
}

int wire_read(const struct source *in, void *data, size_t len, struct err *e)
{
	char *to = data;

	while (len) {
		ssize_t n = in->read(in->ctx, to, len, e);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return err_set(e, -EBADMSG, "the input ends too early");
		to += n;
		len -= (size_t)n;
	}
	return 0;
}

int wire_read_u64(const struct source *in, uint64_t *ret, struct err *e)
{
	unsigned char le[8];
	int r = wire_read(in, le, sizeof(le), e);

	*ret = 0;
	for (int i = 7; r == 0 && i >= 0; i--)
		*ret = *ret << 8 | le[i];
	return r;
}

int wire_read_str(const struct source *in, size_t max_bytes, char **ret, struct err *e)
{
	uint64_t len;
	char pad[8];
	int r = wire_read_u64(in, &len, e);

	if (r == 0 && len > max_bytes)
		r = err_set(
		        e, -EBADMSG, "a name in the input is too long (%llu bytes)", (unsigned long long)len);
	if (r < 0)
		return r;
	char *s = mem_alloc(len + 1);
	r = wire_read(in, s, len, e);
	if (r == 0)
		r = wire_read(in, pad, (8 - len % 8) % 8, e);
	s[r == 0 ? len : 0] = '\0';
	if (r == 0 && strlen(s) != len)
		r = err_set(e, -EBADMSG, "a name in the input has a NUL byte");
	if (r < 0)
		mem_free(s);
	else
		*ret = s;
	return r;
}

static int read_count(const struct source *in, uint64_t *ret, struct err *e)
{
	int r = wire_read_u64(in, ret, e);

	return r == 0 && *ret > WIRE_LIST_MAX ? err_set(e, -EBADMSG, "a list in the input is too long") : r;
}

int wire_read_list(const struct source *in, char ***ret, struct err *e)
{
	struct buf list = {0};
	uint64_t n;
	int r = read_count(in, &n, e);

	for (uint64_t i = 0; r == 0 && i < n; i++) {
		_cleanup_free_ char *s = NULL;
		r = wire_read_str(in, WIRE_TEXT_MAX, &s, e);
		if (r == 0)
			strs_add(&list, s);
	}
	char **all = strs_steal(&list);
	if (r < 0)
		strv_free(all);
	else
		*ret = all;
	return r;
}

int wire_read_path_maybe(const struct source *in, const char *store_dir, char **ret, struct err *e)
{
	_cleanup_free_ char *path = NULL;
	int r = wire_read_str(in, WIRE_NAME_MAX, &path, e);

	*ret = NULL;
	if (r == 0 && *path)
		r = store_path_check(store_dir, path, e);
	if (r == 0 && *path)
		*ret = TAKE_PTR(path);
	return r;
}

int wire_read_path(const struct source *in, const char *store_dir, char **ret, struct err *e)
{
	int r = wire_read_path_maybe(in, store_dir, ret, e);

	return r == 0 && !*ret ? err_set(e, -EBADMSG, "a store path in the input is empty") : r;
}

int wire_read_paths(const struct source *in, const char *store_dir, char ***ret, struct err *e)
{
	_cleanup_strv_ char **all = NULL;
	int r = wire_read_list(in, &all, e);

	for (size_t i = 0; r == 0 && all && all[i]; i++)
		r = store_path_check(store_dir, all[i], e);
	if (r == 0) {
		strs_sort(all);
		*ret = TAKE_PTR(all);
	}
	return r;
}
