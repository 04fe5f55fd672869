// SPDX-License-Identifier: GPL-2.0-or-later
// Reads a machine's mounts and what is below them. Formats: proc(5) for mountinfo, swaps and cpuinfo; the
// kernel's Documentation/ABI for /sys/dev/block, dm/, md/ and slaves/.
#include "cmd/machine.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define LIMIT_BYTES ((size_t)4 << 20)
#define DEPTH_MAX   16

struct reader {
	const char *from;
	struct machine *m;
	char **seen; // strv: folders of /sys that were looked at
};

static void unclear(struct reader *r, char *text)
{
	if (!strv_has(r->m->unclear, text))
		strv_add(&r->m->unclear, text);
	mem_free(text);
}

// First line of a file of /sys or /proc, NULL when there is none (or it is no file, in a folder of
// somebody's); owned.
static char *line_of(const char *dir, const char *name)
{
	_cleanup_free_ char *path = fs_join(dir, name);
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};

	if (fs_read_regular(path, LIMIT_BYTES, &b, &e) < 0 || b.len == 0)
		return NULL;
	return mem_strndup(buf_str(&b), strcspn(buf_str(&b), "\n"));
}

static char *text_of(const struct reader *r, const char *path)
{
	_cleanup_free_ char *file = str_printf("%s%s", r->from, path);
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};

	return fs_read_regular(file, LIMIT_BYTES, &b, &e) == 0 ? buf_steal(&b) : mem_strdup("");
}

// \040 and the like of mountinfo and swaps.
static char *decoded(const char *s)
{
	_cleanup_buf_ struct buf b = {0};

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' &&
		        s[3] <= '7') {
			buf_addc(&b, (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0')));
			s += 3;
		} else {
			buf_addc(&b, *s);
		}
	}
	return buf_steal(&b);
}

// --- devices ---

// The name by which a block device is found again after the next start: by its UUID where udev knows one.
static char *lasting_name(const struct reader *r, const char *name)
{
	_cleanup_free_ char *dir = str_printf("%s/dev/disk/by-uuid", r->from);
	_cleanup_strv_ char **links = NULL;
	_cleanup_err_ struct err e = {0};

	if (fs_list_maybe(dir, &links, &e) < 0)
		return str_printf("/dev/%s", name);
	strv_for_each (link, links) {
		_cleanup_free_ char *path = fs_join(dir, link), *target = NULL;
		if (fs_readlink_maybe(path, &target, &e) > 0 && str_eq(str_basename(target), name))
			return str_printf("/dev/disk/by-uuid/%s", link);
	}
	return str_printf("/dev/%s", name);
}

// The real folder in /sys of block device NUMBER ("8:1"), NULL when there is none; owned.
static char *folder_of(const struct reader *r, const char *number)
{
	_cleanup_free_ char *link = str_printf("%s/sys/dev/block/%s", r->from, number);
	char real[PATH_MAX];

	return realpath(link, real) ? mem_strdup(real) : NULL;
}

static void add_name(char ***list, const char *name)
{
	_cleanup_free_ char *own = mem_strdup(name);

	for (char *p = own; *p; p++)
		*p = *p == '-' ? '_' : *p;
	if (!strv_has(*list, own))
		strv_add(list, own);
}

// The driver's module. One that is built into the running kernel has none: it is a module of most others, of
// the driver's name.
static void add_module(struct reader *r, const char *folder)
{
	_cleanup_free_ char *link = fs_join(folder, "driver/module"), *driver = fs_join(folder, "driver"),
	                    *target = NULL;
	_cleanup_err_ struct err e = {0};
	bool module = fs_readlink_maybe(link, &target, &e) > 0;

	if (!module && fs_readlink_maybe(driver, &target, &e) <= 0)
		return;
	char ***list = module ? &r->m->modules : &r->m->built_in;
	add_name(list, str_basename(target));
	if (!module &&
	        str_eq(str_basename(target), "xhci_hcd")) // the driver of PCI is another module than its name
		add_name(list, "xhci_pci");
}

