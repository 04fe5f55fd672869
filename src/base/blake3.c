// SPDX-License-Identifier: GPL-2.0-or-later
// BLAKE3: chunks of 1024 bytes are compressed block by block, and their chaining values joined two by two
// into a binary tree whose left subtrees are complete.
#include "base/blake3.h"

#include <string.h>
#include "base/macro.h"

enum { BLOCK_BYTES = 64, CHUNK_BYTES = 1024, ROUNDS = 7, DEPTH_MAX = 54 };
enum { CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8 };

static const uint32_t iv[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static uint32_t ror(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static void mix(uint32_t *v, int a, int b, int c, int d, uint32_t x, uint32_t y)
{
	v[a] += v[b] + x;
	v[d] = ror(v[d] ^ v[a], 16);
	v[c] += v[d];
	v[b] = ror(v[b] ^ v[c], 12);
	v[a] += v[b] + y;
	v[d] = ror(v[d] ^ v[a], 8);
	v[c] += v[d];
	v[b] = ror(v[b] ^ v[c], 7);
}

static void mix_all(uint32_t *v, const uint32_t *m)
{
	for (int i = 0; i < 4; i++)
		mix(v, i, i + 4, i + 8, i + 12, m[2 * i], m[2 * i + 1]);
	for (int i = 0; i < 4; i++)
		mix(v, i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12, m[8 + 2 * i], m[9 + 2 * i]);
}

// One block: cv becomes the new chaining value (or the output, with ROOT).
static void compress(uint32_t cv[8], const uint8_t *block, uint64_t counter, uint32_t len, uint32_t flags)
{
	static const uint8_t order[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
	uint32_t m[16], next[16], v[16];

	for (int i = 0; i < 16; i++)
		m[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
		       (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
	memcpy(v, cv, 8 * sizeof(*v));
	memcpy(v + 8, iv, 4 * sizeof(*v));
	v[12] = (uint32_t)counter;
	v[13] = (uint32_t)(counter >> 32);
	v[14] = len;
	v[15] = flags;
	for (int r = 0; r < ROUNDS; r++) {
		mix_all(v, m);
		for (int i = 0; i < 16; i++)
			next[i] = m[order[i]];
		memcpy(m, next, sizeof(m));
	}
	for (int i = 0; i < 8; i++)
		cv[i] = v[i] ^ v[i + 8];
}

// The chaining value of one chunk.
static void hash_chunk(const uint8_t *data, size_t len, uint64_t counter, uint32_t root, uint32_t cv[8])
{
	uint32_t flags = CHUNK_START;

	memcpy(cv, iv, sizeof(iv));
	do {
		uint8_t block[BLOCK_BYTES] = {0};
		size_t n = MIN(len, (size_t)BLOCK_BYTES);
		memcpy(block, data, n);
		data += n;
		len -= n;
		compress(cv, block, counter, (uint32_t)n, flags | (len ? 0 : CHUNK_END | root));
		flags = 0;
	} while (len);
}

// left and right under one parent, into left.
static void join(uint32_t left[8], const uint32_t right[8], uint32_t root)
{
	uint8_t block[BLOCK_BYTES];

	for (int i = 0; i < 16; i++) {
		uint32_t w = i < 8 ? left[i] : right[i - 8];
		for (int k = 0; k < 4; k++)
			block[4 * i + k] = (uint8_t)(w >> 8 * k);
	}
	memcpy(left, iv, sizeof(iv));
	compress(left, block, 0, BLOCK_BYTES, PARENT | root);
}

void blake3(const void *data, size_t len, uint8_t ret[BLAKE3_BYTES])
{
	const uint8_t *p = data;
	uint32_t stack[DEPTH_MAX][8], cv[8];
	size_t depth = 0;
	uint64_t chunks = 0;

	// Every complete pair of subtrees of equal size is joined at once; the last chunk waits, since it may
	// be the root.
	for (; len > CHUNK_BYTES; p += CHUNK_BYTES, len -= CHUNK_BYTES) {
		hash_chunk(p, CHUNK_BYTES, chunks++, 0, cv);
		for (uint64_t n = chunks; !(n & 1); n >>= 1) {
			join(stack[--depth], cv, 0);
			memcpy(cv, stack[depth], sizeof(cv));
		}
		memcpy(stack[depth++], cv, sizeof(cv));
	}
	hash_chunk(p, len, chunks, depth ? 0 : ROOT, cv);
	while (depth) {
		join(stack[depth - 1], cv, depth == 1 ? ROOT : 0);
		memcpy(cv, stack[--depth], sizeof(cv));
	}
	for (int i = 0; i < 8; i++)
		for (int k = 0; k < 4; k++)
			ret[4 * i + k] = (uint8_t)(cv[i] >> 8 * k);
}
