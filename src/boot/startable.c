// SPDX-License-Identifier: GPL-2.0-or-later
// Looks at a built system as the boot loader, the kernel and stage 1 will.
#include "boot/startable.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootspec.h"
#include "boot/initrd-read.h"
#include "boot/modconf.h"
#include "store/store.h"

struct look {
	const struct store *s;
	const struct bootspec *spec;
	struct initrd_contents initrd;
	char **builtin; // names of modules that are built in
	bool builtin_known;
	char **reasons;
};

static void look_release(struct look *l)
{
	initrd_contents_release(&l->initrd);
	strv_free(l->builtin);
	strv_free(l->reasons);
}

// A file of the system; 0 and nothing where it is not there.
static int file_of(
        const struct store *s, const char *toplevel, const char *name, struct buf *b, struct err *e)
{
	_cleanup_free_ char *logical = fs_join(toplevel, name), *real = NULL;
	int r = store_file(s, logical, &real, e);

	return r < 0 ? r : fs_read_maybe(real, 16 << 20, b, e);
}

// --- what the configuration knew ---

static int add_configured(struct look *l, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = file_of(l->s, l->spec->toplevel, "cannot-start", &text, e);

	if (r <= 0)
		return r;
	_cleanup_strv_ char **lines = strv_split(buf_str(&text), "\n");
	strv_for_each (line, lines)
		strv_add(&l->reasons, line);
	return 0;
}

// --- init ---

static int add_init(struct look *l, struct err *e)
{
	_cleanup_free_ char *real = NULL;
	struct stat st;
	int r = store_path_inside(store_dir(l->s), l->spec->init) ? store_file(l->s, l->spec->init, &real, e)
	                                                          : 0;

	if (r < 0 || !real)
		return r;
	r = fs_stat_maybe(real, &st, e);
	if (r == 0)
		strv_take(&l->reasons,
		        str_printf("its init %s is not there: build the system again, or if that does not "
		                   "help, look at the store with 'nix-store --verify --check-contents'",
		                l->spec->init));
	else if (r > 0 && (!S_ISREG(st.st_mode) || !(st.st_mode & 0111)))
		strv_take(&l->reasons, str_printf("its init %s is no program", l->spec->init));
	return MIN(r, 0);
}

// --- the kernel's and the initrd's drivers ---

int startable_builtin(
        const struct store *s, const char *toplevel, char ***ret_names, bool *ret_known, struct err *e)
{
	_cleanup_bootspec_ struct bootspec spec = {0};
	_cleanup_buf_ struct buf text = {0};
	int r = bootspec_read(s, toplevel, &spec, e);
	_cleanup_free_ char *file = str_printf("kernel-modules/lib/modules/%s/modules.builtin", spec.release);

	*ret_known = false;
	if (r == 0)
		r = file_of(s, toplevel, file, &text, e);
	if (r <= 0)
		return r;
	_cleanup_strv_ char **lines = strv_split(buf_str(&text), "\n");
	strv_for_each (line, lines) {
		const char *name = str_basename(line);
		strv_take(ret_names, modconf_normalise(mem_strndup(name, strcspn(name, "."))));
	}
	*ret_known = true;
	return 0;
}

static bool has_driver(const struct look *l, const char *module)
{
	return initrd_contents_has_module(&l->initrd, module) || strv_has(l->builtin, module);
}

// File systems that a kernel has as module or built in, by the modules that mount them. Others (tmpfs,
// overlay on kernels that patch it in, zfs) are not judged by their module.
static const struct {
	const char *type, *modules[3];
} drivers[] = {
        {"ext2", {"ext4", "ext2"}},
        {"ext3", {"ext4", "ext3"}},
        {"ext4", {"ext4"}},
        {"xfs", {"xfs"}},
        {"btrfs", {"btrfs"}},
        {"f2fs", {"f2fs"}},
        {"vfat", {"vfat"}},
        {"jfs", {"jfs"}},
        {"nilfs2", {"nilfs2"}},
        {"squashfs", {"squashfs"}},
        {"erofs", {"erofs"}},
};

