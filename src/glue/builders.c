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

static int kconfig_run(void *ctx, const struct builtin_args *a, struct err *e)
{
	_cleanup_strv_ char **env = kconfig_build_env(a->env);
	struct kconfig_build args = {
	        .env = env,
	        .dir = a->build_dir,
	        .out = builtin_out(a, "out"),
	        .warn = say,
	};
	int r = kconfig_build_read(&args, env, e);

	if (r < 0)
		return err_wrap(e, "%s", a->drv_path), r;
	return kconfig_build(&args, e);
}

static const struct builder_builtin own[] = {
        {"builtin:initrd", initrd_run, 0, NULL},
        {"builtin:kconfig", kconfig_run, 0, NULL},
        {NULL, NULL, 0, NULL},
};

const struct builder_builtin *const builders_all[] = {builder_own_builtins, own, NULL};
