// SPDX-License-Identifier: GPL-2.0-or-later
// Downloading from mirrors in turn. The only place that knows libcurl.
#include "build/fetch-curl.h"
#include "build/fetch.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/fetch-limits.h"
#include "build/progress.h"

#define FETCH_ATTEMPTS        5
#define FETCH_ATTEMPTS_NO_NET 2 // rounds when no server answered at all: most likely this machine is offline
#define FETCH_PAUSE_MS        250
#define FETCH_MEMORY_BYTES    (64u << 20)
#define FETCH_CHECK_BYTES     (16u << 20) // so often it is looked whether there still is room

// Why one URL failed. FAIL_GONE: the server says that there is none. FAIL_NET: no server was reached.
// FAIL_PASSING: may go better next time. FAIL_FINAL: will not.
enum fail_kind { FAIL_NONE, FAIL_GONE, FAIL_NET, FAIL_PASSING, FAIL_FINAL };

struct mirror {
	const char *url;
	char *shown;
	enum fail_kind kind;
	char *why;
};

struct fetch_session {
	struct fetch_curl lib;
	CURL *curl;
};

struct fetch {
	const struct fetch_opts *opts;
	struct fetch_curl lib;
	CURL *curl;
	int fd;
	uint64_t size_bytes; // written so far
	uint64_t size_limit;
	uint64_t checked_bytes; // size_bytes at the last look
	bool too_big, body_checked, body_wanted;
	char *etag;
	char *immutable; // address that the answer gives as the one that never changes
	struct err *e;   // of writing
	int write_code;
	const char *label;
	int64_t shown_bytes;
};

static const struct {
	CURLcode code;
	enum fail_kind kind;
} fail_rows[] = {
        {CURLE_COULDNT_RESOLVE_HOST, FAIL_NET},
        {CURLE_COULDNT_RESOLVE_PROXY, FAIL_NET},
        {CURLE_COULDNT_CONNECT, FAIL_NET},
        {CURLE_UNSUPPORTED_PROTOCOL, FAIL_FINAL},
        {CURLE_URL_MALFORMAT, FAIL_FINAL},
        {CURLE_FILE_COULDNT_READ_FILE, FAIL_GONE},
        {CURLE_REMOTE_FILE_NOT_FOUND, FAIL_GONE},
        {CURLE_REMOTE_ACCESS_DENIED, FAIL_FINAL},
        {CURLE_LOGIN_DENIED, FAIL_FINAL},
        {CURLE_TOO_MANY_REDIRECTS, FAIL_FINAL},
        {CURLE_PEER_FAILED_VERIFICATION, FAIL_FINAL},
        {CURLE_SSL_CACERT_BADFILE, FAIL_FINAL},
        {CURLE_WRITE_ERROR, FAIL_FINAL},
        {CURLE_ABORTED_BY_CALLBACK, FAIL_FINAL},
};

void fetch_result_release(struct fetch_result *r)
{
	mem_free(r->url);
	mem_free(r->etag);
	mem_free(r->immutable);
	*r = (struct fetch_result){0};
}

bool fetch_knows(const char *url)
{
	static const char *const schemes[] = {"http://", "https://", "ftp://", "ftps://", "file://"};

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
			return true;
	}
	return false;
}

char *fetch_url_shown(const char *url)
{
	const char *host = strstr(url, "://");

	if (!host)
		return mem_strdup(url);
	host += 3;
	const char *at = memrchr(host, '@', strcspn(host, "/?#"));
	return at ? str_printf("%.*s***%s", (int)(host - url), url, at) : mem_strdup(url);
}

static char *fetch_decode(const char *text)
{
	struct buf b = {0};

	for (; *text; text++) {
		unsigned byte;
		if (*text == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2]) &&
		        sscanf(text + 1, "%2x", &byte) == 1 && byte != 0) {
			buf_addc(&b, (char)byte);
			text += 2;
		} else {
			buf_addc(&b, *text);
		}
	}
	buf_str(&b);
	return buf_steal(&b);
}

char *fetch_file_path(const char *url)
{
	static const char *const starts[] = {"file:///", "file://localhost/"};

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		if (strncasecmp(url, starts[i], strlen(starts[i])) == 0)
			return fetch_decode(url + strlen(starts[i]) - 1);
	}
	return NULL;
}

