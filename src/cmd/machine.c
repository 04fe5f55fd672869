// SPDX-License-Identifier: GPL-2.0-or-later
// Reads a machine's mounts and what is below them. Formats: proc(5) for mountinfo, swaps and cpuinfo; the
// kernel's Documentation/ABI for /sys/dev/block, dm/, md/ and slaves/.
#include "cmd/machine.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/machine-read.h"

#define DEPTH_MAX 16

void machine_unclear(struct machine_reader *r, char *text)
{
	if (!strv_has(r->m->unclear, text))
		strv_add(&r->m->unclear, text);
	mem_free(text);
}

char *machine_line(const char *dir, const char *name)
{
	_cleanup_free_ char *path = fs_join(dir, name);
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};

	// Folders may be links, as in /sys; a file that is one leads elsewhere.
	if (fs_read_regular_at(AT_FDCWD, path, O_NOFOLLOW, MACHINE_FILE_BYTES, &b, &e) < 0 || b.len == 0)
		return NULL;
	return mem_strndup(buf_str(&b), strcspn(buf_str(&b), "\n"));
}

char *machine_text(const struct machine_reader *r, const char *path)
{
	_cleanup_free_ char *file = str_printf("%s%s", r->from, path);
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};

	return fs_read_regular_at(AT_FDCWD, file, O_NOFOLLOW, MACHINE_FILE_BYTES, &b, &e) == 0
	               ? buf_steal(&b)
	               : mem_strdup("");
}

char *machine_decoded(const char *s)
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

char *machine_lasting_name(const struct machine_reader *r, const char *name)
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

char *machine_folder(const struct machine_reader *r, const char *number)
{
	_cleanup_free_ char *link = str_printf("%s/sys/dev/block/%s", r->from, number);
	char real[PATH_MAX];

	return realpath(link, real) ? mem_strdup(real) : NULL;
}

// Each device that a link in this folder leads to.
static void look_at_links(struct machine_reader *r, const char *dir, int depth)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err e = {0};
	char real[PATH_MAX];

	if (fs_list_maybe(dir, &names, &e) < 0)
		return;
	strv_for_each (name, names) {
		_cleanup_free_ char *path = fs_join(dir, name);
		if (realpath(path, real))
			machine_look_below(r, real, depth);
	}
}

// The device that an encrypted one is made of.
static void add_luks(struct machine_reader *r, const char *folder)
{
	_cleanup_free_ char *dir = fs_join(folder, "slaves"), *name = machine_line(folder, "dm/name");
	_cleanup_strv_ char **slaves = NULL;
	_cleanup_err_ struct err e = {0};

	if (!name || fs_list_maybe(dir, &slaves, &e) < 0 || strv_len(slaves) != 1) {
		machine_unclear(
		        r, str_printf("The encrypted device below %s was not found.", str_basename(folder)));
		return;
	}
	for (size_t i = 0; i < r->m->luks_count; i++)
		if (str_eq(r->m->luks[i].name, name))
			return;
	mem_grow(&r->m->luks, &r->m->luks_cap, r->m->luks_count + 1, sizeof(*r->m->luks));
	r->m->luks[r->m->luks_count++] =
	        (struct machine_luks){.name = TAKE_PTR(name), .device = machine_lasting_name(r, slaves[0])};
}

static void look_at_mapping(struct machine_reader *r, const char *folder, const char *uuid)
{
	if (str_has_prefix(uuid, "CRYPT-LUKS"))
		add_luks(r, folder);
	else if (str_has_prefix(uuid, "LVM-"))
		r->m->lvm = true;
	else
		machine_unclear(
		        r, str_printf("%s is a mapped device (%.40s) that stage 1 does not put together.",
		                   str_basename(folder), uuid));
}

// What the block device in this folder of /sys lies on.
void machine_look_below(struct machine_reader *r, const char *folder, int depth)
{
	_cleanup_free_ char *uuid = machine_line(folder, "dm/uuid"), *md = fs_join(folder, "md"),
	                    *slaves = fs_join(folder, "slaves"), *bcache = fs_join(folder, "bcache");

	if (depth > DEPTH_MAX || strv_has(r->seen, folder))
		return;
	strv_add(&r->seen, folder);
	if (uuid)
		look_at_mapping(r, folder, uuid);
	if (fs_exists(md))
		r->m->raid = true;
	if (str_has_prefix(str_basename(folder), "bcache") && fs_exists(bcache))
		machine_unclear(r, str_printf("%s is a bcache, which stage 1 does not put together.",
		                           str_basename(folder)));
	machine_add_drivers(r, folder);
	look_at_links(r, slaves, depth + 1);
}

