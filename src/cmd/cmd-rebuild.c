// SPDX-License-Identifier: GPL-2.0-or-later
// nixos-rebuild: builds the system that a configuration.nix declares, and makes it what is booted or what
// runs. Actions and options are rows; options that are not ours are nix-build's.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/proc.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/kernels.h"
#include "cmd/rebuild.h"
#include "cmd/session.h"
#include "cmd/streams.h"
#include "store/roots.h"
#include "store/store.h"

#define SAY_AGE_MS 20000 // a line of advice is not waited for longer

static int run_build(struct rebuild *rb);
static int run_vm(struct rebuild *rb);
static int run_repl(struct rebuild *rb);

static const struct action actions[] = {
        {"switch", "system", "makes it the default and activates it", DOES_BOOT | DOES_ACTIVATE, false,
                rebuild_activate},
        {"boot", "system", "makes it the default of the next boot; when it comes up, of all", DOES_BOOT,
                false, rebuild_activate},
        {"test", "system", "activates it without making it the default", DOES_ACTIVATE, false,
                rebuild_activate},
        {"dry-activate", "system", "says what 'switch' would change",
                DOES_BOOT | DOES_ACTIVATE | DOES_NOTHING, false, rebuild_activate},
        {"build", "system", "builds the system and leaves ./result", DOES_BUILD, false, run_build},
        {"dry-build", "system", "says what would be built", DOES_BUILD, true, run_build},
        {"dry-run", "system", NULL, DOES_BUILD, true, run_build},
        {"build-vm", "vm", "builds a script that boots the system in QEMU", DOES_BUILD, false, run_vm},
        {"list-generations", NULL, "lists the generations (--json)", 0, false, rebuild_list},
        {"repl", NULL, "opens the configuration in the REPL: config, options, pkgs, lib", 0, false, run_repl},
        {"uninstall", NULL, "takes boot entries and files away again; generations stay", 0, false,
                rebuild_uninstall},
};

enum { ID_TEXT, ID_FLAG, ID_PASS, ID_NOTHING, ID_NOTE, ID_REFUSE, ID_HELP };

