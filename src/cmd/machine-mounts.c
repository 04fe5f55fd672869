// SPDX-License-Identifier: GPL-2.0-or-later
// A machine's file systems and swap: what is mounted for good, by names that last, with the options that
// have to be said again. Formats: proc(5) for mountinfo and swaps.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "base/beneath.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/machine-read.h"

// Kept from one start to the next: not what a person or a program mounts for a while.
static bool is_lasting(const char *where)
{
	static const char *const passing[] = {"/run/", "/media/", "/mnt/", "/snap/", "/var/snap/",
	        "/var/lib/snapd/", "/var/lib/docker/", "/var/lib/containers/", "/var/lib/containerd/",
	        "/var/lib/kubelet/", "/proc/", "/sys/", "/dev/", "/tmp/"};

	for (size_t i = 0; i < ARRAY_SIZE(passing); i++)
		if (str_has_prefix(where, passing[i]))
			return false;
	return true;
}

// Where in a btrfs it begins, as its options say; "" for the whole, borrowed from words.
static const char *subvolume(const char *type, char *const *words)
{
	if (str_eq(type, "btrfs") || str_eq(type, "bcachefs"))
		strv_for_each (word, words) {
			const char *found = str_after(word, "subvol=");
			if (found)
				return str_eq(found, "/") ? "" : found;
		}
	return "";
}

static bool starts_with_any(const char *word, const char *const *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_has_prefix(word, prefixes[i]))
			return true;
	return false;
}

// What has to be said again when it is mounted. An EFI partition must not be readable for all.
static char **options_of(const char *type, char *const *words)
{
	static const char *const btrfs[] = {"compress"}, *const vfat[] = {"fmask=", "dmask=", "umask="},
	                         *const tmpfs[] = {"size=", "mode=", "nr_inodes="};
	const char *subvol = subvolume(type, words);
	char **out = NULL;

	if (*subvol)
		strv_take(&out, str_printf("subvol=%s", subvol + (*subvol == '/')));
	strv_for_each (word, words)
		if ((str_eq(type, "btrfs") && starts_with_any(word, btrfs, ARRAY_SIZE(btrfs))) ||
		        (str_eq(type, "vfat") && starts_with_any(word, vfat, ARRAY_SIZE(vfat))) ||
		        (str_eq(type, "tmpfs") && starts_with_any(word, tmpfs, ARRAY_SIZE(tmpfs))))
			strv_add(&out, word);
	strv_sort(out);
	return out;
}

// The folder in /sys of a device that is named: "sda2", or by what the device mapper calls it; owned.
static char *folder_by_name(const struct machine_reader *r, const char *name)
{
	_cleanup_free_ char *dir = str_printf("%s/sys/dev/block", r->from);
	_cleanup_strv_ char **numbers = NULL;
	_cleanup_err_ struct err e = {0};

	if (fs_list_maybe(dir, &numbers, &e) < 0)
		return NULL;
	strv_for_each (number, numbers) {
		_cleanup_free_ char *folder = machine_folder(r, number),
		                    *mapped = folder ? machine_line(folder, "dm/name") : NULL;
		if (folder && (str_eq(str_basename(folder), name) || (mapped && str_eq(mapped, name))))
			return TAKE_PTR(folder);
	}
	return NULL;
}

static char *folder_of_source(const struct machine_reader *r, const char *number, const char *source)
{
	char *folder = machine_folder(r, number);
	struct stat st;

	if (folder || *source != '/')
		return folder;
	_cleanup_free_ char *first = mem_strndup(
	                            source, strcspn(source, ":")), // bcachefs names all its devices
	        *node = str_printf("%s%s", r->from, first);
	if (stat(node, &st) == 0 && S_ISBLK(st.st_mode)) {
		_cleanup_free_ char *of_node = str_printf("%u:%u", major(st.st_rdev), minor(st.st_rdev));
		folder = machine_folder(r, of_node);
	}
	return folder ? folder : folder_by_name(r, str_basename(first));
}

// A device of the device mapper keeps the name that it is given, not its number.
static char *name_of(const struct machine_reader *r, const char *folder)
{
	_cleanup_free_ char *name = machine_lasting_name(r, str_basename(folder)),
	                    *mapped = machine_line(folder, "dm/name");

	if (mapped && !strchr(mapped, '/') && !str_has_prefix(name, "/dev/disk/"))
		return str_printf("/dev/mapper/%s", mapped);
	return TAKE_PTR(name);
}

static char *backing_file(const char *folder)
{
	char *file = str_has_prefix(str_basename(folder), "loop") ? machine_line(folder, "loop/backing_file")
	                                                          : NULL;

	if (file && *file == '/' && !str_has_suffix(file, " (deleted)"))
		return file;
	mem_free(file);
	return NULL;
}