// The kind of a disk by its name: "nvme", "scsi", "virtio", ...
static const char *disk_kind(const char *name)
{
	static const char *const kinds[][2] = {{"nvme", "nvme"}, {"sd", "scsi"}, {"sr", "cdrom"},
	        {"vd", "virtio"}, {"mmcblk", "mmc"}, {"xvd", "xen"}, {"pmem", "pmem"}, {"nbd", "nbd"},
	        {"loop", "loop"}, {"ubi", "ubi"}, {"dasd", "dasd"}, {"zram", "zram"}, {"ram", "ram"}};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_has_prefix(name, kinds[i][0]))
			return kinds[i][1];
	return "disk";
}

// "CRYPT-LUKS2-...": luks2; "LVM-...": lvm; "mpath-...": mpath. One may have no UUID, or any text for one.
static char *mapping_kind(const char *uuid)
{
	const char *rest = str_after(uuid, "CRYPT-");
	char *kind = mem_strndup(rest ? rest : uuid, strcspn(rest ? rest : uuid, "-"));

	for (char *p = kind; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	if (*kind && !kind[strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789_.")])
		return kind;
	mem_free(kind);
	return mem_strdup("mapped");
}

static char *layer_of(const char *folder)
{
	_cleanup_free_ char *uuid = machine_line(folder, "dm/uuid"),
	                    *level = machine_line(folder, "md/level"), *md = fs_join(folder, "md"),
	                    *part = fs_join(folder, "partition"), *bcache = fs_join(folder, "bcache");

	if (uuid)
		return mapping_kind(uuid);
	if (fs_exists(md))
		return mem_strdup(level && *level ? level : "raid");
	if (fs_exists(part))
		return mem_strdup("partition");
	return mem_strdup(fs_exists(bcache) && str_has_prefix(str_basename(folder), "bcache")
	                          ? "bcache"
	                          : disk_kind(str_basename(folder)));
}

void machine_layers(const char *folder, unsigned depth, char ***ret)
{
	_cleanup_free_ char *slaves = fs_join(folder, "slaves"), *layer = layer_of(folder);
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err e = {0};
	char real[PATH_MAX];

	if (depth > DEPTH_MAX)
		return;
	if (!strv_has(*ret, layer))
		strv_add(ret, layer);
	if (str_eq(layer, "partition")) {
		_cleanup_free_ char *disk = str_dirname(folder);
		machine_layers(disk, depth + 1, ret);
	} else if (fs_list_maybe(slaves, &names, &e) >= 0) {
		strv_for_each (name, names) {
			_cleanup_free_ char *path = fs_join(slaves, name);
			if (realpath(path, real))
				machine_layers(real, depth + 1, ret);
		}
	}
}

// A btrfs has a device number of its own; its devices are listed by the kernel.
void machine_look_below_btrfs(struct machine_reader *r, const char *uuid_name)
{
	_cleanup_free_ char *dir = str_printf("%s/sys/fs/btrfs/%s/devices", r->from, str_basename(uuid_name));

	look_at_links(r, dir, 0);
}

int machine_read(const char *from, const char *root, bool rootless, struct machine *ret, struct err *e)
{
	struct machine m = {0};
	struct machine_reader r = {.from = from, .m = &m};
	_cleanup_free_ char *absolute = NULL, *files = NULL;
	int found = *root && !str_eq(root, "/") ? fs_absolute(root, &absolute, e) : 0;

	if (found < 0)
		return found;
	if (absolute && !*from && (found = fs_is_dir_maybe(absolute, e)) <= 0)
		return found < 0 ? found
		                 : err_set(e, -ENOENT, "the root folder '%s' does not exist", absolute);
	r.files = files = str_printf("%s%s", from, absolute ? absolute : "");
	machine_read_mounts(&r, absolute ? absolute : "");
	machine_read_swaps(&r);
	machine_read_devices(&r);
	machine_read_facts(&r);
	machine_read_firmware(&r);
	machine_read_boot(&r);
	char **const sorted[] = {m.modules, m.built_in, m.graphics, m.loaded, m.types};
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
		strv_sort(sorted[i]);
	strv_free(r.seen);
	*ret = m;
	if (rootless || (m.guest && str_eq(m.guest, "container")))
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
		strv_free(m->mounts[i].layers);
		mem_free(m->mounts[i].folder);
		mem_free(m->mounts[i].number);
		mem_free(m->mounts[i].begin);
	}
	for (size_t i = 0; i < m->luks_count; i++) {
		mem_free(m->luks[i].name);
		mem_free(m->luks[i].device);
	}
	machine_release_devices(m);
	char **const lists[] = {
	        m->swaps, m->modules, m->built_in, m->graphics, m->loaded, m->firmware, m->types, m->unclear};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_free(lists[i]);
	void *const blocks[] = {m->mounts, m->luks, m->resume, m->resume_offset, m->cpu, m->kvm, m->platform,
	        m->model, m->guest, m->host_id, m->loader, m->boot_disk, m->esp, m->processor.vendor,
	        m->processor.family, m->processor.model, m->processor.stepping, m->processor.microcode};
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++)
		mem_free(blocks[i]);
	*m = (struct machine){0};
}
