// SPDX-License-Identifier: GPL-2.0-or-later
// What comes of kernel.org: small files into memory, and signed ones through gpgv, of which only what the
// signature covers is used.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include "base/codec.h"
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "build/fetch.h"
#include "build/fetch-limits.h"
#include "cmd/kernels.h"

#define KEY_MAX_BYTES    (1u << 20)
#define STATUS_MAX_BYTES (64u << 10)
#define FETCH_TIMEOUT_S  180
#define GPGV_TIMEOUT_MS  60000
#define STALLED_S        30

// A folder of our own for as long as a download is looked at.
struct place {
	char *dir;
};

static void place_remove(struct place *p)
{
	if (p->dir)
		fs_rm_rf(p->dir, NULL);
	mem_free(p->dir);
}

static int place_make(struct place *p, struct err *e)
{
	return fs_mkdtemp(temporary_dir(), "kernix-kernels", &p->dir, e);
}

static int download(const char *url, size_t limit_bytes, const char *file, struct err *e)
{
	const struct fetch_limits limits = {.timeout_s = FETCH_TIMEOUT_S, .reserve_bytes = UINT64_MAX};
	char *const urls[] = {(char *)url, NULL};
	const struct fetch_opts opts = {
	        .urls = urls,
	        .attempts = 2,
	        .stalled_s = STALLED_S,
	        .limit_bytes = limit_bytes,
	        .limits = &limits,
	};
	struct fetch_result result = {0};
	int r = fetch_to_file(&opts, file, &result, e);

	if (r == 0 && str_has_prefix(url, "https://") && result.url &&
	        !str_has_prefix(result.url, "https://"))
		r = err_set(e, -EPERM, "'%s' leads to '%s', which is not encrypted", url, result.url);
	fetch_result_release(&result);
	return r;
}

int kernels_fetch(const char *url, size_t limit_bytes, struct buf *ret, struct err *e)
{
	_cleanup_(place_remove) struct place p = {0};
	int r = place_make(&p, e);

	if (r < 0)
		return r;
	_cleanup_free_ char *file = fs_join(p.dir, "file");
	r = download(url, limit_bytes, file, e);
	return r < 0 ? r : fs_read(file, limit_bytes, ret, e);
}

// The bytes of an armoured key: base64 between the blank line and the checksum.
static bool unarmour(const char *text, struct buf *ret)
{
	static const char begin[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----",
	                  end[] = "-----END PGP PUBLIC KEY BLOCK-----";
	const char *at = strstr(text, begin), *stop = at ? strstr(at, end) : NULL;
	_cleanup_buf_ struct buf letters = {0};

	if (!stop)
		return false;
	_cleanup_free_ char *block = mem_strndup(at, (size_t)(stop - at));
	const char *body = strstr(block, "\n\n");
	for (const char *line = body ? body + 2 : ""; *line && *line != '=';
	        line += strcspn(line, "\n"), line += *line == '\n')
		buf_add(&letters, line, strcspn(line, "\r\n"));
	size_t pad = letters.len - strcspn(buf_str(&letters), "="), len = letters.len / 4 * 3 - MIN(pad, 2u);
	_cleanup_free_ uint8_t *bytes = mem_alloc(len + 1);
	if (!letters.len || !codec_un64(letters.data, letters.len, bytes, len))
		return false;
	buf_add(ret, bytes, len);
	return true;
}

// gpgv reads keys only as bytes.
static int write_keyring(const char *key_file, const char *keyring, struct err *e)
{
	_cleanup_buf_ struct buf text = {0}, bytes = {0};
	int r = fs_read_regular(key_file, KEY_MAX_BYTES, &text, e);

	if (r < 0)
		return err_wrap(e, "the key of kernel.org's lists");
	if (text.len && ((unsigned char)text.data[0] & 0x80))
		buf_add(&bytes, text.data, text.len);
	else if (!unarmour(buf_str(&text), &bytes))
		return err_set(e, -EINVAL, "'%s' has no PGP public key in it", key_file);
	return fs_write_atomic(keyring, bytes.data, bytes.len, 0600, e);
}

// gpgv's own lines for programs: GOODSIG and VALIDSIG FINGERPRINT DATE SECONDS. EXPKEYSIG, REVKEYSIG and
// others come in place of GOODSIG.
static int judge(struct buf *status, int64_t *ret_signed_s)
{
	const char *good = strstr(buf_str(status), "[GNUPG:] GOODSIG "),
	           *valid = strstr(buf_str(status), "[GNUPG:] VALIDSIG ");
	_cleanup_strv_ char **words = valid ? strv_split(valid, " \n") : NULL;

	if (!good || strv_len(words) < 5 || str_to_i64(words[4], ret_signed_s) < 0)
		return -EBADMSG;
	return 0;
}

static int verify(const char *url, const struct place *p, const char *file, const char *keyring,
        const char *text, int64_t *ret_signed_s, struct err *e)
{
	char *argv[] = {(char *)"gpgv", (char *)"--homedir", p->dir, (char *)"--keyring", (char *)keyring,
	        (char *)"--status-fd", (char *)"1", (char *)"--output", (char *)text, (char *)file, NULL};
	_cleanup_buf_ struct buf status = {0}, said = {0};
	const struct proc_opts opts = {
	        .out = &status, .err = &said, .timeout_ms = GPGV_TIMEOUT_MS, .limit_bytes = STATUS_MAX_BYTES};
	int code = 0, r = proc_run(argv, &opts, &code, e);

	if (r == -ENOENT)
		return err_set(e, r,
		        "gpgv, which checks kernel.org's signature, is not installed (Debian's package "
		        "gpgv)");
	if (r < 0)
		return r;
	if (code == 0 && judge(&status, ret_signed_s) == 0)
		return 0;
	_cleanup_strv_ char **lines = strv_split(buf_str(&said), "\n");
	size_t n = strv_len(lines);
	return err_set(e, -EBADMSG, "'%s' is not signed by the key that is known%s%s", url, n ? ": " : "",
	        n ? lines[n - 1] : "");
}

int kernels_fetch_signed(const char *url, size_t limit_bytes, const char *key_file, struct buf *ret,
        int64_t *ret_signed_s, struct err *e)
{
	_cleanup_(place_remove) struct place p = {0};
	int r = place_make(&p, e);

	if (r < 0)
		return r;
	_cleanup_free_ char *file = fs_join(p.dir, "file"), *keyring = fs_join(p.dir, "keyring.gpg"),
	                    *text = fs_join(p.dir, "text");
	r = write_keyring(key_file, keyring, e);
	if (r == 0)
		r = download(url, limit_bytes, file, e);
	if (r == 0)
		r = verify(url, &p, file, keyring, text, ret_signed_s, e);
	return r < 0 ? r : fs_read(text, limit_bytes, ret, e);
}
