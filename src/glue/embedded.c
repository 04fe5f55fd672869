// SPDX-License-Identifier: GPL-2.0-or-later
// Where the package set is that belongs to this program: beside it, where it was installed, or, in a static
// kernix, which is one file, in itself: then it is unpacked into the user's cache once.

#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/unpack.h"
#include "glue/glue.h"

static char *set_beside(void)
{
	static const char *const beside[] = {"../nixpkgs", "../../nixpkgs", "../share/kernix/nixpkgs"};
	_cleanup_free_ char *exe = NULL, *dir = NULL;

	if (fs_readlink("/proc/self/exe", &exe, NULL) < 0)
		return NULL;
	dir = str_dirname(exe);
	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		_cleanup_free_ char *raw = fs_join(dir, beside[i]);
		_cleanup_free_ char *p = fs_clean(raw), *probe = fs_join(p, "default.nix");

		if (fs_exists(probe))
			return TAKE_PTR(p);
	}
	return NULL;
}

#ifdef KERNIX_SET
#include "embedded-set.h" // EMBEDDED_SET_HASH

__asm__(".section .rodata\n"
        ".global embedded_set_begin, embedded_set_end\n"
        "embedded_set_begin: .incbin \"" KERNIX_SET "\"\n"
        "embedded_set_end: .byte 0\n"
        ".previous\n");
extern const char embedded_set_begin[], embedded_set_end[];

// Unpacked beside its place and renamed: whoever sees it sees all of it.
static int set_unpack(const char *cache, const char *place, struct err *e)
{
	_cleanup_free_ char *temp = NULL;
	int r = fs_mkdtemp(cache, ".set", &temp, e);

	if (r < 0)
		return r;
	_cleanup_free_ char *archive = fs_join(temp, "set.tar.xz"), *tree = fs_join(temp, "set");
	r = fs_write_atomic(
	        archive, embedded_set_begin, (size_t)(embedded_set_end - embedded_set_begin), 0600, e);
	if (r == 0)
		r = unpack_archive(archive, tree, 0, e);
	if (r == 0 && rename(tree, place) < 0 && errno != EEXIST && errno != ENOTEMPTY)
		r = err_sys(e, errno, "making '%s'", place);
	fs_rm_rf(temp, NULL);
	return r;
}

static char *set_inside(void)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *cache = NULL;
	int r = glue_cache_dir("package-set", &cache, &e);
	_cleanup_free_ char *place = cache ? fs_join(cache, EMBEDDED_SET_HASH) : NULL;

	if (r == 0 && !fs_is_dir(place))
		r = set_unpack(cache, place, &e);
	if (r == 0)
		return fs_join(place, "nixpkgs");
	log_warn("the package set (<nixpkgs>) cannot be unpacked: %s", e.msg);
	return NULL;
}
#else
static char *set_inside(void)
{
	return NULL;
}
#endif

char *glue_embedded_nixpkgs(void)
{
	char *p = set_beside();

	if (!p && fs_is_dir(KERNIX_DATA_DIR "/nixpkgs"))
		p = mem_strdup(KERNIX_DATA_DIR "/nixpkgs");
	return p ? p : set_inside();
}
