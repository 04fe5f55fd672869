// SPDX-License-Identifier: GPL-2.0-or-later
// builtin:debian-root: the tree of a pinned set of Debian packages, in which derivations are built. It runs
// in the sandbox like a fetcher, with the network though its output has no hash: each package has one in the
// set, which is an input, and nothing of the packages is run. So what comes out is the same everywhere.
#include "build/builtin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/apt-sources.h"
#include "build/debmirror.h"
#include "build/debroot.h"

#define SET_MAX_BYTES (16u << 20)

static void root_add_archive(char ***list, const char *url)
{
	_cleanup_free_ char *whole = str_printf("%s%s", url, str_has_suffix(url, "/") ? "" : "/");

	debmirror_add(list, whole);
}

// What the derivation names, what this machine's packages come from, and where all of Debian is.
static char **root_archives(const struct builtin_args *a)
{
	static const char *const everywhere[] = {
	        "http://deb.debian.org/debian/", "http://deb.debian.org/debian-security/"};
	const char *text = builtin_env(a, "mirrors");
	_cleanup_strv_ char **own = text ? strv_split(text, " \t\n\r") : NULL;
	_cleanup_strv_ char **host = apt_sources_read("/etc");
	char **list = NULL;

	strv_for_each (url, own)
		root_add_archive(&list, url);
	strv_for_each (url, host)
		root_add_archive(&list, url);
	for (size_t i = 0; i < ARRAY_SIZE(everywhere); i++)
		root_add_archive(&list, everywhere[i]);
	return list;
}

int builtin_debroot_prepare(const struct builtin_args *a, struct builtin_host *ret, struct err *e)
{
	(void)e;
	ret->words = root_archives(a);
	strv_for_each (url, ret->words)
		builtin_host_add(ret, url);
	return 0;
}

static int root_read_set(const struct builtin_args *a, struct debroot_set *ret, struct err *e)
{
	const char *file = builtin_env(a, "set");
	_cleanup_buf_ struct buf text = {0};

	if (!file || file[0] != '/')
		return err_set(e, -EINVAL, "the derivation has no 'set', the file with its packages");
	int r = fs_read_regular(file, SET_MAX_BYTES, &text, e);
	if (r == 0 && strlen(buf_str(&text)) != text.len)
		r = err_set(e, -EINVAL, "it is no text");
	if (r == 0)
		r = debroot_set_parse(buf_str(&text), ret, e);
	return r < 0 ? err_wrap(e, "'%s'", file) : 0;
}

static int root_add(struct debroot_tree *t, struct debroot_fetch *f, size_t i, struct err *e)
{
	_cleanup_free_ char *file = NULL;
	int r = debroot_fetch_wait(f, i, &file, e);

	if (r < 0)
		return r;
	r = debroot_tree_add(t, file, &t->set->packages[i], e);
	unlink(file); // the disk need not hold all of them
	return r;
}

static int root_make(const struct builtin_args *a, const struct debroot_set *set, struct err *e)
{
	_cleanup_free_ char *dir = fs_join(a->build_dir, "packages");
	struct debroot_tree t = {.fd = -1, .dir_fd = -1};
	struct debroot_fetch *f = NULL;
	int r = fs_mkdir_p(dir, 0755, e);

	if (r == 0)
		r = debroot_tree_open(builtin_out(a, "out"), set, &t, e);
	if (r == 0)
		r = debroot_fetch_start(set, a->host->words, a->host, dir, &f, e);
	for (size_t i = 0; r == 0 && i < set->n_packages; i++)
		r = root_add(&t, f, i, e);
	if (r < 0) // threads may still be at work with all of this; the process ends now
		return r;
	r = debroot_tree_finish(&t, e);
	fprintf(stderr, "unpacked %zu packages: %llu files, %.1f MB\n", set->n_packages,
	        (unsigned long long)t.files, (double)t.size_bytes / 1e6);
	debroot_fetch_end(f);
	debroot_tree_release(&t);
	return r;
}

int builtin_debroot(void *ctx, const struct builtin_args *a, struct err *e)
{
	struct debroot_set *set = NEW(struct debroot_set); // threads may read it up to the process's end
	int r = root_read_set(a, set, e);

	(void)ctx;
	if (r < 0)
		return r;
	if (!builtin_out(a, "out") || a->drv->n_outputs != 1)
		return err_set(e, -EINVAL, "a root has one output, 'out'");
	return root_make(a, set, e);
}
