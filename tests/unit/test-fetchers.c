// SPDX-License-Identifier: GPL-2.0-or-later
// Unit tests of what fetchers find out about the host: apt's sources, file:// addresses, the answers of
// snapshot.debian.org, the caller's environment.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/apt-sources.h"
#include "build/env.h"
#include "build/fetch.h"
#include "build/snapshot.h"

static void assert_list(char **list, const char *wanted)
{
	_cleanup_free_ char *text = strv_join(list, " ");

	assert_string_equal(text, wanted);
	strv_free(list);
}

static void test_apt_list(void **state)
{
	char **list = NULL;

	apt_sources_parse_list("# deb http://comment/debian x main\n"
	                       "deb http://a/debian bookworm main\n"
	                       "  deb\t[ arch=amd64 signed-by=/x ] https://b/debian/ bookworm main # c\n"
	                       "deb-src http://src/debian bookworm main\n"
	                       "debian http://no/ x\n"
	                       "deb http://a/debian bookworm-updates main\n"
	                       "deb file:/srv/mirror ./\n"
	                       "deb file:///srv/two/ ./\n"
	                       "deb cdrom:[Debian]/ bookworm main\n"
	                       "deb\n"
	                       "deb [never closed http://x/ y\n"
	                       "deb ftp://c/debian x",
	        &list);
	assert_list(list,
	        "http://a/debian/ https://b/debian/ file:///srv/mirror/ file:///srv/two/ ftp://c/debian/");
}

static void test_apt_deb822(void **state)
{
	char **list = NULL;

	apt_sources_parse_deb822("Types: deb deb-src\n"
	                         "# http://comment/\n"
	                         "URIs: http://a/debian http://b/debian\n"
	                         "  https://c/debian\n"
	                         "Suites: bookworm\n"
	                         "\n"
	                         "types: deb-src\n"
	                         "uris: http://src/debian\n"
	                         "\n"
	                         "Types: deb\nURIs: http://off/debian\nEnabled: no\n"
	                         " \t\n"
	                         "garbage\n"
	                         "Enabled: yes\nURIs:\n http://d/debian/\n# comment\n http://e\nTypes: deb\n"
	                         "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n http://key/\n",
	        &list);
	assert_list(list, "http://a/debian/ http://b/debian/ https://c/debian/ http://d/debian/ http://e/");
}

static void test_apt_read(void **state)
{
	_cleanup_free_ char *dir = NULL;
	_cleanup_err_ struct err e = {0};

	assert_int_equal(fs_mkdtemp("/tmp", "apt", &dir, &e), 0);
	_cleanup_free_ char *parts = fs_join(dir, "apt/sources.list.d");
	_cleanup_free_ char *list = fs_join(dir, "apt/sources.list");
	_cleanup_free_ char *one = fs_join(parts, "a.sources");
	_cleanup_free_ char *off = fs_join(parts, "b.list.disabled");
	const char *a = "deb http://a x\n", *b = "Types: deb\nURIs: http://b\n";
	assert_list(apt_sources_read(dir), "");
	assert_int_equal(fs_mkdir_p(parts, 0755, &e), 0);
	assert_int_equal(fs_write_atomic(list, a, strlen(a), 0644, &e), 0);
	assert_int_equal(fs_write_atomic(one, b, strlen(b), 0644, &e), 0);
	assert_int_equal(fs_write_atomic(off, "deb http://c x\n", 15, 0644, &e), 0);
	assert_list(apt_sources_read(dir), "http://a/ http://b/");
	fs_rm_rf(dir, &e);
}

static void test_file_path(void **state)
{
	static const char *const rows[][2] = {{"file:///a/b", "/a/b"}, {"FILE:///a", "/a"},
	        {"file://localhost/a", "/a"}, {"file:///a%20b%2fc", "/a b/c"}, {"file:///a%00b", "/a%00b"},
	        {"file:///a%", "/a%"}, {"file:///a%4", "/a%4"}, {"file:///", "/"}, {"file://host/a", NULL},
	        {"file:/a", NULL}, {"http://host/a", NULL}, {"/a", NULL}, {"", NULL}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *path = fetch_file_path(rows[i][0]);
		if (rows[i][1])
			assert_string_equal(path, rows[i][1]);
		else
			assert_null(path);
	}
}