static const struct opt_row rows[] = {
        {"--rollback", NULL, 0, ID_FLAG, NULL, "the generation before the current one, nothing is built"},
        {"--profile-name", "-p", 1, ID_TEXT, "NAME",
                "generations of system-profiles/NAME in place of system"},
        {"--specialisation", "-c", 1, ID_TEXT, "NAME", "activates this variant of the system"},
        {"--permanent", NULL, 0, ID_FLAG, NULL,
                "the default of every boot at once, without the net of a try"},
        {"--tries", NULL, 1, ID_TEXT, "N", "how often a new generation is tried: 1 (default) to 3"},
        {"--force", NULL, 0, ID_FLAG, NULL,
                "also a system that is known not to start, or a kernel that Secure Boot would refuse"},
        {"--no-boot-test", NULL, 0, ID_FLAG, NULL,
                "boot, switch: does not start the new kernel in QEMU before it is installed"},
        {"--boot-test-timeout", NULL, 1, ID_TEXT, "SECONDS",
                "how long that may take: 30 with KVM, 120 without"},
        {"--loader", NULL, 1, ID_TEXT, "NAME", "boot loader: grub, systemd-boot, extlinux"},
        {"--root", NULL, 1, ID_TEXT, "DIR", "the machine whose / is DIR, with the store in DIR/nix"},
        {"--store", NULL, 1, ID_TEXT, "URI", "store: local, local?root=DIR, DIR"},
        {"--file", "-f", 1, ID_TEXT, "FILE", "an expression in place of <nixpkgs/nixos>"},
        {"--attr", "-A", 1, ID_TEXT, "ATTR", "of FILE: its config.system.build.toplevel is built"},
        {"--flake", "-F", 1, ID_TEXT, "DIR#NAME",
                "nixosConfigurations.NAME of the flake in DIR (default: this machine's name)"},
        {"--dry-run", NULL, 0, ID_FLAG, NULL,
                "builds nothing and only says what would be built, or, where it is built, what would change"},
        {"--json", NULL, 0, ID_FLAG, NULL, "list-generations as JSON"},
        {"--help", "-h", 0, ID_HELP, NULL, "this text"},
        // passed on to nix-build
        {"--include", "-I", 1, ID_PASS, "PATH", "adds NAME=PATH to the search path (nixos-config=FILE)"},
        {"--option", NULL, 2, ID_PASS, "NAME VALUE", NULL},
        {"--arg", NULL, 2, ID_PASS, "NAME VALUE", NULL},
        {"--argstr", NULL, 2, ID_PASS, "NAME VALUE", NULL},
        {"--impure", NULL, 0, ID_PASS, NULL, NULL},
        {"--override-input", NULL, 2, ID_PASS, "INPUT REFERENCE", "another flake for an input of --flake"},
        {"--update-input", NULL, 1, ID_PASS, "INPUT", NULL},
        {"--recreate-lock-file", NULL, 0, ID_PASS, NULL, NULL},
        {"--no-write-lock-file", NULL, 0, ID_PASS, NULL, NULL},
        {"--no-update-lock-file", NULL, 0, ID_PASS, NULL, NULL},
        {"--no-embedded-nixpkgs", NULL, 0, ID_PASS, NULL, NULL},
        {"--max-jobs", "-j", 1, ID_PASS, "N", NULL},
        {"--cores", NULL, 1, ID_PASS, "N", NULL},
        {"--timeout", NULL, 1, ID_PASS, "SECONDS", NULL},
        {"--max-silent-time", NULL, 1, ID_PASS, "SECONDS", NULL},
        {"--log-format", NULL, 1, ID_PASS, "NAME", NULL},
        {"--builders", NULL, 1, ID_PASS, "LIST", NULL},
        {"--substituters", NULL, 1, ID_PASS, "LIST", NULL},
        // known from NixOS
        {"--fast", NULL, 0, ID_NOTHING, NULL, NULL},
        {"--no-build-nix", NULL, 0, ID_NOTHING, NULL, NULL},
        {"--no-reexec", NULL, 0, ID_NOTHING, NULL, NULL},
        {"--no-flake", NULL, 0, ID_FLAG, NULL, "no flake, also where /etc/nixos/flake.nix is"},
        {"--install-bootloader", NULL, 0, ID_NOTE, NULL,
                "kernix adds entries to the boot loader that is there and installs none"},
        {"--upgrade", NULL, 0, ID_NOTE, NULL,
                "there are no channels: the package set is part of kernix; 'kernix kernels update' learns of "
                "newer kernels"},
        {"--upgrade-all", NULL, 0, ID_NOTE, NULL,
                "there are no channels: the package set is part of kernix; 'kernix kernels update' learns of "
                "newer kernels"},
        {"--target-host", NULL, 0, ID_REFUSE, NULL,
                "nix-copy-closure copies a system; run 'nixos-rebuild' on that machine"},
        {"--build-host", NULL, 0, ID_REFUSE, NULL,
                "nix-copy-closure copies a system; run 'nixos-rebuild' on that machine"},
        {"--use-remote-sudo", NULL, 0, ID_REFUSE, NULL, "run nixos-rebuild itself with sudo"},
        {"--sudo", NULL, 0, ID_REFUSE, NULL, "run nixos-rebuild itself with sudo"},
        {NULL, NULL, 0, 0, NULL, NULL},
};

