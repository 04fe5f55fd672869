// SPDX-License-Identifier: GPL-2.0-or-later
// Many downloads at once.
#include "build/fetch-many.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/fetch-curl.h"
#include "build/fetch.h"

#define MANY_CONNECTIONS  25
#define MANY_ATTEMPTS     5
#define MANY_NET_ATTEMPTS 2 // when no server answered: most likely this machine is offline
#define MANY_STALLED_S    300
#define MANY_PAUSE_MS     250
#define MANY_STREAMS      100 // of one HTTP/2 connection

enum many_state { MANY_WAITING, MANY_RUNNING, MANY_DONE };

struct many_item {
	struct fetch_many *many;
	struct fetch_many_request want; // url is owned
	char *shown;                    // the address without a password
	enum many_state state;
	CURL *curl;
	struct many_item *next;
	uint64_t size_bytes, resumed_from;
	unsigned attempts;
	int64_t start_at_ms; // not before
	bool encoded;        // the server packed it for the journey: half of it cannot be gone on with
	bool too_big, body_checked, body_wanted;
	int write_code;
	int code;
	char *message;
	char why[CURL_ERROR_SIZE];
};

struct fetch_many {
	struct fetch_many_opts opts;
	struct fetch_curl lib;
	CURLM *multi;
	struct many_item *items; // all that were not taken yet, oldest first
	struct many_item **end;
	CURL **idle; // handles that can be used again
	size_t n_idle, cap_idle;
	size_t n_open, n_running;
};

static int64_t many_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int fetch_many_new(const struct fetch_many_opts *opts, struct fetch_many **ret, struct err *e)
{
	struct fetch_many *m = NEW(struct fetch_many);
	int r = fetch_curl_load(&m->lib, e);

	m->opts = *opts;
	m->end = &m->items;
	if (!m->opts.connections)
		m->opts.connections = MANY_CONNECTIONS;
	if (r == 0 && !(m->multi = m->lib.multi_init()))
		r = err_set(e, -ENOMEM, "libcurl cannot be used");
	if (r < 0) {
		mem_free(m);
		return r;
	}
	m->lib.multi_setopt(m->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)m->opts.connections);
	m->lib.multi_setopt(m->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	m->lib.multi_setopt(m->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)MANY_STREAMS);
	*ret = m;
	return 0;
}

static void many_item_free(struct many_item *i)
{
	mem_free((char *)i->want.url);
	mem_free(i->shown);
	mem_free(i->message);
	mem_free(i);
}

void fetch_many_free(struct fetch_many *m)
{
	if (!m)
		return;
	for (struct many_item *i = m->items, *next; i; i = next) {
		next = i->next;
		if (i->curl) {
			m->lib.multi_remove(m->multi, i->curl);
			m->lib.cleanup(i->curl);
		}
		many_item_free(i);
	}
	for (size_t i = 0; i < m->n_idle; i++)
		m->lib.cleanup(m->idle[i]);
	m->lib.multi_cleanup(m->multi);
	mem_free(m->idle);
	mem_free(m);
}

int fetch_many_add(struct fetch_many *m, const struct fetch_many_request *r, struct err *e)
{
	if (strncasecmp(r->url, "http://", 7) != 0 && strncasecmp(r->url, "https://", 8) != 0)
		return err_set(e, -EINVAL, "'%s' is no http or https address", r->url);
	struct many_item *i = NEW(struct many_item);
	i->many = m;
	i->want = *r;
	i->want.url = mem_strdup(r->url);
	i->shown = fetch_url_shown(r->url);
	*m->end = i;
	m->end = &i->next;
	m->n_open++;
	return 0;
}

size_t fetch_many_running(const struct fetch_many *m)
{
	return m->n_open;
}

static size_t many_on_data(char *data, size_t one, size_t len, void *ctx)
{
	struct many_item *i = ctx;
	_cleanup_err_ struct err e = {0};
	long status = 0;

	(void)one;
	if (!i->body_checked) {
		i->many->lib.getinfo(i->curl, CURLINFO_RESPONSE_CODE, &status);
		i->body_checked = true;
		i->body_wanted = status < 400 && !(i->resumed_from && status != 206);
	}
	if (!i->body_wanted)
		return len; // an error page; or all of the file anew, which the judge sees
	i->too_big = i->want.limit_bytes && i->size_bytes + len > i->want.limit_bytes;
	if (i->too_big)
		return 0;
	i->write_code = fs_write_all(i->want.fd, data, len, "the download", &e);
	if (i->write_code < 0)
		return 0;
	i->size_bytes += len;
	return len;
}

