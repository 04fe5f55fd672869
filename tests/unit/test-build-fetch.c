// SPDX-License-Identifier: GPL-2.0-or-later
// Downloads against a scripted HTTP server on the loopback interface: mirrors, retries, going on, errors.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/fetch.h"

// What the server does, by the path that is asked for. times: it answers like this that often, then 200.
struct script {
	const char *path, *answer;
	int times;
};

static const struct script scripts[] = {
        {"/gone", "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot here\n", 1000},
        {"/forbidden", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 1000},
        {"/busy", "HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nbusy\n", 2},
        {"/always-busy", "HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nbusy\n", 1000},
        {"/moved", "HTTP/1.1 302 Found\r\nLocation: /file\r\nContent-Length: 0\r\n\r\n", 1000},
        {"/to-file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", 1000},
        {"/loop", "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n", 1000},
        // Cut short: 4 of 12 bytes, then, when asked for the rest, the rest.
        {"/cut", "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 12\r\n\r\nhell", 1},
        // Cut short by a server that cannot go on.
        {"/cut-whole", "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhell", 1},
        {"/etag", "HTTP/1.1 200 OK\r\nETag: \"abc\"\r\nContent-Length: 12\r\n\r\nhello world\n", 1000},
};

static const char ok_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello world\n";
static const char rest_answer[] =
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-11/12\r\nContent-Length: 8\r\n\r\no world\n";
static const char same_answer[] = "HTTP/1.1 304 Not Modified\r\n\r\n";

static const char *answer_to(const char *request, int *counts)
{
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		size_t n = strlen(scripts[i].path);
		if (strncmp(request + 4, scripts[i].path, n) != 0 || request[4 + n] != ' ')
			continue;
		if (strstr(request, "If-None-Match: \"abc\""))
			return same_answer;
		if (strstr(request, "Range: bytes=4-") && strcmp(scripts[i].path, "/cut") == 0)
			return strstr(request, "If-Range: \"1\"") ? rest_answer : ok_answer;
		return counts[i]++ < scripts[i].times ? scripts[i].answer : ok_answer;
	}
	return ok_answer;
}

// With 'Connection: close' after the status line: else a client may ask again on a connection that ends here.
static bool send_answer(int fd, const char *answer)
{
	_cleanup_buf_ struct buf b = {0};
	size_t line = strcspn(answer, "\n") + 1;

	buf_add(&b, answer, line);
	buf_addf(&b, "Connection: close\r\n%s", answer + line);
	return write(fd, buf_str(&b), b.len) == (ssize_t)b.len;
}

static void serve(int listener)
{
	int counts[ARRAY_SIZE(scripts)] = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (;;) {
		char request[4096] = "";
		size_t len = 0;
		int fd = accept(listener, NULL, NULL);
		while (len < sizeof(request) - 1 && !strstr(request, "\r\n\r\n")) {
			ssize_t n = read(fd, request + len, sizeof(request) - 1 - len);
			if (n <= 0)
				break;
			len += (size_t)n;
			request[len] = '\0';
		}
		if (!send_answer(fd, answer_to(request, counts)))
			_exit(1);
		close(fd);
	}
}

struct server {
	pid_t pid;
	int port;
	char *dir;
};

