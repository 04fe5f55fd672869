// SPDX-License-Identifier: GPL-2.0-or-later
// Finding references: the 32-character hash parts of candidate paths, anywhere in the NAR of a tree, in one
// reading that also gives its hash.
#include "store/store-impl.h"

#include <string.h>
#include "base/mem.h"
#include "base/str.h"

#define PART STORE_HASH_CHARS

// wanted: hash part -> path, for those not found yet. tail: the last bytes of what came before, shorter than
// a part.
struct scan {
	bool is_hash_char[256];
	struct hmap wanted;
	struct buf found; // owned strings
	char tail[PART - 1];
	size_t tail_len;
};

// A window of PART bytes moves over the data. It is looked at from its end, so that one byte that cannot be
// part of a hash moves the window beyond it: ordinary data is touched about every thirty-second byte.
static void search(struct scan *s, const char *data, size_t len)
{
	for (size_t i = 0; i + PART <= len;) {
		size_t j = PART;
		while (j && s->is_hash_char[(unsigned char)data[i + j - 1]])
			j--;
		if (j) {
			i += j;
			continue;
		}
		char *path = hmap_getn(&s->wanted, data + i, PART);
		if (path) {
			char part[PART + 1];
			memcpy(part, data + i, PART);
			part[PART] = '\0';
			hmap_del(&s->wanted, part);
			strs_add(&s->found, path);
		}
		i++;
	}
}

static int scan_write(void *ctx, const void *data, size_t len, struct err *e)
{
	struct scan *s = ctx;
	const char *p = data;
	char seam[2 * PART];
	size_t head = MIN(len, (size_t)PART - 1);

	(void)e;
	memcpy(seam, s->tail, s->tail_len);
	memcpy(seam + s->tail_len, p, head);
	search(s, seam, s->tail_len + head);
	search(s, p, len);
	if (len >= PART - 1) {
		memcpy(s->tail, p + len - (PART - 1), PART - 1);
		s->tail_len = PART - 1;
		return 0;
	}
	size_t all = s->tail_len + len, keep = MIN(all, (size_t)PART - 1);
	memmove(s->tail, seam + all - keep, keep);
	s->tail_len = keep;
	return 0;
}

static void scan_begin(struct scan *s, char *const *candidates)
{
	for (const char *c = "0123456789abcdfghijklmnpqrsvwxyz"; *c; c++)
		s->is_hash_char[(unsigned char)*c] = true;
	strv_for_each (path, candidates)
		hmap_putn(&s->wanted, store_path_hash(path), PART, (void *)path);
}

int store_scan_references(const char *real_path, char *const *candidates, struct hash *ret_hash,
        uint64_t *ret_size_bytes, char ***ret_refs, struct err *e)
{
	struct scan s = {0};
	struct sink_hash *h = sink_hash_begin(HASH_SHA256);
	struct sink hash = sink_hash(h), scan = {scan_write, &s};
	struct sink_tee both = {&hash, &scan};
	struct sink out = sink_tee(&both);
	struct hash digest;
	uint64_t size_bytes;

	scan_begin(&s, candidates);
	int r = nar_dump(real_path, NULL, &out, e);
	sink_hash_end(h, &digest, &size_bytes);
	char **refs = strs_steal(&s.found);
	hmap_release(&s.wanted);
	if (r < 0) {
		strv_free(refs);
		return r;
	}
	strv_sort(refs);
	*ret_refs = refs;
	*ret_hash = digest;
	*ret_size_bytes = size_bytes;
	return 0;
}