// What is mounted, by its lasting name, with a look at what it lies on; device stays NULL for what no
// configuration mounts.
static void find_device(struct machine_reader *r, struct machine_mount *m, const char *source)
{
	bool multi = str_eq(m->type, "bcachefs") && strchr(source, ':');

	m->folder = folder_of_source(r, m->number, source);
	if (!m->folder) {
		bool named = str_eq(m->type, "zfs") || str_has_prefix(m->type, "nfs") ||
		             str_eq(m->type, "9p") || str_eq(m->type, "virtiofs") ||
		             str_eq(m->type, "cifs") || str_eq(m->type, "ceph") ||
		             (str_eq(m->type, "tmpfs") && str_eq(m->where, "/"));
		m->device = named ? mem_strdup(str_eq(m->type, "tmpfs") ? "tmpfs" : source) : NULL;
		return;
	}
	m->device = backing_file(m->folder);
	if (m->device) {
		strv_add(&m->options, "loop");
		return;
	}
	if (str_has_prefix(str_basename(m->folder), "loop") || str_has_prefix(str_basename(m->folder), "ram"))
		return;
	machine_look_below(r, m->folder, 0);
	machine_layers(m->folder, 0, &m->layers);
	m->device = multi ? mem_strdup(source) : name_of(r, m->folder);
	if (str_eq(m->type, "btrfs"))
		machine_look_below_btrfs(r, m->device);
}

// Another folder of a file system that is mounted elsewhere: a bind mount of that folder.
static void find_base(struct machine_reader *r, struct machine_mount *m)
{
	for (size_t i = 0; i < r->m->mount_count && !m->device; i++) {
		const struct machine_mount *base = &r->m->mounts[i];
		const char *rest = str_after(m->begin, base->begin);
		if (!str_eq(base->number, m->number) || !rest || (*rest != '/' && *base->begin) ||
		        str_eq(base->type, "none"))
			continue;
		m->device = str_printf("%s%s", str_eq(base->where, "/") ? "" : base->where, rest);
		mem_free(m->type);
		m->type = mem_strdup("none");
		strv_free(m->options);
		m->options = NULL;
		strv_add(&m->options, "bind");
	}
}

static const char *below(const char *where, const char *root)
{
	const char *rest = str_after(where, root);

	return !*root ? where : !rest ? NULL : !*rest ? "/" : *rest == '/' ? rest : NULL;
}

static void release(struct machine_mount *m)
{
	void *const blocks[] = {m->where, m->device, m->type, m->folder, m->number, m->begin};

	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++)
		mem_free(blocks[i]);
	strv_free(m->options);
	strv_free(m->layers);
}

static void add_mount(struct machine_reader *r, struct machine_mount *new)
{
	for (size_t i = 0; i < r->m->mount_count; i++)
		if (str_eq(r->m->mounts[i].where, new->where)) { // mounted over: the last one counts
			release(&r->m->mounts[i]);
			r->m->mounts[i] = *new;
			return;
		}
	mem_grow(&r->m->mounts, &r->m->mount_cap, r->m->mount_count + 1, sizeof(*r->m->mounts));
	r->m->mounts[r->m->mount_count++] = *new;
}

// A single file may be bound to a place, too; no configuration does that.
static bool is_file(const struct machine_reader *r, const char *where)
{
	_cleanup_free_ char *path = beneath_path(r->files, where);
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

// ID PARENT MAJOR:MINOR ROOT WHERE OPTIONS [TAG...] - TYPE SOURCE SUPER-OPTIONS
static void read_mount(struct machine_reader *r, const char *line, const char *root)
{
	_cleanup_strv_ char **words = strv_split(line, " "), **options = NULL;
	size_t n = strv_len(words), dash = 6;

	while (dash < n && !str_eq(words[dash], "-"))
		dash++;
	if (dash + 3 >= n)
		return;
	_cleanup_free_ char *at = machine_decoded(words[4]), *source = machine_decoded(words[dash + 2]),
	                    *super = machine_decoded(words[dash + 3]), *begin = machine_decoded(words[3]);
	const char *where = below(at, root), *type = words[dash + 1];
	if (!where || *where != '/' || !is_lasting(where))
		return;
	options = strv_split(super, ",");
	const char *subvol = subvolume(type, options);
	struct machine_mount m = {.where = mem_strdup(where),
	        .type = mem_strdup(str_eq(type, "fuseblk") ? "auto" : type),
	        .number = mem_strdup(words[2]),
	        .begin = mem_strdup(str_eq(begin, "/") ? "" : begin)};
	bool whole = str_eq(m.begin, subvol) || (str_eq(type, "btrfs") && !*subvol);

	if (whole && *source == '/')
		m.options = options_of(type, options);
	else if (whole && (str_eq(type, "tmpfs") || !strchr("/", *source)))
		m.options = options_of(type, options);
	if (whole)
		find_device(r, &m, source);
	else if (!str_eq(m.begin, where) && !is_file(r, where)) // NixOS binds /nix/store over itself
		find_base(r, &m);
	if (m.device)
		add_mount(r, &m);
	else
		release(&m);
}

static int by_place(const void *a, const void *b)
{
	return strcmp(((const struct machine_mount *)a)->where, ((const struct machine_mount *)b)->where);
}

// ZFS imports a pool only on the machine whose number it has.
static void read_host_id(struct machine_reader *r)
{
	_cleanup_free_ char *path = beneath_path(r->files, "/etc/hostid");
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};

	if (fs_read_regular_maybe(path, 64, &b, &e) > 0 && b.len == 4)
		r->m->host_id = str_printf("%02x%02x%02x%02x", (unsigned char)b.data[3],
		        (unsigned char)b.data[2], (unsigned char)b.data[1], (unsigned char)b.data[0]);
}

