// SPDX-License-Identifier: GPL-2.0-or-later
// What the unit tests of generations, boot entries and activation share: a root in a temporary folder with a
// store of its own, and systems that are a folder with a boot.json.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/roots.h"
#include "store/store.h"

struct fixture {
	char *root;
	struct store *s;
};

static inline void quiet(void *ctx, enum log_level level, const char *msg)
{
}

static inline int setup(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct fixture *f = NEW(struct fixture);

	log_set_sink(quiet, NULL);
	unsetenv("NIX_STORE_DIR");
	unsetenv("NIX_REMOTE");
	assert_int_equal(fs_mkdtemp("/tmp", "test-boot", &f->root, &e), 0);
	_cleanup_free_ char *uri = str_printf("local?root=%s", f->root);
	assert_int_equal(store_open(uri, STORE_NO_SYNC, &f->s, &e), 0);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct fixture *f = *state;

	store_close(f->s);
	assert_int_equal(fs_rm_rf(f->root, &e), 0);
	mem_free(f->root);
	mem_free(f);
	return 0;
}

// Writes ROOT/NAME.
static inline void put(struct fixture *f, const char *name, const char *text)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *path = fs_join(f->root, name), *dir = str_dirname(path);

	assert_int_equal(fs_mkdir_p(dir, 0755, &e), 0);
	assert_int_equal(fs_write_atomic(path, text, strlen(text), 0644, &e), 0);
}

// ROOT/NAME as a string, owned; NULL when it is not there.
static inline char *get(struct fixture *f, const char *name)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *path = fs_join(f->root, name);
	_cleanup_buf_ struct buf b = {0};

	if (fs_read(path, 0, &b, &e) < 0)
		return NULL;
	buf_str(&b);
	return buf_steal(&b);
}

// A system in the store whose kernel has this content; files are NAME, TEXT pairs beside boot.json, ending
// with NULL.
static inline char *make_system(
        struct fixture *f, const char *kernel, const char *params, const char *const *files)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *kernel_path = NULL, *work = fs_join(f->root, "making"), *json = NULL;
	char *system = NULL;

	assert_int_equal(store_add_text(f->s, "kernel", kernel, strlen(kernel), NULL, &kernel_path, &e), 0);
	json = str_printf(
	        "{\"org.nixos.bootspec.v1\": {\"label\": \"test's %s\", \"init\": \"/nix/store/x/init\", "
	        "\"kernel\": \"%s\", \"kernelParams\": [%s]}}",
	        kernel, kernel_path, params);
	put(f, "making/boot.json", json);
	put(f, "making/kernel-modules/lib/modules/6.0.0-test/modules.dep", "");
	for (; files && *files; files += 2) {
		_cleanup_free_ char *name = str_printf("making/%s", files[0]);
		put(f, name, files[1]);
	}
	assert_int_equal(
	        store_add_path(f->s, "nixos-system-test", work, CA_NAR, HASH_SHA256, NULL, &system, NULL, &e),
	        0);
	assert_int_equal(fs_rm_rf(work, &e), 0);
	return system;
}

static inline void add_generation(struct fixture *f, const char *profile, const char *system)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *path = str_printf("%s/nix/var/nix/profiles/%s", f->root, profile);

	assert_int_equal(profile_add(f->s, path, system, false, NULL, &e), 0);
}