// Drivers of the device in this folder of /sys and of all that it hangs on.
static void add_modules(struct reader *r, const char *folder)
{
	_cleanup_free_ char *at = mem_strdup(folder);

	for (char *slash = strrchr(at, '/'); slash && !str_has_suffix(at, "/devices");
	        slash = strrchr(at, '/')) {
		add_module(r, at);
		*slash = '\0';
	}
}

static void look_below(struct reader *r, const char *folder, int depth);

// Each device that a link in this folder leads to.
static void look_at_links(struct reader *r, const char *dir, int depth)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err e = {0};
	char real[PATH_MAX];

	if (fs_list_maybe(dir, &names, &e) < 0)
		return;
	strv_for_each (name, names) {
		_cleanup_free_ char *path = fs_join(dir, name);
		if (realpath(path, real))
			look_below(r, real, depth);
	}
}

// The device that an encrypted one is made of.
static void add_luks(struct reader *r, const char *folder)
{
	_cleanup_free_ char *dir = fs_join(folder, "slaves"), *name = line_of(folder, "dm/name");
	_cleanup_strv_ char **slaves = NULL;
	_cleanup_err_ struct err e = {0};

	if (!name || fs_list_maybe(dir, &slaves, &e) < 0 || strv_len(slaves) != 1) {
		unclear(r, str_printf("The encrypted device below %s was not found.", str_basename(folder)));
		return;
	}
	mem_grow(&r->m->luks, &r->m->luks_cap, r->m->luks_count + 1, sizeof(*r->m->luks));
	r->m->luks[r->m->luks_count++] =
	        (struct machine_luks){.name = TAKE_PTR(name), .device = lasting_name(r, slaves[0])};
}

static void look_at_mapping(struct reader *r, const char *folder, const char *uuid)
{
	if (str_has_prefix(uuid, "CRYPT-LUKS"))
		add_luks(r, folder);
	else if (str_has_prefix(uuid, "LVM-"))
		r->m->lvm = true;
	else
		unclear(r, str_printf("%s is a mapped device (%.40s) that stage 1 does not put together.",
		                   str_basename(folder), uuid));
}

// What the block device in this folder of /sys lies on.
static void look_below(struct reader *r, const char *folder, int depth)
{
	_cleanup_free_ char *uuid = line_of(folder, "dm/uuid"), *md = fs_join(folder, "md"),
	                    *slaves = fs_join(folder, "slaves"), *bcache = fs_join(folder, "bcache");

	if (depth > DEPTH_MAX || strv_has(r->seen, folder))
		return;
	strv_add(&r->seen, folder);
	if (uuid)
		look_at_mapping(r, folder, uuid);
	if (fs_exists(md))
		r->m->raid = true;
	if (str_has_prefix(str_basename(folder), "bcache") && fs_exists(bcache))
		unclear(r, str_printf("%s is a bcache, which stage 1 does not put together.",
		                   str_basename(folder)));
	add_modules(r, folder);
	look_at_links(r, slaves, depth + 1);
}

// A btrfs has a device number of its own; its devices are listed by the kernel.
static void look_below_btrfs(struct reader *r, const char *uuid_name)
{
	_cleanup_free_ char *dir = str_printf("%s/sys/fs/btrfs/%s/devices", r->from, str_basename(uuid_name));

	look_at_links(r, dir, 0);
}

// --- mounts ---

// Kept from one start to the next: not what a person or a program mounts for a while.
static bool is_lasting(const char *where)
{
	static const char *const not [] = {"/run/", "/media/", "/mnt/", "/snap/", "/var/lib/snapd/",
	        "/var/lib/docker/", "/var/lib/containers/", "/proc/", "/sys/", "/dev/", "/tmp/"};

	for (size_t i = 0; i < ARRAY_SIZE(not ); i++)
		if (str_has_prefix(where, not [i]))
			return false;
	return true;
}

