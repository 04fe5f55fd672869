// SPDX-License-Identifier: GPL-2.0-or-later
// The environment block: where GRUB can write it, and its text.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/grub-env.h"
#include "boot/settle.h"

#define ENV_SIZE 1024 // bytes; GRUB rewrites the block in place, so it never grows
#define ENV_HEAD "# GRUB Environment Block\n"
#define ENV_MARK "# kernix-environment " // before the path, in grub.cfg
#define ENV_NAME "grubenv-"

void grub_env_release(struct grub_env *env)
{
	mem_free(env->file);
	mem_free(env->path);
	mem_free(env->name);
	*env = (struct grub_env){0};
}

// --- where GRUB can write

// File systems whose blocks are not overwritten in place, or that keep a small file elsewhere.
static const char *refused_type(unsigned long magic)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} rows[] = {{0x9123683E, "btrfs"}, {0x2FC12FC1, "ZFS"}, {0x73717368, "squashfs"},
	        {0xCA451A4E, "bcachefs"}, {0xF2F52010, "F2FS"}, {0x52654973, "ReiserFS"},
	        {0xE0F5E1E2, "EROFS"}, {0x01021994, "a tmpfs"}, {0x794c7630, "an overlay"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (magic == rows[i].magic)
			return rows[i].name;
	return NULL;
}

// Is the device, or the whole disk of the partition, made of others? A folder that only stands for a root is
// on the disks of this machine, which say nothing of it.
static int is_mapped(dev_t dev, bool *ret, struct err *e)
{
	static const char *const signs[] = {"dm", "md", "../md", "bcache"};
	int r = 0;

	*ret = false;
	for (size_t i = 0; r == 0 && !*ret && i < ARRAY_SIZE(signs); i++) {
		_cleanup_free_ char *sign =
		        str_printf("/sys/dev/block/%u:%u/%s", major(dev), minor(dev), signs[i]);
		r = fs_lstat_maybe(sign, NULL, e);
		*ret = r > 0;
		r = MIN(r, 0);
	}
	return r;
}

// Is root, or dir, a mount point of its own? Else a root that is not this machine's is a plain folder, and
// what it lies on here (a tmpfs, a container's overlay) is not what the machine will have.
static int is_real(const struct boot_place *p, dev_t dev, bool *ret, struct err *e)
{
	_cleanup_free_ char *above = str_printf("%s/..", p->root);
	struct stat st;

	*ret = true;
	if (!*p->root)
		return 0;
	if (stat(above, &st) < 0)
		return err_sys(e, errno, "reading about '%s'", above);
	*ret = st.st_dev != dev;
	return 0;
}

// *ret_why (borrowed): what GRUB cannot write on; NULL: it can.
static int why_not(const struct boot_place *p, const char *dir, const char **ret_why, struct err *e)
{
	struct statfs fs;
	struct stat st;
	bool real, mapped = false;

	if (statfs(dir, &fs) < 0 || stat(dir, &st) < 0)
		return err_sys(e, errno, "reading about the file system of '%s'", dir);
	*ret_why = NULL;
	int r = is_real(p, st.st_dev, &real, e);
	if (r == 0 && real)
		*ret_why = refused_type((unsigned long)fs.f_type);
	if (r == 0 && real && !*ret_why)
		r = is_mapped(st.st_dev, &mapped, e);
	if (mapped)
		*ret_why = "LVM, RAID or another mapped device";
	return r;
}

// --- where the block is

// The file of a path below the root; its name on its own file system is what follows the mount point.
static struct grub_env env_elsewhere(const struct boot_place *p, const char *mount, const char *name)
{
	char *path = str_printf("%s%s", mount, name);

	return (struct grub_env){.file = place_root(p, path), .path = path, .name = mem_strdup(name)};
}

static struct grub_env env_in_boot(const struct boot_place *p)
{
	return (struct grub_env){.file = place_file(p, "grubenv")};
}

// "/boot/efi/kernix/grubenv-1a2b3c4d" of our menu: the mount point and the name below it.
static bool used_elsewhere(const char *menu, char **ret_mount, char **ret_name)
{
	const char *line = strstr(menu, ENV_MARK), *path = line ? line + strlen(ENV_MARK) : NULL;
	size_t len = path ? strcspn(path, "\n") : 0;
	_cleanup_free_ char *whole = path ? mem_strndup(path, len) : NULL;
	const char *name = whole ? strstr(whole, "/kernix/" ENV_NAME) : NULL;

	if (!name || strchr(name + strlen("/kernix/"), '/'))
		return false;
	*ret_name = mem_strdup(name);
	*ret_mount = mem_strndup(whole, (size_t)(name - whole));
	return true;
}

void grub_env_used(const struct boot_place *p, const char *menu, struct grub_env *ret)
{
	_cleanup_free_ char *mount = NULL, *name = NULL;

	*ret = used_elsewhere(menu, &mount, &name) ? env_elsewhere(p, mount, name) : env_in_boot(p);
}

// Another file system than that of /: mounted there, and GRUB can write on it.
static int is_usable(const struct boot_place *p, const char *mount, bool *ret, struct err *e)
{
	_cleanup_free_ char *dir = place_root(p, mount), *top = str_printf("%s/", p->root);
	const char *why = NULL;
	struct stat st, root;

	*ret = false;
	int r = fs_is_dir_maybe(dir, e);
	if (r > 0)
		r = fs_stat_maybe(dir, &st, e);
	if (r > 0)
		r = fs_stat_maybe(top, &root, e);
	if (r <= 0 || st.st_dev == root.st_dev)
		return MIN(r, 0);
	r = why_not(p, dir, &why, e);
	*ret = r == 0 && !why;
	return r;
}

// A name that no other system on the same partition has: GRUB searches all disks for it.
static char *new_name(void)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = (uint32_t)time(NULL);
	return str_printf("/kernix/" ENV_NAME "%08x", number);
}

