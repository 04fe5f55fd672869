// SPDX-License-Identifier: GPL-2.0-or-later
// Keys, certificates, and running sbsign and sbverify. What can be wrong with them is found out before
// anything is written, since both programs say little.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "boot/cert.h"
#include "boot/pe.h"
#include "boot/secureboot.h"
#include "store/path.h"
#include "store/store.h"

#define ID_LEN     16
#define TIMEOUT_MS (5 * 60 * 1000)

void signer_free(struct signer *g)
{
	if (!g)
		return;
	char *owned[] = {g->key, g->cert, g->cert_text, g->key_text, g->id, g->subject};
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	buf_release(&g->der);
	mem_free(g);
}

// The file as it is now, links followed: also a link must not lead into the store.
static int outside_of_store(const char *root, const struct store *s, const char *option, const char *path,
        char **ret, struct err *e)
{
	_cleanup_free_ char *clean = *path == '/' ? fs_clean(path) : NULL, *real = NULL;

	if (!clean)
		return err_set(e, -EINVAL, "boot.kernix.secureBoot.%s must be an absolute path, not '%s'",
		        option, path);
	real = beneath_path(root, clean);
	_cleanup_free_ char *whole = realpath(real, NULL), *dir = realpath(store_real_dir(s), NULL);
	if (store_path_inside(store_dir(s), clean) || (whole && dir && store_path_inside(dir, whole))) {
		err_set(e, -EINVAL,
		        "boot.kernix.secureBoot.%s: '%s' is in the store, which everybody can read", option,
		        path);
		return err_hint(e,
		        "Keep it outside, for root only, and name it as a string: %s = "
		        "\"/etc/kernix/secureboot/mok.%s\";",
		        option, str_eq(option, "keyFile") ? "key" : "pem");
	}
	*ret = TAKE_PTR(real);
	return 0;
}

static int read_cert(struct signer *g, struct err *e)
{
	_cleanup_buf_ struct buf pem = {0};
	struct hash h;
	int r = fs_read_regular(g->cert, 1 << 20, &pem, e);

	if (r < 0) {
		err_wrap(e, "reading the certificate boot.kernix.secureBoot.certFile");
		return r == -ENOENT ? err_hint(e, "'kernix boot keys' makes a key and its certificate.") : r;
	}
	r = cert_read_pem(&pem, g->cert, &g->der, e);
	if (r == 0)
		r = cert_check_dates(&g->der, g->cert, e);
	if (r < 0)
		return r;
	hash_bytes(HASH_SHA256, g->der.data, g->der.len, &h);
	_cleanup_free_ char *text = hash_format(&h, HASH_NIX32, false);
	g->id = mem_strndup(text, ID_LEN);
	g->subject = cert_subject(g->der.data, g->der.len);
	return 0;
}

int signer_new(const char *root, const struct store *s, const char *key, const char *cert,
        struct signer **ret, struct err *e)
{
	struct signer *g = NEW(struct signer);
	int r = outside_of_store(root, s, "keyFile", key, &g->key, e);

	g->live = !*root;
	g->key_text = mem_strdup(key);
	g->cert_text = mem_strdup(cert);
	if (r == 0)
		r = outside_of_store(root, s, "certFile", cert, &g->cert, e);
	if (r == 0)
		r = read_cert(g, e);
	if (r < 0)
		signer_free(g);
	else
		*ret = g;
	return r;
}

static int check_owner(const struct signer *g, struct err *e)
{
	struct stat st;

	if (stat(g->key, &st) < 0) {
		err_sys(e, errno, "the key boot.kernix.secureBoot.keyFile, '%s', cannot be read", g->key);
		return err_hint(
		        e, "'kernix boot keys' makes one; one on another medium must be mounted now.");
	}
	// In a folder that stands for a machine, files may be those of whom the folder is.
	bool owned = st.st_uid == 0 || (!g->live && st.st_uid == geteuid());
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "the key '%s' is not a file", g->key);
	if (owned && (st.st_mode & 077) == 0)
		return 0;
	err_set(e, -EPERM, "the key '%s' is not for root alone (%s%#o): who can read it can sign kernels",
	        g->key, owned ? "mode " : "it belongs to another user, mode ", st.st_mode & 07777);
	return err_hint(e, "Type: chown root: %s; chmod 600 %s. If others could read it, make a new one.",
	        g->key_text, g->key_text);
}

static int check_programs(struct err *e)
{
	static const char *const names[] = {"sbsign", "sbverify"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = proc_which(names[i]);
		if (path)
			continue;
		err_set(e, -ENOENT, "boot.kernix.secureBoot needs the program %s, which is not installed",
		        names[i]);
		return err_hint(e, "Install sbsigntool (Debian: apt install sbsigntool).");
	}
	return 0;
}

int signer_check(const struct signer *g, struct err *e)
{
	_cleanup_buf_ struct buf key = {0};
	int r = check_programs(e);

	if (r == 0)
		r = check_owner(g, e);
	if (r == 0) {
		r = fs_read_regular(g->key, 1 << 20, &key, e);
		if (r < 0)
			err_wrap(e, "reading the key boot.kernix.secureBoot.keyFile");
	}
	if (r == 0)
		r = cert_check_key(&g->der, &key, g->key, g->cert, e);
	if (key.data)
		explicit_bzero(key.data, key.len);
	return r;
}

// sbverify with the certificate in the file `cert`; 1 or 0.
static int verify(const char *cert, const char *file, struct err *e)
{
	_cleanup_buf_ struct buf said = {0};
	char *const argv[] = {(char *)"sbverify", (char *)"--cert", (char *)cert, (char *)file, NULL};
	const struct proc_opts o = {.out = &said, .err = &said, .timeout_ms = TIMEOUT_MS};
	int status;
	int r = proc_run(argv, &o, &status, e);

	return r < 0 ? r : status == 0;
}

static int is_signed(const char *file, struct err *e)
{
	struct pe pe;
	int r = pe_read(file, &pe, e);

	return r < 0 ? r : pe.is_signed;
}

int signer_verify(const struct signer *g, const char *file, struct err *e)
{
	int r = is_signed(file, e);

	return r > 0 ? verify(g->cert, file, e) : r;
}

int signer_sign(const struct signer *g, const char *in, const char *out, struct err *e)
{
	_cleanup_buf_ struct buf said = {0};
	char *const argv[] = {(char *)"sbsign", (char *)"--key", g->key, (char *)"--cert", g->cert,
	        (char *)"--output", (char *)out, (char *)in, NULL};
	const struct proc_opts o = {.out = &said, .err = &said, .timeout_ms = TIMEOUT_MS};
	int r = proc_run_ok(argv, &o, e);

	if (r < 0)
		return err_wrap(e, "signing '%s'", in);
	r = signer_verify(g, out, e);
	return r == 0 ? err_set(e, -EIO, "sbverify refuses what sbsign has signed: '%s'", out) : MIN(r, 0);
}

int cert_verifies(const struct buf *der, const char *file, struct err *e)
{
	_cleanup_free_ char *pem = cert_pem(der->data, der->len), *dir = NULL;
	int r = pem ? is_signed(file, e) : 0;

	if (r > 0)
		r = fs_mkdtemp("/tmp", "kernix-cert", &dir, e);
	if (r < 0 || !dir)
		return r;
	_cleanup_free_ char *name = fs_join(dir, "cert.pem");
	r = fs_write_atomic(name, pem, strlen(pem), 0600, e);
	if (r == 0)
		r = verify(name, file, e);
	int gone = fs_rm_rf(dir, r < 0 ? NULL : e);
	return r < 0 ? r : gone < 0 ? gone : r;
}
