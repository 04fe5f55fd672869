// SPDX-License-Identifier: GPL-2.0-or-later
// nixos-rebuild: builds the system that a configuration.nix declares. Actions are rows; each is nix-build of
// one attribute and what follows it.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/rebuild.h"

static int say_vm(const struct rebuild *rb);

static const struct action {
	const char *name, *attr, *help;
	bool dry;
	int (*after)(const struct rebuild *rb); // NULL: nothing more to do
	bool missing;                           // not built yet
} actions[] = {
        {"build", "system", "builds the system and leaves ./result", false, NULL, false},
        {"dry-build", "system", "says what would be built", true, NULL, false},
        {"build-vm", "vm", "builds a script that boots the system in QEMU", false, say_vm, false},
        {"boot", "system", "makes it the default for the next boot", false, NULL, true},
        {"switch", "system", "makes it the default and activates it", false, NULL, true},
        {"test", "system", "activates it without making it the default", false, NULL, true},
        {"dry-activate", "system", "says what activation would change", false, NULL, true},
        {"list-generations", NULL, "lists the generations", false, NULL, true},
        {"repl", NULL, "opens the configuration in the REPL", false, NULL, true},
};

static int say_vm(const struct rebuild *rb)
{
	printf("\nDone. The virtual machine is started by ./result/bin/run-*-vm or 'kernix vm ./result'.\n");
	return 0;
}

static int usage(int status)
{
	FILE *f = status ? stderr : stdout;

	fprintf(f, "Usage: nixos-rebuild ACTION [OPTION]...\n\nActions:\n");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		fprintf(f, "  %-18s %s%s\n", actions[i].name, actions[i].help,
		        actions[i].missing ? " (not built yet)" : "");
	fprintf(f, "\nThe configuration is -I nixos-config=FILE, else $NIXOS_CONFIG, else "
	           "/etc/nixos/configuration.nix.\nOther options are those of nix-build.\n");
	return status;
}

static const struct action *action_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (str_eq(actions[i].name, name))
			return &actions[i];
	return NULL;
}

static const char *config_of(char *const *words)
{
	const char *env = getenv("NIXOS_CONFIG"), *found = NULL;

	for (size_t i = 0; words[i] && words[i + 1]; i++)
		if (str_eq(words[i], "-I") && str_has_prefix(words[i + 1], "nixos-config="))
			found = words[i + 1] + strlen("nixos-config=");
	return found ? found : env && *env ? env : "/etc/nixos/configuration.nix";
}

static int run(const struct action *a, struct rebuild *rb)
{
	_cleanup_strv_ char **argv = NULL;
	_cleanup_free_ char *config = fs_absolute(rb->config);

	strv_add(&argv, "nix-build");
	strv_add(&argv, "<nixpkgs/nixos>");
	strv_add(&argv, "-A");
	strv_add(&argv, a->attr);
	strv_add(&argv, "-I");
	strv_take(&argv, str_printf("nixos-config=%s", config));
	if (a->dry)
		strv_add(&argv, "--dry-run");
	strv_for_each (w, rb->words)
		strv_add(&argv, w);
	setenv("NIXOS_CONFIG", config, 1);
	int status = cmd_build((int)strv_len(argv), argv);
	return status || !a->after ? status : a->after(rb);
}

int cmd_rebuild(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_strv_ char **words = NULL;
	const struct action *a = NULL;

	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--help") || str_eq(argv[i], "-h"))
			return usage(0);
		if (!a && argv[i][0] != '-' && (a = action_find(argv[i])))
			continue;
		if (!a && argv[i][0] != '-') {
			err_set(&e, -EINVAL, "unknown action '%s' of nixos-rebuild", argv[i]);
			cmd_fail(&e);
			return usage(1);
		}
		strv_add(&words, argv[i]);
	}
	if (!a)
		return usage(1);
	if (a->missing) {
		err_set(&e, -ENOSYS, "'nixos-rebuild %s' is not built yet in this version of kernix",
		        a->name);
		err_hint(&e,
		        "'nixos-rebuild build' builds the system; 'kernix vm ./result' boots it in QEMU.");
		return cmd_fail(&e);
	}
	static char *none[] = {NULL};
	struct rebuild rb = {.config = config_of(words ? words : none), .words = words};
	if (!fs_exists(rb.config)) {
		err_set(&e, -ENOENT, "the configuration '%s' does not exist", rb.config);
		err_hint(&e, "Name it with '-I nixos-config=FILE' or $NIXOS_CONFIG.");
		return cmd_fail(&e);
	}
	return run(a, &rb);
}
