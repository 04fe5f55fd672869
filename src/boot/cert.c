// SPDX-License-Identifier: GPL-2.0-or-later
// Certificates and keys by libcrypto.
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "boot/cert.h"

#define KEY_BITS   2048
#define VALID_DAYS 3650

static X509 *of_der(const void *der, size_t len)
{
	const unsigned char *at = der;

	return d2i_X509(NULL, &at, (long)len);
}

static void add_der(struct buf *b, X509 *x)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);

	if (len > 0)
		buf_add(b, der, (size_t)len);
	OPENSSL_free(der);
}

// What the memory BIO holds, appended; the BIO is freed.
static void add_bio(struct buf *b, BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	if (len > 0)
		buf_add(b, data, (size_t)len);
	BIO_free(bio);
}

// No passphrase is ever asked for.
static int no_passphrase(char *text, int size, int writing, void *ctx)
{
	*(bool *)ctx = true;
	return -1;
}

int cert_read_pem(const struct buf *pem, const char *name, struct buf *ret_der, struct err *e)
{
	BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	bool asked = false;
	X509 *x = bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, &asked) : NULL;

	BIO_free(bio);
	if (!x) {
		err_set(e, -EINVAL, "'%s' is not a certificate in PEM (-----BEGIN CERTIFICATE-----)", name);
		return err_hint(
		        e, "One in DER is made into PEM by: openssl x509 -inform DER -in FILE -out FILE.pem");
	}
	add_der(ret_der, x);
	X509_free(x);
	return 0;
}

static char *date_of(const ASN1_TIME *t)
{
	struct buf b = {0};
	BIO *bio = BIO_new(BIO_s_mem());

	ASN1_TIME_print(bio, t);
	add_bio(&b, bio);
	return buf_steal(&b);
}

int cert_check_dates(const struct buf *der, const char *name, struct err *e)
{
	X509 *x = of_der(der->data, der->len);
	int r = 0;

	if (!x)
		return err_set(e, -EINVAL, "'%s' is not a certificate", name);
	_cleanup_free_ char *until = date_of(X509_get0_notAfter(x)), *from = date_of(X509_get0_notBefore(x));
	if (X509_cmp_current_time(X509_get0_notAfter(x)) < 0) {
		err_set(e, -EKEYEXPIRED, "the certificate '%s' has expired (%s)", name, until);
		r = err_hint(e, "Make and enrol a new one: kernix boot keys --dir DIR");
	} else if (X509_cmp_current_time(X509_get0_notBefore(x)) > 0) {
		r = err_set(e, -EINVAL, "the certificate '%s' is not valid before %s", name, from);
		err_hint(e, "Is the machine's clock right?");
	}
	X509_free(x);
	return r;
}

int cert_check_key(
        const struct buf *der, const struct buf *key_pem, const char *key, const char *name, struct err *e)
{
	BIO *bio = BIO_new_mem_buf(key_pem->data, (int)key_pem->len);
	bool asked = false;
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked) : NULL;
	X509 *x = of_der(der->data, der->len);
	int r = 0;

	if (!pkey && asked)
		r = err_set(e, -EINVAL, "the key '%s' has a passphrase, and nobody can be asked for it", key);
	else if (!pkey)
		r = err_set(e, -EINVAL, "'%s' is not a private key in PEM", key);
	else if (!x || X509_check_private_key(x, pkey) != 1)
		r = err_set(e, -EINVAL, "the key '%s' does not belong to the certificate '%s'", key, name);
	X509_free(x);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	return r;
}

// What print says of the certificate, owned; NULL: it cannot be read.
static char *printed(const void *der, size_t len, void (*print)(BIO *to, X509 *x))
{
	X509 *x = of_der(der, len);
	struct buf b = {0};

	if (!x)
		return NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	print(bio, x);
	add_bio(&b, bio);
	X509_free(x);
	return buf_steal(&b);
}