// Starts over: nothing of what came is good.
static int fetch_rewind(struct fetch *f)
{
	f->size_bytes = f->checked_bytes = 0;
	if (ftruncate(f->fd, 0) < 0 || lseek(f->fd, 0, SEEK_SET) < 0)
		return err_sys(f->e, errno, "truncating a download");
	return 0;
}

static bool fetch_too_big(struct fetch *f, size_t more)
{
	f->too_big = f->size_limit && f->size_bytes + more > f->size_limit;
	return f->too_big;
}

static int fetch_room(struct fetch *f)
{
	static const struct fetch_limits usual;

	if (f->size_bytes < f->checked_bytes + FETCH_CHECK_BYTES)
		return 0;
	f->checked_bytes = f->size_bytes;
	return fetch_check_space(f->opts->limits ? f->opts->limits : &usual, NULL, f->fd, f->e);
}

// The body of an error page is not the file.
static size_t fetch_on_data(char *data, size_t one, size_t len, void *ctx)
{
	struct fetch *f = ctx;
	long status = 0;

	(void)one;
	if (!f->body_checked) {
		f->lib.getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
		f->body_checked = true;
		f->body_wanted = status < 400;
	}
	if (!f->body_wanted)
		return len;
	if (fetch_too_big(f, len))
		return 0;
	f->write_code = fetch_room(f);
	if (f->write_code == 0)
		f->write_code = fs_write_all(f->fd, data, len, "the download", f->e);
	if (f->write_code < 0)
		return 0;
	f->size_bytes += len;
	return len;
}

// Link: <ADDRESS>; rel="immutable"
static char *fetch_immutable(const char *data, size_t len)
{
	_cleanup_free_ char *line = mem_strndup(data, len);
	const char *from = strchr(line, '<'), *to = from ? strchr(from, '>') : NULL;

	return to && (strstr(to, "rel=\"immutable\"") || strstr(to, "rel=immutable"))
	               ? mem_strndup(from + 1, (size_t)(to - from - 1))
	               : NULL;
}

static size_t fetch_on_header(char *data, size_t one, size_t len, void *ctx)
{
	struct fetch *f = ctx;
	size_t all = len;

	(void)one;
	if (len > 5 && strncmp(data, "HTTP/", 5) == 0) { // a new answer, after a redirect say
		mem_free(f->etag);
		f->etag = NULL;
		f->body_checked = false;
	} else if (len > 5 && strncasecmp(data, "etag:", 5) == 0) {
		size_t from = 5;
		while (from < len && data[from] == ' ')
			from++;
		while (len > from && (data[len - 1] == '\r' || data[len - 1] == '\n' || data[len - 1] == ' '))
			len--;
		mem_free(f->etag);
		f->etag = mem_strndup(data + from, len - from);
	} else if (len > 5 && strncasecmp(data, "link:", 5) == 0) {
		char *immutable = fetch_immutable(data, len);
		if (immutable) {
			mem_free(f->immutable);
			f->immutable = immutable;
		}
	}
	return all;
}

static int fetch_on_progress(
        void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	struct fetch *f = ctx;

	(void)up_total;
	(void)up_now;
	if (now == f->shown_bytes)
		return 0;
	f->shown_bytes = now;
	progress_transfer(f->opts->progress, f->label, (uint64_t)now, (uint64_t)total, false);
	return 0;
}

static struct curl_slist *fetch_headers(const struct fetch *f)
{
	struct curl_slist *list = NULL;

	strv_for_each (h, f->opts->headers)
		list = f->lib.slist_append(list, h);
	if (f->opts->etag && f->size_bytes == 0) {
		_cleanup_free_ char *h = str_printf("If-None-Match: %s", f->opts->etag);
		list = f->lib.slist_append(list, h);
	}
	if (f->etag && f->size_bytes > 0) { // go on only in the same file
		_cleanup_free_ char *h = str_printf("If-Range: %s", f->etag);
		list = f->lib.slist_append(list, h);
	}
	return list;
}

