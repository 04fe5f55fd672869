// SPDX-License-Identifier: GPL-2.0-or-later
// From a configuration.nix to source, base and requests of its kernel: this program evaluates it as
// nix-instantiate and nix-build do, in a process of its own, so that a failing evaluation is told in its own
// words.
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "cmd/config.h"

static char *expression(const char *file, const char *what)
{
	_cleanup_free_ char *path = fs_absolute(file);

	return str_printf("let system = import <nixpkgs/nixos> { configuration = /. + %s%s%s; }; "
	                  "kernel = system.config.boot.kernelPackages.kernel; c = kernel.configfile; in %s",
	        "\"", path, "\"", what);
}

static int run_self(char **words, struct buf *out, struct err *e)
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

static char *take_string(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s && *s ? mem_strdup(s) : NULL;
}

static bool flag(const json_t *o, const char *name)
{
	return str_eq(json_string_value(json_object_get(o, name)), "1");
}

static int eval_json(struct config_args *a, const char *file, struct err *e)
{
	_cleanup_free_ char *expr = expression(file,
	        "{ inherit (c) arch base requests autoModules preferBuiltin ignoreConfigErrors; "
	        "tools = builtins.intersectAttrs { CC = 0; LD = 0; AR = 0; NM = 0; OBJCOPY = 0; HOSTCC = 0; "
	        "HOSTCXX = 0; CROSS_COMPILE = 0; LLVM = 0; } c.drvAttrs; "
	        "positions = builtins.mapAttrs (_: p: if p == null then \"\" else "
	        "\"${toString p.file}:${toString p.line}\") (kernel.requestPositions or { }); }");
	char *words[] = {(char *)"nix-instantiate", (char *)"--eval", (char *)"--strict", (char *)"--json",
	        (char *)"-E", expr, NULL};
	_cleanup_buf_ struct buf out = {};
	json_error_t je;
	const char *name;
	json_t *v;
	int r = run_self(words, &out, e);

	if (r < 0)
		return r;
	json_t *root = json_loadb(buf_str(&out), out.len, 0, &je);
	if (!root)
		return err_set(e, -EINVAL, "the kernel of %s: %s", file, je.text);
	a->own_arch = take_string(root, "arch");
	a->own_base = take_string(root, "base");
	a->nix_requests = take_string(root, "requests");
	json_object_foreach(json_object_get(root, "positions"), name, v) if (json_string_length(v) > 0)
	        strv_take(&a->positions, str_printf("%s=%s", name, json_string_value(v)));
	a->policy.auto_modules = flag(root, "autoModules");
	a->policy.prefer_builtin = flag(root, "preferBuiltin");
	a->policy.ignore_errors = flag(root, "ignoreConfigErrors");
	json_object_foreach(json_object_get(root, "tools"), name, v) if (json_string_value(v))
	        strv_take(&a->tools, str_printf("%s=%s", name, json_string_value(v)));
	json_decref(root);
	return 0;
}

int config_eval_nix(struct config_args *a, const char *file, struct err *e)
{
	_cleanup_free_ char *expr = expression(file, "c.src");
	char *words[] = {(char *)"nix-build", (char *)"--no-out-link", (char *)"-E", expr, NULL};
	_cleanup_buf_ struct buf out = {};
	int r;

	if (!fs_exists(file))
		return err_set(e, -ENOENT, "%s: no such file", file);
	r = eval_json(a, file, e);
	if (r < 0)
		return r;
	r = run_self(words, &out, e);
	if (r < 0)
		return r;
	char *path = buf_steal(&out);
	path[strcspn(path, "\n")] = '\0';
	a->own_source = path;
	a->source = a->source ? a->source : path;
	a->arch = a->arch ? a->arch : a->own_arch;
	a->base = a->base ? a->base : a->own_base;
	return 0;
}
