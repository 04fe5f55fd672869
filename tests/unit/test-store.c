// SPDX-License-Identifier: GPL-2.0-or-later
// The store as a library: names, adding, registering, questions, roots, profiles, garbage, narinfo,
// signatures.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/codec.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/drv.h"
#include "store/gc.h"
#include "store/narinfo.h"
#include "store/roots.h"
#include "store/store.h"

struct fixture {
	char *dir, *uri;
	struct store *s;
};

static void quiet(void *ctx, enum log_level level, const char *msg)
{
	(void)ctx;
	(void)level;
	(void)msg;
}

static int setup(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct fixture *f = NEW(struct fixture);

	log_set_sink(quiet, NULL);
	unsetenv("NIX_STORE_DIR");
	unsetenv("NIX_REMOTE");
	assert_int_equal(fs_mkdtemp("/tmp", "test-store", &f->dir, &e), 0);
	f->uri = str_printf("local?root=%s/r", f->dir);
	assert_int_equal(store_open(f->uri, STORE_NO_SYNC, &f->s, &e), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct fixture *f = *state;

	store_close(f->s);
	assert_int_equal(fs_rm_rf(f->dir, &e), 0);
	mem_free(f->dir);
	mem_free(f->uri);
	mem_free(f);
	return 0;
}

static char *add_text(struct store *s, const char *name, const char *text, char *const *refs)
{
	_cleanup_err_ struct err e = {0};
	char *path = NULL;

	if (store_add_text(s, name, text, strlen(text), refs, &path, &e) < 0)
		fail_msg("%s", e.msg);
	return path;
}

static bool is_valid(struct store *s, const char *path)
{
	_cleanup_err_ struct err e = {0};
	bool valid;

	if (store_is_valid(s, path, &valid, &e) < 0)
		fail_msg("%s", e.msg);
	return valid;
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *error;
	} bad[] = {
	        {"", "name must not be empty"},
	        {".", "name '.' is not valid"},
	        {"..", "name '..' is not valid"},
	        {".-x", "name '.-x' is not valid: first dash-separated component must not be '.'"},
	        {"..-x", "name '..-x' is not valid: first dash-separated component must not be '..'"},
	        {"a b", "name 'a b' contains illegal character ' '"},
	        {"a/b", "name 'a/b' contains illegal character '/'"},
	};
	static const char good[] = "/nix/store/mr2xjfmvpvmjrv891vv3axdv222jmjv1-single.txt";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_err_ struct err e = {0};
		assert_int_equal(store_name_check(bad[i].name, &e), -EINVAL);
		assert_string_equal(e.msg, bad[i].error);
	}
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *longest = str_printf("%0*d", STORE_NAME_MAX, 0), *path = NULL;
	_cleanup_free_ char *longer = str_printf("%0*d", STORE_NAME_MAX + 1, 0);
	const char *rest;
	assert_int_equal(store_name_check(longest, &e), 0);
	assert_int_equal(store_name_check(".hidden", &e), 0);
	assert_int_equal(store_name_check(longer, &e), -EINVAL);
	assert_true(store_path_valid("/nix/store", good));
	assert_false(store_path_valid(
	        "/nix/store", "/nix/store/mr2xjfmvpvmjrv891vv3axdv222jmje1-x")); // no 'e' in base 32
	assert_false(store_path_valid("/nix/store", "/nix/store/short-x"));
	assert_int_equal(store_path_check("/nix/store", good, &e), 0);
	assert_int_equal(
	        store_path_check("/nix/store", "/nix/store///mr2xjfmvpvmjrv891vv3axdv222jmjv1-x", &e), -EINVAL);
	assert_int_equal(
	        store_path_check("/nix/store", "/nix/store/mr2xjfmvpvmjrv891vv3axdv222jmjv1-x/", &e), -EINVAL);
	assert_false(store_path_valid("/nix/store", "/nix/storemr2xjfmvpvmjrv891vv3axdv222jmjv1-x"));
	assert_int_equal(store_path_of("/nix/store", "/nix/store/mr2xjfmvpvmjrv891vv3axdv222jmjv1-a/b/c",
	                         &path, &rest, &e),
	        0);
	assert_string_equal(rest, "/b/c");
	assert_true(store_path_inside("/nix/store", good));
	assert_false(store_path_inside("/nix/store", "/nix/store"));
	_cleanup_free_ char *placeholder = store_placeholder("out");
	assert_string_equal(placeholder, "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9");
}