static void fetch_prepare(struct fetch *f, const char *url, struct curl_slist *headers, char *why)
{
	const struct fetch_opts *o = f->opts;
	CURL *c = f->curl;

	fetch_curl_prepare(
	        &f->lib, c, FETCH_CURL_ALL, url, o->connect_timeout_s, o->stalled_s ? o->stalled_s : 60, why);
	f->lib.setopt(c, CURLOPT_HTTPHEADER, headers);
	f->lib.setopt(c, CURLOPT_WRITEFUNCTION, fetch_on_data);
	f->lib.setopt(c, CURLOPT_WRITEDATA, f);
	f->lib.setopt(c, CURLOPT_HEADERFUNCTION, fetch_on_header);
	f->lib.setopt(c, CURLOPT_HEADERDATA, f);
	f->lib.setopt(c, CURLOPT_XFERINFOFUNCTION, fetch_on_progress);
	f->lib.setopt(c, CURLOPT_XFERINFODATA, f);
	f->lib.setopt(c, CURLOPT_NOPROGRESS, o->progress ? 0L : 1L);
	if (o->limits && o->limits->timeout_s)
		f->lib.setopt(c, CURLOPT_TIMEOUT, (long)o->limits->timeout_s);
	if (f->size_bytes > 0)
		f->lib.setopt(c, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)f->size_bytes);
}

static enum fail_kind fetch_kind_of(CURLcode code)
{
	for (size_t i = 0; i < ARRAY_SIZE(fail_rows); i++) {
		if (fail_rows[i].code == code)
			return fail_rows[i].kind;
	}
	return FAIL_PASSING;
}

static enum fail_kind fetch_kind_of_status(long status)
{
	if (status < 400)
		return FAIL_NONE;
	if (status == 404 || status == 410)
		return FAIL_GONE;
	return status == 408 || status == 429 || status >= 500 ? FAIL_PASSING : FAIL_FINAL;
}

static void mirror_fail(struct mirror *m, enum fail_kind kind, char *why)
{
	m->kind = kind;
	mem_free(m->why);
	m->why = why;
}

// Was it the time limit, not a connection that stands still?
static bool fetch_is_late(struct fetch *f)
{
	double took_s = 0;

	f->lib.getinfo(f->curl, CURLINFO_TOTAL_TIME, &took_s);
	return f->opts->limits && f->opts->limits->timeout_s && took_s >= f->opts->limits->timeout_s;
}

// One answer of one server, judged.
static void fetch_judge(struct fetch *f, struct mirror *m, CURLcode code, const char *why)
{
	long status = 0;
	char *scheme = NULL;

	f->lib.getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	f->lib.getinfo(f->curl, CURLINFO_SCHEME, &scheme);
	bool http = scheme && strncasecmp(scheme, "http", 4) == 0;
	enum fail_kind kind = http ? fetch_kind_of_status(status) : FAIL_NONE;
	if (f->too_big)
		mirror_fail(m, FAIL_FINAL,
		        str_printf("it is larger than %llu bytes%s", (unsigned long long)f->size_limit,
		                f->opts->limits && !f->opts->limit_bytes ? " (setting max-download-size)"
		                                                         : ""));
	else if (f->write_code < 0)
		mirror_fail(m, FAIL_FINAL, mem_strdup(f->e->msg));
	else if (kind != FAIL_NONE && (code == CURLE_OK || code == CURLE_RANGE_ERROR))
		mirror_fail(m, kind, str_printf("HTTP error %ld", status));
	else if (code == CURLE_OPERATION_TIMEDOUT && fetch_is_late(f))
		mirror_fail(
		        m, FAIL_FINAL, str_printf("timed out after %u seconds", f->opts->limits->timeout_s));
	else if (code == CURLE_SSL_CACERT_BADFILE)
		mirror_fail(m, FAIL_FINAL,
		        str_printf("%s: this machine has no certificates there; name a file of them in "
		                   "SSL_CERT_FILE",
		                *why ? why : f->lib.strerror(code)));
	else if (code != CURLE_OK)
		mirror_fail(m, fetch_kind_of(code),
		        str_printf("%s (curl error %d)", *why ? why : f->lib.strerror(code), (int)code));
	else
		mirror_fail(m, FAIL_NONE, NULL);
}

// The server cannot go on in the middle, or its file is another one now.
static bool fetch_cannot_resume(const struct fetch *f, CURLcode code, uint64_t from)
{
	long status = 0;

	f->lib.getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	return from > 0 && (code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME || status == 416 ||
	                           (code == CURLE_OK && status == 200));
}

static const struct fetch_local *fetch_find_local(const struct fetch *f, const char *url)
{
	for (size_t i = 0; i < f->opts->n_locals; i++) {
		if (str_eq(f->opts->locals[i].url, url))
			return &f->opts->locals[i];
	}
	return NULL;
}

