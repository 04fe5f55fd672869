// SPDX-License-Identifier: GPL-2.0-or-later
// builtin:fetchurl and builtin:fetch-deb: one file, whose hash the derivation says, from wherever it can be
// had. They run in the sandbox, with the network. A Debian package is a file below the archives of this
// machine's apt sources; no program of apt has a part in it, and what counts is the hash.
#include "build/builtin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/apt-sources.h"
#include "build/debmirror.h"
#include "build/debname.h"
#include "build/fetch.h"
#include "build/snapshot.h"
#include "build/unpack.h"

// url and urls, each once, in that order.
static char **fetch_env_urls(const struct builtin_args *a)
{
	static const char *const names[] = {"url", "urls"};
	char **list = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *text = builtin_env(a, names[i]);
		_cleanup_strv_ char **words = text ? strv_split(text, " \t\n\r") : NULL;
		strv_for_each (word, words)
			debmirror_add(&list, word);
	}
	return list;
}

static bool fetch_env_flag(const struct builtin_args *a, const char *name)
{
	const char *text = builtin_env(a, name);

	return text && str_eq(text, "1");
}

// Where the addresses that are files lie in the sandbox. ret has room for all of urls; released by
// locals_release.
static size_t fetch_locals(const struct builtin_host *h, char *const *urls, struct fetch_local *ret)
{
	size_t n = 0;

	strv_for_each (url, urls) {
		const struct sandbox_shown *s = builtin_host_find(h, url);
		if (!s)
			continue;
		char *why = s->errnum == 0 && s->is_dir ? mem_strdup("it is a folder") : builtin_host_why(s);
		ret[n++] = (struct fetch_local){
		        .url = url, .path = builtin_host_path(h, s), .why = why, .gone = s->errnum == ENOENT};
	}
	return n;
}

static int fetch_download(const struct builtin_args *a, char *const *urls, const char *path, struct err *e)
{
	struct fetch_local *locals = mem_array(strv_len(urls) + 1, sizeof(*locals));
	struct fetch_opts opts = {.urls = urls, .locals = locals};
	_cleanup_free_ char *shown = fetch_url_shown(urls[0]);

	opts.n_locals = fetch_locals(a->host, urls, locals);
	// The others are named when they are needed: in the error.
	fprintf(stderr, "downloading '%s'...\n", shown);
	int r = fetch_to_file(&opts, path, NULL, e);
	for (size_t i = 0; i < opts.n_locals; i++) {
		mem_free((char *)locals[i].path);
		mem_free((char *)locals[i].why);
	}
	mem_free(locals);
	return r;
}

// Fetches by get(ctx, path), to where it belongs at once or by way of an archive.
static int fetch_deliver(const struct builtin_args *a, char *const *urls,
        int (*get)(const struct builtin_args *a, char *const *urls, const char *path, struct err *e),
        struct err *e)
{
	const char *out = builtin_out(a, "out");
	_cleanup_free_ char *part = fs_join(a->build_dir, "download");
	bool unpack = fetch_env_flag(a, "unpack");
	int r = get(a, urls, unpack ? part : out, e);

	if (r == 0 && unpack)
		r = unpack_archive(part, out, UNPACK_STRIP, e);
	else if (r == 0 && fetch_env_flag(a, "executable") && chmod(out, 0755) < 0)
		r = err_sys(e, errno, "chmod '%s'", out);
	return r;
}

int builtin_fetchurl_prepare(const struct builtin_args *a, struct builtin_host *ret, struct err *e)
{
	_cleanup_strv_ char **urls = fetch_env_urls(a);

	(void)e;
	strv_for_each (url, urls)
		builtin_host_add(ret, url);
	return 0;
}

int builtin_fetchurl(void *ctx, const struct builtin_args *a, struct err *e)
{
	_cleanup_strv_ char **urls = fetch_env_urls(a);

	(void)ctx;
	if (!urls)
		return err_set(e, -EINVAL, "the derivation has no 'url'");
	return fetch_deliver(a, urls, fetch_download, e);
}

// What a derivation says of a Debian package, checked.
struct deb {
	const char *package, *version, *arch;
	char **urls; // of the derivation
	char *pool;  // the file's place in an archive; NULL: unknown
};

static void deb_release(struct deb *d)
{
	strv_free(d->urls);
	mem_free(d->pool);
}

