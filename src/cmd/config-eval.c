// SPDX-License-Identifier: GPL-2.0-or-later
// From a configuration.nix, or an attribute of <nixpkgs>, to source, base and requests of its kernel: this
// program evaluates it as nix-instantiate and nix-build do, in a process of its own, so that a failing
// evaluation is told in its own words.
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "cmd/config.h"
#include "store/store.h"

// The Nix expression `what` where kernel and c (its configfile) and config (of the system; { } for an
// attribute) are known.
static int expression(const struct config_args *a, const char *what, char **ret, struct err *e)
{
	_cleanup_free_ char *path = NULL;

	if (a->attr) {
		*ret = str_printf("let p = (import <nixpkgs> { }).%s; config = { }; kernel = if p ? "
		                  "configfile then p else p.kernel; "
		                  "c = kernel.configfile; in %s",
		        a->attr, what);
		return 0;
	}
	int r = fs_absolute(a->configuration, &path, e);
	if (r < 0)
		return r;
	*ret = str_printf("let inherit (import <nixpkgs/nixos> { configuration = /. + \"%s\"; }) config; "
	                  "kernel = config.boot.kernelPackages.kernel; c = kernel.configfile; in %s",
	        path, what);
	return 0;
}

int config_run_self(char *const *words, struct buf *out, struct err *e)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct proc_opts o = {.out = out};
	_cleanup_strv_ char **argv = NULL;
	int status;

	if (n < 0)
		return err_sys(e, errno, "/proc/self/exe");
	self[n] = '\0';
	strv_add(&argv, self);
	strv_for_each (w, words)
		strv_add(&argv, w);
	int r = proc_run(argv, &o, &status, e);
	if (r < 0)
		return r;
	return status ? err_set(e, -EINVAL, "the configuration cannot be evaluated (see above)") : 0;
}

char *config_real_path(const char *path)
{
	_cleanup_err_ struct err skip = {};
	struct store *s = NULL;

	if (fs_exists(path) || store_open(NULL, STORE_READ_ONLY, &s, &skip) < 0)
		return mem_strdup(path);
	char *real = store_path_inside(store_dir(s), path) ? store_real_path(s, path) : mem_strdup(path);
	store_close(s);
	return real;
}

int config_build_path(const char *expr, char **ret, struct err *e)
{
	char *words[] = {(char *)"nix-build", (char *)"--no-out-link", (char *)"-E", (char *)expr, NULL};
	_cleanup_buf_ struct buf out = {};
	int r = config_run_self(words, &out, e);

	if (r < 0)
		return r;
	buf_str(&out);
	out.data[strcspn(out.data, "\n")] = '\0';
	*ret = config_real_path(out.data);
	return 0;
}

static char *take_string(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s && *s ? mem_strdup(s) : NULL;
}

static bool flag(const json_t *o, const char *name)
{
	return str_eq(json_string_value(json_object_get(o, name)), "1");
}

// What is asked of the kernel's configfile: plain data, no derivation is built for it.
static const char facts[] =
        "(if c ? requests then { inherit (c) arch base requests autoModules preferBuiltin "
        "ignoreConfigErrors; toolPath = c.toolPath or \"\"; } "
        "else { arch = kernel.stdenv.hostPlatform.linuxArch or \"\"; requests = \"[]\"; finished = true; }) "
        "// { "
        "tools = builtins.intersectAttrs { CC = 0; LD = 0; AR = 0; NM = 0; OBJCOPY = 0; HOSTCC = 0; "
        "HOSTCXX = 0; CROSS_COMPILE = 0; LLVM = 0; } (c.drvAttrs or { }); "
        "positions = builtins.mapAttrs (_: p: if p == null then \"\" else "
        "\"${toString p.file}:${toString p.line}\") (kernel.requestPositions or { }); "
        "modules = if config ? boot then config.boot.kernelModules ++ config.boot.initrd.kernelModules ++ "
        "config.boot.initrd.availableKernelModules ++ "
        "map (fs: fs.fsType) (builtins.attrValues config.fileSystems) else [ ]; }";

static void take_facts(struct config_args *a, const json_t *root)
{
	const char *name;
	json_t *v;
	size_t i;

	a->own_arch = take_string(root, "arch");
	a->own_base = take_string(root, "base");
	a->nix_requests = take_string(root, "requests");
	a->tool_path = take_string(root, "toolPath");
	a->finished = json_is_true(json_object_get(root, "finished"));
	json_object_foreach(json_object_get(root, "positions"), name, v) if (json_string_length(v) > 0)
	        strv_take(&a->positions, str_printf("%s=%s", name, json_string_value(v)));
	json_array_foreach(json_object_get(root, "modules"), i, v) if (json_string_length(v) > 0)
	        strv_add(&a->declared, json_string_value(v));
	a->policy.auto_modules = flag(root, "autoModules");
	a->policy.prefer_builtin = flag(root, "preferBuiltin");
	a->policy.ignore_errors |= flag(root, "ignoreConfigErrors");
	json_object_foreach(json_object_get(root, "tools"), name, v) if (json_string_value(v))
	        strv_take(&a->tools, str_printf("%s=%s", name, json_string_value(v)));
}

static int eval_facts(struct config_args *a, struct err *e)
{
	_cleanup_free_ char *expr = NULL;
	_cleanup_buf_ struct buf out = {};
	json_error_t je;
	int r = expression(a, facts, &expr, e);

	if (r < 0)
		return r;
	char *words[] = {(char *)"nix-instantiate", (char *)"--eval", (char *)"--strict", (char *)"--json",
	        (char *)"-E", expr, NULL};
	r = config_run_self(words, &out, e);
	if (r < 0)
		return r;
	json_t *root = json_loadb(buf_str(&out), out.len, 0, &je);
	if (!root)
		return err_set(
		        e, -EINVAL, "the kernel of %s: %s", a->attr ? a->attr : a->configuration, je.text);
	take_facts(a, root);
	json_decref(root);
	return 0;
}

int config_eval_nix(struct config_args *a, struct err *e)
{
	_cleanup_free_ char *tree = NULL, *file = NULL;
	int r = expression(a, "kernel.tree", &tree, e);

	if (r == 0)
		r = expression(a,
		        "if builtins.isAttrs c then c else builtins.toFile \"config\" (builtins.readFile c)",
		        &file, e);
	if (r < 0)
		return r;
	if (!a->attr && !fs_exists(a->configuration))
		return err_set(e, -ENOENT, "%s: no such file", a->configuration);
	r = eval_facts(a, e);
	if (r >= 0 && !a->source)
		r = config_build_path(tree, &a->own_source, e);
	if (r >= 0 && !a->base && a->finished) // linuxManualConfig: the file is the base
		r = config_build_path(file, &a->own_base, e);
	if (r < 0)
		return r;
	if (a->own_base && str_has_prefix(a->own_base, "/")) {
		char *real = config_real_path(a->own_base);
		mem_free(a->own_base);
		a->own_base = real;
	}
	a->source = a->source ? a->source : a->own_source;
	a->arch = a->arch ? a->arch : a->own_arch;
	a->base = a->base ? a->base : a->own_base;
	return 0;
}
