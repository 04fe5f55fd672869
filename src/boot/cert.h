// SPDX-License-Identifier: GPL-2.0-or-later
// X.509 certificates and private keys (libcrypto): reading, checking, comparing and making them. `name` is
// for messages. DER is in buffers, PEM is text.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

int cert_read_pem(const struct buf *pem, const char *name, struct buf *ret_der, struct err *e);
// -EKEYEXPIRED, or -EINVAL for one that does not count yet; both say the date.
int cert_check_dates(const struct buf *der, const char *name, struct err *e);
// Is this the certificate's private key? Without a passphrase, since nobody can be asked.
int cert_check_key(
        const struct buf *der, const struct buf *key_pem, const char *key, const char *name, struct err *e);
// "CN = ...", owned; NULL: it cannot be read.
char *cert_subject(const void *der, size_t len);
// Is it `ca` itself, or issued and signed by it?
bool cert_is_below(const struct buf *cert, const struct buf *ca);
// What a certificate is revoked by where its hash alone is named: the part that its issuer has signed. False:
// it cannot be read.
bool cert_tbs_hash(const struct buf *der, struct hash *ret);
char *cert_pem(const void *der, size_t len); // owned; NULL: it cannot be read

enum cert_use {
	CERT_MOK,     // signs kernels, for shim: not a CA, code signing
	CERT_FIRMWARE // PK, KEK or db
};
// A new RSA key of 2048 bits and a certificate that it has signed itself, both as PEM; *ret_der is the
// certificate. Valid for ten years.
int cert_make(enum cert_use use, const char *common_name, struct buf *ret_key, struct buf *ret_pem,
        struct buf *ret_der, struct err *e);
