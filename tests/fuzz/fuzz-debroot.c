// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: build roots. A package (what begins like one) changes nothing beside its tree. Else the input
// is a file's name, a link's target, and a set: places and links never leave the tree.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "scratch.h"
#include "build/debroot.h"

enum { FILE_BYTES_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *path)
{
	_cleanup_free_ char *closed = str_printf("/%s/", path);

	if (path[0] == '/' || strstr(closed, "/../") || strstr(closed, "/./") ||
	        (path[0] && strstr(closed, "//")))
		abort();
}

// How deep below the tree's top a link's text leads at its highest place.
static void check_target(const char *path, const char *target)
{
	_cleanup_strv_ char **from = strv_split(path, "/"), **steps = strv_split(target, "/");
	size_t depth = strv_len(from) ? strv_len(from) - 1 : 0;

	if (target[0] == '/' || !target[0])
		abort();
	strv_for_each (step, steps) {
		if (str_eq(step, "..") && depth-- == 0)
			abort();
		depth += !str_eq(step, "..") && !str_eq(step, ".");
	}
}

static void fuzz_text(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);
	_cleanup_free_ char *path = NULL, *to = NULL;
	_cleanup_err_ struct err e = {0};
	struct debroot_set set = {0};
	char *target = strchr(text, '\n');
	char *json = target ? strchr(target + 1, '\n') : NULL;

	if (!json)
		return;
	*target++ = *json++ = '\0';
	if (debroot_path(text, &path, &e) == 0)
		check_path(path);
	if (path && debroot_target(text, target, &to, &e) == 0 && to)
		check_target(path, to);
	if (debroot_set_parse(json, &set, &e) < 0)
		return;
	for (size_t i = 0; i < set.n_links; i++)
		check_target(set.links[i].path, set.links[i].target);
	debroot_set_release(&set);
}

// The folder around the tree has a file, and nothing else.
static void check_beside(const char *beside)
{
	_cleanup_free_ char *file = fs_join(beside, "file");
	_cleanup_buf_ struct buf text = {0};
	_cleanup_strv_ char **names = NULL;
	struct err e = {0};
	struct stat st;

	if (fs_list(beside, &names, &e) < 0 || strv_len(names) != 1 || lstat(file, &st) < 0 ||
	        (st.st_mode & 07777) != 0600 || st.st_nlink != 1 || fs_read(file, 0, &text, &e) < 0 ||
	        !str_eq(buf_str(&text), "kept"))
		abort();
}

static void fuzz_deb(const uint8_t *data, size_t size)
{
	const struct debroot_set set = {0};
	const struct debroot_package p = {.name = (char *)"fuzz"};
	_cleanup_free_ char *beside = fs_join(scratch_dir(), "beside"),
	                    *deb = fs_join(scratch_dir(), "in.deb");
	_cleanup_free_ char *file = fs_join(beside, "file"), *out = fs_join(beside, "tree");
	_cleanup_err_ struct err e = {0};
	struct debroot_tree t;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){FILE_BYTES_MAX, FILE_BYTES_MAX});
	scratch_write(file, "kept", 4);
	chmod(file, 0600);
	scratch_write(deb, (const char *)data, size);
	if (debroot_tree_open(out, &set, &t, &e) < 0)
		abort();
	if (debroot_tree_add(&t, deb, &p, &e) == 0)
		debroot_tree_finish(&t, &e);
	debroot_tree_release(&t);
	if (fs_rm_rf(out, &e) < 0)
		abort();
	check_beside(beside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 8 && memcmp(data, "!<arch>\n", 8) == 0)
		fuzz_deb(data, size);
	else
		fuzz_text(data, size);
	return 0;
}
