// SPDX-License-Identifier: GPL-2.0-or-later
// builtin:fetchurl and builtin:fetch-deb: one file, whose hash the derivation says, from wherever it can be
// had. They run on the host, with its network, its proxies, its certificates and its apt.
#include "build/builtin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "build/fetch.h"
#include "build/unpack.h"

// url and urls, each once, in that order.
static char **fetch_env_urls(const struct builtin_args *a)
{
	static const char *const names[] = {"url", "urls"};
	char **list = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *text = builtin_env(a, names[i]);
		_cleanup_strv_ char **words = text ? strv_split(text, " \t\n\r") : NULL;
		strv_for_each (word, words) {
			if (!strv_has(list, word))
				strv_add(&list, word);
		}
	}
	return list;
}

static bool fetch_env_flag(const struct builtin_args *a, const char *name)
{
	const char *text = builtin_env(a, name);

	return text && str_eq(text, "1");
}

static int fetch_download(const struct builtin_args *a, const char *path, struct err *e)
{
	_cleanup_strv_ char **urls = fetch_env_urls(a);
	struct fetch_opts opts = {.urls = urls};

	if (!urls)
		return err_set(e, -EINVAL, "the derivation has no 'url'");
	fprintf(stderr, "downloading '%s'...\n",
	        urls[0]); // the others are named when they are needed: in the error
	return fetch_to_file(&opts, path, NULL, e);
}

// Gives path, in the build directory, its place.
static int fetch_deliver(const struct builtin_args *a, const char *path, const char *out, struct err *e)
{
	if (fetch_env_flag(a, "unpack"))
		return unpack_archive(path, out, UNPACK_STRIP, e);
	if (fetch_env_flag(a, "executable") && chmod(path, 0755) < 0)
		return err_sys(e, errno, "chmod '%s'", path);
	if (rename(path, out) == 0)
		return 0;
	if (errno != EXDEV) // the build directory is often another file system
		return err_sys(e, errno, "moving '%s' to '%s'", path, out);
	char *const argv[] = {(char *)"cp", (char *)"--reflink=auto", (char *)path, (char *)out, NULL};
	const struct proc_opts opts = {0};
	return proc_run_ok(argv, &opts, e);
}

int builtin_fetchurl(void *ctx, const struct builtin_args *a, struct err *e)
{
	_cleanup_free_ char *out = builtin_out(a, "out");
	_cleanup_free_ char *part = fs_join(a->build_dir, "download");
	// What needs no work is written where it belongs.
	bool direct = !fetch_env_flag(a, "unpack");
	int r;

	(void)ctx;
	if (!out)
		return err_set(e, -EINVAL, "the derivation has no output 'out'");
	r = fetch_download(a, direct ? out : part, e);
	if (r < 0)
		return r;
	if (!direct)
		return fetch_deliver(a, part, out, e);
	if (fetch_env_flag(a, "executable") && chmod(out, 0755) < 0)
		return err_sys(e, errno, "chmod '%s'", out);
	return 0;
}

// The only .deb in dir; NULL when there is none.
static char *deb_found(const char *dir)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err ignored = {0};

	if (fs_list(dir, &names, &ignored) < 0)
		return NULL;
	strv_for_each (name, names) {
		if (str_has_suffix(name, ".deb"))
			return fs_join(dir, name);
	}
	return NULL;
}

// Through apt, which knows the mirrors of this machine and checks its signed index. -ENOENT when apt cannot.
static int deb_through_apt(const struct builtin_args *a, char **ret, struct err *e)
{
	const char *package = builtin_env(a, "package"), *version = builtin_env(a, "version"),
	           *arch = builtin_env(a, "arch");
	_cleanup_buf_ struct buf said = {0};
	int status = -1;

	if (!package || !version)
		return err_set(e, -EINVAL, "the derivation has no 'package' or no 'version'");
	bool any = !arch || str_eq(arch, "all");
	_cleanup_free_ char *wanted =
	        str_printf("%s%s%s=%s", package, any ? "" : ":", any ? "" : arch, version);
	char *const argv[] = {(char *)"apt-get", (char *)"-q", (char *)"-o",
	        (char *)"APT::Sandbox::User=root", (char *)"-o",
	        (char *)"Dir::Cache::pkgcache=", (char *)"-o",
	        (char *)"Dir::Cache::srcpkgcache=", (char *)"-o", (char *)"Acquire::Retries=3",
	        (char *)"download", wanted, NULL};
	const struct proc_opts opts = {.cwd = a->build_dir, .out = &said, .err = &said};
	fprintf(stderr, "apt-get download %s\n", wanted);
	int r = proc_run(argv, &opts, &status, e);
	if (r == 0 && status == 0)
		*ret = deb_found(a->build_dir);
	if (r == 0 && *ret == NULL) {
		_cleanup_strv_ char **lines = strv_split(buf_str(&said), "\n");
		const char *last = "no output";
		strv_for_each (line, lines) {
			if (str_has_prefix(line, "E: "))
				last = line;
		}
		r = err_set(e, -ENOENT, "apt-get download %s: %s", wanted, last);
	}
	return r;
}

int builtin_fetch_deb(void *ctx, const struct builtin_args *a, struct err *e)
{
	_cleanup_free_ char *out = builtin_out(a, "out");
	_cleanup_free_ char *part = fs_join(a->build_dir, "download");
	_cleanup_free_ char *deb = NULL;
	_cleanup_err_ struct err apt = {0};

	(void)ctx;
	if (!out)
		return err_set(e, -EINVAL, "the derivation has no output 'out'");
	if (deb_through_apt(a, &deb, &apt) < 0) {
		fprintf(stderr, "%s\n", apt.msg);
		if (!builtin_env(a, "url") && !builtin_env(a, "urls"))
			return err_move(e, &apt);
		if (fetch_download(a, part, e) < 0)
			return err_hint(e, "apt could not either: %s (apt-get update may help)", apt.msg);
		deb = TAKE_PTR(part);
	}
	return fetch_deliver(a, deb, out, e);
}