static void print_subject(BIO *to, X509 *x)
{
	X509_NAME_print_ex(to, X509_get_subject_name(x), 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
}

static void print_pem(BIO *to, X509 *x)
{
	PEM_write_bio_X509(to, x);
}

char *cert_subject(const void *der, size_t len)
{
	return printed(der, len, print_subject);
}

char *cert_pem(const void *der, size_t len)
{
	return printed(der, len, print_pem);
}

bool cert_tbs_hash(const struct buf *der, struct hash *ret)
{
	X509 *x = of_der(der->data, der->len);
	unsigned char *tbs = NULL;
	int len = x ? i2d_re_X509_tbs(x, &tbs) : -1;

	if (len > 0)
		hash_bytes(HASH_SHA256, tbs, (size_t)len, ret);
	OPENSSL_free(tbs);
	X509_free(x);
	return len > 0;
}

bool cert_is_below(const struct buf *cert, const struct buf *ca)
{
	if (cert->len == ca->len && memcmp(cert->data, ca->data, ca->len) == 0)
		return true;
	X509 *x = of_der(cert->data, cert->len), *above = of_der(ca->data, ca->len);
	bool yes = x && above && X509_check_issued(above, x) == X509_V_OK &&
	           X509_verify(x, X509_get0_pubkey(above)) == 1;
	X509_free(x);
	X509_free(above);
	return yes;
}

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	bool ok = ext && X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static bool set_serial(X509 *x)
{
	unsigned char bytes[16];
	BIGNUM *n = RAND_bytes(bytes, sizeof(bytes)) == 1 ? BN_bin2bn(bytes, sizeof(bytes), NULL) : NULL;
	bool ok = n && BN_clear_bit(n, 127) >= 0 && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));

	BN_free(n);
	return ok;
}

// shim takes a certificate that signs code and is no CA; it refuses one that is for kernel modules only
// (1.3.6.1.4.1.2312.16.1.2), so that is not named.
static bool fill(X509 *x, EVP_PKEY *key, enum cert_use use, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(x);
	bool ok = X509_set_version(x, 2) == 1 && set_serial(x) &&
	          X509_gmtime_adj(X509_getm_notBefore(x), -86400) &&
	          X509_gmtime_adj(X509_getm_notAfter(x), 86400L * VALID_DAYS) &&
	          X509_NAME_add_entry_by_txt(
	                  subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) == 1 &&
	          X509_set_issuer_name(x, subject) == 1 && X509_set_pubkey(x, key) == 1;

	ok = ok && add_extension(x, NID_basic_constraints,
	                   use == CERT_MOK ? "critical,CA:FALSE" : "critical,CA:TRUE");
	ok = ok && add_extension(x, NID_subject_key_identifier, "hash") &&
	     add_extension(x, NID_authority_key_identifier, "keyid:always");
	if (use == CERT_MOK)
		ok = ok && add_extension(x, NID_key_usage, "digitalSignature") &&
		     add_extension(x, NID_ext_key_usage, "codeSigning");
	return ok && X509_sign(x, key, EVP_sha256()) > 0;
}

// OpenSSL before 3.0 has no one call for it.
static EVP_PKEY *key_make(void)
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
	return EVP_RSA_gen(KEY_BITS);
#else
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_keygen_init(ctx) <= 0 || EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, KEY_BITS) <= 0 ||
	        EVP_PKEY_keygen(ctx, &key) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
#endif
}

int cert_make(enum cert_use use, const char *common_name, struct buf *ret_key, struct buf *ret_pem,
        struct buf *ret_der, struct err *e)
{
	EVP_PKEY *key = key_make();
	X509 *x = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	bool ok = key && x && bio && fill(x, key, use, common_name) &&
	          PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;

	if (ok) {
		add_bio(ret_key, TAKE_PTR(bio));
		add_der(ret_der, x);
		_cleanup_free_ char *pem = cert_pem(ret_der->data, ret_der->len);
		buf_adds(ret_pem, pem ? pem : "");
	}
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
	return ok ? 0 : err_set(e, -EIO, "making the key '%s' failed", common_name);
}