// Where the values of ID_TEXT and ID_FLAG rows go.
static const struct {
	const char *name;
	size_t offset;
} places[] = {
        {"--rollback", offsetof(struct rebuild, rollback)},
        {"--permanent", offsetof(struct rebuild, permanent)},
        {"--no-boot-test", offsetof(struct rebuild, no_boot_test)},
        {"--boot-test-timeout", offsetof(struct rebuild, test_limit_text)},
        {"--dry-run", offsetof(struct rebuild, dry_run)},
        {"--force", offsetof(struct rebuild, force)},
        {"--json", offsetof(struct rebuild, json)},
        {"--profile-name", offsetof(struct rebuild, profile)},
        {"--specialisation", offsetof(struct rebuild, specialisation)},
        {"--tries", offsetof(struct rebuild, tries_text)},
        {"--loader", offsetof(struct rebuild, loader)},
        {"--root", offsetof(struct rebuild, root)},
        {"--store", offsetof(struct rebuild, store_uri)},
        {"--file", offsetof(struct rebuild, file)},
        {"--flake", offsetof(struct rebuild, flake)},
        {"--no-flake", offsetof(struct rebuild, no_flake)},
        {"--attr", offsetof(struct rebuild, attr)},
};

static const struct action *action_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (str_eq(actions[i].name, name))
			return &actions[i];
	return NULL;
}

static void usage(void)
{
	struct opt_row shown[ARRAY_SIZE(rows)];
	size_t n = 0;

	for (size_t i = 0; rows[i].name; i++)
		if (rows[i].id != ID_NOTE && rows[i].id != ID_REFUSE)
			shown[n++] = rows[i];
	shown[n] = rows[ARRAY_SIZE(rows) - 1];
	_cleanup_free_ char *options = opt_help(shown);
	printf("Usage: nixos-rebuild ACTION [OPTION]...\n\nActions:\n");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (actions[i].help)
			printf("  %-18s %s\n", actions[i].name, actions[i].help);
	printf("\nOptions:\n%s\nThe configuration is --flake DIR#NAME, -I nixos-config=FILE, else "
	       "$NIXOS_CONFIG, "
	       "else /etc/nixos/flake.nix, else /etc/nixos/configuration.nix.\nOther options are those of "
	       "nix-build.\n",
	        options);
}

static void set_place(struct rebuild *rb, const struct opt_row *row, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!str_eq(places[i].name, row->name))
			continue;
		char *at = (char *)rb + places[i].offset;
		if (row->id == ID_FLAG) {
			*(bool *)at = true;
		} else {
			mem_free(*(char **)at);
			*(char **)at = mem_strdup(value);
		}
	}
}

static int hint_actions(struct err *e)
{
	_cleanup_buf_ struct buf names = {0};

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (actions[i].help)
			buf_addf(&names, "%s%s", i ? ", " : "", actions[i].name);
	return err_hint(
	        e, "Actions are: %s. Try 'nixos-rebuild --help' for more information.", buf_str(&names));
}

// A word that begins with "--" and is neither ours nor nix-build's, but nearly one of ours.
static const char *meant_option(const char *word)
{
	size_t len = strcspn(word, "=");
	_cleanup_free_ char *name = mem_strndup(word, len);
	struct str_near near = {.below = MIN((size_t)3, str_near_limit(len))};

	if (!str_has_prefix(word, "--") || session_knows(name))
		return NULL;
	for (size_t i = 0; rows[i].name; i++)
		str_near_offer(&near, name, rows[i].name);
	return near.name;
}

static int unknown_action(const char *word, struct err *e)
{
	struct str_near near = {.below = str_near_limit(strlen(word))};

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		str_near_offer(&near, word, actions[i].name);
	err_set(e, -EINVAL, "unknown action '%s' of nixos-rebuild", word);
	if (near.name)
		err_hint(e, "Did you mean '%s'?", near.name);
	return hint_actions(e);
}

static int take_word(struct rebuild *rb, const char *word, bool is_value, struct err *e)
{
	const char *near = is_value ? NULL : meant_option(word);

	if (near) {
		err_set(e, -EINVAL, "unknown option '%s' of nixos-rebuild", word);
		return err_hint(e, "Did you mean '%s'?", near);
	}
	if (*word == '-' || is_value) { // nix-build's own
		strv_add(&rb->words, word);
		return 0;
	}
	if (rb->action) {
		err_set(e, -EINVAL, "nixos-rebuild %s takes no '%s'", rb->action->name, word);
		return err_hint(
		        e, "A configuration is named by -I nixos-config=FILE, a flake by --flake DIR#NAME.");
	}
	rb->action = action_find(word);
	return rb->action ? 0 : unknown_action(word, e);
}

