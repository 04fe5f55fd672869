// SPDX-License-Identifier: GPL-2.0-or-later
// Signing kernels for Secure Boot: the machine owner's key and certificate (boot.kernix.secureBoot), and
// sbsigntool's sbsign and sbverify, which do it. Certificates are X.509 in PEM.
#pragma once

#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"

struct store;

struct signer {
	char *key, *cert;           // files
	char *cert_text, *key_text; // the same as the configuration names them, for messages
	struct buf der;             // the certificate
	char *id;                   // of the certificate: goes into the names of what it has signed
	char *subject;              // for people
	bool live;                  // of the running machine: the key must be root's
};

// Reads the certificate of the machine whose / is root ("" for the running one). -EINVAL: it is none, it has
// expired or does not count yet, or one of the files lies in the store, which everybody can read.
int signer_new(const char *root, const struct store *s, const char *key, const char *cert,
        struct signer **ret, struct err *e);
void signer_free(struct signer *g);
// Is there all that signing takes: a key that only root reads, that belongs to the certificate and has no
// passphrase; sbsign and sbverify? Asked before anything is written.
int signer_check(const struct signer *g, struct err *e);
// Signs the EFI program `in` to the new file `out` (which may be there) and has sbverify look at it.
int signer_sign(const struct signer *g, const char *in, const char *out, struct err *e);
// Is it signed by this certificate? 1 or 0; what is not signed at all is answered without a program.
int signer_verify(const struct signer *g, const char *file, struct err *e);

// Is `file` signed by the certificate, or by one that it has issued? 1 or 0.
int cert_verifies(const struct buf *der, const char *file, struct err *e);