static int no_place(const struct boot_place *p, const char *why, struct err *e)
{
	err_set(e, -EOPNOTSUPP, "GRUB cannot count tries: '%s' is on %s, where it cannot write", p->dir, why);
	return err_hint(e, "A plain partition with FAT or ext4 that is mounted on /boot/efi, /efi or "
	                   "/boot/kernix-env is used for what GRUB notes; a few kilobytes are enough.\n"
	                   "With --permanent the new generation is the default at once, without the net of a "
	                   "try.");
}

int grub_env_place(const struct boot_place *p, const char *menu, struct grub_env *ret, struct err *e)
{
	static const char *const others[] = {"/boot/efi", "/efi", "/boot/kernix-env"};
	_cleanup_free_ char *mount = NULL, *name = NULL;
	const char *why = NULL;
	bool usable = false;
	int r = why_not(p, p->dir, &why, e);

	if (r == 0 && !why)
		*ret = env_in_boot(p);
	if (r < 0 || !why)
		return r;
	bool used = used_elsewhere(menu, &mount, &name);
	if (used)
		r = is_usable(p, mount, &usable, e);
	for (size_t i = 0; r == 0 && !usable && i < ARRAY_SIZE(others); i++) {
		r = is_usable(p, others[i], &usable, e);
		mem_free(mount);
		mount = mem_strdup(others[i]);
	}
	if (r < 0)
		return r;
	if (!usable)
		return no_place(p, why, e);
	if (!used)
		name = new_name();
	*ret = env_elsewhere(p, mount, name);
	return 0;
}

void grub_env_script(const struct grub_env *env, struct buf *b)
{
	buf_adds(b, "set kernix_env=\"${kernix_boot}/kernix/grubenv\"\n");
	if (!env->name)
		return;
	buf_addf(b, ENV_MARK "%s\n", env->path);
	// A search that finds nothing leaves the name of a file that is not there: then nothing is tried.
	buf_addf(b,
	        "insmod search_fs_file\ninsmod fat\ninsmod ext2\ninsmod part_gpt\ninsmod part_msdos\n"
	        "set kernix_disk=\nsearch --no-floppy --file --set=kernix_disk %s\n"
	        "set kernix_env=\"(${kernix_disk})%s\"\n",
	        env->name, env->name);
}

// --- its text

static char *env_value(const char *text, const char *name)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	strv_for_each (line, lines) {
		const char *rest = str_after(line, name);
		if (rest && *rest == '=' && rest[1])
			return mem_strdup(rest + 1);
	}
	return NULL;
}

int grub_env_read(
        const struct boot_place *p, const struct grub_env *env, struct boot_choice *ret, struct err *e)
{
	_cleanup_free_ char *tries = NULL;
	_cleanup_buf_ struct buf text = {0};
	uint64_t n = 0;
	int r = place_read_maybe(p, env->file, 1 << 20, &text, e);

	if (r == 0 && env->path && !text.len) { // what is not mounted is not empty
		err_set(e, -ENXIO, "GRUB's note of what starts is in '%s', which is not there", env->path);
		return err_hint(e,
		        "Mount its partition first. If it is gone for good: remove '%s/kernix/grub.cfg' "
		        "and write the entries anew (kernix boot refresh).",
		        p->dir);
	}
	if (r < 0)
		return r;
	tries = env_value(buf_str(&text), "kernix_tries");
	if (tries)
		str_to_u64(tries, &n);
	*ret = (struct boot_choice){.normal = env_value(buf_str(&text), "kernix_default"),
	        .trial = env_value(buf_str(&text), "kernix_try"),
	        .tries = (unsigned)n};
	return 0;
}

// Over the old one, as GRUB does it: the folder and the file's inode stay, so GRUB finds it at every instant.
// What is said is within one sector. False: there is none of that size.
static bool overwrite(const char *file, const struct buf *b)
{
	_cleanup_close_ int fd = open(file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == ENV_SIZE &&
	       pwrite(fd, b->data, b->len, 0) == ENV_SIZE && fsync(fd) == 0;
}

int grub_env_write(
        const struct boot_place *p, const struct grub_env *env, const struct boot_choice *c, struct err *e)
{
	_cleanup_free_ char *dir = str_dirname(env->file);
	_cleanup_buf_ struct buf b = {0};

	buf_adds(&b, ENV_HEAD);
	if (c->normal)
		buf_addf(&b, "kernix_default=%s\n", c->normal);
	if (c->trial)
		buf_addf(&b, "kernix_try=%s\n", c->trial);
	buf_addf(&b, "kernix_tries=%u\n", c->trial ? MIN(c->tries, 3u) : 0);
	if (b.len > ENV_SIZE)
		return err_set(e, -ENAMETOOLONG,
		        "the names of the profiles are too long for GRUB's environment block");
	buf_addn(&b, '#', ENV_SIZE - b.len);
	if (overwrite(env->file, &b))
		return 0;
	int r = fs_mkdir_p(dir, 0755, e);
	return r == 0 ? boot_replace(p, env->file, b.data, b.len, e) : r;
}