static void fetch_try(struct fetch *f, struct mirror *m)
{
	const struct fetch_local *local = fetch_find_local(f, m->url);
	_cleanup_free_ char *url = local && local->path ? str_printf("file://%s", local->path) : NULL;
	char why[CURL_ERROR_SIZE] = "";
	uint64_t from = f->size_bytes;

	if (local && local->why) {
		mirror_fail(m, local->gone ? FAIL_GONE : FAIL_FINAL, mem_strdup(local->why));
		return;
	}
	struct curl_slist *headers = fetch_headers(f);
	f->body_checked = f->too_big = false;
	f->shown_bytes = -1;
	f->label = m->shown;
	fetch_prepare(f, url ? url : m->url, headers, why);
	CURLcode code = f->lib.perform(f->curl);
	f->lib.slist_free_all(headers);
	progress_transfer(f->opts->progress, m->shown, 0, 0, true);
	if (fetch_cannot_resume(f, code, from)) {
		f->write_code = fetch_rewind(f);
		if (f->write_code == 0) {
			fetch_try(f, m); // from is 0 now: no deeper than this
			return;
		}
	}
	fetch_judge(f, m, code, why);
	if (m->kind != FAIL_NONE && m->kind != FAIL_PASSING && f->write_code == 0)
		f->write_code = fetch_rewind(f);
}

static void fetch_pause(const struct fetch *f, unsigned round)
{
	unsigned ms = (f->opts->pause_ms ? f->opts->pause_ms : FETCH_PAUSE_MS) << MIN(round, 6u);
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

	nanosleep(&t, NULL);
}

static bool fetch_again(const struct mirror *mirrors, size_t n, unsigned rounds_done, unsigned attempts)
{
	bool passing = false, net = false;

	for (size_t i = 0; i < n; i++) {
		passing = passing || mirrors[i].kind == FAIL_PASSING;
		net = net || mirrors[i].kind == FAIL_NET;
	}
	return passing ? rounds_done < attempts
	               : net && rounds_done < MIN(attempts, (unsigned)FETCH_ATTEMPTS_NO_NET);
}

// The mirror that gave the file, or NULL.
static struct mirror *fetch_rounds(struct fetch *f, struct mirror *mirrors, size_t n)
{
	unsigned attempts = f->opts->attempts ? f->opts->attempts : FETCH_ATTEMPTS;
	size_t last = n;

	for (unsigned round = 0; round == 0 || fetch_again(mirrors, n, round, attempts); round++) {
		if (round > 0)
			fetch_pause(f, round - 1);
		for (size_t i = 0; i < n; i++) {
			struct mirror *m = &mirrors[i];
			if (m->kind == FAIL_GONE || m->kind == FAIL_FINAL)
				continue;
			// What another mirror sent is only trusted to go on when there is just one.
			if (last != i && last != n && f->size_bytes > 0)
				f->write_code = fetch_rewind(f);
			last = i;
			fetch_try(f, m);
			if (m->kind == FAIL_NONE)
				return m;
			if (f->write_code < 0)
				return NULL;
		}
	}
	return NULL;
}

static int fetch_error_code(const struct mirror *mirrors, size_t n, bool too_big)
{
	bool all_net = true, all_gone = true;

	for (size_t i = 0; i < n; i++) {
		all_net = all_net && mirrors[i].kind == FAIL_NET;
		all_gone = all_gone && mirrors[i].kind == FAIL_GONE;
	}
	return too_big ? -EFBIG : all_net ? -ENETUNREACH : all_gone ? -ENOENT : -EIO;
}

static int fetch_error(const struct fetch *f, const struct mirror *mirrors, size_t n, struct err *e)
{
	_cleanup_buf_ struct buf list = {0};
	int code = fetch_error_code(mirrors, n, f->too_big);

	if (n == 1)
		err_set(e, code, "unable to download '%s': %s", mirrors[0].shown, mirrors[0].why);
	for (size_t i = 0; n > 1 && i < n; i++)
		buf_addf(&list, "\n  '%s': %s", mirrors[i].shown,
		        mirrors[i].why ? mirrors[i].why : "not tried");
	if (n > 1)
		err_set(e, code, "unable to download '%s'; tried:%s", str_basename(mirrors[0].url),
		        buf_str(&list));
	if (code == -ENETUNREACH)
		err_hint(e, "no server could be reached: is this machine online? A proxy is taken from "
		            "http_proxy, "
		            "https_proxy, all_proxy and no_proxy.");
	return code;
}

