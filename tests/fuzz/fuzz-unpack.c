// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: archives. Whatever one holds, nothing beside its destination is written or gets another mode.
// The reading is libarchive's; a file grows to 1 MiB here, so that a bomb is an error.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "scratch.h"
#include "build/unpack.h"

enum { FILE_BYTES_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static void prepare(const char *beside)
{
	_cleanup_free_ char *file = fs_join(beside, "file");

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){FILE_BYTES_MAX, FILE_BYTES_MAX});
	scratch_write(file, "kept", 4);
	chmod(file, 0600);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *beside, *top;
	_cleanup_err_ struct err e = {0};

	if (!beside) {
		beside = fs_join(scratch_dir(), "beside");
		top = fs_join(scratch_dir(), "top");
		prepare(beside);
	}
	_cleanup_free_ char *file = fs_join(scratch_dir(), "archive"), *dest = fs_join(top, "dest");
	fs_rm_rf(top, &e);
	fs_mkdir_p(top, 0755, &e);
	scratch_write(file, (const char *)data, size);
	int r = unpack_archive(file, dest, size % 2 ? UNPACK_STRIP : 0, &e);
	_cleanup_strv_ char **names = NULL;
	if (fs_list(top, &names, &e) < 0 || strv_len(names) != (r == 0))
		abort(); // what failed leaves nothing
	check_beside(beside);
	return 0;
}
