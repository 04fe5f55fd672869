// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config: what Kconfig says about a kernel before anything is compiled. The words are rows of
// config_words.
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "base/term.h"
#include "build/enter.h"
#include "cmd/cmd.h"
#include "cmd/config.h"
#include "kconfig/build.h"
#include "kconfig/repro.h"
#include "kconfig/toolfacts.h"

enum {
	O_SOURCE,
	O_ARCH,
	O_BASE,
	O_FRAGMENT,
	O_REQUEST,
	O_OUT,
	O_JSON,
	O_AUTO,
	O_BUILTIN,
	O_IGNORE,
	O_MODULES,
	O_HARDWARE,
	O_ALIASES,
	O_CONFIGURATION,
	O_ATTR,
	O_SEARCH,
	O_ALL,
	O_LINES,
	O_NIX,
	O_HELP
};

static const struct opt_row config_opts[] = {
        {"--configuration", NULL, 1, O_CONFIGURATION, "FILE.nix",
                "the kernel that a configuration.nix declares"},
        {"--attr", "-A", 1, O_ATTR, "ATTR", "the kernel of an attribute of <nixpkgs>: linuxPackages_debian"},
        {"--include", "-I", 1, O_SEARCH, "PATH", "adds NAME=PATH to the search path (nixos-config=FILE)"},
        {"--source", NULL, 1, O_SOURCE, "DIR", "the kernel source tree"},
        {"--arch", NULL, 1, O_ARCH, "ARCH", "as in make ARCH= (default: this machine's)"},
        {"--base", NULL, 1, O_BASE, "BASE", "allnoconfig, defconfig, ..., NAME_defconfig, or a .config file"},
        {"--fragment", NULL, 1, O_FRAGMENT, "FILE", "merged as merge_config.sh merges; may be repeated"},
        {"--request", NULL, 1, O_REQUEST, "FILE.json", "options that must come out; may be repeated"},
        {"--auto-modules", NULL, 0, O_AUTO, NULL, "what nobody asked for becomes a module where it can"},
        {"--prefer-builtin", NULL, 0, O_BUILTIN, NULL, "but what is built in stays so"},
        {"--ignore-config-errors", NULL, 0, O_IGNORE, NULL, "requests that do not hold are warnings"},
        {"--modules", NULL, 1, O_MODULES, "FILE",
                "trim: loaded modules, as lsmod or /proc/modules list them (default: /proc/modules)"},
        {"--hardware", NULL, 1, O_HARDWARE, "FILE",
                "trim, hardware: what the machine has: a report of 'kernix hardware', modaliases (of /sys), "
                "or "
                "what 'lspci -n' and 'lsusb' list"},
        {"--aliases", NULL, 1, O_ALIASES, "FILE",
                "modules.alias of a kernel that has the drivers (trim of a list: default the newest below "
                "/lib/modules; trim of a report, hardware, builds: the tree's sources)"},
        {"--all", NULL, 0, O_ALL, NULL,
                "diff, compare: also what is only missing on one side and not set on the other; compare: "
                "also what nobody asked for"},
        {"--lines", NULL, 0, O_LINES, NULL,
                "what helps as lines of a .config, CONFIG_NAME=y (usual in a kernel tree)"},
        {"--nix", NULL, 0, O_NIX, NULL, "what helps as Nix, also in a kernel tree"},
        {"--json", NULL, 0, O_JSON, NULL, "the answer as JSON on standard output"},
        {"--output", "-o", 1, O_OUT, "OUT", "where to write the .config (default: standard output)"},
        {"--help", "-h", 0, O_HELP, NULL, "this text"},
        {NULL},
};

