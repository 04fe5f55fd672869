// SPDX-License-Identifier: GPL-2.0-or-later
// Unit tests of the rules for names that come from derivations and expressions: git's and dpkg's. What they
// are compared with: git-check-ref-format(1), Debian Policy 5.6 and deb-version(7).

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/err.h"
#include "base/gitname.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "build/debname.h"

typedef int check_fn(const char *word, struct err *e);

static void check_all(check_fn *check, const char *const *words, int want)
{
	for (; *words; words++) {
		_cleanup_err_ struct err e = {0};
		int r = check(*words, &e);
		if (r != want)
			fail_msg("'%s': %d, expected %d (%s)", *words, r, want, e.msg ? e.msg : "");
		if (r < 0)
			assert_null(strpbrk(e.msg, "\n\033"));
	}
}

static const char *const refs_good[] = {"main", "HEAD", "refs/heads/main", "refs/tags/v6.1", "a/-b", "x@y",
        "feature/@", "v1.0-rc1", "a.lockx", "ref\xc3\xa9", "a{b}", NULL};
static const char *const refs_bad[] = {"", "-", "--upload-pack=touch /tmp/x", "-main", "/main", "main/",
        "a//b", ".main", "a/.b", "a.lock", "a.lock/b", "a..b", "a.", "a@{1}", "@", "a b", "a~1", "a^", "a:b",
        "+a:b", "a?", "a*", "a[", "a\\b", "a\nb", "a\033b", "a\x7f", NULL};

static void test_ref(void **state)
{
	check_all(gitname_check_ref, refs_good, 0);
	check_all(gitname_check_ref, refs_bad, -EINVAL);
}

// The installed git says the same of each name, except of a leading '-', which is only ours to refuse.
static void test_ref_git(void **state)
{
	const char *const *lists[] = {refs_good, refs_bad};
	_cleanup_free_ char *git = proc_which("git");

	if (!git)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (const char *const *word = lists[i]; *word; word++) {
			_cleanup_free_ char *full = str_printf("x/%s", *word);
			char *const argv[] = {git, (char *)"check-ref-format", full, NULL};
			const struct proc_opts opts = {0};
			_cleanup_err_ struct err e = {0};
			int status = -1;
			if (**word == '-' || str_eq(*word, "@"))
				continue;
			assert_int_equal(proc_run(argv, &opts, &status, &e), 0);
			if ((status == 0) != (gitname_check_ref(*word, &e) == 0))
				fail_msg("git says %d of '%s'", status, *word);
		}
	}
}