static int option(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct rebuild *rb = ctx;

	if (!row)
		return take_word(rb, args[0], false, e);
	switch (row->id) {
	case ID_TEXT:
	case ID_FLAG:
		set_place(rb, row, args[0]);
		break;
	case ID_PASS:
		strv_add(&rb->words, row->name);
		for (int i = 0; i < row->nargs; i++)
			strv_add(&rb->words, args[i]);
		break;
	case ID_NOTE:
		log_note("%s: %s", row->name, row->help);
		break;
	case ID_REFUSE:
		err_set(e, -ENOSYS, "nixos-rebuild %s is not supported", row->name);
		return err_hint(e, "Instead: %s.", row->help);
	case ID_HELP:
		usage();
		exit(streams_close(0));
	}
	return 0;
}

// The rows that opt_parse knows, and everything else that begins with '-' as a plain word; what follows such
// a word may be its value.
static int parse(struct rebuild *rb, int argc, char **argv, struct err *e)
{
	bool foreign = false;
	int r = 0;

	for (int i = 1; r == 0 && i < argc; i++) {
		const struct opt_row *row = NULL;
		size_t name = strcspn(argv[i], "=");
		for (size_t k = 0; rows[k].name && !row; k++) {
			bool joined = rows[k].nargs == 1 && argv[i][name] == '=' &&
			              strlen(rows[k].name) == name &&
			              strncmp(rows[k].name, argv[i], name) == 0;
			if (joined || str_eq(rows[k].name, argv[i]) ||
			        (rows[k].alias && str_eq(rows[k].alias, argv[i])) ||
			        (str_has_prefix(argv[i], "-j") && str_eq(rows[k].alias, "-j")))
				row = &rows[k];
		}
		if (!row) {
			bool is_value = foreign && rb->action;
			r = take_word(rb, argv[i], is_value, e);
			foreign = *argv[i] == '-' || is_value;
			continue;
		}
		foreign = false;
		bool alone = str_eq(row->name, "--flake") && (i + 1 == argc || *argv[i + 1] == '-');
		if (alone && !strchr(argv[i], '=')) { // the one here
			set_place(rb, row, ".");
			continue;
		}
		bool whole = str_eq(row->name, argv[i]) || str_eq(row->alias, argv[i]);
		int last = MIN(i + (whole ? row->nargs : 0), argc - 1);
		char *words[] = {argv[0], argv[i], argv[MIN(i + 1, last)], argv[last], NULL};
		r = opt_parse(rows, 2 + (last - i), words, option, rb, e);
		i = last;
	}
	return r;
}

// What the command line or the environment names; NULL: nothing.
static const char *named_config(char *const *words)
{
	const char *env = getenv("NIXOS_CONFIG"), *found = NULL;

	for (size_t i = 0; words && words[i] && words[i + 1]; i++)
		if (str_eq(words[i], "--include") && str_has_prefix(words[i + 1], "nixos-config="))
			found = words[i + 1] + strlen("nixos-config=");
	return found ? found : env && *env ? env : NULL;
}

static int config_of(char *const *words, char **ret, struct err *e)
{
	const char *named = named_config(words);

	return fs_absolute(named ? named : "/etc/nixos/configuration.nix", ret, e);
}

// Where nothing is named, the machine's own flake: the folder that /etc/nixos/flake.nix really is in.
static void find_flake(struct rebuild *rb)
{
	if (rb->flake || rb->no_flake || rb->file || rb->attr || named_config(rb->words))
		return;
	_cleanup_free_ char *real = realpath("/etc/nixos/flake.nix", NULL);
	if (real)
		rb->flake = str_dirname(real);
}