static int take_opt(void *ctx, const struct opt_row *row, char **words, struct err *e)
{
	struct config_args *a = ctx;
	const struct {
		int id;
		const char **text;
		char ***list;
		bool *flag;
	} targets[] = {
	        {O_SOURCE, &a->source, NULL, NULL},
	        {O_ARCH, &a->arch, NULL, NULL},
	        {O_BASE, &a->base, NULL, NULL},
	        {O_OUT, &a->out, NULL, NULL},
	        {O_MODULES, &a->modules, NULL, NULL},
	        {O_HARDWARE, &a->hardware, NULL, NULL},
	        {O_ALIASES, &a->aliases, NULL, NULL},
	        {O_CONFIGURATION, &a->configuration, NULL, NULL},
	        {O_ATTR, &a->attr, NULL, NULL},
	        {O_SEARCH, NULL, &a->search, NULL},
	        {O_FRAGMENT, NULL, &a->fragments, NULL},
	        {O_REQUEST, NULL, &a->requests, NULL},
	        {O_AUTO, NULL, NULL, &a->policy.auto_modules},
	        {O_BUILTIN, NULL, NULL, &a->policy.prefer_builtin},
	        {O_IGNORE, NULL, NULL, &a->policy.ignore_errors},
	        {O_ALL, NULL, NULL, &a->all},
	        {O_LINES, NULL, NULL, &a->lines},
	        {O_NIX, NULL, NULL, &a->nix},
	        {O_JSON, NULL, NULL, &a->json},
	};

	if (!row)
		strv_add(&a->words, words[0]);
	for (size_t i = 0; row && i < ARRAY_SIZE(targets); i++) {
		if (targets[i].id != row->id)
			continue;
		if (targets[i].text)
			*targets[i].text = words[0];
		if (targets[i].list)
			strv_add(targets[i].list, words[0]);
		if (targets[i].flag)
			*targets[i].flag = true;
	}
	return row && row->id == O_HELP ? -ECANCELED : 0;
}

static void print_warning(void *ctx, const char *text)
{
	term_puts(stderr, text, strlen(text));
}

// What a tree prints with $(info) goes where conf prints it, unless the answer goes there.
static void print_info(void *ctx, const char *text)
{
	const struct config_args *a = ctx;

	term_puts(a->out && !a->json && strcmp(a->out, "-") ? stdout : stderr, text, strlen(text));
}

const char *config_arch(const struct config_args *a)
{
	const char *set = getenv("ARCH");
	static _Thread_local struct utsname u;

	if (a->arch || (!a->env && set && *set))
		return a->arch ? a->arch : set;
	uname(&u);
	return str_eq(u.machine, "aarch64") ? "arm64" : u.machine;
}

static int load_tree(const struct config_args *a, struct kconfig **ret, struct err *e)
{
	_cleanup_free_ char *cache = kconfig_cache_path();

	if (!fs_is_dir(a->source))
		return err_set(e, -ENOENT, "%s: no such source tree", a->source);
	struct kconfig_build b = {.src = a->source,
	        .arch = config_arch(a),
	        .env = a->env,
	        .cache_path = cache,
	        .place = a->place.enter ? &a->place : NULL,
	        .warn = print_warning,
	        .info = print_info,
	        .warn_ctx = (void *)a};
	return kconfig_build_tree(&b, ret, e);
}

static char *named_configuration(char *const *entries)
{
	const char *found = NULL;

	strv_for_each (entry, entries) {
		const char *named = str_after(entry, "nixos-config=");
		found = named && !found ? named : found;
	}
	return found ? mem_strdup(found) : NULL;
}

// The configuration.nix that nixos-rebuild would take (nixos/lib/find-configuration.nix), when nothing else
// says which kernel is meant; owned, NULL: there is none.
static char *usual_configuration(void)
{
	static const char etc[] = "/etc/nixos/configuration.nix";
	const char *name = getenv("NIXOS_CONFIG"), *path = getenv("NIX_PATH");
	_cleanup_strv_ char **entries = strv_split(path ? path : "", ":");

	if (name && *name)
		return mem_strdup(name);
	char *named = named_configuration(entries);
	return named ? named : fs_exists(etc) ? mem_strdup(etc) : NULL;
}

int config_load_base(struct config_args *a, struct kconfig **ret, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	int r = 0;

	if (!a->source && !a->attr && !a->configuration)
		a->configuration = a->own_configuration = named_configuration(a->search);
	if (!a->attr && !a->configuration)
		config_take_tree(a);
	if (!a->source && !a->attr && !a->configuration)
		a->configuration = a->own_configuration = usual_configuration();
	if (a->attr || a->configuration)
		r = config_eval_nix(a, e);
	if (r >= 0 && !a->source)
		return err_set(e, -EINVAL,
		        "which kernel? --source DIR names its source tree, --configuration FILE.nix a "
		        "configuration, "
		        "-A ATTR a kernel of <nixpkgs>; in a kernel tree with a .config it is that one");
	if (r >= 0 && !a->base)
		return err_set(e, -EINVAL,
		        "from which base? --base allnoconfig, defconfig, ... or the path of a .config");
	if (r >= 0)
		r = load_tree(a, &k, e);
	if (r >= 0)
		r = kconfig_base(k, a->base, a->fragments_are_requests ? NULL : a->fragments, e);
	if (r >= 0)
		*ret = TAKE_PTR(k);
	return r;
}

