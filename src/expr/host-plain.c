// SPDX-License-Identifier: GPL-2.0-or-later
// The plain host: real files, the process's environment, no store.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "expr/host.h"

static char *plain_real_path(void *ctx, const char *path)
{
	return mem_strdup(path);
}

static enum host_file kind_of(mode_t mode)
{
	return S_ISREG(mode)   ? HOST_REGULAR
	       : S_ISDIR(mode) ? HOST_DIRECTORY
	       : S_ISLNK(mode) ? HOST_SYMLINK
	                       : HOST_OTHER;
}

static int plain_file_type(void *ctx, const char *path, bool follow, enum host_file *ret, struct err *e)
{
	struct stat st;

	if ((follow ? stat(path, &st) : lstat(path, &st)) == 0) {
		*ret = kind_of(st.st_mode);
		return 0;
	}
	if (errno != ENOENT && errno != ENOTDIR)
		return err_sys(e, errno, "getting status of '%s'", path);
	*ret = HOST_MISSING;
	return 0;
}

static int plain_read_file(void *ctx, const char *path, struct buf *ret, struct err *e)
{
	return fs_read_regular(path, 0, ret, e);
}

static int plain_read_dir(
        void *ctx, const char *path, char ***ret_names, enum host_file **ret_types, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = fs_list(path, &names, e);

	if (r < 0)
		return r;
	size_t n = strv_len(names);
	enum host_file *types = mem_array(n + 1, sizeof(*types));
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *full = fs_join(path, names[i]);
		r = plain_file_type(ctx, full, false, &types[i], e);
		if (r < 0) {
			mem_free(types);
			return r;
		}
	}
	*ret_names = TAKE_PTR(names);
	*ret_types = types;
	return 0;
}

static int plain_read_link(void *ctx, const char *path, char **ret, struct err *e)
{
	return fs_readlink(path, ret, e);
}

static void plain_say(void *ctx, const char *line)
{
	_cleanup_free_ char *safe = term_clean_str(line, term_flags(2));

	fprintf(stderr, "%s\n", safe);
}

static const char *plain_get_env(void *ctx, const char *name)
{
	return getenv(name);
}

static int64_t plain_now(void *ctx)
{
	return (int64_t)time(NULL);
}

void host_init_plain(struct host *h)
{
	*h = (struct host){
	        .store_dir = "/nix/store",
	        .system = "x86_64-linux",
	        .real_path = plain_real_path,
	        .file_type = plain_file_type,
	        .read_file = plain_read_file,
	        .read_dir = plain_read_dir,
	        .read_link = plain_read_link,
	        .say = plain_say,
	        .get_env = plain_get_env,
	        .now = plain_now,
	};
}