static size_t many_on_header(char *data, size_t one, size_t len, void *ctx)
{
	static const char encoding[] = "content-encoding:";
	struct many_item *i = ctx;

	(void)one;
	if (len > sizeof(encoding) && strncasecmp(data, encoding, sizeof(encoding) - 1) == 0)
		i->encoded = true;
	return len;
}

static void many_prepare(struct fetch_many *m, struct many_item *i)
{
	CURL *c = i->curl;

	fetch_curl_prepare(&m->lib, c, FETCH_CURL_HTTP, i->want.url, m->opts.connect_timeout_s,
	        m->opts.stalled_s ? m->opts.stalled_s : MANY_STALLED_S, i->why);
	m->lib.setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	m->lib.setopt(c, CURLOPT_PIPEWAIT, 1L);
	m->lib.setopt(c, CURLOPT_ACCEPT_ENCODING, ""); // all that this libcurl can undo
	m->lib.setopt(c, CURLOPT_WRITEFUNCTION, many_on_data);
	m->lib.setopt(c, CURLOPT_WRITEDATA, i);
	m->lib.setopt(c, CURLOPT_HEADERFUNCTION, many_on_header);
	m->lib.setopt(c, CURLOPT_HEADERDATA, i);
	m->lib.setopt(c, CURLOPT_PRIVATE, i);
	if (i->size_bytes > 0)
		m->lib.setopt(c, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)i->size_bytes);
}

static int many_start(struct fetch_many *m, struct many_item *i, struct err *e)
{
	i->curl = m->n_idle ? m->idle[--m->n_idle] : m->lib.init();
	if (!i->curl)
		return err_set(e, -ENOMEM, "libcurl cannot be used");
	i->why[0] = '\0';
	i->resumed_from = i->size_bytes;
	i->body_checked = i->too_big = i->encoded = false;
	i->attempts++;
	many_prepare(m, i);
	i->state = MANY_RUNNING;
	m->n_running++;
	if (m->lib.multi_add(m->multi, i->curl) != CURLM_OK)
		return err_set(e, -EIO, "libcurl cannot be used");
	return 0;
}

static int many_rewind(struct many_item *i)
{
	i->size_bytes = 0;
	return ftruncate(i->want.fd, 0) < 0 || lseek(i->want.fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

static void many_end(struct many_item *i, int code, char *message)
{
	i->state = MANY_DONE;
	i->code = code;
	i->message = message;
}

// Again later, unless it was tried often enough.
static void many_retry(struct many_item *i, unsigned attempts, int code, char *message)
{
	const struct fetch_many_opts *o = &i->many->opts;

	if (i->attempts >= attempts) {
		many_end(i, code, message);
		return;
	}
	mem_free(message);
	if (i->encoded && many_rewind(i) < 0) {
		many_end(i, -EIO, mem_strdup("a download cannot be begun anew"));
		return;
	}
	unsigned pause_ms = o->pause_ms ? o->pause_ms : MANY_PAUSE_MS;
	i->start_at_ms = many_now_ms() + ((int64_t)pause_ms << MIN(i->attempts - 1, 6u));
	i->state = MANY_WAITING;
}

static char *many_words(const struct many_item *i, const char *what)
{
	return str_printf("unable to download '%s': %s", i->shown, what);
}

static char *many_status_words(const struct many_item *i, long status)
{
	_cleanup_free_ char *what = str_printf("HTTP error %ld", status);

	return many_words(i, what);
}

static void many_judge(struct fetch_many *m, struct many_item *i, CURLcode code)
{
	unsigned attempts = m->opts.attempts ? m->opts.attempts : MANY_ATTEMPTS;
	const char *why = *i->why ? i->why : m->lib.strerror(code);
	long status = 0;

	m->lib.getinfo(i->curl, CURLINFO_RESPONSE_CODE, &status);
	bool not_gone_on = i->resumed_from && (code == CURLE_RANGE_ERROR || status == 416 ||
	                                              (code == CURLE_OK && status == 200));
	if (i->write_code < 0)
		many_end(i, i->write_code, many_words(i, strerror(-i->write_code)));
	else if (i->too_big)
		many_end(i, -EFBIG, many_words(i, "it is larger than was said"));
	else if (not_gone_on && many_rewind(i) == 0)
		many_retry(i, attempts + 1, -EIO, many_words(i, "the server cannot go on in the middle"));
	else if (status == 404 || status == 410 || status == 403)
		// A bucket that may not be listed says 403 for what it does not have.
		many_end(i, -ENOENT, many_status_words(i, status));
	else if (status == 408 || status == 429 || status >= 500)
		many_retry(i, attempts, -EIO, many_status_words(i, status));
	else if (status >= 400)
		many_end(i, -EIO, many_status_words(i, status));
	else if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
	         code == CURLE_COULDNT_CONNECT)
		many_retry(i, MIN(attempts, (unsigned)MANY_NET_ATTEMPTS), -ENETUNREACH, many_words(i, why));
	else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_TOO_MANY_REDIRECTS ||
	         code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)
		many_end(i, -EIO, many_words(i, why));
	else if (code != CURLE_OK)
		many_retry(i, attempts, -EIO, many_words(i, why));
	else
		many_end(i, 0, NULL);
}

