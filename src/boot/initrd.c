// SPDX-License-Identifier: GPL-2.0-or-later
// Puts an initrd together from its spec.
#include "boot/initrd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/cpio.h"
#include "boot/initrd-firmware.h"
#include "boot/modtable.h"
#include "stage1/format.h"

static void modclosure_cleanup(struct modclosure *c)
{
	modclosure_release(c);
}

// --- the kernel's configuration ---

bool initrd_config_has(const char *config, const char *option)
{
	_cleanup_free_ char *yes = str_printf("\nCONFIG_%s=y\n", option);

	return strstr(config, yes) != NULL || str_has_prefix(config, yes + 1);
}

// A kernel that lacks one of these cannot boot with this initrd; better to hear it now.
static int check_kernel(const struct initrd_spec *s, struct err *e)
{
	static const struct {
		const char *option, *why;
	} rows[] = {
	        {"BLK_DEV_INITRD", "to have an initrd at all"},
	        {"BINFMT_ELF", "to run stage 1"},
	        {"PROC_FS", "for stage 1 to read the kernel command line"},
	        {"SYSFS", "for stage 1 to see devices"},
	        {"DEVTMPFS", "for stage 1 to have device nodes"},
	};
	_cleanup_buf_ struct buf config = {0};
	_cleanup_buf_ struct buf missing = {0};
	int r = s->kernel_config ? fs_read(s->kernel_config, 0, &config, e) : 0;

	if (r < 0 || !s->kernel_config)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!initrd_config_has(buf_str(&config), rows[i].option))
			buf_addf(&missing, "\n  CONFIG_%s=y, %s", rows[i].option, rows[i].why);
	const char *unpack = compress_kconfig(s->compressor);
	if (unpack && !initrd_config_has(buf_str(&config), unpack))
		buf_addf(&missing, "\n  CONFIG_%s=y, to unpack it (or another boot.initrd.compressor)",
		        unpack);
	if (s->load && !initrd_config_has(buf_str(&config), "MODULES"))
		buf_addf(&missing, "\n  CONFIG_MODULES=y, for boot.initrd.kernelModules");
	if (missing.len == 0)
		return 0;
	return err_set(
	        e, -EINVAL, "this kernel could not boot with this initrd; it needs%s", buf_str(&missing));
}

// --- modules ---

// Stage 1 has no decompressor: a .ko.xz, .ko.zst or .ko.gz goes in as .ko (the whole initrd is compressed
// anyway).
static int add_module(
        struct cpio *c, const struct modclosure *mods, const struct closure_module *m, struct err *e)
{
	_cleanup_free_ char *from = fs_join(mods->dir, m->path);
	_cleanup_free_ char *to = modtable_path(mods, m);
	_cleanup_buf_ struct buf data = {0};

	if (str_has_suffix(m->path, ".ko"))
		return cpio_file(c, to, 0444, from, e);
	int r = initrd_unpack(from, &data, e);
	return r < 0 ? r : cpio_data(c, to, 0444, data.data, data.len, e);
}

static int add_modules(
        const struct initrd_spec *s, struct cpio *c, const struct modclosure *mods, struct err *e)
{
	_cleanup_buf_ struct buf table = {0};
	int r = 0;

	for (size_t i = 0; i < mods->count && r == 0; i++)
		r = add_module(c, mods, &mods->modules[i], e);
	if (r == 0)
		r = initrd_add_firmware(s, c, mods, e);
	if (r < 0)
		return r;
	modtable_write(mods, &s->conf, s->load, &table);
	return cpio_data(c, S1_TABLE_PATH, 0444, table.data, table.len, e);
}

// The wiki's advice: parameters of what is built in only come from the kernel command line.
static void warn_builtin_options(const struct initrd_spec *s, const struct modclosure *mods)
{
	strv_for_each (name, mods->builtin) {
		_cleanup_free_ char *module = modconf_normalise(mem_strdup(name));
		_cleanup_free_ char *options = modconf_options(&s->conf, module);

		if (*options)
			log_warn("'options %s %s' has no effect: %s is built into this kernel; use "
			         "boot.kernelParams = [ \"%s.%s\" ]",
			        name, options, name, name, options);
	}
}

// The modules of the file systems that are mounted here are wanted without being named; a kernel may have
// them built in.
static void add_fs_roots(const struct initrd_spec *s, struct modroot *roots, size_t *n, char ***owned)
{
	for (size_t i = 0; i < s->mount_count; i++) {
		if (str_eq(s->mounts[i].type, "auto"))
			continue;
		char *alias = str_printf("fs-%s", s->mounts[i].type);
		strv_take(owned, alias);
		roots[(*n)++] = (struct modroot){alias, "fileSystems", true};
	}
}

static int close_modules(const struct initrd_spec *s, struct modclosure *ret, struct err *e)
{
	_cleanup_free_ struct modroot *roots = mem_array(s->root_count + s->mount_count + 1, sizeof(*roots));
	_cleanup_strv_ char **owned = NULL;
	size_t n = s->root_count;

	if (n)
		memcpy(roots, s->roots, n * sizeof(*roots));
	add_fs_roots(s, roots, &n, &owned);
	struct modclosure_spec spec = {.tree = s->modules_tree,
	        .version = s->version,
	        .roots = roots,
	        .root_count = n,
	        .conf = &s->conf,
	        .kernel_config = s->kernel_config};
	return modclosure_build(&spec, ret, e);
}

// --- the rest ---

static void fstab_field(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\\')
			buf_addf(b, "\\%03o", (unsigned char)*s);
		else
			buf_addc(b, *s);
	}
	buf_addc(b, ' ');
}