static void fetch_fill_result(struct fetch *f, struct fetch_result *ret)
{
	char *url = NULL;
	long status = 0;

	f->lib.getinfo(f->curl, CURLINFO_EFFECTIVE_URL, &url);
	f->lib.getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	*ret = (struct fetch_result){
	        .url = mem_strdup(url ? url : ""),
	        .etag = TAKE_PTR(f->etag),
	        .immutable = TAKE_PTR(f->immutable),
	        .not_modified = status == 304,
	        .size_bytes = f->size_bytes,
	};
}

// 0: none.
static uint64_t fetch_size_limit(const struct fetch_opts *o)
{
	uint64_t limit =
	        o->limits ? fetch_limit(o->limits->download_bytes, FETCH_DOWNLOAD_BYTES) : UINT64_MAX;

	if (o->limit_bytes)
		limit = MIN(limit, o->limit_bytes);
	return limit == UINT64_MAX ? 0 : limit;
}

int fetch_session_new(struct fetch_session **ret, struct err *e)
{
	struct fetch_session *s = NEW(struct fetch_session);
	int r = fetch_curl_load(&s->lib, e);

	if (r == 0 && !(s->curl = s->lib.init()))
		r = err_set(e, -ENOMEM, "libcurl cannot be used");
	if (r < 0)
		mem_free(s);
	else
		*ret = s;
	return r;
}

void fetch_session_free(struct fetch_session *s)
{
	if (!s)
		return;
	s->lib.cleanup(s->curl);
	mem_free(s);
}

static int fetch_begin(struct fetch *f, struct fetch_session **ret_own, struct err *e)
{
	struct fetch_session *s = f->opts->session;
	int r = s ? 0 : fetch_session_new(ret_own, e);

	if (r < 0)
		return r;
	if (!s)
		s = *ret_own;
	f->lib = s->lib;
	f->curl = s->curl;
	return 0;
}

int fetch_to_fd(const struct fetch_opts *opts, int fd, struct fetch_result *ret, struct err *e)
{
	_cleanup_err_ struct err write_err = {0};
	struct fetch f = {.opts = opts, .fd = fd, .size_limit = fetch_size_limit(opts), .e = &write_err};
	size_t n = strv_len(opts->urls);
	int r = 0;

	if (n == 0)
		return err_set(e, -EINVAL, "there is no URL to download from");
	struct fetch_session *own = NULL;
	int begun = fetch_begin(&f, &own, e);
	if (begun < 0)
		return begun;
	struct mirror *mirrors = mem_array(n, sizeof(*mirrors));
	for (size_t i = 0; i < n; i++)
		mirrors[i] = (struct mirror){.url = opts->urls[i], .shown = fetch_url_shown(opts->urls[i])};
	if (!fetch_rounds(&f, mirrors, n))
		r = f.write_code < 0 ? err_move(e, &write_err) : fetch_error(&f, mirrors, n, e);
	else if (ret)
		fetch_fill_result(&f, ret);
	for (size_t i = 0; i < n; i++) {
		mem_free(mirrors[i].why);
		mem_free(mirrors[i].shown);
	}
	mem_free(mirrors);
	mem_free(f.etag);
	mem_free(f.immutable);
	fetch_session_free(own);
	return r;
}

int fetch_to_file(const struct fetch_opts *opts, const char *path, struct fetch_result *ret, struct err *e)
{
	_cleanup_free_ char *part = str_printf("%s.part", path);
	struct fetch_result result = {0};

	unlink(part);
	_cleanup_close_ int fd = fs_open(part, O_RDWR | O_CREAT | O_EXCL, 0644, e);
	if (fd < 0)
		return fd;
	int r = fetch_to_fd(opts, fd, &result, e);
	if (r == 0 && !result.not_modified && rename(part, path) < 0)
		r = err_sys(e, errno, "renaming '%s'", part);
	if (r < 0 || result.not_modified)
		unlink(part);
	if (r == 0 && ret)
		*ret = result;
	else
		fetch_result_release(&result);
	return r;
}

int fetch_url(const char *url, uint64_t limit_bytes, struct buf *out, struct err *e)
{
	char *const urls[] = {(char *)url, NULL};
	struct fetch_opts opts = {
	        .urls = urls, .limit_bytes = limit_bytes ? limit_bytes : FETCH_MEMORY_BYTES};
	_cleanup_close_ int fd = memfd_create("download", MFD_CLOEXEC);

	if (fd < 0)
		return err_sys(e, errno, "memfd_create");
	int r = fetch_to_fd(&opts, fd, NULL, e);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(e, errno, "lseek");
	return fs_read_fd(fd, url, 0, out, e);
}
