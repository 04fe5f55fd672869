// SPDX-License-Identifier: GPL-2.0-or-later
// fstab lines, mount options, and mount(2).
#include "stage1/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIELDS 6

void octal_decode(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' &&
		        s[3] <= '7') {
			*out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

static char *field(const char *s, size_t len, const char *fallback)
{
	char *copy = len ? strndup(s, len) : strdup(fallback);

	if (!copy)
		abort();
	octal_decode(copy);
	return copy;
}

static void list_add(struct mount_list *l, const char *const *start, const size_t *len)
{
	struct mount_entry *grown = realloc(l->v, (l->n + 1) * sizeof(*grown));

	if (!grown)
		abort();
	l->v = grown;
	l->v[l->n++] = (struct mount_entry){field(start[0], len[0], ""), field(start[1], len[1], ""),
	        field(start[2], len[2], "auto"), field(start[3], len[3], "defaults"),
	        .check = len[5] > 0 && (len[5] != 1 || start[5][0] != '0')};
}

void mount_list_parse(const char *text, struct mount_list *ret)
{
	*ret = (struct mount_list){0};
	for (const char *line = text; *line;) {
		const char *end = line + strcspn(line, "\n");
		const char *start[FIELDS] = {NULL};
		size_t len[FIELDS] = {0};
		const char *p = line;

		for (int i = 0; i < FIELDS; i++) {
			p += strspn(p, " \t");
			start[i] = p;
			len[i] = strcspn(p, " \t\n");
			p += len[i];
		}
		if (len[1] > 0 && start[0][0] != '#')
			list_add(ret, start, len);
		line = *end ? end + 1 : end;
	}
}

char *file_text(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = fopen(path, "re");

	if (f && getdelim(&text, &size, '\0', f) <= 0) {
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

void mount_list_read(const char *path, struct mount_list *ret)
{
	char *text = file_text(path);

	*ret = (struct mount_list){0};
	if (text)
		mount_list_parse(text, ret);
	free(text);
}

static void entry_release(struct mount_entry *m)
{
	free(m->device);
	free(m->where);
	free(m->type);
	free(m->options);
}

void mount_list_release(struct mount_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		entry_release(&l->v[i]);
	free(l->v);
	*l = (struct mount_list){0};
}

const struct mount_entry *mount_list_at(const struct mount_list *l, const char *where)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].where, where) == 0)
			return &l->v[i];
	return NULL;
}

void mount_list_cut(struct mount_list *l, size_t n)
{
	while (l->n > n)
		entry_release(&l->v[--l->n]);
}

static char *copy(const char *s)
{
	char *p = strdup(s);

	if (!p)
		abort();
	return p;
}

size_t mount_list_root(const struct mount_list *l)
{
	const struct mount_entry *root = mount_list_at(l, "/");

	return root ? (size_t)(root - l->v) : 0;
}

void mount_list_put(struct mount_list *l, const char *device, const char *where, const char *type,
        const char *options, bool first)
{
	struct mount_entry new = {copy(device), copy(where), copy(type), copy(options), false};
	const struct mount_entry *old = mount_list_at(l, where);
	size_t at = old ? (size_t)(old - l->v) : 0;

	if (old) {
		new.check = old->check;
		entry_release(&l->v[at]);
	} else {
		l->v = realloc(l->v, (l->n + 1) * sizeof(*l->v));
		if (!l->v)
			abort();
		at = l->n++;
	}
	size_t to = first || !old ? 0 : at;
	memmove(l->v + to + 1, l->v + to, (at - to) * sizeof(*l->v));
	l->v[to] = new;
}

static const struct {
	const char *name;
	unsigned long set, clear;
} flag_rows[] = {
        {"ro", MS_RDONLY, 0},
        {"rw", 0, MS_RDONLY},
        {"nosuid", MS_NOSUID, 0},
        {"suid", 0, MS_NOSUID},
        {"nodev", MS_NODEV, 0},
        {"dev", 0, MS_NODEV},
        {"noexec", MS_NOEXEC, 0},
        {"exec", 0, MS_NOEXEC},
        {"sync", MS_SYNCHRONOUS, 0},
        {"async", 0, MS_SYNCHRONOUS},
        {"dirsync", MS_DIRSYNC, 0},
        {"noatime", MS_NOATIME, 0},
        {"atime", 0, MS_NOATIME},
        {"nodiratime", MS_NODIRATIME, 0},
        {"diratime", 0, MS_NODIRATIME},
        {"relatime", MS_RELATIME, 0},
        {"norelatime", 0, MS_RELATIME},
        {"strictatime", MS_STRICTATIME, 0},
        {"lazytime", MS_LAZYTIME, 0},
        {"nolazytime", 0, MS_LAZYTIME},
        {"bind", MS_BIND, 0},
        {"rbind", MS_BIND | MS_REC, 0},
        {"silent", MS_SILENT, 0},
        {"defaults", 0, 0},
        {"auto", 0, 0},
        {"noauto", 0, 0},
        {"user", 0, 0},
        {"nouser", 0, 0},
        {"users", 0, 0},
        {"nofail", 0, 0},
        {"_netdev", 0, 0},
        {"loop", 0, 0},
};