// REFERENCE#.nixosConfigurations."NAME"REST
static char *flake_word(const struct rebuild *rb, const char *rest)
{
	const char *hash = strchr(rb->flake, '#');
	struct utsname u = {0};
	_cleanup_free_ char *ref =
	        mem_strndup(rb->flake, hash ? (size_t)(hash - rb->flake) : strlen(rb->flake));
	_cleanup_free_ char *host = NULL;

	if (!hash || !hash[1]) {
		const char *node = uname(&u) == 0 && *u.nodename ? u.nodename : "default";
		host = mem_strndup(node, strcspn(node, "."));
	}
	return str_printf("%s#.nixosConfigurations.\"%s\"%s", *ref ? ref : ".", host ? host : hash + 1, rest);
}

// The expression and the attribute in it.
static void add_what(const struct rebuild *rb, const char *attr, char ***argv)
{
	bool own = rb->file || rb->attr;
	bool whole = str_has_prefix(attr, "config.");

	if (rb->flake) {
		_cleanup_free_ char *rest = str_printf(".%s%s", whole ? "" : "config.system.build.",
		        str_eq(attr, "system") ? "toplevel" : attr);
		strv_add(argv, "--flake");
		strv_take(argv, flake_word(rb, rest));
		return;
	}
	strv_add(argv, rb->file ? rb->file : own ? "./default.nix" : "<nixpkgs/nixos>");
	strv_add(argv, "-A");
	strv_take(argv,
	        own ? str_printf("%s%s%s%s", rb->attr ? rb->attr : "", rb->attr ? "." : "",
	                      whole ? "" : "config.system.build.", str_eq(attr, "system") ? "toplevel" : attr)
	            : mem_strdup(attr));
	if (own)
		return;
	strv_add(argv, "-I");
	strv_take(argv, str_printf("nixos-config=%s", rb->config));
	setenv("NIXOS_CONFIG", rb->config, 1);
}

// `program` on the attribute of the configuration.
static char **command(struct rebuild *rb, const char *program, const char *attr)
{
	_cleanup_free_ char *uri = boot_target_uri(rb->root, rb->store_uri);
	char **argv = NULL;

	strv_add(&argv, program);
	add_what(rb, attr, &argv);
	if (uri) {
		strv_add(&argv, "--store");
		strv_add(&argv, uri);
	}
	strv_for_each (w, rb->words)
		strv_add(&argv, w);
	return argv;
}

int rebuild_build(struct rebuild *rb, const char *attr, char **ret)
{
	_cleanup_strv_ char **argv = command(rb, "nix-build", attr);

	if (rb->action->dry || rb->dry_run)
		strv_add(&argv, "--dry-run");
	if (ret)
		strv_add(&argv, "--no-out-link");
	return ret ? cmd_first_line(cmd_build, argv, ret) : cmd_build((int)strv_len(argv), argv);
}

int rebuild_is_built(struct rebuild *rb, const char *attr, char **ret, char **ret_drv)
{
	_cleanup_strv_ char **argv = command(rb, "nix-instantiate", attr);
	_cleanup_free_ char *uri = boot_target_uri(rb->root, rb->store_uri), *drv = NULL, *path = NULL;
	int status = cmd_first_line(cmd_instantiate, argv, &drv);
	char *query[] = {(char *)"nix-store", (char *)"--query", (char *)"--outputs", drv,
	        uri ? (char *)"--store" : NULL, uri, NULL};

	if (!status)
		status = cmd_first_line(cmd_store, query, &path);
	if (status)
		return status;
	_cleanup_err_ struct err e = {0};
	bool valid;
	if (store_is_valid(rb->t.store, path, &valid, &e) < 0) {
		log_error("%s", e.msg);
		return 1;
	}
	if (valid)
		*ret = TAKE_PTR(path);
	*ret_drv = TAKE_PTR(drv);
	return 0;
}

