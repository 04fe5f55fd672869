// SPDX-License-Identifier: GPL-2.0-or-later
// nixos-generate-config: writes down the machine that it runs on as hardware-configuration.nix, and a first
// configuration.nix beside it.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include "base/beneath.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/machine.h"
#include "expr/print.h"

enum { OPT_ROOT, OPT_DIR, OPT_FORCE, OPT_SHOW, OPT_NO_FS, OPT_FROM, OPT_FLAKE, OPT_HELP, OPT_VERSION };

static const struct opt_row rows[] = {
        {"--root", NULL, 1, OPT_ROOT, "DIR", "the system that is mounted below DIR; files are written there"},
        {"--dir", NULL, 1, OPT_DIR, "DIR",
                "where the files are written (default: /etc/nixos below the root)"},
        {"--force", NULL, 0, OPT_FORCE, NULL, "replace a configuration.nix that is there"},
        {"--no-filesystems", NULL, 0, OPT_NO_FS, NULL,
                "leave out fileSystems, swapDevices and what they lie on"},
        {"--show-hardware-config", NULL, 0, OPT_SHOW, NULL,
                "print hardware-configuration.nix and write nothing"},
        {"--from", NULL, 1, OPT_FROM, "DIR", "another machine: its proc, sys and dev are in DIR"},
        {"--flake", NULL, 0, OPT_FLAKE, NULL, NULL},
        {"--help", "-h", 0, OPT_HELP, NULL, "this text"},
        {"--version", NULL, 0, OPT_VERSION, NULL, NULL},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct generate {
	const char *root, *dir, *from;
	bool force, show, no_fs, help, version;
};

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct generate *g = ctx;

	if (!row)
		return err_set(e, -EINVAL, "unexpected word '%s'", args[0]);
	if (row->id == OPT_FLAKE)
		return err_set(e, -EINVAL,
		        "--flake is not built: a flake.nix takes hardware-configuration.nix as one of its "
		        "modules");
	const char **strings[] = {[OPT_ROOT] = &g->root, [OPT_DIR] = &g->dir, [OPT_FROM] = &g->from};
	bool *flags[] = {[OPT_FORCE] = &g->force,
	        [OPT_SHOW] = &g->show,
	        [OPT_NO_FS] = &g->no_fs,
	        [OPT_HELP] = &g->help,
	        [OPT_VERSION] = &g->version};
	if (row->nargs)
		*strings[row->id] = args[0];
	else
		*flags[row->id] = true;
	return 0;
}

// --- the text ---

static void add_string(struct buf *b, const char *s)
{
	print_string(s, strlen(s), b);
}

static void add_list(struct buf *b, const char *name, char *const *words)
{
	buf_addf(b, "  %s = [", name);
	strv_for_each (word, words) {
		buf_addc(b, ' ');
		add_string(b, word);
	}
	buf_adds(b, " ];\n");
}

static void add_file_system(struct buf *b, const struct machine_mount *m)
{
	buf_adds(b, "\n  fileSystems.");
	add_string(b, m->where);
	buf_adds(b, " = {\n    device = ");
	add_string(b, m->device);
	buf_adds(b, ";\n    fsType = ");
	add_string(b, m->type);
	buf_adds(b, ";\n");
	if (m->options) {
		buf_adds(b, "  ");
		add_list(b, "options", m->options);
	}
	buf_adds(b, "  };\n");
}

static void add_storage(struct buf *b, const struct machine *m)
{
	for (size_t i = 0; i < m->luks_count; i++) {
		buf_adds(b, "\n  boot.initrd.luks.devices.");
		add_string(b, m->luks[i].name);
		buf_adds(b, ".device = ");
		add_string(b, m->luks[i].device);
		buf_adds(b, ";\n");
	}
	if (m->lvm)
		buf_adds(b, "\n  # A file system lies on a logical volume.\n  "
		            "boot.initrd.services.lvm.enable = true;\n");
	if (m->raid)
		buf_adds(b, "\n  # A file system lies on a RAID array.\n  boot.swraid.enable = true;\n");
	for (size_t i = 0; i < m->mount_count; i++)
		add_file_system(b, &m->mounts[i]);
	buf_adds(b, "\n  swapDevices = [");
	strv_for_each (swap, m->swaps) {
		buf_adds(b, " { device = ");
		add_string(b, swap);
		buf_adds(b, "; }");
	}
	buf_adds(b, " ];\n");
	if (m->resume) {
		buf_adds(b, "  boot.resumeDevice = ");
		add_string(b, m->resume);
		buf_adds(b, ";\n");
	}
}

static void add_platform(struct buf *b, const struct machine *m)
{
	struct utsname u;

	if (uname(&u) == 0)
		buf_addf(b, "\n  nixpkgs.hostPlatform = lib.mkDefault \"%s-linux\";\n",
		        str_has_prefix(u.machine, "armv") ? "armv7l" : u.machine);
	if (m->cpu)
		buf_addf(b,
		        "  hardware.cpu.%s.updateMicrocode = lib.mkDefault "
		        "config.hardware.enableRedistributableFirmware;\n",
		        m->cpu);
}