// The tree that one stands in, when nothing else says which kernel is meant.
static bool here_is_tree(void)
{
	return fs_exists("Kconfig") && fs_exists("Kbuild") && fs_is_dir("scripts");
}

int config_load_asked(struct config_args *a, struct kconfig **ret, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_free_ char *config = NULL;
	int r = 0;

	if (!a->attr && !a->configuration)
		config_take_tree(a);
	if (!a->source && !a->attr && !a->configuration && here_is_tree())
		a->source = ".";
	if (!a->source && !a->attr && !a->configuration)
		a->configuration = a->own_configuration = usual_configuration();
	if (a->attr || a->configuration)
		r = config_eval_nix(a, e);
	if (r >= 0 && !a->source)
		r = err_set(e, -EINVAL,
		        "which kernel? --source DIR names its source tree (default: the one that you stand "
		        "in), "
		        "--configuration FILE.nix a configuration, -A ATTR a kernel of <nixpkgs>");
	if (r < 0)
		return r;
	config = fs_join(a->source, ".config");
	if (!a->base && !a->own_base && fs_exists(config))
		a->base = a->own_base = TAKE_PTR(config);
	r = load_tree(a, &k, e);
	if (r >= 0 && a->base)
		r = kconfig_base(k, a->base, a->fragments, e);
	if (r >= 0 && a->base)
		r = config_apply_quietly(a, k, &req, e);
	if (r >= 0)
		*ret = TAKE_PTR(k);
	return r;
}

// What is no file is written into, not replaced: /dev/null, a pipe.
static int write_into(const char *path, const struct buf *b, struct err *e)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? err_sys(e, errno, "opening '%s'", path) : fs_write_all(fd, b->data, b->len, path, e);
}

int config_write_out(const struct config_args *a, const struct buf *b, struct err *e)
{
	struct stat st;

	if (a->out && strcmp(a->out, "-") && stat(a->out, &st) == 0 && !S_ISREG(st.st_mode) &&
	        !S_ISDIR(st.st_mode))
		return write_into(a->out, b, e);
	if (a->out && strcmp(a->out, "-"))
		return fs_write_atomic(a->out, b->data, b->len, 0644, e);
	return a->out || !a->json ? fs_write_all(1, b->data, b->len, "standard output", e) : 0;
}

// Who asks, with the place in the configuration where that is known.
static void add_positions(const struct config_args *a, struct krequests *req)
{
	for (size_t i = 0; i < req->len; i++) {
		struct krequest *r = &req->v[i];
		size_t n = strlen(r->name);
		if (r->why && str_has_prefix(r->why,
		                      "the ")) // the common configuration, the platform: not written there
			continue;
		strv_for_each (p, a->positions)
			if (!strncmp(p, r->name, n) && p[n] == '=')
				r->why = arena_printf(&req->arena, "%s%s%s", r->why ? r->why : "",
				        r->why ? ", " : "", p + n + 1);
	}
}

static int read_requests(const char *file, bool fragment, struct krequests *ret, struct err *e)
{
	_cleanup_buf_ struct buf text = {};
	int r = fs_read(file, (size_t)64 << 20, &text, e);

	if (r < 0)
		return r;
	if (!fragment)
		return krequests_parse(ret, buf_str(&text), text.len, file, e);
	return krequests_parse_fragment(ret, buf_str(&text), text.len, file, e);
}

int config_requests(const struct config_args *a, struct krequests *ret, struct err *e)
{
	int r = 0;

	if (a->nix_requests)
		r = krequests_parse(
		        ret, a->nix_requests, strlen(a->nix_requests), "requests of the configuration", e);
	add_positions(a, ret);
	strv_for_each (f, a->requests)
		if (r >= 0)
			r = read_requests(f, false, ret, e);
	for (char **f = a->fragments_are_requests ? a->fragments : NULL; f && *f && r >= 0; f++)
		r = read_requests(*f, true, ret, e);
	return r;
}

