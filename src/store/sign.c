// SPDX-License-Identifier: GPL-2.0-or-later
// ed25519 signatures over the fingerprints of paths, with keys as Nix writes them.
#include "store/narinfo.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include "base/codec.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/store-impl.h"

#define SEED_BYTES   32
#define PUBLIC_BYTES 32
#define SECRET_BYTES (SEED_BYTES + PUBLIC_BYTES)
#define SIG_BYTES    64

char *store_fingerprint(const struct store_info *i)
{
	_cleanup_free_ char *hash = hash_format(&i->nar_hash, HASH_NIX32, true);
	_cleanup_free_ char *refs = strv_join(i->refs, ",");

	return str_printf("1;%s;%s;%llu;%s", i->path, hash, (unsigned long long)i->nar_size_bytes, refs);
}

// "NAME:BASE64" into its name (owned) and exactly len bytes.
static bool split_key(const char *key, char **ret_name, uint8_t *ret, size_t len)
{
	const char *colon = strchr(key, ':');

	if (!colon || colon == key || !codec_un64(colon + 1, strcspn(colon + 1, " \t\n"), ret, len))
		return false;
	*ret_name = mem_strndup(key, (size_t)(colon - key));
	return true;
}

static char *join_key(const char *name, const uint8_t *data, size_t len)
{
	_cleanup_free_ char *text = codec_base64(data, len);

	return str_printf("%s:%s", name, text);
}

int sign_generate(const char *name, char **ret_secret, char **ret_public, struct err *e)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, NULL);
	EVP_PKEY *key = NULL;
	uint8_t secret[SECRET_BYTES];
	size_t seed_len = SEED_BYTES, public_len = PUBLIC_BYTES;
	int r = 0;

	if (!*name || strchr(name, ':'))
		r = err_set(e, -EINVAL, "'%s' is not a valid name for a key", name);
	else if (!ctx || EVP_PKEY_keygen_init(ctx) <= 0 || EVP_PKEY_keygen(ctx, &key) <= 0 ||
	         EVP_PKEY_get_raw_private_key(key, secret, &seed_len) <= 0 ||
	         EVP_PKEY_get_raw_public_key(key, secret + SEED_BYTES, &public_len) <= 0)
		r = err_set(e, -EIO, "generating an ed25519 key failed");
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
	if (r < 0)
		return r;
	*ret_secret = join_key(name, secret, SECRET_BYTES);
	*ret_public = join_key(name, secret + SEED_BYTES, PUBLIC_BYTES);
	return 0;
}

int sign_public_of(const char *secret, char **ret_public, struct err *e)
{
	_cleanup_free_ char *name = NULL;
	uint8_t data[SECRET_BYTES];

	if (!split_key(secret, &name, data, sizeof(data)))
		return err_set(e, -EINVAL, "secret key is not valid");
	*ret_public = join_key(name, data + SEED_BYTES, PUBLIC_BYTES);
	return 0;
}

int sign_data(const char *secret, const void *data, size_t len, char **ret_sig, struct err *e)
{
	_cleanup_free_ char *name = NULL;
	uint8_t bytes[SECRET_BYTES], sig[SIG_BYTES];
	size_t sig_len = sizeof(sig);

	if (!split_key(secret, &name, bytes, sizeof(bytes)))
		return err_set(e, -EINVAL, "secret key is not valid");
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, SEED_BYTES);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = key && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) > 0 &&
	          EVP_DigestSign(ctx, sig, &sig_len, data, len) > 0;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	if (!ok)
		return err_set(e, -EIO, "signing with key '%s' failed", name);
	*ret_sig = join_key(name, sig, sig_len);
	return 0;
}

bool sign_verify(const char *public_key, const void *data, size_t len, const char *sig)
{
	_cleanup_free_ char *key_name = NULL, *sig_name = NULL;
	uint8_t key_bytes[PUBLIC_BYTES], sig_bytes[SIG_BYTES];

	if (!split_key(public_key, &key_name, key_bytes, sizeof(key_bytes)) ||
	        !split_key(sig, &sig_name, sig_bytes, sizeof(sig_bytes)) || !str_eq(key_name, sig_name))
		return false;
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key_bytes, sizeof(key_bytes));
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) > 0 &&
	          EVP_DigestVerify(ctx, sig_bytes, sizeof(sig_bytes), data, len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

int store_sign(struct store *s, const char *path, const char *secret, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	_cleanup_free_ char *text = NULL, *sig = NULL;
	int r = store_query_info(s, path, &i, e);

	if (r < 0)
		return r;
	text = store_fingerprint(i);
	r = sign_data(secret, text, strlen(text), &sig, e);
	return r < 0 ? r : store_add_sigs(s, path, (char *const[]){sig, NULL}, e);
}

size_t store_count_good_sigs(const struct store_info *i, char *const *public_keys)
{
	_cleanup_free_ char *text = store_fingerprint(i);
	size_t good = 0;

	strv_for_each (sig, i->sigs) {
		bool ok = false;
		strv_for_each (key, public_keys)
			ok = ok || sign_verify(key, text, strlen(text), sig);
		good += ok;
	}
	return good;
}