int rebuild_say_missing(struct rebuild *rb, char *drv)
{
	_cleanup_free_ char *uri = boot_target_uri(rb->root, rb->store_uri);
	char *words[] = {(char *)"nix-store", (char *)"--realise", (char *)"--dry-run", drv,
	        uri ? (char *)"--store" : NULL, uri, NULL};

	return cmd_store(uri ? 6 : 4, words);
}

// Before anything is built: is there a newer kernel in the series, or has it ended? A process of its own asks
// (it takes 30 ms), so that nothing is said twice; what is wrong with the configuration is said by the build.
static void say_age(struct rebuild *rb)
{
	_cleanup_strv_ char **argv =
	        command(rb, "nix-instantiate", "config.boot.kernelPackages.kernel.version");
	_cleanup_buf_ struct buf out = {0}, said = {0};
	_cleanup_free_ char *exe = NULL, **words = NULL;
	const struct proc_opts opts = {.out = &out, .err = &said, .timeout_ms = SAY_AGE_MS};
	int status = 1;

	strv_add(&argv, "--eval");
	strv_add(&argv, "--no-allow-import-from-derivation"); // nothing is built without a word
	// A root that is not there is not made for this.
	if ((rb->root && !fs_is_dir(rb->root)) || fs_readlink("/proc/self/exe", &exe, NULL) < 0)
		return;
	words = mem_array(strv_len(argv) + 2, sizeof(*words));
	words[0] = exe;
	memcpy(words + 1, argv, strv_len(argv) * sizeof(*argv));
	if (proc_run(words, &opts, &status, NULL) < 0 || status != 0)
		return;
	_cleanup_strv_ char **found = strv_split(buf_str(&out), "\"\n");
	if (found)
		kernels_say_age(rb->root, found[0]);
}

static int run_build(struct rebuild *rb)
{
	return rebuild_build(rb, rb->action->attr, NULL);
}

static int run_vm(struct rebuild *rb)
{
	int status = run_build(rb);

	if (!status && !rb->dry_run)
		printf("\nDone. The virtual machine is started by ./result/bin/run-*-vm or 'kernix vm "
		       "./result'.\n");
	return status;
}

static int run_repl(struct rebuild *rb)
{
	_cleanup_strv_ char **argv = NULL;
	_cleanup_free_ char *path = str_printf("nixos-config=%s", rb->config),
	                    *uri = boot_target_uri(rb->root, rb->store_uri);
	_cleanup_free_ char *flake = rb->flake ? flake_word(rb, "") : NULL;
	char *const of_file[] = {(char *)"repl", (char *)"-I", path,
	        rb->file ? rb->file : (char *)"<nixpkgs/nixos>", NULL},
	            *const of_flake[] = {(char *)"repl", (char *)"--flake", flake, NULL};

	setenv("NIXOS_CONFIG", rb->config, 1);
	strv_for_each (w, flake ? of_flake : of_file)
		strv_add(&argv, w);
	if (uri) {
		strv_add(&argv, "--store");
		strv_add(&argv, uri);
	}
	strv_for_each (w, rb->words)
		strv_add(&argv, w);
	printf("The configuration is loaded: config, options, pkgs, lib.\n");
	fflush(stdout);
	return cmd_repl((int)strv_len(argv), argv);
}

// A configuration that says nothing of its file systems, without the file that does: one line, no question.
static void offer_hardware(const struct rebuild *rb)
{
	static const char *const known[] = {"fileSystems", "hardware-configuration", "imports"};
	_cleanup_free_ char *dir = str_dirname(rb->config),
	                    *file = fs_join(dir, "hardware-configuration.nix");
	_cleanup_buf_ struct buf text = {0};
	_cleanup_err_ struct err e = {0};

	if (!(rb->action->does & (DOES_BOOT | DOES_ACTIVATE)) || rb->root || fs_exists(file) ||
	        fs_read_regular_maybe(rb->config, (size_t)1 << 20, &text, &e) <= 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strstr(buf_str(&text), known[i]))
			return;
	log_note("%s says nothing of this machine's disks: nixos-generate-config --dir %s writes "
	         "hardware-configuration.nix, which it can import",
	        rb->config, dir);
}