int config_apply_quietly(struct config_args *a, struct kconfig *k, struct krequests *req, struct err *e)
{
	_cleanup_kreport_ struct kreport rep = {};
	int r = config_requests(a, req, e);

	a->policy.no_fixes = true;
	if (r >= 0 && (req->len || a->policy.auto_modules || a->policy.trim))
		r = krequests_apply(k, req, &a->policy, &rep, e);
	return r;
}

// A .config has what nobody can ask for beside what somebody did: versions of tools, what others select.
static void drop_hidden(struct kreport *rep)
{
	size_t n = 0;

	for (size_t i = 0; i < rep->len; i++) {
		if (rep->v[i].kind == KFAIL_HIDDEN)
			rep->fatal -= rep->v[i].fatal;
		else
			rep->v[n++] = rep->v[i];
	}
	rep->len = n;
}

// With what makes two builds differ.
static int print_report(struct kconfig *k, const struct buf *json, struct err *e)
{
	json_t *o = json_loadb(json->data, json->len, 0, NULL);

	json_object_set_new(o, "reproducible", krepro_json(k));
	return config_print_json(o, e);
}

// Warnings are for people; --all adds what is handled.
static void say_differs(const struct config_args *a, struct kconfig *k)
{
	_cleanup_buf_ struct buf b = {};

	krepro_text(k, a->all, &b);
	fflush(stdout);
	fputs(buf_str(&b), stderr);
}

// Applies the requests and says what does not hold. -EINVAL when one that counts does not.
static int apply(const struct config_args *a, struct kconfig *k, bool say_good, struct err *e)
{
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	_cleanup_buf_ struct buf text = {}, json = {};
	int r = config_requests(a, &req, e);

	if (r >= 0)
		r = krequests_apply(k, &req, &a->policy, &rep, e);
	if (r < 0)
		return r;
	if (a->in_tree && !a->requests)
		drop_hidden(&rep);
	if (a->json) {
		kreport_json(&rep, &json);
		r = print_report(k, &json, e);
		if (r < 0)
			return r;
	}
	kreport_text(&rep, false, &text);
	kreport_tools(k, &rep, &text);
	if (config_wants_lines(a))
		config_lines(k, &text);
	if (rep.fatal)
		return err_set(e, -EINVAL, "%zu option%s cannot be as asked:\n\n%s", rep.fatal,
		        rep.fatal == 1 ? "" : "s", buf_str(&text));
	if (rep.len)
		fprintf(stderr, "warning: options that do not come out as asked:\n\n%s", buf_str(&text));
	if (say_good && !a->json)
		printf("%zu of %zu options come out as asked\n", req.len - rep.len, req.len);
	if (say_good)
		say_differs(a, k);
	return 0;
}

static int word_solve(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_buf_ struct buf b = {};
	int r;

	if (a->words)
		return err_set(e, -EINVAL,
		        "kernix config solve takes no words, and '%s' is one: a base is named by --base, "
		        "requests by --request",
		        a->words[0]);
	r = config_load_base(a, &k, e);
	if (r >= 0 && (a->requests || a->nix_requests || a->policy.auto_modules || a->policy.trim || a->json))
		r = apply(a, k, false, e);
	if (r < 0)
		return r;
	if (a->finished && !a->fragments && !a->requests && !a->policy.auto_modules) {
		r = fs_read(a->base, 0, &b, e);
	} else if (!strcmp(a->base, "savedefconfig")) {
		kconfig_write_minimal(k, &b);
	} else if (!strcmp(a->base, "listnewconfig")) {
		kconfig_list_new(k, &b);
	} else {
		kconfig_write(k, &b);
		kconfig_settle(k);
	}
	return r < 0 ? r : config_write_out(a, &b, e);
}

static int word_check(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_buf_ struct buf b = {};
	int r;

	if (strv_len(a->words) > 1)
		return err_set(e, -EINVAL,
		        "kernix config check [configuration.nix]: one configuration, not %zu",
		        strv_len(a->words));
	if (a->words && a->words[0])
		a->configuration = a->words[0];
	a->fragments_are_requests = true;
	r = config_load_base(a, &k, e);
	if (r >= 0 && a->in_tree && !a->fragments && !a->requests) // each line of the tree's .config
		strv_add(&a->fragments, a->base);
	if (r >= 0)
		r = apply(a, k, true, e);
	if (r < 0 || !a->out)
		return r;
	kconfig_write(k, &b);
	return config_write_out(a, &b, e);
}

