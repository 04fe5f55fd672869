// SPDX-License-Identifier: GPL-2.0-or-later
// Copies of kernels and initrds by content.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootmake.h"

#define BLOCK_SIZE  4096
#define TEMP        ".new-"
#define SECRETS     "-secrets"
#define RANDOM_LEN  16
#define SECRETS_LEN (BOOTFILE_HASH_LEN + 1 + RANDOM_LEN + sizeof(SECRETS) - 1)

static const char *const suffixes[] = {"-kernel", "-initrd", "-uki", "-dtb"};

void bootfiles_init(struct bootfiles *f, const char *dir)
{
	*f = (struct bootfiles){.dir = mem_strdup(dir)};
}

void bootfiles_release(struct bootfiles *f)
{
	for (size_t i = 0; i < f->len; i++) {
		mem_free(f->files[i].name);
		mem_free(f->files[i].source);
		if (f->files[i].uki)
			uki_parts_release(f->files[i].uki);
		mem_free(f->files[i].uki);
		if (f->files[i].data.len)
			explicit_bzero(f->files[i].data.data, f->files[i].data.len);
		buf_release(&f->files[i].data);
	}
	mem_free(f->files);
	mem_free(f->dir);
	*f = (struct bootfiles){0};
}

const struct bootfile *bootfiles_find(const struct bootfiles *f, const char *name)
{
	for (size_t i = 0; name && i < f->len; i++)
		if (str_eq(f->files[i].name, name))
			return &f->files[i];
	return NULL;
}

const struct bootfile *bootfiles_find_source(
        const struct bootfiles *f, const char *source, const char *suffix)
{
	for (size_t i = 0; i < f->len; i++)
		if (str_eq(f->files[i].source, source) && str_has_suffix(f->files[i].name, suffix))
			return &f->files[i];
	return NULL;
}

const struct bootfile *bootfiles_take(struct bootfiles *f, const struct bootfile *file)
{
	mem_grow(&f->files, &f->cap, f->len + 1, sizeof(*f->files));
	f->files[f->len] = *file;
	return &f->files[f->len++];
}

int bootfiles_add(struct bootfiles *f, const char *source, const char *suffix, const struct bootfile **ret,
        struct err *e)
{
	struct stat st, have;
	struct hash h;

	if ((*ret = bootfiles_find_source(f, source, suffix)))
		return 0;
	int r = hash_file(HASH_SHA256, source, &h, e);
	if (r < 0)
		return r;
	if (stat(source, &st) < 0)
		return err_sys(e, errno, "reading about '%s'", source);
	_cleanup_free_ char *text = hash_format(&h, HASH_NIX32, false);
	_cleanup_free_ char *name = str_printf("%.*s-%s", BOOTFILE_HASH_LEN, text, suffix),
	                    *file = fs_join(f->dir, name);
	if ((*ret = bootfiles_find(f, name)))
		return 0;
	r = fs_lstat_maybe(file, &have, e);
	if (r < 0)
		return r;
	const struct bootfile made = {
	        .name = TAKE_PTR(name),
	        .source = mem_strdup(source),
	        .size_bytes = (uint64_t)st.st_size,
	        .there = r > 0 && S_ISREG(have.st_mode) && have.st_size == st.st_size,
	};
	*ret = bootfiles_take(f, &made);
	return 0;
}

static bool is_secrets(const char *name)
{
	return strlen(name) == SECRETS_LEN && name[BOOTFILE_HASH_LEN] == '-' && str_has_suffix(name, SECRETS);
}

char *bootfiles_system(const char *toplevel)
{
	const char *name = str_basename(toplevel);

	if (strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz") != BOOTFILE_HASH_LEN ||
	        name[BOOTFILE_HASH_LEN] != '-')
		return NULL;
	return mem_strndup(name, BOOTFILE_HASH_LEN);
}

static const struct bootfile *add_secrets(struct bootfiles *f, struct bootfile file)
{
	const struct bootfile *have = bootfiles_find(f, file.name);

	if (have) { // two generations of one system
		mem_free(file.name);
		return have;
	}
	mem_grow(&f->files, &f->cap, f->len + 1, sizeof(*f->files));
	f->files[f->len] = file;
	return &f->files[f->len++];
}