static void test_ca(void **state)
{
	static const char *const good[] = {
	        "fixed:r:sha256:04zwf782yjwnh3q6hz5izfd6jyip8kgw6g6yj43fiqhbyhdd0dqw",
	        "fixed:sha1:l6pgg1y4ybzxcx0hhdhq2bk2zlqpldvr",
	        "text:sha256:04zwf782yjwnh3q6hz5izfd6jyip8kgw6g6yj43fiqhbyhdd0dqw",
	};
	struct ca ca;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		_cleanup_err_ struct err e = {0};
		if (ca_parse(good[i], &ca, &e) < 0)
			fail_msg("%s: %s", good[i], e.msg);
		_cleanup_free_ char *again = ca_format(&ca);
		assert_string_equal(again, good[i]);
	}
	_cleanup_err_ struct err e = {0};
	assert_int_equal(ca_parse("fixed", &ca, &e), -EINVAL);
	assert_true(ca_parse("fixed:r:sha256:x", &ca, &e) < 0);
}

static void test_text(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_store_info_ struct store_info *i = NULL;
	_cleanup_free_ char *a = add_text(f->s, "a.txt", "aaa", NULL);
	_cleanup_free_ char *b = add_text(f->s, "b", "bbb", (char *const[]){a, a, NULL});
	struct stat st;

	assert_true(is_valid(f->s, a)); // before the flush
	assert_int_equal(store_query_info(f->s, b, &i, &e), 0);
	assert_int_equal(strv_len(i->refs), 1);
	assert_string_equal(i->refs[0], a);
	assert_int_equal(i->nar_size_bytes, 120);
	assert_int_equal(store_flush(f->s, &e), 0);
	assert_true(is_valid(f->s, a));
	_cleanup_free_ char *real = store_real_path(f->s, a);
	assert_int_equal(stat(real, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0444);
	assert_int_equal(st.st_mtime, 1);
	// A second store sees it.
	struct store *other;
	assert_int_equal(store_open(f->uri, STORE_READ_ONLY, &other, &e), 0);
	assert_true(is_valid(other, b));
	_cleanup_strv_ char **referrers = NULL;
	assert_int_equal(store_query_referrers(other, a, &referrers, &e), 0);
	assert_int_equal(strv_len(referrers), 1);
	_cleanup_free_ char *part = mem_strndup(store_path_hash(b), STORE_HASH_CHARS), *found = NULL,
	                    *none = NULL;
	assert_int_equal(store_path_from_hash_part(other, part, &found, &e), 0);
	assert_string_equal(found, b);
	assert_int_equal(store_path_from_hash_part(other, "00000000000000000000000000000000", &none, &e), 0);
	assert_null(none);
	store_close(other);
	// A derivation must be one.
	char *bad = NULL;
	assert_int_equal(store_add_text(f->s, "x.drv", "not a derivation", 16, NULL, &bad, &e), -EBADMSG);
	assert_int_equal(store_add_text(f->s, "x y", "", 0, NULL, &bad, &e), -EINVAL);
	// References must be valid, and nothing of the transaction stays.
	_cleanup_free_ char *c = add_text(
	        f->s, "c", "c", (char *const[]){"/nix/store/00000000000000000000000000000000-x", NULL});
	assert_true(store_flush(f->s, &e) < 0);
	assert_false(is_valid(f->s, c));
}

static void test_add_path(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *tree = fs_join(f->dir, "tree"), *file = fs_join(tree, "file"), *path = NULL,
	                    *again = NULL, *only = NULL;
	struct hash h, h2;
	size_t bad = 7;

	assert_int_equal(fs_mkdir_p(tree, 0755, &e), 0);
	assert_int_equal(fs_write_atomic(file, "text", 4, 0600, &e), 0);
	assert_int_equal(store_path_for_file(f->s, "n", tree, CA_NAR, HASH_SHA256, NULL, &only, NULL, &e), 0);
	assert_int_equal(store_add_path(f->s, "n", tree, CA_NAR, HASH_SHA256, NULL, &path, &h, &e), 0);
	assert_string_equal(path, only);
	assert_int_equal(store_add_path(f->s, "n", tree, CA_NAR, HASH_SHA256, NULL, &again, &h2, &e), 0);
	assert_string_equal(path, again);
	assert_true(hash_eq(&h, &h2));
	assert_int_equal(store_verify(f->s, true, false, &bad, &e), 0);
	assert_int_equal(bad, 0);
	_cleanup_free_ char *flat = NULL;
	assert_int_equal(
	        store_add_path(f->s, "n", tree, CA_FLAT, HASH_SHA256, NULL, &flat, NULL, &e), -EINVAL);
	assert_int_equal(store_add_path(f->s, "f", file, CA_FLAT, HASH_SHA1, NULL, &flat, NULL, &e), 0);
	// Damage is found.
	_cleanup_free_ char *real = store_real_path(f->s, flat);
	assert_int_equal(chmod(real, 0644), 0);
	assert_int_equal(truncate(real, 2), 0);
	assert_int_equal(store_verify_path(f->s, flat, &e), -EUCLEAN);
	assert_int_equal(store_verify(f->s, true, false, &bad, &e), 0);
	assert_int_equal(bad, 1);
	// Gone without a trace: forgotten.
	assert_int_equal(unlink(real), 0);
	assert_int_equal(store_verify(f->s, false, false, &bad, &e), 0);
	assert_int_equal(bad, 0);
	assert_false(is_valid(f->s, flat));
}

static void test_scan(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *a = add_text(f->s, "a", "1", NULL), *b = add_text(f->s, "b", "2", NULL),
	                    *c = add_text(f->s, "c", "3", NULL);
	_cleanup_free_ char *dir = fs_join(f->dir, "scan"), *file = fs_join(dir, "file"),
	                    *link = fs_join(dir, "link");
	size_t len = 1u << 20;
	char *data = mem_alloc(len);
	struct hash h, plain;
	uint64_t size;

	assert_int_equal(fs_mkdir_p(dir, 0755, &e), 0);
	assert_int_equal(symlink(c, link), 0);
	// Wherever it lies, over every seam of blocks.
	for (size_t at = (128u << 10) - 200; at < (128u << 10) + 20; at += 7) {
		_cleanup_strv_ char **refs = NULL;
		memset(data, 'a', len);
		memcpy(data + at, store_path_hash(a), STORE_HASH_CHARS);
		assert_int_equal(fs_write_atomic(file, data, len, 0644, &e), 0);
		assert_int_equal(
		        store_scan_references(dir, (char *const[]){a, b, c, NULL}, &h, &size, &refs, &e), 0);
		assert_int_equal(strv_len(refs), 2);
		assert_true(strv_has(refs, a));
		assert_true(strv_has(refs, c)); // in a symlink's target
	}
	assert_int_equal(nar_hash_path(dir, HASH_SHA256, NULL, &plain, NULL, &e), 0);
	assert_true(hash_eq(&h, &plain));
	mem_free(data);
}

static void test_closure(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *a = add_text(f->s, "a", "1", NULL);
	_cleanup_free_ char *b = add_text(f->s, "b", "2", (char *const[]){a, NULL});
	_cleanup_free_ char *c = add_text(f->s, "c", "3", (char *const[]){a, b, NULL});
	_cleanup_strv_ char **all = NULL, **up = NULL;

	assert_int_equal(store_closure(f->s, (char *const[]){c, NULL}, 0, &all, &e), 0);
	assert_int_equal(strv_len(all), 3);
	assert_string_equal(all[0], a);
	assert_string_equal(all[1], b);
	assert_string_equal(all[2], c);
	assert_int_equal(store_closure(f->s, (char *const[]){a, NULL}, CLOSURE_REFERRERS, &up, &e), 0);
	assert_int_equal(strv_len(up), 3);
	assert_int_equal(
	        store_closure(f->s, (char *const[]){"/nix/store/00000000000000000000000000000000-x", NULL}, 0,
	                &up, &e),
	        -ENOENT);
}

static void collect(struct store *s, const struct gc_opts *opts, size_t want)
{
	_cleanup_err_ struct err e = {0};
	struct gc_result result;

	if (gc_run(s, opts, &result, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(strv_len(result.paths), want);
	gc_result_release(&result);
}

static void test_gc(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *a = add_text(f->s, "a", "1", NULL);
	_cleanup_free_ char *b = add_text(f->s, "b", "2", (char *const[]){a, NULL});
	_cleanup_free_ char *link = fs_join(f->dir, "result");
	struct gc_opts opts = {.action = GC_DELETE_DEAD, .max_freed_bytes = UINT64_MAX};

	collect(f->s, &opts, 0); // temporary roots of this process
	assert_int_equal(roots_add_indirect(f->s, link, b, NULL, &e), 0);
	_cleanup_free_ char *lone = add_text(f->s, "lone", "3", NULL);
	store_close(f->s);
	assert_int_equal(store_open(f->uri, STORE_NO_SYNC, &f->s, &e), 0);
	opts.action = GC_RETURN_DEAD;
	collect(f->s, &opts, 1);
	opts.action = GC_DELETE_DEAD;
	collect(f->s, &opts, 1);
	assert_false(is_valid(f->s, lone));
	assert_true(is_valid(f->s, a));
	assert_int_equal(store_delete(f->s, (char *const[]){a, NULL}, false, NULL, &e), -EBUSY);
	assert_int_equal(unlink(link), 0);
	collect(f->s, &opts, 2);
	assert_false(is_valid(f->s, a));
	struct root_list roots = {0};
	assert_int_equal(roots_find(f->s, 0, &roots, &e), 0);
	assert_int_equal(roots.len, 0);
	root_list_release(&roots);
}

// Another process that adds while a collector runs keeps what it added.
static void test_gc_beside(void **state)
{
	struct fixture *f = *state;
	int rounds = 60, status;
	struct gc_opts opts = {.action = GC_DELETE_DEAD, .max_freed_bytes = UINT64_MAX};

	store_close(f->s);
	pid_t pid = fork();
	if (pid == 0) {
		struct err e = {0};
		struct store *s;
		if (store_open(f->uri, STORE_NO_SYNC, &s, &e) < 0)
			_exit(2);
		for (int i = 0; i < rounds; i++) {
			_cleanup_free_ char *name = str_printf("n%d", i), *path = NULL;
			if (store_add_text(s, name, name, strlen(name), NULL, &path, &e) < 0 ||
			        store_flush(s, &e) < 0)
				_exit(3);
			_cleanup_free_ char *real = store_real_path(s, path);
			usleep(2000);
			if (!is_valid(s, path) || !fs_exists(real))
				_exit(4);
		}
		_exit(0);
	}
	struct err e = {0};
	assert_int_equal(store_open(f->uri, STORE_NO_SYNC, &f->s, &e), 0);
	pid_t ended;
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		struct gc_result result;
		if (gc_run(f->s, &opts, &result, &e) < 0)
			fail_msg("%s", e.msg);
		gc_result_release(&result);
	}
	assert_int_equal(ended, pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	struct gc_result rest;
	assert_int_equal(gc_run(f->s, &opts, &rest, &e), 0); // its roots went with it
	gc_result_release(&rest);
	_cleanup_strv_ char **left = NULL;
	assert_int_equal(store_query_all(f->s, &left, &e), 0);
	assert_int_equal(strv_len(left), 0);
}

static void test_profile(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *a = add_text(f->s, "a", "1", NULL), *b = add_text(f->s, "b", "2", NULL);
	_cleanup_free_ char *profile = str_printf("%s/profiles/system", store_state_dir(f->s)),
	                    *target = NULL;
	struct generation_list all;
	uint64_t n = 0;

	assert_int_equal(profile_add(f->s, profile, a, false, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(profile_add(f->s, profile, a, false, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(profile_add(f->s, profile, b, false, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(fs_readlink(profile, &target, &e), 0);
	assert_string_equal(target, "system-2-link");
	assert_int_equal(profile_rollback(profile, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(profile_rollback(profile, &n, &e), -ENOENT);
	assert_int_equal(profile_switch(profile, 9, &e), -ENOENT);
	assert_int_equal(profile_add(f->s, profile, b, true, &n, &e), 0);
	assert_int_equal(n, 3);
	assert_int_equal(profile_list(profile, &all, &e), 0);
	assert_int_equal(all.len, 3);
	assert_true(all.gens[2].current);
	assert_string_equal(all.gens[0].path, a);
	generation_list_release(&all);
	assert_int_equal(profile_delete_generation(profile, 3, false, &e), -EBUSY);
	size_t count;
	assert_int_equal(profile_delete_older(profile, 1, false, &count, &e), 0);
	assert_int_equal(count, 0);
	assert_int_equal(profile_delete_old(profile, false, &count, &e), 0);
	assert_int_equal(count, 2);
}

static void test_locks(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	static char path[] = "/nix/store/00000000000000000000000000000000-x";
	char *const paths[] = {path, NULL};
	struct store_locks *l, *l2;

	assert_int_equal(store_lock_paths(f->s, paths, true, &l, &e), 0);
	assert_int_equal(store_lock_paths(f->s, paths, false, &l2, &e), -EWOULDBLOCK);
	store_unlock(l, true);
	assert_int_equal(store_lock_paths(f->s, paths, false, &l2, &e), 0);
	store_unlock(l2, true);
	_cleanup_free_ char *file =
	        str_printf("%s/00000000000000000000000000000000-x.lock", store_real_dir(f->s));
	assert_false(fs_exists(file));
}

static void test_canonical(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *dir = fs_join(f->dir, "c"), *file = fs_join(dir, "f"), *exe = fs_join(dir, "x"),
	                    *pipe = fs_join(dir, "p");
	struct stat st;

	assert_int_equal(fs_mkdir_p(dir, 0755, &e), 0);
	assert_int_equal(fs_write_atomic(file, "", 0, 0666, &e), 0);
	assert_int_equal(fs_write_atomic(exe, "", 0, 04711, &e), 0);
	assert_int_equal(chmod(exe, 04711), 0);
	assert_int_equal(store_canonicalise(f->s, dir, (uid_t)-1, &e), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0444);
	assert_int_equal(stat(exe, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0555);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0555);
	assert_int_equal(st.st_mtime, 1);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(mkfifo(pipe, 0644), 0);
	assert_int_equal(store_canonicalise(f->s, dir, (uid_t)-1, &e), -EINVAL);
	assert_int_equal(store_canonicalise(f->s, file, 12345, &e), -EPERM);
}

// RFC 8032, test 1 and 2.
static void test_sign(void **state)
{
	static const struct {
		const char *seed, *public, *message, *sig;
	} v[] = {
	        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e"
	                "39701cf9b46b"
	                "d25bf5f0595bbe24655141438e7a100b"},
	        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "r",
	                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f"
	                "3613d0f11d8c"
	                "387b2eaeb4302aeeb00d291612bb0c00"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_err_ struct err e = {0};
		_cleanup_free_ char *sig = NULL, *public = NULL;
		uint8_t key[64], want[64];
		assert_true(codec_un16(v[i].seed, 64, key, 32) && codec_un16(v[i].public, 64, key + 32, 32));
		assert_true(codec_un16(v[i].sig, 128, want, 64));
		_cleanup_free_ char *key64 = codec_base64(key, 64), *want64 = codec_base64(want, 64);
		_cleanup_free_ char *secret = str_printf("k:%s", key64),
		                    *want_sig = str_printf("k:%s", want64);
		assert_int_equal(sign_data(secret, v[i].message, strlen(v[i].message), &sig, &e), 0);
		assert_string_equal(sig, want_sig);
		assert_int_equal(sign_public_of(secret, &public, &e), 0);
		assert_true(sign_verify(public, v[i].message, strlen(v[i].message), sig));
		assert_false(sign_verify(public, "other", 5, sig));
	}
	_cleanup_err_ struct err e = {0};
	char *sig = NULL;
	assert_int_equal(sign_data("k:!!", "", 0, &sig, &e), -EINVAL);
}

static void test_signed_path(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *a = add_text(f->s, "a", "1", NULL), *secret = NULL, *public = NULL;
	_cleanup_store_info_ struct store_info *i = NULL;

	assert_int_equal(sign_generate("here-1", &secret, &public, &e), 0);
	assert_int_equal(store_sign(f->s, a, secret, &e), 0);
	assert_int_equal(store_query_info(f->s, a, &i, &e), 0);
	assert_int_equal(strv_len(i->sigs), 1);
	assert_int_equal(store_count_good_sigs(i, (char *const[]){public, NULL}), 1);
	i->nar_size_bytes++;
	assert_int_equal(store_count_good_sigs(i, (char *const[]){public, NULL}), 0);
}

static void test_narinfo(void **state)
{
	static const char text[] =
	        "StorePath: /nix/store/mr2xjfmvpvmjrv891vv3axdv222jmjv1-single.txt\n"
	        "URL: nar/04zwf782yjwnh3q6hz5izfd6jyip8kgw6g6yj43fiqhbyhdd0dqw.nar.xz\nCompression: xz\n"
	        "FileHash: sha256:04zwf782yjwnh3q6hz5izfd6jyip8kgw6g6yj43fiqhbyhdd0dqw\nFileSize: 77\n"
	        "NarHash: sha256:04zwf782yjwnh3q6hz5izfd6jyip8kgw6g6yj43fiqhbyhdd0dqw\nNarSize: 120\n"
	        "References: 00000000000000000000000000000000-x mr2xjfmvpvmjrv891vv3axdv222jmjv1-single.txt\n"
	        "Deriver: 11111111111111111111111111111111-x.drv\nSig: a-1:AAAA\nSig: b-1:BBBB\n";
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf again = {0};
	struct narinfo n;

	(void)state;
	assert_int_equal(narinfo_parse("/nix/store", text, strlen(text), &n, &e), 0);
	assert_int_equal(strv_len(n.info->refs), 2);
	narinfo_print(&n, &again);
	assert_string_equal(buf_str(&again), text);
	narinfo_release(&n);
	for (size_t len = 0; len + 100 < strlen(text); len++) {
		_cleanup_err_ struct err cut = {0};
		int r = narinfo_parse("/nix/store", text, len, &n, &cut);
		assert_true(r == 0 || r == -EBADMSG);
		if (r == 0)
			narinfo_release(&n);
	}
	assert_int_equal(narinfo_parse("/nix/store", "StorePath: /etc/passwd\n", 23, &n, &e), -EBADMSG);
}

static void test_open(void **state)
{
	struct fixture *f = *state;
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *none = fs_join(f->dir, "none"), *later = fs_join(f->dir, "later"), *path = NULL;
	struct store *s;

	assert_int_equal(store_open("daemon", 0, &s, &e), -EOPNOTSUPP);
	assert_int_equal(store_open("https://x", 0, &s, &e), -EOPNOTSUPP);
	assert_int_equal(store_open(none, STORE_NO_CREATE, &s, &e), -ENOENT);
	assert_false(fs_exists(none));
	// Read-only without a store: paths are computed, nothing is made.
	assert_int_equal(store_open(none, STORE_READ_ONLY, &s, &e), 0);
	assert_int_equal(store_add_text(s, "a", "aaa", 3, NULL, &path, &e), 0);
	assert_false(is_valid(s, path));
	assert_false(fs_exists(none));
	assert_int_equal(store_add_temp_root(s, path, &e), 0);
	store_close(s);
	// A schema that we do not know.
	assert_int_equal(store_open(later, STORE_NO_SYNC, &s, &e), 0);
	_cleanup_free_ char *schema = str_printf("%s/db/schema", store_state_dir(s));
	store_close(s);
	assert_int_equal(fs_write_atomic(schema, "11", 2, 0644, &e), 0);
	assert_int_equal(store_open(later, STORE_NO_SYNC, &s, &e), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_names),
	        cmocka_unit_test(test_ca),
	        cmocka_unit_test_setup_teardown(test_text, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_add_path, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_scan, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_closure, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_gc, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_gc_beside, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_profile, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_locks, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_canonical, setup, teardown),
	        cmocka_unit_test(test_sign),
	        cmocka_unit_test_setup_teardown(test_signed_path, setup, teardown),
	        cmocka_unit_test(test_narinfo),
	        cmocka_unit_test_setup_teardown(test_open, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
