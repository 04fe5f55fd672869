// SPDX-License-Identifier: GPL-2.0-or-later
// A rollback says where it goes before it switches (PROFILE.rollback), and that it is done at its very end:
// one that was killed in between and is repeated then finishes, instead of going back once more.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/roots.h"
#include "store/store-impl.h"

#define NOTE_SUFFIX ".rollback"
// The switch follows the note at once. A link that is newer than that was made by somebody who knows no
// notes.
#define SWITCH_MAX_S 60

static int note_file(const char *profile, char **ret, struct err *e)
{
	_cleanup_free_ char *real = NULL;
	int r = profile_real(profile, &real, e);

	if (r == 0)
		*ret = str_printf("%s" NOTE_SUFFIX, real);
	return r;
}

// Notes that were being written when a process was killed.
static int sweep_notes(const char *file, struct err *e)
{
	_cleanup_free_ char *dir = str_dirname(file), *prefix = str_printf("%s.tmp-", str_basename(file));
	_cleanup_strv_ char **names = NULL;
	int r = fs_list_maybe(dir, &names, e);

	for (size_t i = 0; r == 0 && names[i]; i++) {
		_cleanup_free_ char *path = fs_join(dir, names[i]);
		if (str_has_prefix(names[i], prefix) && unlink(path) < 0 && errno != ENOENT)
			r = err_sys(e, errno, "removing '%s'", path);
	}
	return r;
}

int rollback_begin(const char *profile, uint64_t to, struct err *e)
{
	_cleanup_free_ char *file = NULL, *text = str_printf("%llu\n", (unsigned long long)to);
	int r = note_file(profile, &file, e);

	if (r == 0)
		r = sweep_notes(file, e);
	return r == 0 ? fs_write_atomic(file, text, strlen(text), 0644, e) : r;
}

static int note_read(const char *file, uint64_t *ret, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = fs_read(file, 64, &text, e);

	if (r < 0)
		return r;
	_cleanup_free_ char *number = mem_strndup(buf_str(&text), strcspn(buf_str(&text), "\n"));
	if (str_to_u64(number, ret) < 0)
		*ret = 0; // no generation has this number
	return 0;
}

int rollback_interrupted(const char *profile, uint64_t current, bool *ret, struct err *e)
{
	_cleanup_free_ char *real = NULL, *file = NULL;
	struct stat note, link;
	uint64_t to;
	int r = profile_real(profile, &real, e);

	*ret = false;
	if (r == 0)
		r = note_file(profile, &file, e);
	if (r < 0)
		return r;
	if (lstat(file, &note) < 0)
		return errno == ENOENT || errno == ENOTDIR
		               ? 0
		               : err_sys(e, errno, "getting status of '%s'", file);
	if (lstat(real, &link) < 0)
		return err_sys(e, errno, "getting status of '%s'", real);
	r = note_read(file, &to, e);
	int64_t later_s = (int64_t)link.st_mtim.tv_sec - note.st_mtim.tv_sec;
	if (r == 0)
		*ret = to == current && later_s >= -1 && later_s <= SWITCH_MAX_S;
	return r;
}

int rollback_done(const char *profile, struct err *e)
{
	_cleanup_free_ char *file = NULL, *dir = NULL;
	_cleanup_err_ struct err ignored = {0};
	int r = note_file(profile, &file, e);

	if (r < 0)
		return r;
	dir = str_dirname(file);
	if (unlink(file) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_sys(e, errno, "removing '%s'", file);
	// The note is gone: an error now would be taken for a rollback that has to be repeated.
	fs_sync(dir, &ignored);
	return 0;
}
