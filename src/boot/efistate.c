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

// EFI_CERT_X509_GUID as it is in memory.
static const unsigned char x509_type[16] = {
        0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a, 0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72};

void cert_list_release(struct cert_list *l)
{
	for (size_t i = 0; i < l->len; i++)
		buf_release(&l->certs[i]);
	mem_free(l->certs);
	*l = (struct cert_list){0};
}

static void add_cert(struct cert_list *l, const void *der, size_t len)
{
	mem_grow(&l->certs, &l->cap, l->len + 1, sizeof(*l->certs));
	l->certs[l->len] = (struct buf){0};
	buf_add(&l->certs[l->len++], der, len);
}

void cert_list_parse(struct cert_list *l, const void *data, size_t len)
{
	const char *at = data;

	while (len >= LIST_HEAD) {
		size_t whole = le32_at(at, 16), head = le32_at(at, 20), one = le32_at(at, 24);
		if (whole < LIST_HEAD || whole > len || head > whole - LIST_HEAD || one <= OWNER)
			return;
		for (size_t p = LIST_HEAD + head; whole - p >= one; p += one)
			if (memcmp(at, x509_type, sizeof(x509_type)) == 0)
				add_cert(l, at + p + OWNER, one - OWNER);
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

static bool list_has(const struct cert_list *l, const struct buf *der)
{
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
