// SPDX-License-Identifier: GPL-2.0-or-later
// Asks snapshot.debian.org for the address of a package's file. Plain http, as apt's own sources have it:
// what comes is known by its hash, and a small machine may have no certificates.
#include "build/snapshot.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include "base/buf.h"
#include "base/gitname.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/fetch.h"

#define SNAPSHOT           "http://snapshot.debian.org"
#define SNAPSHOT_MAX_BYTES (1u << 20)

// Signs of versions that mean something in an address.
static void snapshot_add_word(struct buf *b, const char *word)
{
	for (; *word; word++) {
		if (strchr("+:", *word))
			buf_addf(b, "%%%02X", (unsigned char)*word);
		else
			buf_addc(b, *word);
	}
}

int snapshot_parse(const char *json, const char *arch, char ***ret, struct err *e)
{
	json_error_t why;
	json_t *answer = json_loads(json, 0, &why);
	json_t *rows = json_object_get(answer, "result");
	char **list = NULL;

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const char *hash = json_string_value(json_object_get(row, "hash"));
		const char *of = json_string_value(json_object_get(row, "architecture"));
		_cleanup_err_ struct err ignored = {0};
		if (hash && of && str_eq(of, arch) && gitname_check_object(hash, &ignored) == 0)
			strv_take(&list, str_printf(SNAPSHOT "/file/%s", hash));
	}
	json_decref(answer);
	if (!list)
		return err_set(e, -ENOENT, "snapshot.debian.org knows no such package");
	*ret = list;
	return 0;
}

int snapshot_find(const char *package, const char *version, const char *arch, char ***ret, struct err *e)
{
	_cleanup_buf_ struct buf url = {0}, answer = {0};

	buf_adds(&url, SNAPSHOT "/mr/binary/");
	snapshot_add_word(&url, package);
	buf_addc(&url, '/');
	snapshot_add_word(&url, version);
	buf_adds(&url, "/binfiles");
	int r = fetch_url(buf_str(&url), SNAPSHOT_MAX_BYTES, &answer, e);
	return r < 0 ? r : snapshot_parse(buf_str(&answer), arch, ret, e);
}