// pool/main/h/hello/hello_1.0_amd64.deb: what the archive calls the file of a package whose source has the
// same name. Epochs are left out.
static char *deb_usual_pool(const struct deb *d)
{
	const char *colon = strchr(d->version, ':'), *version = colon ? colon + 1 : d->version;
	int prefix = str_has_prefix(d->package, "lib") && d->package[3] ? 4 : 1;

	return str_printf("pool/main/%.*s/%s/%s_%s_%s.deb", prefix, d->package, d->package, d->package,
	        version, d->arch);
}

// The part of an address that is the same in every archive.
static char *deb_pool_of(char *const *urls)
{
	strv_for_each (url, urls) {
		const char *pool = strstr(url, "/pool/");
		if (pool && str_has_suffix(url, ".deb"))
			return mem_strdup(pool + 1);
	}
	return NULL;
}

static int deb_check(const struct builtin_args *a, struct deb *ret, struct err *e)
{
	struct deb d = {.package = builtin_env(a, "package"),
	        .version = builtin_env(a, "version"),
	        .arch = builtin_env(a, "arch")};
	int r;

	if (!d.package || !d.version)
		return err_set(e, -EINVAL, "the derivation has no 'package' or no 'version'");
	if (!d.arch)
		d.arch = "all";
	if ((r = debname_check_package(d.package, e)) < 0 || (r = debname_check_version(d.version, e)) < 0 ||
	        (r = debname_check_arch(d.arch, e)) < 0)
		return r;
	d.urls = fetch_env_urls(a);
	d.pool = d.urls ? deb_pool_of(d.urls) : deb_usual_pool(&d);
	if (d.pool && (r = debname_check_pool(d.pool, e)) < 0) {
		deb_release(&d);
		return r;
	}
	*ret = d;
	return 0;
}

// Every address to be tried: the pool file below each archive, then the derivation's own.
static char **deb_candidates(const struct deb *d, char *const *archives)
{
	char **list = d->pool ? debmirror_urls(d->pool, archives) : NULL;

	strv_for_each (url, d->urls)
		debmirror_add(&list, url);
	return list;
}

int builtin_fetch_deb_prepare(const struct builtin_args *a, struct builtin_host *ret, struct err *e)
{
	struct deb d = {0};
	_cleanup_err_ struct err later = {0};

	(void)e;
	if (deb_check(a, &d, &later) < 0) // said in the build's log
		return 0;
	ret->words = apt_sources_read("/etc");
	_cleanup_strv_ char **urls = deb_candidates(&d, ret->words);
	strv_for_each (url, urls)
		builtin_host_add(ret, url);
	deb_release(&d);
	return 0;
}

// The archive drops what has been superseded; Debian's snapshots keep everything.
static int deb_download(const struct builtin_args *a, char *const *urls, const char *path, struct err *e)
{
	_cleanup_strv_ char **old = NULL;
	_cleanup_err_ struct err why = {0};
	struct deb d = {0};
	int r = fetch_download(a, urls, path, e);

	if (r != -ENOENT || deb_check(a, &d, &why) < 0)
		return r;
	if (snapshot_find(d.package, d.version, d.arch, &old, &why) == 0 &&
	        (r = fetch_download(a, old, path, &why)) == 0) {
		err_release(e);
		*e = (struct err){0};
	} else {
		err_hint(e, "%.*s", (int)strcspn(why.msg, "\n"), why.msg);
		err_hint(e,
		        "no archive has version %s of '%s' any more: `make lock` "
		        "(tools/debian-lock.sh --refresh) pins the one that it has now",
		        d.version, d.package);
	}
	deb_release(&d);
	return r;
}

int builtin_fetch_deb(void *ctx, const struct builtin_args *a, struct err *e)
{
	struct deb d = {0};
	int r = deb_check(a, &d, e);

	(void)ctx;
	if (r < 0)
		return r;
	_cleanup_strv_ char **urls = deb_candidates(&d, a->host->words);
	if (urls)
		r = fetch_deliver(a, urls, deb_download, e);
	else
		r = err_set(e, -ENOENT,
		        "there is nowhere to look for the Debian package '%s': no 'url', and no "
		        "archive in apt's sources (/etc/apt)",
		        d.package);
	deb_release(&d);
	return r;
}