// What does not fit together, said before anything is done.
static int check(struct rebuild *rb, struct err *e)
{
	uint64_t tries = 1;

	if (rb->tries_text && (str_to_u64(rb->tries_text, &tries) < 0 || tries < 1 || tries > 3))
		return err_set(e, -EINVAL, "--tries is a number from 1 to 3, not '%s'", rb->tries_text);
	rb->tries = (unsigned)tries;
	if (rb->test_limit_text && (str_to_u64(rb->test_limit_text, &rb->test_limit_s) < 0 ||
	                                   rb->test_limit_s < 1 || rb->test_limit_s > 86400))
		return err_set(e, -EINVAL, "--boot-test-timeout is a number of seconds, not '%s'",
		        rb->test_limit_text);
	if (!rb->profile)
		rb->profile = mem_strdup("system");
	if (rb->rollback && (rb->action->does & DOES_BUILD || !rb->action->attr))
		return err_set(e, -EINVAL,
		        "--rollback goes with boot, switch, test and dry-activate, not with '%s'",
		        rb->action->name);
	if (rb->specialisation && !(rb->action->does & DOES_ACTIVATE)) {
		err_set(e, -EINVAL, "--specialisation goes with switch, test and dry-activate, not with '%s'",
		        rb->action->name);
		return err_hint(e, "Each specialisation has an entry of its own in the boot menu.");
	}
	_cleanup_free_ char *root = TAKE_PTR(rb->root);
	int r = root ? fs_absolute(root, &rb->root, e) : 0;
	if (r == 0)
		r = config_of(rb->words, &rb->config, e);
	if (r < 0)
		return r;
	find_flake(rb);
	if (rb->flake && (rb->file || rb->attr))
		return err_set(e, -EINVAL, "--flake does not go with --file and --attr");
	bool needed = !rb->rollback && !rb->file && !rb->attr && !rb->flake &&
	              (rb->action->attr || rb->action->run == run_repl);
	if (needed && str_eq(str_basename(rb->config), "flake.nix")) {
		_cleanup_free_ char *dir = str_dirname(rb->config);
		err_set(e, -EINVAL, "'%s' is a flake, not a configuration", rb->config);
		return err_hint(e,
		        "Type: nixos-rebuild %s --flake %s#NAME, with a NAME of its nixosConfigurations.",
		        rb->action->name, dir);
	}
	if (!needed)
		return 0;
	if (fs_exists(rb->config)) {
		offer_hardware(rb);
		return 0;
	}
	err_set(e, -ENOENT, "the configuration '%s' does not exist", rb->config);
	return err_hint(e, "Name it with '-I nixos-config=FILE' or $NIXOS_CONFIG; nixos-generate-config "
	                   "writes one for this machine.");
}

static void release(struct rebuild *rb)
{
	char *owned[] = {rb->config, rb->flake, rb->file, rb->attr, rb->root, rb->store_uri, rb->loader,
	        rb->profile, rb->specialisation, rb->tries_text, rb->test_limit_text, rb->switched};

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	strv_free(rb->words);
	boot_target_release(&rb->t);
}

int cmd_rebuild(int argc, char **argv)
{
	_cleanup_(release) struct rebuild rb = {0};
	_cleanup_err_ struct err e = {0};

	if (parse(&rb, argc, argv, &e) < 0)
		return cmd_fail(&e);
	if (!rb.action) {
		err_set(&e, -EINVAL, "no action of nixos-rebuild is named");
		hint_actions(&e);
		return cmd_fail(&e);
	}
	if (check(&rb, &e) < 0)
		return cmd_fail(&e);
	if (rb.action->attr && !rb.rollback)
		say_age(&rb);
	int status = rb.action->run(&rb);
	// The very last thing: who is killed after it cannot be told from one that has ended.
	boot_target_release(&rb.t);
	return rb.switched && rollback_done(rb.switched, &e) < 0 ? cmd_fail(&e) : status;
}
