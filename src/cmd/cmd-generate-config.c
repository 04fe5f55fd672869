// SPDX-License-Identifier: GPL-2.0-or-later
// nixos-generate-config: writes down the machine that it runs on as hardware-configuration.nix, and a first
// configuration.nix (and flake.nix) beside it.

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
#include "cmd/generate.h"

enum { OPT_ROOT, OPT_DIR, OPT_FORCE, OPT_SHOW, OPT_NO_FS, OPT_FROM, OPT_FLAKE, OPT_HELP, OPT_VERSION };

static const struct opt_row rows[] = {
        {"--root", NULL, 1, OPT_ROOT, "DIR", "the system that is mounted below DIR; files are written there"},
        {"--dir", NULL, 1, OPT_DIR, "DIR",
                "where the files are written (default: /etc/nixos below the root)"},
        {"--force", NULL, 0, OPT_FORCE, NULL, "replace a configuration.nix (and flake.nix) that is there"},
        {"--no-filesystems", NULL, 0, OPT_NO_FS, NULL,
                "leave out fileSystems, swapDevices and what they lie on"},
        {"--show-hardware-config", NULL, 0, OPT_SHOW, NULL,
                "print hardware-configuration.nix and write nothing"},
        {"--from", NULL, 1, OPT_FROM, "DIR", "another machine: its proc, sys and dev are in DIR"},
        {"--flake", NULL, 0, OPT_FLAKE, NULL, "write flake.nix, too"},
        {"--help", "-h", 0, OPT_HELP, NULL, "this text"},
        {"--version", NULL, 0, OPT_VERSION, NULL, NULL},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct generate {
	const char *root, *dir, *from;
	bool force, show, no_fs, flake, help, version;
};

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct generate *g = ctx;

	if (!row)
		return err_set(e, -EINVAL, "unexpected word '%s'", args[0]);
	const char **strings[] = {[OPT_ROOT] = &g->root, [OPT_DIR] = &g->dir, [OPT_FROM] = &g->from};
	bool *flags[] = {[OPT_FORCE] = &g->force,
	        [OPT_SHOW] = &g->show,
	        [OPT_NO_FS] = &g->no_fs,
	        [OPT_FLAKE] = &g->flake,
	        [OPT_HELP] = &g->help,
	        [OPT_VERSION] = &g->version};
	if (row->nargs)
		*strings[row->id] = args[0];
	else
		*flags[row->id] = true;
	return 0;
}

// --- the files ---

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

// The name is what nixos-rebuild looks for where none is given.
static char *first_flake(void)
{
	struct utsname u = {0};
	_cleanup_free_ char *name = NULL;
	_cleanup_buf_ struct buf b = {0};

	if (uname(&u) == 0)
		name = mem_strndup(u.nodename, strcspn(u.nodename, "."));
	buf_adds(&b, "# The machine as a flake: `nixos-rebuild boot --flake .#NAME`. kernix takes the "
	             "package set that it has "
	             "in itself for this nixpkgs.\n"
	             "{\n  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-unstable\";\n\n"
	             "  outputs = { nixpkgs, ... }: {\n    nixosConfigurations.");
	generate_string(&b, name && *name ? name : "nixos");
	buf_adds(&b,
	        " = nixpkgs.lib.nixosSystem {\n      modules = [ ./configuration.nix ];\n    };\n  };\n}\n");
	return buf_steal(&b);
}

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
	                    *first = fs_join(dir, "configuration.nix"), *flake = fs_join(dir, "flake.nix"),
	                    *flake_text = first_flake();
	int r = fs_mkdir_p(dir, 0755, e);

	if (r == 0)
		r = write_file(file, hardware, true, e);
	if (r == 0)
		r = write_file(first, first_configuration, g->force, e);
	return r == 0 && g->flake ? write_file(flake, flake_text, g->force, e) : r;
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
	generate_hardware(&text, &m, g->no_fs);
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