// Passwords of mirrors do not get into logs.
static void test_url_shown(void **state)
{
	static const char *const rows[][2] = {{"http://u:p@h/x", "http://***@h/x"},
	        {"https://t@h:1/x@y", "https://***@h:1/x@y"}, {"http://h/a@b", "http://h/a@b"},
	        {"http://h?a@b", "http://h?a@b"}, {"http://a@b@h/", "http://***@h/"},
	        {"file:///a@b", "file:///a@b"}, {"u:p@h", "u:p@h"}, {"http://", "http://"}, {"", ""}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *shown = fetch_url_shown(rows[i][0]);
		assert_string_equal(shown, rows[i][1]);
	}
}

static void test_snapshot(void **state)
{
	static const char *const none[] = {"", "[]", "{\"result\":{}}", "{\"result\":[1,{}]}",
	        "{\"result\":[{\"hash\":\"../../x\",\"architecture\":\"amd64\"}]}",
	        ("{\"result\":[{\"hash\":\"0123456789012345678901234567890123456789\",\"architecture\":"
	         "\"arm64\"}]}")};
	char **list = NULL;
	_cleanup_err_ struct err e = {0};

	assert_int_equal(
	        snapshot_parse(
	                "{\"_comment\":\"foo\",\"binary\":\"x\",\"result\":["
	                "{\"architecture\":\"arm64\",\"hash\":\"0123456789012345678901234567890123456789\"},"
	                "{\"architecture\":\"amd64\",\"hash\":\"abcdef6789012345678901234567890123456789\"}]"
	                "}",
	                "amd64", &list, &e),
	        0);
	assert_list(list, "http://snapshot.debian.org/file/abcdef6789012345678901234567890123456789");
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		list = NULL;
		assert_int_equal(snapshot_parse(none[i], "amd64", &list, &e), -ENOENT);
		assert_null(list);
	}
}

// Nothing gets in but the rows of the table; certificates that the sandbox does not show are copied.
static void test_env(void **state)
{
	_cleanup_free_ char *dir = NULL;
	_cleanup_strv_ char **env = NULL;
	_cleanup_err_ struct err e = {0};

	assert_int_equal(fs_mkdtemp("/tmp", "env", &dir, &e), 0);
	_cleanup_free_ char *own = fs_join(dir, "own.pem");
	const struct env_spec spec = {.build_dir = dir,
	        .inside_dir = "/build",
	        .ids = {.uid = geteuid(), .gid = getegid(), .own = true}};
	assert_int_equal(fs_write_atomic(own, "pem\n", 4, 0600, &e), 0);
	clearenv();
	setenv("GIT_DIR", "/x", 1);
	setenv("LD_PRELOAD_", "/x", 1);
	setenv("SECRET", "x", 1);
	setenv("https_proxy", "http://p:1", 1);
	setenv("no_proxy", "", 1);
	setenv("NIX_SSL_CERT_FILE", own, 1);
	setenv("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt", 1);
	assert_int_equal(env_fetch_make(&spec, &env, &e), 0);
	_cleanup_free_ char *text = strv_join(env, " ");
	assert_string_equal(text,
	        "PATH=/usr/bin:/bin:/usr/local/bin HOME=/homeless-shelter LC_ALL=C.UTF-8 TMPDIR=/build "
	        "https_proxy=http://p:1 NIX_SSL_CERT_FILE=/build/.certificates-NIX_SSL_CERT_FILE "
	        "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt");
	_cleanup_free_ char *copy = fs_join(dir, ".certificates-NIX_SSL_CERT_FILE");
	_cleanup_buf_ struct buf data = {0};
	assert_int_equal(fs_read(copy, 100, &data, &e), 0);
	assert_string_equal(buf_str(&data), "pem\n");
	fs_rm_rf(dir, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_apt_list),
	        cmocka_unit_test(test_apt_deb822),
	        cmocka_unit_test(test_apt_read),
	        cmocka_unit_test(test_file_path),
	        cmocka_unit_test(test_url_shown),
	        cmocka_unit_test(test_snapshot),
	        cmocka_unit_test(test_env),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