// A comment ends at the end of its line, and Nix takes a carriage return for one, too.
static void add_comment(struct buf *b, const char *text)
{
	buf_adds(b, "  # ");
	for (; *text; text++)
		buf_addc(b, (unsigned char)*text < ' ' || *text == 127 ? '?' : *text);
	buf_addc(b, '\n');
}

static void write_hardware(struct buf *b, const struct machine *m, bool no_fs)
{
	_cleanup_strv_ char **kvm = NULL;

	if (m->kvm)
		strv_add(&kvm, m->kvm);
	buf_adds(b, "# Written by nixos-generate-config, which writes it anew: changes belong into "
	            "configuration.nix.\n"
	            "{ config, lib, pkgs, modulesPath, ... }:\n\n{\n");
	strv_for_each (text, m->unclear)
		add_comment(b, text);
	add_list(b, "boot.initrd.availableKernelModules", m->modules);
	if (m->built_in)
		buf_adds(b, "  # Built into the kernel that runs; modules of another one.\n");
	if (m->built_in)
		add_list(b, "boot.initrd.optionalKernelModules", m->built_in);
	add_list(b, "boot.initrd.kernelModules", NULL);
	add_list(b, "boot.kernelModules", kvm);
	add_list(b, "boot.extraModulePackages", NULL);
	if (!no_fs)
		add_storage(b, m);
	add_platform(b, m);
	buf_adds(b, "}\n");
}

static const char first_configuration[] = "# Which kernel this machine has, and with what. `nixos-rebuild "
                                          "boot` builds it and makes its boot entry;\n"
                                          "# `kernix help` lists the commands; options are those of NixOS.\n"
                                          "{ config, lib, pkgs, ... }:\n\n{\n"
                                          "  imports = [ ./hardware-configuration.nix ];\n\n"
                                          "  # The distribution's own kernel, unpacked from its packages; "
                                          "linuxPackages_latest is compiled from source.\n"
                                          "  boot.kernelPackages = pkgs.linuxPackages_debian_bin;\n\n"
                                          "  # boot.kernelParams = [ ];\n"
                                          "  # boot.kernelModules = [ ];\n"
                                          "  # boot.kernel.sysctl.\"kernel.sysrq\" = 1;\n"
                                          "}\n";

// --- the files ---

static int write_file(const char *path, const char *text, bool replace, struct err *e)
{
	int r = replace ? 0 : fs_lstat_maybe(path, NULL, e);

	if (r > 0)
		log_note("%s is there already and stays (--force replaces it)", path);
	if (r != 0)
		return MIN(r, 0);
	r = fs_write_atomic(path, text, strlen(text), 0644, e);
	if (r == 0)
		log_note("writing %s", path);
	return r;
}

static int write_files(const struct generate *g, const char *hardware, struct err *e)
{
	// Links below another root are followed as that system would.
	_cleanup_free_ char *dir = g->dir ? mem_strdup(g->dir) : beneath_path(g->root, "/etc/nixos"),
	                    *file = fs_join(dir, "hardware-configuration.nix"),
	                    *first = fs_join(dir, "configuration.nix");
	int r = fs_mkdir_p(dir, 0755, e);

	if (r == 0)
		r = write_file(file, hardware, true, e);
	return r == 0 ? write_file(first, first_configuration, g->force, e) : r;
}

static int generate(struct generate *g, struct err *e)
{
	_cleanup_(machine_release) struct machine m = {0};
	_cleanup_buf_ struct buf text = {0};
	_cleanup_free_ char *root = NULL;
	int r = g->root && !str_eq(g->root, "/") ? fs_absolute(g->root, &root, e) : 0;

	g->root = root ? root : "";
	if (r == 0)
		r = machine_read(g->from ? g->from : "", g->root, g->no_fs, &m, e);

	if (r < 0)
		return r;
	write_hardware(&text, &m, g->no_fs);
	strv_for_each (word, m.unclear)
		log_warn("%s", word);
	if (!g->show)
		return write_files(g, buf_str(&text), e);
	return fs_write_all(1, text.data, text.len, "standard output", e);
}

int cmd_generate_config(int argc, char **argv)
{
	struct generate g = {0};
	_cleanup_err_ struct err e = {0};
	int r = opt_parse(rows, argc, argv, take, &g, &e);

	if (r == 0 && g.help) {
		_cleanup_free_ char *help = opt_help(rows);
		printf("Usage: nixos-generate-config [OPTION]...\n\n%s", help);
	} else if (r == 0 && g.version) {
		printf("nixos-generate-config (kernix) %s\n", KERNIX_VERSION);
	} else if (r == 0) {
		r = generate(&g, &e);
	}
	return r < 0 ? cmd_fail(&e) : 0;
}
