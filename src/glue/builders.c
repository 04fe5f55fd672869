// SPDX-License-Identifier: GPL-2.0-or-later
// builtin:initrd and builtin:kconfig: derivations' environments become calls of src/boot and src/kconfig.
// Both run in the sandbox, where store paths are real.

#include <errno.h>
#include <stdio.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/initrd.h"
#include "glue/builders.h"
#include "kconfig/build.h"

static int need(const struct builtin_args *a, const char *name, const char **ret, struct err *e)
{
	*ret = builtin_env(a, name);
	return *ret ? 0
	            : err_set(e, -EINVAL, "the derivation '%s' has no variable '%s', which its builder needs",
	                      a->drv_path, name);
}

static int initrd_run(void *ctx, const struct builtin_args *a, struct err *e)
{
	_cleanup_initrd_spec_ struct initrd_spec spec = {0};
	const char *out = builtin_out(a, "out");
	const char *json;
	int r = need(a, "spec", &json, e);

	if (r < 0 || (r = initrd_spec_parse_json(json, &spec, e)) < 0)
		return r;
	return initrd_build(&spec, out, e);
}

static void say(void *ctx, const char *text)
{
	fputs(text, stderr);
}

static bool on(const struct builtin_args *a, const char *name)
{
	const char *v = builtin_env(a, name);

	return v && *v;
}

// The build's environment with a PATH on which Kconfig's probes find the toolchain: that of the derivation
// (cross compilers), then the host's.
static char **probe_env(const struct builtin_args *a)
{
	const char *tools = builtin_env(a, "toolPath");
	char **env = NULL;

	for (char *const *v = a->env; v && *v; v++)
		if (!str_has_prefix(*v, "PATH="))
			strv_add(&env, *v);
	strv_take(&env, str_printf("PATH=%s%s/usr/sbin:/usr/bin:/sbin:/bin", tools ? tools : "",
	                        tools && *tools ? ":" : ""));
	return env;
}

static int kconfig_run(void *ctx, const struct builtin_args *a, struct err *e)
{
	const char *out = builtin_out(a, "out");
	_cleanup_strv_ char **env = probe_env(a);
	struct kconfig_build args = {
	        .requests = builtin_env(a, "requests"),
	        .kernel_version = builtin_env(a, "kernelVersion"),
	        .policy = {.auto_modules = on(a, "autoModules"),
	                .prefer_builtin = on(a, "preferBuiltin"),
	                .ignore_errors = on(a, "ignoreConfigErrors")},
	        .env = env,
	        .dir = a->build_dir,
	        .out = out,
	        .warn = say,
	};
	int r = need(a, "src", &args.src, e);

	if (r < 0 || (r = need(a, "arch", &args.arch, e)) < 0 || (r = need(a, "base", &args.base, e)) < 0)
		return r;
	return kconfig_build(&args, e);
}

static const struct builder_builtin own[] = {
        {"builtin:initrd", initrd_run, 0, NULL},
        {"builtin:kconfig", kconfig_run, 0, NULL},
        {NULL, NULL, 0, NULL},
};

const struct builder_builtin *const builders_all[] = {builder_own_builtins, own, NULL};