static int setup(void **state)
{
	struct server *s = NEW(struct server);
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(addr);
	_cleanup_err_ struct err e = {0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unsetenv("http_proxy");
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	s->port = ntohs(addr.sin_port);
	s->pid = fork();
	if (s->pid == 0)
		serve(fd);
	close(fd);
	assert_int_equal(fs_mkdtemp("/tmp", "fetch-test", &s->dir, &e), 0);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct server *s = *state;
	_cleanup_err_ struct err e = {0};

	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	fs_rm_rf(s->dir, &e);
	mem_free(s->dir);
	mem_free(s);
	return 0;
}

// Fetches from paths (of the server; others are whole URLs). *ret: the file, or the error. Returns the result
// code.
static int fetch(struct server *s, char **ret, uint64_t limit_bytes, const char *const *paths)
{
	_cleanup_strv_ char **urls = NULL;
	_cleanup_free_ char *file = fs_join(s->dir, "file");
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf b = {0};
	struct fetch_opts opts = {.attempts = 3, .pause_ms = 1, .limit_bytes = limit_bytes};

	for (; *paths; paths++)
		strv_take(&urls, **paths == '/' ? str_printf("http://127.0.0.1:%d%s", s->port, *paths)
		                                : mem_strdup(*paths));
	opts.urls = urls;
	unlink(file);
	int r = fetch_to_file(&opts, file, NULL, &e);
	_cleanup_free_ char *part = str_printf("%s.part", file);
	assert_false(fs_exists(part));
	assert_int_equal(fs_exists(file), r == 0);
	if (r == 0)
		assert_int_equal(fs_read(file, 0, &b, &e), 0);
	*ret = r == 0 ? buf_steal(&b) : mem_strdup(e.msg);
	return r;
}

static void good(void **state, const char *const *paths)
{
	_cleanup_free_ char *text = NULL;

	int r = fetch(*state, &text, 0, paths);
	assert_string_equal(text, "hello world\n");
	assert_int_equal(r, 0);
}

static void fails(void **state, const char *const *paths, int code, const char *const *words)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(fetch(*state, &text, 0, paths), code);
	for (; *words; words++) {
		if (!strstr(text, *words))
			fail_msg("no '%s' in: %s", *words, text);
	}
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_plain(void **state)
{
	good(state, LIST("/file"));
	good(state, LIST("/moved"));
}

static void test_retry(void **state)
{
	good(state, LIST("/busy"));
	good(state, LIST("/cut"));
	good(state, LIST("/cut-whole"));
}

static void test_mirrors(void **state)
{
	good(state, LIST("/gone", "/file"));
	good(state, LIST("http://127.0.0.1:1/refused", "/forbidden", "/always-busy", "/moved"));
}

static void test_errors(void **state)
{
	fails(state, LIST("/gone"), -ENOENT,
	        LIST("unable to download 'http://127.0.0.1:", "/gone': HTTP error 404"));
	fails(state, LIST("/gone", "/forbidden"), -EIO,
	        LIST("unable to download 'gone'; tried:\n  'http://127.0.0.1:", "/gone': HTTP error 404\n  '",
	                "/forbidden': HTTP error 403"));
	fails(state, LIST("/always-busy"), -EIO, LIST("HTTP error 503"));
	fails(state, LIST("/loop"), -EIO, LIST("redirects"));
	fails(state, LIST("/to-file"), -EIO, LIST("/to-file'"));
	fails(state, LIST("http://127.0.0.1:1/x"), -ENETUNREACH,
	        LIST("'http://127.0.0.1:1/x'", "is this machine online?"));
	fails(state, LIST("gopher://127.0.0.1/x"), -EIO, LIST("gopher"));
}

static void test_limit(void **state)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(fetch(*state, &text, 5, LIST("/file")), -EFBIG);
	assert_non_null(strstr(text, "larger than 5 bytes"));
}

static void test_file_url(void **state)
{
	struct server *s = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf b = {0};
	_cleanup_free_ char *path = fs_join(s->dir, "local file");
	_cleanup_free_ char *url = str_printf("file://%s/local%%20file", s->dir);

	assert_int_equal(fs_write_atomic(path, "local\n", 6, 0644, &e), 0);
	assert_int_equal(fetch_url(url, 0, &b, &e), 0);
	assert_string_equal(buf_str(&b), "local\n");
	assert_int_equal(fetch_url("file:///no/such", 0, &b, &e), -ENOENT);
	assert_true(fetch_knows("https://x"));
	assert_false(fetch_knows("/etc/passwd"));
}

static void test_etag(void **state)
{
	struct server *s = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *url = str_printf("http://127.0.0.1:%d/etag", s->port);
	_cleanup_free_ char *file = fs_join(s->dir, "etag");
	char *const urls[] = {url, NULL};
	struct fetch_opts opts = {.urls = urls};
	struct fetch_result res = {0};

	assert_int_equal(fetch_to_file(&opts, file, &res, &e), 0);
	assert_string_equal(res.etag, "\"abc\"");
	assert_string_equal(res.url, url);
	assert_int_equal(res.size_bytes, 12);
	assert_false(res.not_modified);
	fetch_result_release(&res);
	opts.etag = "\"abc\"";
	assert_int_equal(fetch_to_file(&opts, file, &res, &e), 0);
	assert_true(res.not_modified);
	assert_true(fs_exists(file));
	fetch_result_release(&res);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_retry, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_mirrors, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_file_url, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_etag, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
