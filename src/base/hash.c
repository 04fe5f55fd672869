// SPDX-License-Identifier: GPL-2.0-or-later
// Hashes through libcrypto's functions for each algorithm: its EVP interface starts providers and tables that
// cost every command a millisecond.

#define OPENSSL_SUPPRESS_DEPRECATED
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include "base/codec.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"

union hash_state {
	MD5_CTX md5;
	SHA_CTX sha1;
	SHA256_CTX sha256;
	SHA512_CTX sha512;
};

struct hash_ctx {
	union hash_state state;
	enum hash_algo algo;
};

#define ALGO(fn, field)                                                                                      \
	static int field##_init(union hash_state *s)                                                         \
	{                                                                                                    \
		return fn##_Init(&s->field);                                                                 \
	}                                                                                                    \
	static int field##_update(union hash_state *s, const void *data, size_t n)                           \
	{                                                                                                    \
		return fn##_Update(&s->field, data, n);                                                      \
	}                                                                                                    \
	static int field##_final(union hash_state *s, unsigned char *ret)                                    \
	{                                                                                                    \
		return fn##_Final(ret, &s->field);                                                           \
	}
ALGO(MD5, md5)
ALGO(SHA1, sha1)
ALGO(SHA256, sha256)
ALGO(SHA512, sha512)
#undef ALGO

static const struct algo_row {
	const char *name;
	size_t size_bytes;
	int (*init)(union hash_state *s);
	int (*update)(union hash_state *s, const void *data, size_t n);
	int (*final)(union hash_state *s, unsigned char *ret);
} algos[] = {
        [HASH_MD5] = {"md5", 16, md5_init, md5_update, md5_final},
        [HASH_SHA1] = {"sha1", 20, sha1_init, sha1_update, sha1_final},
        [HASH_SHA256] = {"sha256", 32, sha256_init, sha256_update, sha256_final},
        [HASH_SHA512] = {"sha512", 64, sha512_init, sha512_update, sha512_final},
};

size_t hash_size(enum hash_algo algo)
{
	return algo < HASH_NONE ? algos[algo].size_bytes : 0;
}

const char *hash_algo_name(enum hash_algo algo)
{
	return algo < HASH_NONE ? algos[algo].name : "none";
}

enum hash_algo hash_algo_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(algos); i++)
		if (str_eq(algos[i].name, name))
			return (enum hash_algo)i;
	return HASH_NONE;
}

static void ctx_begin(struct hash_ctx *c, enum hash_algo algo)
{
	c->algo = algo;
	algos[algo].init(&c->state);
}

static void ctx_end(struct hash_ctx *c, struct hash *ret)
{
	*ret = (struct hash){.algo = c->algo};
	algos[c->algo].final(&c->state, ret->bytes);
}

struct hash_ctx *hash_begin(enum hash_algo algo)
{
	struct hash_ctx *c = NEW(struct hash_ctx);

	ctx_begin(c, algo);
	return c;
}

void hash_update(struct hash_ctx *c, const void *data, size_t len)
{
	algos[c->algo].update(&c->state, data, len);
}

void hash_end(struct hash_ctx *c, struct hash *ret)
{
	ctx_end(c, ret);
	mem_free(c);
}

void hash_bytes(enum hash_algo algo, const void *data, size_t len, struct hash *ret)
{
	struct hash_ctx c;

	ctx_begin(&c, algo);
	hash_update(&c, data, len);
	ctx_end(&c, ret);
}

int hash_fd(enum hash_algo algo, int fd, const char *path, struct hash *ret, struct err *e)
{
	_cleanup_free_ char *block = mem_alloc(256 * 1024);
	struct hash_ctx *c = hash_begin(algo);
	struct hash h;
	ssize_t n;

	while ((n = read(fd, block, 256 * 1024)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		hash_update(c, block, (size_t)n);
	}
	int errnum = errno;
	hash_end(c, &h);
	if (n < 0)
		return err_sys(e, errnum, "reading '%s'", path);
	*ret = h;
	return 0;
}

int hash_file(enum hash_algo algo, const char *path, struct hash *ret, struct err *e)
{
	_cleanup_close_ int fd = fs_open(path, O_RDONLY, 0, e);

	return fd < 0 ? fd : hash_fd(algo, fd, path, ret, e);
}

bool hash_eq(const struct hash *a, const struct hash *b)
{
	return a->algo == b->algo && memcmp(a->bytes, b->bytes, hash_size(a->algo)) == 0;
}

char *hash_format(const struct hash *h, enum hash_form form, bool with_algo)
{
	size_t n = hash_size(h->algo);
	_cleanup_free_ char *digest = form == HASH_BASE16  ? codec_base16(h->bytes, n)
	                              : form == HASH_NIX32 ? codec_nix32(h->bytes, n)
	                                                   : codec_base64(h->bytes, n);

	if (form == HASH_SRI)
		return str_cat(hash_algo_name(h->algo), "-", digest, NULL);
	if (with_algo)
		return str_cat(hash_algo_name(h->algo), ":", digest, NULL);
	return TAKE_PTR(digest);
}

static bool digest_decode(const char *s, size_t len, enum hash_algo algo, bool sri, uint8_t *ret)
{
	size_t n = hash_size(algo);

	if (sri)
		return codec_un64(s, len, ret, n);
	return codec_un16(s, len, ret, n) || codec_un32(s, len, ret, n) || codec_un64(s, len, ret, n);
}

int hash_parse(const char *s, enum hash_algo algo, struct hash *ret, struct err *e)
{
	size_t prefix = strcspn(s, ":-");
	enum hash_algo said = HASH_NONE;
	bool sri = s[prefix] == '-';
	const char *digest = s;
	struct hash h = {0};

	if (s[prefix]) {
		_cleanup_free_ char *name = mem_strndup(s, prefix);

		said = hash_algo_parse(name);
		if (said == HASH_NONE)
			return err_set(e, -EINVAL, "unknown hash algorithm '%s' in hash '%s'", name, s);
		digest = s + prefix + 1;
	}
	if (said == HASH_NONE && algo == HASH_NONE)
		return err_set(e, -EINVAL,
		        "hash '%s' does not include a type, nor is the type otherwise known from context", s);
	if (said != HASH_NONE && algo != HASH_NONE && said != algo)
		return err_set(e, -EINVAL, "hash '%s' should have type '%s'", s, hash_algo_name(algo));
	h.algo = said != HASH_NONE ? said : algo;
	if (!digest_decode(digest, strlen(digest), h.algo, sri, h.bytes))
		return err_set(e, -EINVAL, "hash '%s' has wrong length for hash algorithm '%s'", s,
		        hash_algo_name(h.algo));
	*ret = h;
	return 0;
}

void hash_compress(const struct hash *h, uint8_t *ret, size_t ret_len)
{
	memset(ret, 0, ret_len);
	for (size_t i = 0; i < hash_size(h->algo); i++)
		ret[i % ret_len] ^= h->bytes[i];
}