// What has to be said again when it is mounted: where in a btrfs it begins.
static char **options_of(const char *type, const char *super_options)
{
	_cleanup_strv_ char **words = strv_split(super_options, ",");
	char **out = NULL;

	if (!str_eq(type, "btrfs"))
		return NULL;
	strv_for_each (word, words) {
		const char *subvol = str_after(word, "subvol=");
		if (subvol && !str_eq(subvol, "/"))
			strv_take(&out, str_printf("subvol=%s", subvol + (*subvol == '/')));
		else if (str_has_prefix(word, "compress="))
			strv_add(&out, word);
	}
	return out;
}

// The lasting name of what is mounted, and a look at what it lies on; NULL: nothing that a configuration
// mounts.
static char *device_of(struct reader *r, const char *number, const char *type, const char *source)
{
	_cleanup_free_ char *folder = folder_of(r, number);
	struct stat st;

	if (!folder && *source == '/') {
		_cleanup_free_ char *node = str_printf("%s%s", r->from, source);
		if (stat(node, &st) == 0 && S_ISBLK(st.st_mode)) {
			_cleanup_free_ char *of_node =
			        str_printf("%u:%u", major(st.st_rdev), minor(st.st_rdev));
			folder = folder_of(r, of_node);
		}
	}
	if (!folder)
		return str_eq(type, "zfs") || str_has_prefix(type, "nfs") ? mem_strdup(source) : NULL;
	if (str_has_prefix(str_basename(folder), "loop") || str_has_prefix(str_basename(folder), "ram"))
		return NULL;
	look_below(r, folder, 0);
	char *name = lasting_name(r, str_basename(folder));
	if (str_eq(type, "btrfs"))
		look_below_btrfs(r, name);
	return name;
}

static const char *below(const char *where, const char *root)
{
	const char *rest = str_after(where, root);

	return !*root ? where : !rest ? NULL : !*rest ? "/" : *rest == '/' ? rest : NULL;
}

static void add_mount(
        struct reader *r, const char *where, char *device, const char *type, const char *options)
{
	for (size_t i = 0; i < r->m->mount_count; i++)
		if (str_eq(r->m->mounts[i].where, where)) { // mounted over: the last one counts
			mem_free(r->m->mounts[i].device);
			mem_free(r->m->mounts[i].type);
			strv_free(r->m->mounts[i].options);
			r->m->mounts[i].device = device;
			r->m->mounts[i].type = mem_strdup(type);
			r->m->mounts[i].options = options_of(type, options);
			return;
		}
	mem_grow(&r->m->mounts, &r->m->mount_cap, r->m->mount_count + 1, sizeof(*r->m->mounts));
	r->m->mounts[r->m->mount_count++] = (struct machine_mount){
	        mem_strdup(where), device, mem_strdup(type), options_of(type, options)};
}

// ID PARENT MAJOR:MINOR ROOT WHERE OPTIONS [TAG...] - TYPE SOURCE SUPER-OPTIONS
static void read_mount(struct reader *r, const char *line, const char *root)
{
	_cleanup_strv_ char **words = strv_split(line, " ");
	size_t n = strv_len(words), dash = 6;

	while (dash < n && !str_eq(words[dash], "-"))
		dash++;
	if (dash + 3 >= n)
		return;
	_cleanup_free_ char *at = decoded(words[4]), *source = decoded(words[dash + 2]),
	                    *options = decoded(words[dash + 3]);
	const char *where = below(at, root), *type = words[dash + 1];
	// Another folder of the same file system is a bind mount, but in a btrfs.
	if (!where || !is_lasting(where) || (!str_eq(words[3], "/") && !str_eq(type, "btrfs")))
		return;
	char *device = device_of(r, words[2], type, source);
	if (device)
		add_mount(r, where, device, type, options);
}

static int by_place(const void *a, const void *b)
{
	return strcmp(((const struct machine_mount *)a)->where, ((const struct machine_mount *)b)->where);
}

static void read_mounts(struct reader *r, const char *root)
{
	_cleanup_free_ char *text = text_of(r, "/proc/self/mountinfo");
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	strv_for_each (line, lines)
		read_mount(r, line, root);
	if (r->m->mount_count > 1)
		qsort(r->m->mounts, r->m->mount_count, sizeof(*r->m->mounts), by_place);
}

