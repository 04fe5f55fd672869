// SPDX-License-Identifier: GPL-2.0-or-later
// From a configuration.nix, or an attribute of <nixpkgs>, to source, base, requests, flags and toolchain of
// its kernel. The package set says which derivation makes the .config that this kernel is compiled with
// (kernel.builtConfig), and what is asked here is what stands in that derivation, read by the same function
// as its builder reads it; so an answer is never one for another kernel than the one that is built.
//
// This program evaluates as nix-instantiate and nix-build do, in a process of its own, so that a failing
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
#include "build/buildroot.h"
#include "build/enter.h"
#include "cmd/config.h"
#include "kconfig/build.h"
#include "store/drv.h"
#include "store/store.h"

// The Nix expression `what` where kernel and config (of the system; { } for an attribute) are known.
static int expression(const struct config_args *a, const char *what, char **ret, struct err *e)
{
	_cleanup_free_ char *path = NULL;

	if (a->attr) {
		*ret = str_printf("let p = (import <nixpkgs> { }).%s; config = { }; kernel = if p ? "
		                  "configfile then p else p.kernel or (throw \"the attribute '%s' is neither "
		                  "a kernel nor a set of kernel packages\"); in %s",
		        a->attr, a->attr, what);
		return 0;
	}
	int r = fs_absolute(a->configuration, &path, e);
	if (r < 0)
		return r;
	*ret = str_printf("let inherit (import <nixpkgs/nixos> { configuration = /. + \"%s\"; }) config; "
	                  "kernel = config.boot.kernelPackages.kernel; in %s",
	        path, what);
	return 0;
}

int config_run_self(const struct config_args *a, char *const *words, struct buf *out, struct err *e)
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
	for (char **entry = a ? a->search : NULL; entry && *entry; entry++) {
		strv_add(&argv, "-I");
		strv_add(&argv, *entry);
	}
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

int config_build_path(const struct config_args *a, const char *expr, char **ret, struct err *e)
{
	char *words[] = {(char *)"nix-build", (char *)"--no-out-link", (char *)"-E", (char *)expr, NULL};
	_cleanup_buf_ struct buf out = {};
	int r = config_run_self(a, words, &out, e);

	if (r < 0)
		return r;
	buf_str(&out);
	out.data[strcspn(out.data, "\n")] = '\0';
	*ret = config_real_path(out.data);
	return 0;
}

// The derivation of the .config, which is only instantiated, and what is not in it.
static const char facts[] =
        "{ drv = (kernel.builtConfig or (throw \"the kernel '${kernel.name or \"?\"}' is made neither by "
        "buildLinux nor by linuxManualConfig: nothing says what its .config is made of\")).drvPath; "
        "positions = builtins.mapAttrs (_: p: if p == null then \"\" else "
        "\"${toString p.file}:${toString p.line}\") (kernel.requestPositions or { }); "
        "modules = if config ? boot then config.boot.kernelModules ++ config.boot.initrd.kernelModules ++ "
        "config.boot.initrd.availableKernelModules ++ "
        "map (fs: fs.fsType) (builtins.attrValues config.fileSystems) else [ ]; "
        "report = let r = config.hardware.kernix.report or null; in if r == null then null else if "
        "builtins.isAttrs r then builtins.toJSON r else builtins.readFile r; }";

static void take_facts(struct config_args *a, const json_t *root)
{
	const char *name;
	json_t *v;
	size_t i;

	json_object_foreach(json_object_get(root, "positions"), name, v) if (json_string_length(v) > 0)
	        strv_take(&a->positions, str_printf("%s=%s", name, json_string_value(v)));
	json_array_foreach(json_object_get(root, "modules"), i, v) if (json_string_length(v) > 0)
	        strv_add(&a->declared, json_string_value(v));
	v = json_object_get(root, "report");
	if (json_is_string(v))
		a->report = mem_strdup(json_string_value(v));
}

// *ret: the path of the derivation.
static int eval_facts(struct config_args *a, char **ret, struct err *e)
{
	_cleanup_free_ char *expr = NULL;
	_cleanup_buf_ struct buf out = {};
	json_error_t je;
	int r = expression(a, facts, &expr, e);

	if (r < 0)
		return r;
	char *words[] = {(char *)"nix-instantiate", (char *)"--eval", (char *)"--strict", (char *)"--json",
	        (char *)"--read-write-mode", (char *)"-E", expr, NULL};
	r = config_run_self(a, words, &out, e);
	if (r < 0)
		return r;
	json_t *root = json_loadb(buf_str(&out), out.len, 0, &je);
	const char *drv = json_string_value(json_object_get(root, "drv"));
	if (drv) {
		*ret = mem_strdup(drv);
		take_facts(a, root);
	} else {
		r = err_set(e, -EINVAL, "the kernel of %s: %s", a->attr ? a->attr : a->configuration,
		        root ? "no derivation makes its .config" : je.text);
	}
	json_decref(root);
	return r;
}