static void many_collect(struct fetch_many *m)
{
	CURLMsg *msg;
	int left;

	while ((msg = m->lib.multi_info(m->multi, &left))) {
		struct many_item *i = NULL;
		if (msg->msg != CURLMSG_DONE)
			continue;
		CURLcode code = msg->data.result;
		m->lib.getinfo(msg->easy_handle, CURLINFO_PRIVATE, &i);
		many_judge(m, i, code);
		m->lib.multi_remove(m->multi, i->curl);
		mem_grow(&m->idle, &m->cap_idle, m->n_idle + 1, sizeof(*m->idle));
		m->idle[m->n_idle++] = i->curl;
		i->curl = NULL;
		m->n_running--;
	}
}

// Starts what may start; *ret_wait_ms: when the next may, at most what it was.
static int many_start_due(struct fetch_many *m, int *ret_wait_ms, struct err *e)
{
	int64_t now = many_now_ms();
	int r = 0;

	for (struct many_item *i = m->items; r == 0 && i; i = i->next) {
		if (i->state != MANY_WAITING || m->n_running >= (size_t)m->opts.connections * 2)
			continue;
		if (i->start_at_ms <= now)
			r = many_start(m, i, e);
		else
			*ret_wait_ms = (int)MIN((int64_t)*ret_wait_ms, i->start_at_ms - now);
	}
	return r;
}

static bool many_has_result(const struct fetch_many *m)
{
	for (const struct many_item *i = m->items; i; i = i->next)
		if (i->state == MANY_DONE)
			return true;
	return false;
}

int fetch_many_step(struct fetch_many *m, int wake_fd, int timeout_ms, struct err *e)
{
	struct curl_waitfd wake = {.fd = wake_fd, .events = CURL_WAIT_POLLIN};
	int running, ready, wait_ms = timeout_ms < 0 ? 60000 : timeout_ms, unused = wait_ms;
	int r = many_start_due(m, &unused, e);

	if (r == 0 && m->lib.multi_perform(m->multi, &running) != CURLM_OK)
		r = err_set(e, -EIO, "libcurl cannot be used");
	if (r < 0)
		return r;
	many_collect(m);
	if (many_has_result(m))
		return 0;
	// What has just failed may be due again soon.
	r = many_start_due(m, &wait_ms, e);
	if (r == 0 && m->lib.multi_poll(m->multi, &wake, wake_fd >= 0, wait_ms, &ready) != CURLM_OK)
		r = err_set(e, -EIO, "libcurl cannot be used");
	return r;
}

bool fetch_many_take(struct fetch_many *m, struct fetch_many_result *ret)
{
	for (struct many_item **at = &m->items; *at; at = &(*at)->next) {
		struct many_item *i = *at;
		if (i->state != MANY_DONE)
			continue;
		*ret = (struct fetch_many_result){.tag = i->want.tag,
		        .code = i->code,
		        .message = i->message,
		        .size_bytes = i->size_bytes};
		i->message = NULL;
		*at = i->next;
		if (m->end == &i->next)
			m->end = at;
		m->n_open--;
		many_item_free(i);
		return true;
	}
	return false;
}