void machine_read_mounts(struct machine_reader *r, const char *root)
{
	_cleanup_free_ char *text = machine_text(r, "/proc/self/mountinfo");
	_cleanup_strv_ char **lines = strv_split(text, "\n");
	struct machine *m = r->m;

	strv_for_each (line, lines)
		read_mount(r, line, root);
	if (m->mount_count > 1)
		qsort(m->mounts, m->mount_count, sizeof(*m->mounts), by_place);
	for (size_t i = 0; i < m->mount_count; i++) {
		const char *type = m->mounts[i].type;
		if (!strv_has(m->types, type) && !str_eq(type, "none") && !str_eq(type, "auto"))
			strv_add(&m->types, type);
		if (str_eq(type, "zfs") && !m->host_id)
			read_host_id(r);
	}
}

// --- swap and resume ---

// What swap lies on has to be opened, too; not if its key is another one at each start.
static char *swap_device(struct machine_reader *r, const char *source)
{
	_cleanup_free_ char *folder = folder_by_name(r, str_basename(source)),
	                    *uuid = folder ? machine_line(folder, "dm/uuid") : NULL;

	if (!folder)
		return machine_lasting_name(r, str_basename(source));
	if (!uuid || !str_has_prefix(uuid, "CRYPT-PLAIN"))
		machine_look_below(r, folder, 0);
	return name_of(r, folder);
}

static void read_swap_list(struct machine_reader *r)
{
	_cleanup_free_ char *text = machine_text(r, "/proc/swaps");
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	for (size_t i = 1; lines && lines[0] && lines[i]; i++) {
		_cleanup_strv_ char **words = strv_split(lines[i], " \t");
		if (strv_len(words) < 2)
			continue;
		if (str_has_prefix(words[0], "/dev/zram")) {
			r->m->zram = true;
			continue;
		}
		_cleanup_free_ char *name = machine_decoded(words[0]);
		strv_take(&r->m->swaps,
		        str_eq(words[1], "partition") ? swap_device(r, name) : mem_strdup(name));
	}
	strv_sort(r->m->swaps);
}

// The kernel keeps what it was told, by the command line or by what hibernated last.
static void read_resume(struct machine_reader *r)
{
	_cleanup_free_ char *text = machine_text(r, "/proc/cmdline"),
	                    *dir = str_printf("%s/sys/power", r->from), *number = machine_line(dir, "resume"),
	                    *offset = machine_line(dir, "resume_offset");
	_cleanup_strv_ char **words = strv_split(text, " \n");
	struct machine *m = r->m;
	uint64_t bytes;

	strv_for_each (word, words) {
		const char *device = str_after(word, "resume="), *from = str_after(word, "resume_offset=");
		if (device && *device && !m->resume)
			m->resume = mem_strdup(device);
		if (from && !m->resume_offset && str_to_u64(from, &bytes) == 0 && bytes)
			m->resume_offset = mem_strdup(from);
	}
	_cleanup_free_ char *folder =
	        number && !m->resume && !str_eq(number, "0:0") ? machine_folder(r, number) : NULL;
	if (folder)
		m->resume = name_of(r, folder);
	if (offset && !m->resume_offset && m->resume && str_to_u64(offset, &bytes) == 0 && bytes)
		m->resume_offset = mem_strdup(offset);
}

void machine_read_swaps(struct machine_reader *r)
{
	read_swap_list(r);
	read_resume(r);
}
