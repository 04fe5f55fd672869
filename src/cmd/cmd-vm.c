// SPDX-License-Identifier: GPL-2.0-or-later
// kernix vm: boots a system in QEMU, its serial console in this terminal. What is booted is a script that
// makeVm (nixpkgs/build-support/make-vm.nix) made: the one that is given, or one that is built around the
// given system, or that of the configuration. All the rest is in that script.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "store/drv.h"
#include "store/store.h"

enum { ID_SCRIPT, ID_SCRIPT_FLAG, ID_BUILD, ID_STORE, ID_HELP };

static const struct opt_row rows[] = {
        {"--check", NULL, 1, ID_SCRIPT, "SCRIPT",
                "runs this shell script in the guest; its exit status is ours"},
        {"--append", NULL, 1, ID_SCRIPT, "WORDS", "more kernel parameters"},
        {"--memory", "-m", 1, ID_SCRIPT, "MIB", "memory of the guest"},
        {"--cores", NULL, 1, ID_SCRIPT, "N", "processors of the guest"},
        {"--timeout", NULL, 1, ID_SCRIPT, "SECONDS", "ends the guest after that time (exit status 124)"},
        {"--gdb", NULL, 0, ID_SCRIPT_FLAG, NULL, "waits for gdb on port 1234 before the first instruction"},
        {"--accel", NULL, 1, ID_SCRIPT, "NAME", "kvm or tcg, without trying which works"},
        {"--log", NULL, 1, ID_SCRIPT, "FILE", "keeps what the console said"},
        {"--include", "-I", 1, ID_BUILD, "PATH", "adds NAME=PATH to the search path (nixos-config=FILE)"},
        {"--store", NULL, 1, ID_STORE, "URI", "store: local, local?root=DIR, DIR"},
        {"--help", "-h", 0, ID_HELP, NULL, "this text"},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct vm {
	char **script_args; // owned words for the script
	char **build_args;  // owned words for nix-build
	char **qemu_args;
	const char *path; // what to boot; NULL: the configuration
	const char *store_uri;
	bool help, gdb;
	struct store *store;
};

static int option(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct vm *vm = ctx;

	if (!row && args[0][0] != '-' && !vm->path && !vm->qemu_args)
		vm->path = args[0];
	else if (!row)
		strv_add(&vm->qemu_args, args[0]);
	else if (row->id == ID_HELP)
		vm->help = true;
	else if (row->id == ID_STORE)
		vm->store_uri = args[0];
	else
		strv_add(row->id == ID_BUILD ? &vm->build_args : &vm->script_args, row->name);
	if (row && (row->id == ID_SCRIPT || row->id == ID_BUILD))
		strv_add(row->id == ID_BUILD ? &vm->build_args : &vm->script_args, args[0]);
	vm->gdb = vm->gdb || (row && str_eq(row->name, "--gdb"));
	return 0;
}

static void usage(void)
{
	_cleanup_free_ char *text = opt_help(rows);

	printf("Usage: kernix vm [OPTION]... [RESULT] [-- QEMU OPTION...]\n\n"
	       "Boots a system in QEMU with a small guest userland. RESULT is what 'nixos-rebuild build-vm' "
	       "or 'nixos-rebuild\n"
	       "build' left; without it the configuration is built. Ctrl-A X ends the guest.\n\n%s",
	        text);
}

// The store path that a path leads to (through links such as ./result), as its logical name with what follows
// below it.
static int logical_of(struct vm *vm, const char *path, char **ret, struct err *e)
{
	_cleanup_free_ char *at = NULL;
	int r = fs_absolute(path, &at, e);

	if (r < 0)
		return r;
	for (int hops = 0; hops < 40; hops++) {
		const char *real = str_after(at, store_real_dir(vm->store)),
		           *logical = str_after(at, store_dir(vm->store));
		char *target;

		if ((real && *real == '/') || (logical && *logical == '/')) {
			*ret = str_printf(
			        "%s%s", store_dir(vm->store), real && *real == '/' ? real : logical);
			return 0;
		}
		r = fs_readlink(at, &target, e);
		if (r < 0)
			break;
		_cleanup_free_ char *dir = str_dirname(at);
		_cleanup_free_ char *next = target[0] == '/' ? mem_strdup(target) : fs_join(dir, target);
		mem_free(target);
		mem_free(at);
		at = fs_clean(next);
	}
	err_set(e, -EINVAL, "'%s' is not a result of 'nixos-rebuild build-vm' or 'nixos-rebuild build'",
	        path);
	return err_hint(e, "It does not lead into the store %s.", store_dir(vm->store));
}

// nix-build with these words; its one line of output goes to *ret. The exit status.
static int build(struct vm *vm, const char *const *words, char **ret)
{
	_cleanup_strv_ char **argv = NULL;

	strv_add(&argv, "nix-build");
	for (; *words; words++)
		strv_add(&argv, *words);
	strv_add(&argv, "--no-out-link");
	strv_for_each (w, vm->build_args)
		strv_add(&argv, w);
	if (vm->store_uri) {
		strv_add(&argv, "--store");
		strv_add(&argv, vm->store_uri);
	}
	return cmd_first_line(cmd_build, argv, ret);
}

static bool is_there(struct vm *vm, const char *dir, const char *name)
{
	_cleanup_free_ char *logical = fs_join(dir, name);
	_cleanup_free_ char *real = store_real_path(vm->store, logical);

	return fs_exists(real);
}

// A virtual machine around the system: its own kernel, initrd and parameters, and the processor that it is
// made for.
static int build_around(struct vm *vm, const char *toplevel, char **ret)
{
	_cleanup_free_ char *expr = str_printf(
	        "let toplevel = builtins.storePath \"%s\";\n"
	        "    system = builtins.readFile \"${toplevel}/system\";\n"
	        "    target = if system == builtins.currentSystem then { } else { crossSystem = system; };\n"
	        "in (import <nixpkgs> target).makeVm { inherit toplevel; kernelParams = "
	        "[ \"boot.root_only\" ]; }",
	        toplevel);

	return build(vm, (const char *const[]){"-E", expr, NULL}, ret);
}

// vmlinux of the kernel in the system, for gdb: in the `dev` output of the derivation that made the image.
// NULL if unknown.
static char *find_vmlinux(struct vm *vm, const char *system)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *link = fs_join(system, "kernel"), *image = NULL,
	                    *real = store_real_path(vm->store, link);
	_cleanup_store_info_ struct store_info *info = NULL;
	_cleanup_drv_ struct drv *d = NULL;

	if (fs_readlink(real, &image, &e) < 0 || !store_path_inside(store_dir(vm->store), image))
		return NULL;
	size_t dir = strlen(store_dir(vm->store)) + 1;
	_cleanup_free_ char *object = mem_strndup(image, dir + strcspn(image + dir, "/"));
	if (store_query_info(vm->store, object, &info, &e) < 0 || !info->deriver ||
	        drv_read(vm->store, info->deriver, &d, &e) < 0)
		return NULL;
	const struct drv_output *dev = drv_output(d, "dev");
	if (!dev || store_check_valid(vm->store, dev->path, &e) < 0)
		return NULL;
	_cleanup_free_ char *vmlinux = fs_join(dev->path, "vmlinux");
	return is_there(vm, dev->path, "vmlinux") ? store_real_path(vm->store, vmlinux) : NULL;
}