static void add_file_system(struct look *l, const struct initrd_mount *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		bool found = false;

		if (!str_eq(drivers[i].type, m->type))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(drivers[i].modules) && drivers[i].modules[k]; k++)
			found = found || has_driver(l, drivers[i].modules[k]);
		if (!found)
			strv_take(&l->reasons,
			        str_printf("%s is %s, which this kernel has neither built in nor as a module "
			                   "in the initrd: choose a kernel that has it (kernix config "
			                   "search), or boot.initrd.supportedFilesystems",
			                m->mount_point, m->type));
	}
}

// root= on the command line is another root than the initrd's own.
static void add_mounts(struct look *l)
{
	for (size_t i = 0; i < l->initrd.mount_count; i++) {
		const struct initrd_mount *m = &l->initrd.mounts[i];
		if (!strstr(m->options, "nofail") &&
		        !(str_eq(m->mount_point, "/") && cmdline_has(l->spec->params, "root")))
			add_file_system(l, m);
	}
}

static void add_storage(struct look *l)
{
	static const struct {
		const char *word, *option, *module, *program;
	} rows[] = {
	        {"luks ", "boot.initrd.luks.devices", "dm_crypt", "/sbin/cryptsetup"},
	        {"lvm\n", "boot.initrd.services.lvm.enable", "dm_mod", "/sbin/lvm"},
	        {"raid\n", "boot.swraid.enable", "md_mod", "/sbin/mdadm"},
	};
	_cleanup_free_ char *table = str_printf("\n%s", l->initrd.storage ? l->initrd.storage : "");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *line = str_printf("\n%s", rows[i].word);
		if (!strstr(table, line))
			continue;
		if (l->builtin_known && !has_driver(l, rows[i].module))
			strv_take(&l->reasons,
			        str_printf(
			                "%s needs %s, which this kernel has neither built in nor as a module "
			                "in the initrd: choose a kernel that has it (kernix config search)",
			                rows[i].option, rows[i].module));
		if (!initrd_contents_has(&l->initrd, rows[i].program))
			strv_take(&l->reasons,
			        str_printf("%s needs %s, which is not in the initrd: build the system again",
			                rows[i].option, rows[i].program));
	}
}

static int add_initrd(struct look *l, struct err *e)
{
	bool known = false;
	int r = initrd_read(l->spec->initrd, &l->initrd, &known, e);

	if (r < 0 || !known)
		return r;
	r = startable_builtin(l->s, l->spec->toplevel, &l->builtin, &l->builtin_known, e);
	if (r < 0)
		return r;
	if (!initrd_contents_has(&l->initrd, "/init") && !cmdline_has(l->spec->params, "rdinit"))
		strv_add(&l->reasons, "its initrd has no /init: build it again without what replaces it");
	if (l->builtin_known)
		add_mounts(l);
	add_storage(l);
	return 0;
}

// Without an initrd the kernel itself looks for root, and it knows devices and partitions only.
static void add_bare_root(struct look *l)
{
	static const char *const unknown[] = {"UUID=", "LABEL=", "/dev/disk/", "/dev/mapper/"};
	_cleanup_strv_ char **words = cmdline_words(l->spec->params);

	strv_for_each (word, words)
		for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
			const char *root = str_after(word, "root=");
			if (root && str_has_prefix(root, unknown[i]))
				strv_take(&l->reasons,
				        str_printf(
				                "there is no initrd, and the kernel alone does not find %s: "
				                "boot.initrd.enable = true, or root=PARTUUID=",
				                word));
		}
}

int startable_reasons(const struct store *s, const struct bootspec *spec, char ***ret, struct err *e)
{
	_cleanup_(look_release) struct look l = {.s = s, .spec = spec};
	int r = add_configured(&l, e);

	if (r == 0)
		r = add_init(&l, e);
	if (r == 0 && spec->initrd)
		r = add_initrd(&l, e);
	else if (r == 0)
		add_bare_root(&l);
	if (r == 0)
		*ret = TAKE_PTR(l.reasons);
	return r;
}