const struct bootfile *bootfiles_add_secrets(struct bootfiles *f, const char *system, struct buf *data)
{
	uint64_t number = 0;
	struct bootfile file = {.data = *data, .size_bytes = data->len};

	*data = (struct buf){0};
	if (getrandom(&number, sizeof(number), 0) != sizeof(number)) // only has to be another one than before
		number = (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
	file.name = str_printf("%s-%016llx" SECRETS, system, (unsigned long long)number);
	return add_secrets(f, file);
}

const struct bootfile *bootfiles_keep_secrets(struct bootfiles *f, const char *name, uint64_t size_bytes)
{
	return add_secrets(
	        f, (struct bootfile){.name = mem_strdup(name), .size_bytes = size_bytes, .there = true});
}

int bootfiles_find_secrets(
        const struct bootfiles *f, const char *system, const char *text, char **ret, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = fs_list_maybe(f->dir, &names, e);

	*ret = NULL;
	for (size_t i = 0; r == 0 && !*ret && names && names[i]; i++)
		if (is_secrets(names[i]) && str_has_prefix(names[i], system) && strstr(text, names[i]))
			*ret = mem_strdup(names[i]);
	return r;
}

static bool is_ours(const char *name)
{
	if (str_has_prefix(name, TEMP) || is_secrets(name))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (strlen(name) == BOOTFILE_HASH_LEN + strlen(suffixes[i]) &&
		        str_has_suffix(name, suffixes[i]))
			return true;
	return false;
}

int bootfiles_stale(
        const struct bootfiles *f, const char *text, char ***ret, uint64_t *ret_bytes, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = fs_list_maybe(f->dir, &names, e);

	*ret = NULL;
	*ret_bytes = 0;
	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		if (!is_ours(names[i]) || bootfiles_find(f, names[i]) || strstr(text, names[i]))
			continue;
		_cleanup_free_ char *file = fs_join(f->dir, names[i]);
		struct stat st;
		if (lstat(file, &st) == 0)
			*ret_bytes += (uint64_t)st.st_blocks * 512;
		strv_add(ret, names[i]);
	}
	return r;
}

int bootfiles_remove(const struct bootfiles *f, char *const *names, struct err *e)
{
	strv_for_each (name, names) {
		_cleanup_free_ char *file = fs_join(f->dir, name);
		if (unlink(file) < 0 && errno != ENOENT)
			return err_sys(e, errno, "removing '%s'", file);
	}
	return 0;
}

uint64_t bootfiles_missing_bytes(const struct bootfiles *f)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < f->len; i++)
		if (!f->files[i].there)
			sum += (f->files[i].size_bytes + BLOCK_SIZE - 1) / BLOCK_SIZE * BLOCK_SIZE;
	return sum;
}

int bootfiles_free_bytes(const char *dir, uint64_t *ret, struct err *e)
{
	_cleanup_free_ char *above = str_dirname(dir);
	struct statvfs fs;

	if (statvfs(dir, &fs) < 0 && statvfs(above, &fs) < 0)
		return err_sys(e, errno, "reading about the file system of '%s'", above);
	*ret = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}

static int copy_bytes(int in, int out, const char *source, const char *target, struct err *e)
{
	_cleanup_free_ char *buffer = mem_alloc(1 << 18);

	for (;;) {
		ssize_t n = read(in, buffer, 1 << 18);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "reading '%s'", source);
		if (n == 0)
			return fsync(out) < 0 ? err_sys(e, errno, "writing '%s'", target) : 0;
		int r = fs_write_all(out, buffer, (size_t)n, target, e);
		if (r < 0)
			return r;
	}
}

static int copy_plain(const struct bootfile *file, const char *temp, struct err *e)
{
	_cleanup_close_ int in = fs_open(file->source, O_RDONLY, 0, e), out = -1;

	if (in < 0)
		return in;
	out = fs_open(temp, O_WRONLY | O_CREAT | O_EXCL, 0644, e);
	return out < 0 ? out : copy_bytes(in, out, file->source, temp, e);
}

// A file system without modes (an EFI system partition) shows the file as it was mounted.
static int write_secrets(
        const struct bootfiles *f, const struct bootfile *file, const char *temp, struct err *e)
{
	_cleanup_close_ int out = fs_open(temp, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	struct stat st;

	if (out < 0)
		return out;
	if (fstat(out, &st) == 0 && st.st_mode & 077)
		log_warn("whoever can read '%s' can read the secrets of the initrd there: its file system "
		         "keeps no modes. Mount it with the option umask=0077.",
		        f->dir);
	int r = fs_write_all(out, file->data.data, file->data.len, temp, e);
	return r == 0 && fsync(out) < 0 ? err_sys(e, errno, "writing '%s'", temp) : r;
}

static int write_one(const struct bootfiles *f, const struct bootfile *file, const char *temp, struct err *e)
{
	if (file->uki || file->signer)
		return bootfile_make(file, temp, e);
	return file->source ? copy_plain(file, temp, e) : write_secrets(f, file, temp, e);
}

static int copy_one(const struct bootfiles *f, const struct bootfile *file, struct err *e)
{
	_cleanup_free_ char *temp = str_printf("%s/" TEMP "%s", f->dir, file->name),
	                    *target = fs_join(f->dir, file->name);

	unlink(temp); // left by somebody who was killed
	int r = write_one(f, file, temp, e);

	if (r == 0 && rename(temp, target) < 0)
		r = err_sys(e, errno, "renaming '%s'", temp);
	if (r < 0)
		unlink(temp);
	return r;
}

int bootfiles_copy(struct bootfiles *f, struct err *e)
{
	int r = fs_mkdir_p(f->dir, 0755, e);

	for (size_t i = 0; r == 0 && i < f->len; i++) {
		if (f->files[i].there)
			continue;
		r = copy_one(f, &f->files[i], e);
		f->files[i].there = r == 0;
	}
	return r == 0 ? fs_sync(f->dir, e) : r;
}