static int start(struct vm *vm, const char *machine, struct err *e)
{
	_cleanup_free_ char *bin = fs_join(machine, "bin"), *real = store_real_path(vm->store, bin);
	_cleanup_strv_ char **names = NULL, **argv = NULL;
	int r = fs_list(real, &names, e);

	if (r < 0)
		return r;
	if (strv_len(names) != 1 || !str_has_prefix(names[0], "run-") || !str_has_suffix(names[0], "-vm"))
		return err_set(e, -EINVAL,
		        "%s is neither a system nor a virtual machine (it has no bin/run-NAME-vm)", machine);
	strv_take(&argv, fs_join(real, names[0]));
	strv_for_each (w, vm->script_args)
		strv_add(&argv, w);
	if (vm->qemu_args)
		strv_add(&argv, "--");
	strv_for_each (q, vm->qemu_args)
		strv_add(&argv, q);
	if (store_is_private(vm->store))
		setenv("KERNIX_STORE_ROOT", store_root(vm->store), 1);
	if (vm->gdb) {
		_cleanup_free_ char *system_link = fs_join(machine, "system"),
		                    *real_link = store_real_path(vm->store, system_link);
		_cleanup_free_ char *system = NULL, *vmlinux = NULL;

		if (fs_readlink(real_link, &system, e) == 0 && (vmlinux = find_vmlinux(vm, system)))
			setenv("KERNIX_VMLINUX", vmlinux, 1);
	}
	store_close(TAKE_PTR(vm->store));
	execv(argv[0], argv);
	return err_sys(e, errno, "run %s", argv[0]);
}

static int boot(struct vm *vm)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_free_ char *machine = NULL, *given = NULL;
	int status = 0;

	if (!vm->path)
		status = build(vm, (const char *const[]){"<nixpkgs/nixos>", "-A", "vm", NULL}, &machine);
	if (status)
		return status;
	if (store_open(vm->store_uri, 0, &vm->store, &e) < 0)
		return cmd_fail(&e);
	if (vm->path && logical_of(vm, vm->path, &given, &e) < 0)
		return cmd_fail(&e);
	if (given && is_there(vm, given, "bin") && !is_there(vm, given, "kernel"))
		machine = TAKE_PTR(given);
	if (given && (!is_there(vm, given, "kernel") || !is_there(vm, given, "initrd"))) {
		err_set(&e, -EINVAL, "%s is neither a system with kernel and initrd nor a virtual machine",
		        given);
		return cmd_fail(&e);
	}
	if (given)
		status = build_around(vm, given, &machine);
	if (!status && start(vm, machine, &e) < 0)
		status = cmd_fail(&e);
	return status;
}

int cmd_vm(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	struct vm vm = {0};
	int status = 0;

	if (opt_parse(rows, argc, argv, option, &vm, &e) < 0)
		status = cmd_fail(&e);
	else if (vm.help)
		usage();
	else
		status = boot(&vm);
	store_close(vm.store);
	strv_free(vm.script_args);
	strv_free(vm.build_args);
	strv_free(vm.qemu_args);
	return status;
}
