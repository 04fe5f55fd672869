// SPDX-License-Identifier: GPL-2.0-or-later
// What all builds of one run have in common, and whether this machine can build a derivation at all.
#include "build/builder-impl.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/system.h"
#include "build/env.h"

// What a Linux machine of this kind runs besides its own.
static const char *const builder_also[] = {
#if defined(__x86_64__)
        "i686-linux",
#endif
        NULL};

int64_t build_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int builder_new(struct store *s, const struct builder_opts *opts, struct progress *p, struct builder **ret,
        struct err *e)
{
	struct builder *b = NEW(struct builder);
	int r = sandbox_filter_new(&b->filter, e);

	if (r < 0) {
		mem_free(b);
		return r;
	}
	b->store = s;
	b->opts = *opts;
	b->progress = p;
	sandbox_ids(&b->ids);
	if (b->opts.cores == 0) {
		long n = sysconf(_SC_NPROCESSORS_ONLN);
		b->opts.cores = n > 0 ? (unsigned)n : 1;
	}
	if (b->opts.log_lines == 0)
		b->opts.log_lines = 25;
	*ret = b;
	return 0;
}

void builder_free(struct builder *b)
{
	if (!b)
		return;
	sandbox_filter_free(b->filter);
	mem_free(b->cgroups);
	mem_free(b);
}

const char *builder_system(const struct builder *b)
{
	return b->opts.system ? b->opts.system : system_name();
}

static bool builder_runs_system(const struct builder *b, const char *system)
{
	if (str_eq(system, "builtin") || str_eq(system, builder_system(b)) ||
	        strv_has(b->opts.extra_systems, system))
		return true;
	for (size_t i = 0; builder_also[i] && !b->opts.system; i++) {
		if (str_eq(system, builder_also[i]))
			return true;
	}
	return false;
}

static char **builder_features(const struct builder *b)
{
	static const char *const usual[] = {"benchmark", "big-parallel", "nixos-test"};
	char **list = NULL;

	strv_for_each (f, b->opts.features)
		strv_add(&list, f);
	if (b->opts.features)
		return list;
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		strv_add(&list, usual[i]);
	if (access("/dev/kvm", R_OK | W_OK) == 0)
		strv_add(&list, "kvm");
	return list;
}

int builder_check_platform(const struct builder *b, const struct drv *d, const char *drv_path, struct err *e)
{
	bool there, fits = builder_runs_system(b, d->system);
	_cleanup_strv_ char **wanted = env_list(d, "requiredSystemFeatures", &there);
	_cleanup_strv_ char **have = builder_features(b);

	strv_for_each (f, wanted)
		fits = fits && strv_has(have, f);
	if (fits)
		return 0;
	_cleanup_free_ char *want_text = strv_join(wanted, ", ");
	_cleanup_free_ char *have_text = strv_join(have, ", ");
	return err_set(e, -ENOTSUP,
	        "a '%s' with features {%s} is required to build '%s', but I am a '%s' with features {%s}",
	        d->system, want_text, drv_path, builder_system(b), have_text);
}

const char *builtin_env(const struct builtin_args *a, const char *name)
{
	return env_get(a->env, name);
}

const char *builtin_out(const struct builtin_args *a, const char *output)
{
	const struct drv_output *o = drv_output(a->drv, output);

	return o ? o->path : NULL;
}
