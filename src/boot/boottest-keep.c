// SPDX-License-Identifier: GPL-2.0-or-later
// Results by content. Only a pass is kept: a failure may come from a machine that was too busy, and whoever
// tries again means it.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootspec.h"
#include "boot/boottest-impl.h"

#define FORMAT   "boot test 2" // another one where the test asks for more than before
#define KEPT_MAX 100
#define BOOT_ID  "/proc/sys/kernel/random/boot_id"
#define KVM_NAME "kvm-does-not-work"

int keep_name(const struct boottest_input *in, const char *kind, char **ret, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	const char *files[] = {in->kernel, in->initrd};

	buf_addf(&b, "%s\n%s\n", FORMAT, kind);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct hash h;
		int r = hash_file(HASH_SHA256, files[i], &h, e);
		if (r < 0)
			return r;
		_cleanup_free_ char *text = hash_format(&h, HASH_BASE16, false);
		buf_addf(&b, "%s\n", text);
	}
	// Where the system is in the store changes with every generation, and nothing of how it starts.
	_cleanup_strv_ char **words = cmdline_words(in->params);
	strv_for_each (word, words)
		if (!str_has_prefix(word, "init="))
			buf_addf(&b, "%s\n", word);
	struct hash all;
	hash_bytes(HASH_SHA256, buf_str(&b), b.len, &all);
	*ret = hash_format(&all, HASH_NIX32, false);
	return 0;
}

// Ours alone: a result that somebody else wrote would install what was never tested.
static bool is_ours(const char *dir)
{
	struct stat st;

	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022);
}

bool keep_has(const char *dir, const char *name)
{
	_cleanup_free_ char *path = fs_join(dir, name);
	struct stat st;

	return is_ours(dir) && lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid();
}

// The oldest go.
static void prune(const char *dir)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_strv_ char **names = NULL;

	if (fs_list(dir, &names, &ignored) < 0)
		return;
	for (size_t left = strv_len(names); left > KEPT_MAX; left--) {
		_cleanup_free_ char *oldest = NULL;
		time_t when = 0;
		strv_for_each (name, names) {
			_cleanup_free_ char *path = fs_join(dir, name);
			struct stat st;
			if (lstat(path, &st) == 0 && (!oldest || st.st_mtime < when)) {
				when = st.st_mtime;
				mem_free(oldest);
				oldest = TAKE_PTR(path);
			}
		}
		if (!oldest || unlink(oldest) < 0)
			return;
	}
}

// That it cannot be kept costs a test the next time, and no more.
void keep_add(const char *dir, const char *name, const char *text)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_free_ char *path = fs_join(dir, name), *above = str_dirname(dir);

	if (fs_mkdir_p(above, 0755, &ignored) < 0 || (mkdir(dir, 0700) < 0 && errno != EEXIST) ||
	        !is_ours(dir) || fs_write_atomic(path, text, strlen(text), 0600, &ignored) < 0)
		return;
	prune(dir);
}

static char *boot_id(void)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf b = {0};

	return fs_read(BOOT_ID, 4096, &b, &ignored) == 0 ? buf_steal(&b) : mem_strdup("");
}

bool keep_kvm_is_broken(const char *dir)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf text = {0};
	_cleanup_free_ char *id = boot_id(), *path = fs_join(dir, KVM_NAME);

	return keep_has(dir, KVM_NAME) && fs_read(path, 4096, &text, &ignored) == 0 &&
	       str_eq(buf_str(&text), id);
}

void keep_kvm_broken(const char *dir)
{
	_cleanup_free_ char *id = boot_id();

	keep_add(dir, KVM_NAME, id);
}