static const struct config_word {
	const char *name;
	config_word_fn *f;
	const char *args, *help;
	int failed; // exit status of an error where 1 means that nothing was found; 0: 1
} config_words[] = {
        {"solve", word_solve, "", "write the .config of a base, fragments and requests"},
        {"check", word_check, "[configuration.nix]", "do all requests hold? nothing is written or compiled"},
        {"explain", config_explain, "SYMBOL...", "value, why, who wants otherwise, what would change it"},
        {"diff", config_diff, "A B", "two .config files, folders, generations, attributes or URLs"},
        {"compare", config_compare, "OTHER...",
                "the base beside others: files, URLs, generations, attributes, running, debian"},
        {"edit", config_edit, "[configuration.nix]",
                "menuconfig of the tree; what was changed comes back as Nix"},
        {"trim", config_trim, "[configuration.nix]",
                "which modules may go, since this machine does not load them"},
        {"search", config_search, "REGEX...", "options by name, prompt and help text", 2},
        {"show", config_show, "SYMBOL...",
                "place in the menu, help, conditions; who depends on it and selects it", 2},
        {"what-if", config_what_if, "SYMBOL=VALUE...",
                "what would change in the .config, and why it would not", 2},
        {"builds", config_builds, "FILE|MODULE|DEVICE",
                "which option builds a file, folder, module, or a device's driver", 2},
        {"hardware", config_hardware, "", "what this machine's hardware needs, as requests", 2},
};

static int usage(FILE *out)
{
	_cleanup_free_ char *opts = opt_help(config_opts);

	fprintf(out, "Usage: kernix config WORD [OPTION]...\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(config_words); i++)
		fprintf(out, "  %-8s %-20s %s\n", config_words[i].name, config_words[i].args,
		        config_words[i].help);
	fprintf(out, "\n%s", opts);
	return out == stdout ? 0 : 1;
}

static int unknown_word(const char *word)
{
	struct str_near near = {.below = str_near_limit(strlen(word))};
	_cleanup_buf_ struct buf words = {0};
	struct err e = {};

	for (size_t i = 0; i < ARRAY_SIZE(config_words); i++) {
		str_near_offer(&near, word, config_words[i].name);
		buf_addf(&words, "%s%s", i ? ", " : "", config_words[i].name);
	}
	err_set(&e, -EINVAL, "'%s' is not a word of kernix config", word);
	if (near.name)
		err_hint(&e, "Did you mean '%s'?", near.name);
	err_hint(&e, "Words are: %s. Try 'kernix config --help'.", buf_str(&words));
	return cmd_fail(&e);
}

static void release(struct config_args *a)
{
	strv_free(a->fragments);
	strv_free(a->requests);
	strv_free(a->words);
	strv_free(a->positions);
	strv_free(a->search);
	strv_free(a->env);
	enter_place_free(a->view);
	mem_free(a->own_source);
	mem_free(a->own_base);
	mem_free(a->own_arch);
	mem_free(a->own_configuration);
	mem_free(a->nix_requests);
	mem_free(a->own_trim);
	mem_free(a->report);
	strv_free(a->declared);
}

int cmd_config(int argc, char **argv)
{
	const struct config_word *w = NULL;
	struct config_args a = {};
	_cleanup_err_ struct err e = {};
	int r;

	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(config_words); i++)
		if (str_eq(config_words[i].name, argv[1]))
			w = &config_words[i];
	if (!w && argc > 1 && argv[1][0] != '-')
		return unknown_word(argv[1]);
	if (!w)
		return usage(
		        argc > 1 && (str_eq(argv[1], "--help") || str_eq(argv[1], "-h")) ? stdout : stderr);
	r = opt_parse(config_opts, argc - 1, argv + 1, take_opt, &a, &e);
	if (r == -ECANCELED) {
		release(&a);
		return usage(stdout);
	}
	if (w->failed)
		a.failed = w->failed;
	if (r >= 0)
		r = w->f(&a, &e);
	release(&a);
	if (r < 0)
		return cmd_fail(&e), a.failed ? a.failed : 1;
	return a.status;
}