static void test_object(void **state)
{
	static const char *const good[] = {"0123456789abcdef0123456789abcdef01234567",
	        "0123456789ABCDEF0123456789abcdef01234567",
	        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", NULL};
	static const char *const bad[] = {"", "HEAD", "0123456", "--upload-pack=x",
	        "0123456789abcdef0123456789abcdef0123456g", "0123456789abcdef0123456789abcdef012345678",
	        " 123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef01234567\n",
	        NULL};

	check_all(gitname_check_object, good, 0);
	check_all(gitname_check_object, bad, -EINVAL);
}

static int check_url(const char *url, struct err *e)
{
	return gitname_check_url(url, gitname_protocols, e);
}

static int check_url_https(const char *url, struct err *e)
{
	static const char *const https[] = {"https", NULL};

	return gitname_check_url(url, https, e);
}

static void test_url(void **state)
{
	static const char *const good[] = {"https://github.com/a/b.git", "http://localhost:8080/x",
	        "git://host/x", "ssh://git@host:22/x", "git+ssh://host/x", "git@github.com:a/b.git", "host:b",
	        "file:///srv/x.git", "/srv/x.git", "[::1]:x", "user@[::1]:x", "https://u:p@host/x%20y",
	        "/a:b", "/a::b", NULL};
	static const char *const bad[] = {"", "-x", "--upload-pack=touch x", "ext::sh -c id", "fd::3",
	        "x+y::z", "EXT::sh", "ext://x", "ftp://host/x", "HTTPS://host/x", "ssh://-oProxyCommand=id/x",
	        "ssh://%2doProxyCommand=id/x", "ssh://a@-oProxyCommand=id/x", "ssh://-a@host/x", "-h:x",
	        "a@-h:x", "host:-x", "host:", "[-oProxyCommand=id]:x", "a@[-oProxyCommand=id]:x",
	        "ssh://[-oX=y]/x", "ssh://host/-x", "ssh://host/~-x", "https:///x", "https://",
	        "file://host/x", "relative/path", "./x", "../x", "git://host/%0ahost=x", "https://host/\nx",
	        "/x\n", "/x\033[2J", "git://h/%00", NULL};
	static const char *const only_https[] = {"https://h/x", "https://h", NULL};
	static const char *const not_https[] = {"http://h/x", "h:x", "/x", "file:///x", "git+ssh://h/x",
	        "ssh://h/x", "httpsx://h/x", "http", NULL};

	check_all(check_url, good, 0);
	check_all(check_url, bad, -EINVAL);
	check_all(check_url_https, only_https, 0);
	check_all(check_url_https, not_https, -EINVAL);
}

static void test_path(void **state)
{
	static const char *const good[] = {"drivers/net", "a", "a/", "a b/c", ".github", "a/-b", "!x", NULL};
	static const char *const bad[] = {"", "/", "/etc", "..", "a/../b", "a//b", ".", "./a", ".git",
	        "a/.GIT/b", "--stdin", "-", "a\nb", NULL};

	check_all(gitname_check_path, good, 0);
	check_all(gitname_check_path, bad, -EINVAL);
}

static void test_package(void **state)
{
	static const char *const good[] = {"linux-image-6.1.0-9-amd64", "g++", "libc6", "0ad", "a.b", NULL};
	static const char *const bad[] = {"", "a", "-oDir::Bin::dpkg", "-a", "+a", ".a", "Abc", "a b", "a=b",
	        "a:b", "a/b", "a_b", "a\nb", "a%", NULL};

	check_all(debname_check_package, good, 0);
	check_all(debname_check_package, bad, -EINVAL);
}

static void test_version(void **state)
{
	static const char *const good[] = {"1", "6.1.27-1", "1:2.40-2", "2~rc1+dfsg-1~bpo11+1", "0",
	        "1.0-a-1", "1:1:2-3", "4.19.0+b1", "1A", NULL};
	static const char *const bad[] = {"", "a", "-1", "1 2", "1-", ":1", "1:", "x:1", "-1:1", "1:a",
	        "1:2:3-4:5", "99999999999:1", "1_2", "1/2", "/bin/sh", "1\n", "1;2", "1:-1", "1-1_", "1=2",
	        NULL};

	check_all(debname_check_version, good, 0);
	check_all(debname_check_version, bad, -EINVAL);
}

static void test_arch(void **state)
{
	static const char *const good[] = {"all", "amd64", "kfreebsd-i386", NULL};
	static const char *const bad[] = {"", "-o", "AMD64", "a b", "a/b", "a:b", NULL};

	check_all(debname_check_arch, good, 0);
	check_all(debname_check_arch, bad, -EINVAL);
}

static void test_pool(void **state)
{
	static const char *const good[] = {"pool/main/g/gcc-12/g++-12_12.2.0-14_amd64.deb",
	        "pool/updates/main/l/linux/x_1%3a6.1~1_all.deb", NULL};
	static const char *const bad[] = {"", "pool/x", "dists/x.deb", "/pool/x.deb", "pool/../x.deb",
	        "pool//x.deb", "pool/.x.deb", "pool/a b.deb", "pool/a?x.deb", "pool/a@b.deb", "pool/x.deb\n",
	        "pool/#.deb", NULL};

	check_all(debname_check_pool, good, 0);
	check_all(debname_check_pool, bad, -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_ref),
	        cmocka_unit_test(test_ref_git),
	        cmocka_unit_test(test_object),
	        cmocka_unit_test(test_url),
	        cmocka_unit_test(test_path),
	        cmocka_unit_test(test_package),
	        cmocka_unit_test(test_version),
	        cmocka_unit_test(test_arch),
	        cmocka_unit_test(test_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
