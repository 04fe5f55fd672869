// SPDX-License-Identifier: GPL-2.0-or-later
// Reads efivarfs. A variable begins with four bytes of attributes.
#include <errno.h>
#include <string.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/cert.h"
#include "boot/efistate.h"
#include "boot/pe.h"

#define ATTRIBUTES 4
#define LIST_HEAD  28 // type, size of the list, of its header, of one signature
#define OWNER      16 // before each signature
#define VAR_MAX    (4 << 20)
#define HASH_BYTES 32

// EFI_CERT_X509_GUID, EFI_CERT_SHA256_GUID and EFI_CERT_X509_SHA256_GUID as they are in memory.
static const unsigned char x509_type[16] = {
        0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a, 0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72};
static const unsigned char image_type[16] = {
        0x26, 0x16, 0xc4, 0xc1, 0x4c, 0x50, 0x92, 0x40, 0xac, 0xa9, 0x41, 0xf9, 0x36, 0x93, 0x43, 0x28};
static const unsigned char tbs_type[16] = {
        0x92, 0xa4, 0xd2, 0x3b, 0xc0, 0x96, 0x79, 0x40, 0xb4, 0x20, 0xfc, 0xf9, 0x8e, 0xf1, 0x03, 0xed};

void cert_list_release(struct cert_list *l)
{
	for (size_t i = 0; i < l->len; i++)
		buf_release(&l->certs[i]);
	mem_free(l->certs);
	buf_release(&l->images);
	buf_release(&l->tbs);
	*l = (struct cert_list){0};
}

static void add_cert(struct cert_list *l, const void *der, size_t len)
{
	mem_grow(&l->certs, &l->cap, l->len + 1, sizeof(*l->certs));
	l->certs[l->len] = (struct buf){0};
	buf_add(&l->certs[l->len++], der, len);
}

// One signature of the list that begins at `type`.
static void add_one(struct cert_list *l, const char *type, const char *data, size_t len)
{
	if (memcmp(type, x509_type, sizeof(x509_type)) == 0)
		add_cert(l, data, len);
	else if (memcmp(type, image_type, sizeof(image_type)) == 0 && len == HASH_BYTES)
		buf_add(&l->images, data, HASH_BYTES);
	else if (memcmp(type, tbs_type, sizeof(tbs_type)) == 0 && len >= HASH_BYTES) // and from when on
		buf_add(&l->tbs, data, HASH_BYTES);
}

void cert_list_parse(struct cert_list *l, const void *data, size_t len)
{
	const char *at = data;

	while (len >= LIST_HEAD) {
		size_t whole = le32_at(at, 16), head = le32_at(at, 20), one = le32_at(at, 24);
		if (whole < LIST_HEAD || whole > len || head > whole - LIST_HEAD || one <= OWNER)
			return;
		for (size_t p = LIST_HEAD + head; whole - p >= one; p += one)
			add_one(l, at, at + p + OWNER, one - OWNER);
		at += whole;
		len -= whole;
	}
}

int efi_var_read(const char *root, const char *name, const char *guid, struct buf *b, struct err *e)
{
	_cleanup_free_ char *file = beneath_printf(root, EFI_VARS_DIR "/%s-%s", name, guid);
	_cleanup_buf_ struct buf all = {0};
	int r = fs_read_regular_maybe(file, VAR_MAX, &all, e);

	if (r <= 0 || all.len < ATTRIBUTES)
		return MIN(r, 0);
	buf_add(b, all.data + ATTRIBUTES, all.len - ATTRIBUTES);
	return 1;
}

static int read_flag(const char *root, const char *name, const char *guid, bool *ret, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	int r = efi_var_read(root, name, guid, &b, e);

	*ret = r > 0 && b.len > 0 && b.data[0] == 1;
	return r;
}

// shim splits what is too long for one variable: MokListRT, MokListRT1, ...
static int read_list(
        const char *root, const char *name, const char *guid, bool split, struct cert_list *l, struct err *e)
{
	int r = 1, found = 0;

	for (int i = 0; r > 0 && i < (split ? 16 : 1); i++) {
		_cleanup_buf_ struct buf b = {0};
		_cleanup_free_ char *whole = i ? str_printf("%s%d", name, i) : mem_strdup(name);
		r = efi_var_read(root, whole, guid, &b, e);
		if (r > 0)
			cert_list_parse(l, b.data, b.len);
		found |= r > 0;
	}
	return r < 0 ? r : found;
}

void efistate_release(struct efistate *s)
{
	struct cert_list *const lists[] = {&s->db, &s->dbx, &s->mok, &s->mokx};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		cert_list_release(lists[i]);
}

int efistate_read(const char *root, struct efistate *ret, struct err *e)
{
	_cleanup_efistate_ struct efistate s = {0};
	int r = read_flag(root, "SecureBoot", EFI_GLOBAL_GUID, &s.secure_boot, e);

	s.known = r > 0;
	if (r >= 0)
		r = read_flag(root, "SetupMode", EFI_GLOBAL_GUID, &s.setup_mode, e);
	s.known = s.known || r > 0;
	if (r >= 0)
		r = read_list(root, "db", EFI_IMAGE_GUID, false, &s.db, e);
	if (r >= 0)
		r = read_list(root, "dbx", EFI_IMAGE_GUID, false, &s.dbx, e);
	if (r >= 0)
		r = read_list(root, "MokListXRT", EFI_SHIM_GUID, true, &s.mokx, e);
	if (r >= 0)
		r = read_list(root, "MokListRT", EFI_SHIM_GUID, true, &s.mok, e);
	s.shim = r > 0;
	if (r >= 0)
		r = read_flag(root, "MokSBStateRT", EFI_SHIM_GUID, &s.shim_off, e);
	if (r < 0)
		return err_wrap(e, "reading the firmware's variables");
	*ret = s;
	s = (struct efistate){0};
	return 0;
}

bool efistate_enforces(const struct efistate *s)
{
	return s->secure_boot && !s->setup_mode && !(s->shim && s->shim_off);
}

static bool has_hash(const struct buf *hashes, const struct hash *h)
{
	for (size_t at = 0; at + HASH_BYTES <= hashes->len; at += HASH_BYTES)
		if (memcmp(hashes->data + at, h->bytes, HASH_BYTES) == 0)
			return true;
	return false;
}

static bool list_has(const struct cert_list *l, const struct buf *der)
{
	struct hash tbs;

	if (l->tbs.len && cert_tbs_hash(der, &tbs) && has_hash(&l->tbs, &tbs))
		return true;
	for (size_t i = 0; i < l->len; i++)
		if (cert_is_below(der, &l->certs[i]))
			return true;
	return false;
}

const char *efistate_trusts(const struct efistate *s, const struct buf *der)
{
	return list_has(&s->db, der) ? "db" : s->shim && list_has(&s->mok, der) ? "MokListRT" : NULL;
}

const char *efistate_revokes(const struct efistate *s, const struct buf *der)
{
	return list_has(&s->dbx, der) ? "dbx" : s->shim && list_has(&s->mokx, der) ? "MokListXRT" : NULL;
}

const char *efistate_trusts_image(const struct efistate *s, const struct hash *image)
{
	return has_hash(&s->db.images, image)               ? "db"
	       : s->shim && has_hash(&s->mok.images, image) ? "MokListRT"
	                                                    : NULL;
}

const char *efistate_revokes_image(const struct efistate *s, const struct hash *image)
{
	return has_hash(&s->dbx.images, image)               ? "dbx"
	       : s->shim && has_hash(&s->mokx.images, image) ? "MokListXRT"
	                                                     : NULL;
}