// --- the rest ---

static void read_swaps(struct reader *r)
{
	_cleanup_free_ char *text = text_of(r, "/proc/swaps");
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	for (size_t i = 1; lines && lines[0] && lines[i]; i++) {
		_cleanup_strv_ char **words = strv_split(lines[i], " \t");
		if (strv_len(words) < 2 || str_has_prefix(words[0], "/dev/zram"))
			continue;
		_cleanup_free_ char *name = decoded(words[0]);
		strv_take(&r->m->swaps, str_eq(words[1], "partition") ? lasting_name(r, str_basename(name))
		                                                      : mem_strdup(name));
	}
}

static void read_cpu(struct reader *r)
{
	_cleanup_free_ char *text = text_of(r, "/proc/cpuinfo");

	if (strstr(text, "GenuineIntel"))
		r->m->cpu = mem_strdup("intel");
	else if (strstr(text, "AuthenticAMD"))
		r->m->cpu = mem_strdup("amd");
	if (strstr(text, " vmx"))
		r->m->kvm = mem_strdup("kvm-intel");
	else if (strstr(text, " svm"))
		r->m->kvm = mem_strdup("kvm-amd");
}

// Disk controllers, and those of USB for keyboards: PCI classes 01 and 0c03.
static void read_controllers(struct reader *r)
{
	_cleanup_free_ char *dir = str_printf("%s/sys/bus/pci/devices", r->from);
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err e = {0};

	if (fs_list_maybe(dir, &names, &e) < 0)
		return;
	strv_for_each (name, names) {
		_cleanup_free_ char *device = fs_join(dir, name), *class = line_of(device, "class");
		if (class && (str_has_prefix(class, "0x01") || str_has_prefix(class, "0x0c03")))
			add_module(r, device);
	}
}

static void read_resume(struct reader *r)
{
	_cleanup_free_ char *text = text_of(r, "/proc/cmdline");
	_cleanup_strv_ char **words = strv_split(text, " \n");

	strv_for_each (word, words)
		if (str_has_prefix(word, "resume=") && word[7])
			r->m->resume = mem_strdup(word + 7);
}

int machine_read(const char *from, const char *root, bool rootless, struct machine *ret, struct err *e)
{
	struct machine m = {0};
	struct reader r = {.from = from, .m = &m};
	_cleanup_free_ char *absolute = NULL;
	int found = *root && !str_eq(root, "/") ? fs_absolute(root, &absolute, e) : 0;

	if (found < 0)
		return found;
	read_mounts(&r, absolute ? absolute : "");
	read_swaps(&r);
	read_controllers(&r);
	read_cpu(&r);
	read_resume(&r);
	strv_sort(m.modules);
	strv_sort(m.built_in);
	strv_free(r.seen);
	*ret = m;
	if (rootless)
		return 0;
	for (size_t i = 0; i < m.mount_count; i++)
		if (str_eq(m.mounts[i].where, "/"))
			return 0;
	machine_release(ret);
	return err_set(e, -ENOENT,
	        "no disk is mounted on %s, as %s/proc/self/mountinfo has it; mount the file systems there, "
	        "or take "
	        "--no-filesystems and write fileSystems by hand",
	        *root ? root : "/", from);
}

void machine_release(struct machine *m)
{
	for (size_t i = 0; i < m->mount_count; i++) {
		mem_free(m->mounts[i].where);
		mem_free(m->mounts[i].device);
		mem_free(m->mounts[i].type);
		strv_free(m->mounts[i].options);
	}
	for (size_t i = 0; i < m->luks_count; i++) {
		mem_free(m->luks[i].name);
		mem_free(m->luks[i].device);
	}
	char **const lists[] = {m->swaps, m->modules, m->built_in, m->unclear};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_free(lists[i]);
	void *const blocks[] = {m->mounts, m->luks, m->resume, m->cpu, m->kvm};
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++)
		mem_free(blocks[i]);
	*m = (struct machine){0};
}