// Words with a value that say how a loop device is made.
static const char *const loop_words[] = {"loop=", "offset=", "sizelimit="};

static bool flag_obey(const char *word, size_t n, unsigned long *flags)
{
	if (n == 0 || (n >= 2 && (strncmp(word, "x-", 2) == 0 || strncmp(word, "X-", 2) == 0)))
		return true;
	for (size_t i = 0; i < sizeof(loop_words) / sizeof(loop_words[0]); i++)
		if (n > strlen(loop_words[i]) && strncmp(word, loop_words[i], strlen(loop_words[i])) == 0)
			return true;
	for (size_t i = 0; i < sizeof(flag_rows) / sizeof(flag_rows[0]); i++)
		if (strlen(flag_rows[i].name) == n && memcmp(flag_rows[i].name, word, n) == 0) {
			*flags = (*flags & ~flag_rows[i].clear) | flag_rows[i].set;
			return true;
		}
	return false;
}

bool mount_options_parse(const char *options, unsigned long *ret_flags, char *data, size_t data_size)
{
	unsigned long flags = 0;
	size_t len = 0;

	for (const char *p = options; *p;) {
		size_t n = strcspn(p, ",");

		if (!flag_obey(p, n, &flags)) {
			if (len + n + 2 > data_size)
				return false;
			if (len > 0)
				data[len++] = ',';
			memcpy(data + len, p, n);
			len += n;
		}
		p += n + (p[n] == ',');
	}
	data[len] = '\0';
	*ret_flags = flags;
	return true;
}

static const struct {
	const char *source, *where, *type, *options;
	unsigned long flags;
} early_rows[] = {
        {"proc", "/proc", "proc", "", MS_NOSUID | MS_NODEV | MS_NOEXEC},
        {"sysfs", "/sys", "sysfs", "", MS_NOSUID | MS_NODEV | MS_NOEXEC},
        {"devtmpfs", "/dev", "devtmpfs", "mode=0755", MS_NOSUID},
        {"tmpfs", "/run", "tmpfs", "mode=0755", MS_NOSUID | MS_NODEV},
};

int mounts_early(const char **ret_what)
{
	for (size_t i = 0; i < sizeof(early_rows) / sizeof(early_rows[0]); i++) {
		mkdir(early_rows[i].where, 0755);
		if (mount(early_rows[i].source, early_rows[i].where, early_rows[i].type, early_rows[i].flags,
		            early_rows[i].options) == 0 ||
		        errno == EBUSY)
			continue;
		// A kernel without TMPFS still has ramfs.
		if (strcmp(early_rows[i].type, "tmpfs") == 0 &&
		        mount("ramfs", early_rows[i].where, "ramfs", early_rows[i].flags, "mode=0755") == 0)
			continue;
		*ret_what = early_rows[i].type;
		return -errno;
	}
	mkdir("/dev/pts", 0755);
	mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=0620,gid=5,ptmxmode=0666");
	return 0;
}

bool mount_option_find(const char *options, const char *word, char *ret_value, size_t size)
{
	size_t len = strlen(word);

	for (const char *p = options; *p;) {
		size_t n = strcspn(p, ",");

		if (n >= len && memcmp(p, word, len) == 0 && (n == len || p[len] == '=')) {
			if (ret_value)
				snprintf(ret_value, size, "%.*s", n == len ? 0 : (int)(n - len - 1),
				        p + len + 1);
			return true;
		}
		p += n + (p[n] == ',');
	}
	return false;
}

// Copies the folders of one option ("/a:/b"), each with the prefix.
static void put_folders(FILE *f, const char *value, size_t n, const char *prefix)
{
	const char *end = value + n;

	while (value < end) {
		size_t one = strcspn(value, ":,");

		fprintf(f, "%s%.*s", *value == '/' ? prefix : "", (int)one, value);
		value += one;
		if (value < end)
			fputc(*value++, f);
	}
}

