// SPDX-License-Identifier: GPL-2.0-or-later
// The target of commands that change how a machine boots.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootspec.h"
#include "cmd/boot-target.h"
#include "store/store.h"

#define UNITS_DIR "/etc/systemd/system"

char *boot_target_uri(const char *root, const char *store_uri)
{
	if (store_uri)
		return mem_strdup(store_uri);
	if (!root)
		return NULL;
	_cleanup_free_ char *abs = fs_clean(root);
	return str_eq(abs, "/") ? mem_strdup("local") : str_printf("local?root=%s", abs);
}

// The toplevel that was booted: the folder of init= on the kernel's command line.
static char *booted_system(void)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf text = {0};

	if (fs_read("/proc/cmdline", 1 << 16, &text, &ignored) < 0)
		return NULL;
	_cleanup_strv_ char **words = cmdline_words(buf_str(&text));
	strv_for_each (w, words) {
		const char *init = str_after(w, "init=");
		if (init && str_has_suffix(init, "/init"))
			return mem_strndup(init, strlen(init) - strlen("/init"));
	}
	return NULL;
}

// The store that a user has for want of a writable /nix is no other machine: what is meant is this one.
static const char *root_of(const char *abs, const char *uri, const struct store *s)
{
	const char *remote = uri ? uri : getenv("NIX_REMOTE");

	if (abs)
		return str_eq(abs, "/") ? "" : abs;
	return remote && *remote && !str_eq(remote, "auto") ? store_root(s) : "";
}

int boot_target_open(
        const char *root, const char *store_uri, const char *loader, struct boot_target *ret, struct err *e)
{
	return boot_target_open_with(root, store_uri, loader, 0, ret, e);
}

int boot_target_open_with(const char *root, const char *store_uri, const char *loader, int store_flags,
        struct boot_target *ret, struct err *e)
{
	_cleanup_free_ char *uri = NULL, *abs = NULL;
	_cleanup_target_ struct boot_target t = {.loader = loader ? mem_strdup(loader) : NULL};
	struct utsname u;
	int r = root ? fs_absolute(root, &abs, e) : 0;

	if (r < 0)
		return r;
	uri = boot_target_uri(abs, store_uri);
	r = abs ? fs_is_dir_maybe(abs, e) : 1;
	if (r == 0)
		return err_set(e, -ENOENT, "the root folder '%s' does not exist", abs);
	if (r > 0)
		r = store_open(uri, store_flags, &t.store, e);
	if (r < 0)
		return r;
	t.root = mem_strdup(root_of(abs, uri, t.store));
	uname(&u);
	t.running = mem_strdup(u.release);
	t.booted = boot_target_is_live(&t) ? booted_system() : NULL;
	*ret = t;
	t = (struct boot_target){0};
	return 0;
}

void boot_target_release(struct boot_target *t)
{
	store_close(t->store);
	mem_free(t->root);
	mem_free(t->loader);
	mem_free(t->booted);
	mem_free(t->running);
	*t = (struct boot_target){0};
}

int boot_target_may_change(const struct boot_target *t, const char *what, struct err *e)
{
	_cleanup_free_ char *nixos = beneath_path(t->root, "/etc/NIXOS");

	int r = fs_lstat_maybe(nixos, NULL, e);
	if (r < 0)
		return r;
	if (r > 0) {
		err_set(e, -EEXIST, "'%s' is a NixOS, whose own nixos-rebuild looks after it",
		        *t->root ? t->root : "this machine");
		return err_hint(e, "'kernix vm' boots a system of yours in QEMU without touching it.");
	}
	if (boot_target_is_live(t) && geteuid() == 0 && store_is_private(t->store)) {
		err_set(e, -EINVAL, "the store is in '%s', but what is booted must be in %s",
		        store_real_dir(t->store), store_dir(t->store));
		return err_hint(e, "With '--root DIR' the machine whose / is DIR is meant.");
	}
	if (!boot_target_is_live(t) || geteuid() == 0)
		return 0;
	err_set(e, -EPERM, "%s needs root", what);
	return err_hint(e, "Run it with sudo; 'nixos-rebuild build' and 'kernix vm ./result' need no root.");
}

struct boot_opts boot_target_opts(const struct boot_target *t)
{
	_cleanup_free_ char *units = beneath_path(t->root, UNITS_DIR);
	_cleanup_err_ struct err ignored = {0};

	return (struct boot_opts){.root = t->root,
	        .loader = t->loader,
	        .booted = t->booted,
	        .confirms = fs_is_dir_maybe(units, &ignored) > 0};
}

// --- the unit that confirms a start

#define UNIT_NAME "kernix-boot-confirm.service"

// The program as the machine will find it.
static char *own_program(const struct boot_target *t)
{
	static const char *const usual[] = {"/usr/local/bin/kernix", "/usr/bin/kernix"};
	_cleanup_err_ struct err ignored = {0};
	char *self;

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
		_cleanup_free_ char *path = beneath_path(t->root, usual[i]);
		if (fs_exists(path))
			return mem_strdup(usual[i]);
	}
	return fs_readlink("/proc/self/exe", &self, &ignored) == 0 ? self : mem_strdup("kernix");
}

static char *unit_text(const struct boot_target *t)
{
	_cleanup_free_ char *program = own_program(t);

	return str_printf("# Written by kernix (nixos-rebuild).\n"
	                  "[Unit]\nDescription=Notes that this start of the system came up\n"
	                  "Requires=boot-complete.target\nAfter=boot-complete.target local-fs.target\n\n"
	                  "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=%s boot confirm\n\n"
	                  "[Install]\nWantedBy=multi-user.target\n",
	        program);
}

int confirm_unit_write(const struct boot_target *t, bool dry_run, struct err *e)
{
	_cleanup_free_ char *dir = beneath_path(t->root, UNITS_DIR), *unit = fs_join(dir, UNIT_NAME),
	                    *wants = beneath_path(t->root, UNITS_DIR "/multi-user.target.wants"),
	                    *link = fs_join(wants, UNIT_NAME), *text = unit_text(t),
	                    *now = beneath_again(t->root, unit);
	_cleanup_buf_ struct buf old = {0};

	int r = fs_is_dir_maybe(dir, e);
	if (r <= 0)
		return r; // another init: doc/boot.md says what it has to run
	r = fs_read_maybe(now, 1 << 16, &old, e);
	int linked = r > 0 ? fs_lstat_maybe(link, NULL, e) : r;
	if (linked < 0 || (linked && str_eq(buf_str(&old), text)))
		return MIN(linked, 0);
	if (dry_run) {
		printf("would write and enable the unit %s\n", unit);
		return 0;
	}
	r = fs_write_atomic(unit, text, strlen(text), 0644, e);
	if (r == 0)
		r = fs_mkdir_p(wants, 0755, e);
	return r == 0 ? fs_symlink_atomic("../" UNIT_NAME, link, e) : r;
}

int confirm_unit_remove(const struct boot_target *t, bool dry_run, struct err *e)
{
	static const char *const names[] = {"multi-user.target.wants/" UNIT_NAME, UNIT_NAME};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *under = str_printf("%s" UNITS_DIR "/%s", t->root, names[i]),
		                    *path = beneath_entry(t->root, under);
		int r = fs_lstat_maybe(path, NULL, e);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		if (dry_run)
			printf("would remove %s\n", path);
		else if (unlink(path) < 0)
			return err_sys(e, errno, "removing '%s'", path);
	}
	return 0;
}