// The variables that the builder of d will have.
static char **environment_of(const struct drv *d)
{
	_cleanup_strv_ char **vars = NULL;

	strv_add(&vars, "HOME=/homeless-shelter");
	for (size_t i = 0; i < d->n_env; i++)
		strv_take(&vars, str_printf("%s=%s", d->env[i].name, d->env[i].value));
	return kconfig_build_env(vars);
}

// Makes what the derivation is built from: the patched tree (unless another is named), the base, compilers.
static int make_inputs(const struct config_args *a, struct store *s, const struct drv *d, struct err *e)
{
	_cleanup_strv_ char **words = NULL;
	_cleanup_buf_ struct buf out = {};
	const char *src = drv_env(d, "src");

	strv_add(&words, "nix-store");
	strv_add(&words, "--realise");
	strv_add(&words, "--ignore-unknown"); // says nothing of roots
	for (size_t i = 0; i < d->n_inputs; i++) {
		_cleanup_drv_ struct drv *in = NULL;
		int r = drv_read(s, d->inputs[i].path, &in, e);
		if (r < 0)
			return r;
		strv_for_each (name, d->inputs[i].outputs) {
			const struct drv_output *o = drv_output(in, name);
			if (!(a->source && o && src && str_eq(o->path, src)))
				strv_take(&words, str_printf("%s!%s", d->inputs[i].path, name));
		}
	}
	return strv_len(words) > 2 ? config_run_self(NULL, words, &out, e) : 0;
}

static int enter(void *ctx)
{
	return enter_place_go(ctx);
}

// Compilers of the store are run by their names, which are not where they are in a private one; those of a
// build root are found where the host has its own.
static int see_tools(struct config_args *a, const struct drv *d, struct store *s, struct err *e)
{
	const char *tools = drv_env(d, "toolPath");
	_cleanup_free_ char *root = NULL, *real = NULL;
	int r = buildroot_of(s, d, &root, e);

	if (r == 0 && root)
		r = buildroot_find(s, d, root, &real, e);
	if (r < 0 || !(real || (tools && *tools && store_is_private(s))))
		return r;
	r = enter_place_make(s, real, &a->view, e);
	if (r == 0)
		a->place = (struct kconfig_place){enter, a->view};
	return r;
}

static void take_requests(struct config_args *a, const struct kconfig_build *b)
{
	a->nix_requests = b->requests ? mem_strdup(b->requests) : NULL;
	a->policy.auto_modules |= b->policy.auto_modules;
	a->policy.prefer_builtin |= b->policy.prefer_builtin;
	a->policy.ignore_errors |= b->policy.ignore_errors;
	a->policy.trim = a->own_trim = b->policy.trim ? mem_strdup(b->policy.trim) : NULL;
}

static int take_arguments(struct config_args *a, struct err *e)
{
	struct kconfig_build b = {};
	int r = kconfig_build_read(&b, a->env, e);

	if (r < 0)
		return r;
	a->own_source = a->source ? NULL : config_real_path(b.src);
	a->own_base = b.base[0] == '/' ? config_real_path(b.base) : mem_strdup(b.base);
	a->source = a->source ? a->source : a->own_source;
	a->base = a->base ? a->base : a->own_base;
	_cleanup_free_ char *arch = mem_strdup(b.arch);
	a->finished = b.finished && a->base == a->own_base;
	if (a->finished)
		config_take_file(a); // env, of which b borrows, is another then
	else
		take_requests(a, &b);
	if (!a->arch)
		a->arch = a->own_arch = TAKE_PTR(arch);
	return 0;
}

int config_eval_nix(struct config_args *a, struct err *e)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_drv_ struct drv *d = NULL;
	struct store *s = NULL;
	int r = 0;

	if (!a->attr && !fs_exists(a->configuration))
		return err_set(e, -ENOENT, "%s: no such file", a->configuration);
	r = eval_facts(a, &path, e);
	if (r >= 0)
		r = store_open(NULL, STORE_READ_ONLY, &s, e);
	if (r >= 0)
		r = drv_read(s, path, &d, e);
	if (r >= 0)
		r = make_inputs(a, s, d, e);
	if (r >= 0)
		r = see_tools(a, d, s, e);
	if (s)
		store_close(s);
	if (r < 0)
		return r;
	a->env = environment_of(d);
	return take_arguments(a, e);
}
