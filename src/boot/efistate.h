// SPDX-License-Identifier: GPL-2.0-or-later
// What the firmware, and shim, say about Secure Boot (UEFI 2.10, 3.3 and 32; shim's MokVars.txt), read from
// ROOT/sys/firmware/efi/efivars. Where that is not there nothing is known, and nothing is claimed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

#define EFI_VARS_DIR    "/sys/firmware/efi/efivars"
#define EFI_GLOBAL_GUID "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define EFI_IMAGE_GUID  "d719b2cb-3d3a-4596-a3bc-dad00e67656f" // db, dbx
#define EFI_SHIM_GUID   "605dab50-e046-4300-abb6-3dd810dd8b23"

struct cert_list {
	struct buf *certs; // DER
	size_t len, cap;
	struct buf images,
	        tbs; // SHA-256 of images (pe_hash) and of certificates (cert_tbs_hash), one after the other
};
struct efistate {
	bool known;       // the variables could be read
	bool secure_boot; // the firmware refuses what is not signed
	bool setup_mode;  // keys can be written without being signed
	bool shim;        // shim has started this system
	bool shim_off;    // and does not verify (mokutil --disable-validation)
	struct cert_list db, dbx, mok, mokx;
};

int efistate_read(const char *root, struct efistate *ret, struct err *e);
void efistate_release(struct efistate *s);
#define _cleanup_efistate_ _cleanup_(efistate_release)
// Is what kernix installs looked at before it is started?
bool efistate_enforces(const struct efistate *s);
// Where the certificate, or the one that issued it, is: "db", "MokListRT"; NULL: nowhere.
const char *efistate_trusts(const struct efistate *s, const struct buf *der);
// "dbx" or "MokListXRT" where it is revoked, else NULL.
const char *efistate_revokes(const struct efistate *s, const struct buf *der);
// The same of an image's hash.
const char *efistate_trusts_image(const struct efistate *s, const struct hash *image);
const char *efistate_revokes_image(const struct efistate *s, const struct hash *image);
// The X.509 certificates and hashes of an EFI_SIGNATURE_LIST; what is broken is left out.
void cert_list_parse(struct cert_list *l, const void *data, size_t len);
void cert_list_release(struct cert_list *l);
// The content of a variable without its attributes: 1, or 0 where there is none.
int efi_var_read(const char *root, const char *name, const char *guid, struct buf *b, struct err *e);