bool mount_overlay_options(const char *options, const char *prefix, char *ret, size_t size)
{
	static const char *const words[] = {"lowerdir=", "upperdir=", "workdir=", ""};
	FILE *f = fmemopen(ret, size, "w");

	for (const char *p = f ? options : ""; *p;) {
		size_t n = strcspn(p, ",");
		size_t row = 0;

		while (strncmp(p, words[row], strlen(words[row])) != 0)
			row++;
		size_t len = strlen(words[row]);
		fprintf(f, "%s%.*s", p == options ? "" : ",", (int)len, p);
		if (len > 0)
			put_folders(f, p + len, n - len, prefix);
		else
			fprintf(f, "%.*s", (int)n, p);
		p += n + (p[n] == ',');
	}
	bool fits = f && fputc('\0', f) == 0 && fflush(f) == 0 && !ferror(f);
	if (f)
		fclose(f);
	return fits;
}

// struct btrfs_ioctl_vol_args of linux/btrfs.h.
struct btrfs_args {
	int64_t fd;
	char name[4088];
};
#define BTRFS_SCAN  _IOW(0x94, 4, struct btrfs_args)
#define BTRFS_READY _IOR(0x94, 39, struct btrfs_args)

// The answer of /dev/btrfs-control, or -1.
static int btrfs_ask(unsigned long request, const char *device)
{
	struct btrfs_args args = {0};
	int fd = open("/dev/btrfs-control", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -1;
	snprintf(args.name, sizeof(args.name), "%s", device);
	int r = ioctl(fd, request, &args);
	close(fd);
	return r;
}

void btrfs_announce(const char *device)
{
	btrfs_ask(BTRFS_SCAN, device);
}

bool btrfs_is_whole(const char *device)
{
	return btrfs_ask(BTRFS_READY, device) <= 0;
}

void mount_load_type(struct loader *l, const char *type)
{
	char alias[64];

	snprintf(alias, sizeof(alias), "fs-%s", type);
	loader_load_alias(l, alias, MODULE_BY_FILESYSTEM);
	int index = table_find(l->table, type);
	if (index >= 0)
		loader_load(l, (uint32_t)index, MODULE_BY_FILESYSTEM);
}

static int try_mount(struct loader *l, const char *device, const char *where, const char *type,
        unsigned long flags, const char *data)
{
	mount_load_type(l, type);
	if (strcmp(type, "btrfs") == 0)
		btrfs_announce(device);
	if (mount(device, where, type, flags, data) == 0)
		return 0;
	if ((errno == EROFS || errno == EACCES) && !(flags & MS_RDONLY)) {
		say_warn(l->say, "%s cannot be written; mounting it read-only", device);
		if (mount(device, where, type, flags | MS_RDONLY, data) == 0)
			return 0;
	}
	return -errno;
}

// Each type of /proc/filesystems that needs a device.
static int try_known(
        struct loader *l, const char *device, const char *where, unsigned long flags, const char *data)
{
	char line[128];
	int r = -ENODEV;
	FILE *f = fopen("/proc/filesystems", "re");

	while (f && r != 0 && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\t')
			r = try_mount(l, device, where, line + 1, flags, data);
	}
	if (f)
		fclose(f);
	return r;
}

void mkdir_parents(const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = copy + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			mkdir(copy, 0755);
			*p = '/';
		}
	mkdir(copy, 0755);
}

// What is mounted on a file is a file. The kernel takes other flags of a bind mount only when it is there.
static int mount_bind(const char *source, const char *where, unsigned long flags)
{
	const unsigned long bind = MS_BIND | (flags & MS_REC);
	struct stat st;

	if (stat(source, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode)) {
		mkdir_parents(where);
	} else {
		char folder[PATH_MAX];

		snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(where, '/') - where), where);
		mkdir_parents(folder);
		int fd = open(where, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd >= 0)
			close(fd);
	}
	if (mount(source, where, NULL, bind, NULL) < 0)
		return -errno;
	flags &= ~(unsigned long)MS_REC;
	if (flags == MS_BIND || mount(NULL, where, NULL, flags | MS_REMOUNT, NULL) == 0)
		return 0;
	int r = -errno;
	umount2(where, MNT_DETACH);
	return r;
}

int mount_one(struct loader *l, const char *device, const char *where, const char *type, const char *options,
        const char *found_type)
{
	char data[4096], one[64];
	unsigned long flags;
	int r = -EINVAL;

	if (!mount_options_parse(options, &flags, data, sizeof(data)))
		return -E2BIG;
	if (flags & MS_BIND)
		return mount_bind(device, where, flags);
	mkdir_parents(where);
	if (strcmp(type, "auto") == 0)
		type = found_type && *found_type ? found_type : "";
	if (*type == '\0')
		return try_known(l, device, where, flags, data);
	for (const char *p = type; *p && r != 0;) {
		size_t n = strcspn(p, ",");

		snprintf(one, sizeof(one), "%.*s", (int)n, p);
		r = try_mount(l, device, where, one, flags, data);
		p += n + (p[n] == ',');
	}
	return r;
}