static int add_fstab(const struct initrd_spec *s, struct cpio *c, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};

	for (size_t i = 0; i < s->mount_count; i++) {
		fstab_field(&b, s->mounts[i].device);
		fstab_field(&b, s->mounts[i].mount_point);
		fstab_field(&b, s->mounts[i].type);
		fstab_field(&b, *s->mounts[i].options ? s->mounts[i].options : "defaults");
		buf_adds(&b, s->mounts[i].check ? "0 1\n" : "0 0\n");
	}
	return cpio_data(c, S1_FSTAB_PATH, 0444, buf_str(&b), b.len, e);
}

static int add_skeleton(const struct initrd_spec *s, struct cpio *c, struct err *e)
{
	static const char *const dirs[] = {"/dev", "/proc", "/sys", "/run", "/tmp", S1_ROOT_PATH};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(dirs) && r == 0; i++)
		r = cpio_dir(c, dirs[i], 0755, e);
	if (r == 0)
		r = cpio_node(c, "/dev/console", S_IFCHR | 0600, 5, 1, e);
	if (r == 0)
		r = cpio_node(c, "/dev/null", S_IFCHR | 0666, 1, 3, e);
	if (r == 0)
		r = cpio_file(c, "/init", 0555, s->stage1, e);
	if (r == 0)
		r = cpio_link(c, S1_MODPROBE_PATH, "/init", e);
	if (r == 0)
		r = cpio_link(c, "/bin/" S1_ASKPASS_NAME, "/init", e);
	if (r == 0)
		r = add_fstab(s, c, e);
	if (r == 0 && s->modprobe_text && *s->modprobe_text)
		r = cpio_data(
		        c, "/etc/modprobe.d/nixos.conf", 0444, s->modprobe_text, strlen(s->modprobe_text), e);
	for (size_t i = 0; i < s->content_count && r == 0; i++)
		r = cpio_tree(c, s->contents[i].target, s->contents[i].source, e);
	return r;
}

static int fill(const struct initrd_spec *s, struct cpio *c, struct err *e)
{
	_cleanup_(modclosure_cleanup) struct modclosure mods = {0};
	int r = check_kernel(s, e);

	if (r == 0)
		r = add_skeleton(s, c, e);
	if (r == 0 && !s->modules_tree && s->load)
		return err_set(e, -EINVAL,
		        "boot.initrd.kernelModules names '%s', but there is no module tree", s->load[0]);
	if (r < 0 || !s->modules_tree)
		return r;
	r = close_modules(s, &mods, e);
	if (r < 0)
		return r;
	warn_builtin_options(s, &mods);
	return add_modules(s, c, &mods, e);
}

static void warn_microcode(const struct initrd_spec *s)
{
	_cleanup_buf_ struct buf config = {0};
	_cleanup_err_ struct err ignored = {0};
	bool any = false;

	strv_for_each (archive, s->prepend)
		any = any || str_has_suffix(archive, "-ucode.img");
	if (any && s->kernel_config && fs_read(s->kernel_config, 0, &config, &ignored) == 0 &&
	        !initrd_config_has(buf_str(&config), "MICROCODE"))
		log_warn("hardware.cpu.*.updateMicrocode has no effect: this kernel has no CONFIG_MICROCODE");
}

static int prepend_one(int fd, const char *path, struct err *e)
{
	static const char zero[512];
	int r = fs_is_dir_maybe(path, e);
	_cleanup_free_ char *file = r > 0 ? fs_join(path, "ucode.img") : mem_strdup(path);
	_cleanup_buf_ struct buf b = {0};

	if (r >= 0)
		r = fs_read(file, 0, &b, e);
	if (r < 0)
		return err_wrap(e, "boot.initrd.prepend");
	r = fs_write_all(fd, b.data, b.len, "the initrd", e);
	return r < 0 ? r : fs_write_all(fd, zero, (size_t)(-b.len & 511), "the initrd", e);
}

static int write_to(const struct initrd_spec *s, struct cpio *c, int fd, struct err *e)
{
	_cleanup_compress_ struct compress *out = NULL;
	int r = 0;

	warn_microcode(s);
	for (char **p = s->prepend; p && *p && r == 0; p++)
		r = prepend_one(fd, *p, e);
	if (r == 0)
		r = compress_open(fd, s->compressor, s->level, &out, e);
	if (r == 0)
		r = cpio_write(c, out, e);
	if (r == 0)
		r = compress_finish(out, e);
	if (r == 0 && fsync(fd) < 0)
		r = err_sys(e, errno, "write the initrd");
	return r;
}

int initrd_write(const struct initrd_spec *s, const char *path, struct err *e)
{
	_cleanup_cpio_ struct cpio *c = cpio_new();
	_cleanup_free_ char *temporary = str_printf("%s.tmp", path);
	int r = fill(s, c, e);

	if (r < 0)
		return err_wrap(e, "cannot make the initrd");
	_cleanup_close_ int fd = fs_open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0444, e);
	if (fd < 0)
		return fd;
	r = write_to(s, c, fd, e);
	if (r == 0 && rename(temporary, path) < 0)
		r = err_sys(e, errno, "name the initrd %s", path);
	if (r < 0)
		unlink(temporary);
	return r < 0 ? err_wrap(e, "cannot make the initrd") : 0;
}

int initrd_build(const struct initrd_spec *s, const char *out, struct err *e)
{
	_cleanup_free_ char *path = fs_join(out, "initrd");
	int r = fs_mkdir_p(out, 0755, e);

	return r < 0 ? r : initrd_write(s, path, e);
}
