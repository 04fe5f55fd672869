// SPDX-License-Identifier: GPL-2.0-or-later
// A table of settings of builds: where each is kept, and what its text may be.
#include "cmd/build-settings.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "glue/builders.h"

// SETTING_OFF: the opposite is kept. SETTING_JOBS: a number, 'auto' and 0 differ. SETTING_BYTES: with a unit;
// 0 is 'no limit'.
enum setting_kind { SETTING_ON, SETTING_OFF, SETTING_NUMBER, SETTING_JOBS, SETTING_BYTES };

struct setting_row {
	const char *name;
	enum setting_kind kind;
	size_t at;
};

#define AT(field) offsetof(struct build_settings, field)

static const struct setting_row setting_rows[] = {
        {"max-jobs", SETTING_JOBS, AT(max_jobs)},
        {"cores", SETTING_NUMBER, AT(cores)},
        {"timeout", SETTING_NUMBER, AT(timeout_s)},
        {"max-silent-time", SETTING_NUMBER, AT(max_silent_s)},
        {"log-lines", SETTING_NUMBER, AT(log_lines)},
        {"keep-failed", SETTING_ON, AT(keep_failed)},
        {"keep-going", SETTING_ON, AT(keep_going)},
        {"use-cgroups", SETTING_OFF, AT(no_cgroups)},
        {"incremental", SETTING_ON, AT(incremental)},
        {"kept-objects", SETTING_NUMBER, AT(kept_trees)},
        {"kept-objects-size", SETTING_BYTES, AT(kept_bytes)},
        {"max-build-log-size", SETTING_BYTES, AT(max_log_bytes)},
        {"max-build-memory", SETTING_BYTES, AT(max_memory_bytes)},
        {"max-build-processes", SETTING_BYTES, AT(max_processes)},
        {"max-download-size", SETTING_BYTES, AT(fetch.download_bytes)},
        {"max-unpacked-size", SETTING_BYTES, AT(fetch.unpacked_bytes)},
        {"fetch-reserved-space", SETTING_BYTES, AT(fetch.reserve_bytes)},
};

static int setting_bool(const char *name, const char *value, bool *ret, struct err *e)
{
	bool on = str_eq(value, "true") || str_eq(value, "yes") || str_eq(value, "1");

	if (!on && !str_eq(value, "false") && !str_eq(value, "no") && !str_eq(value, "0"))
		return err_set(e, -EINVAL, "Boolean setting '%s' has invalid value '%s'", name, value);
	*ret = on;
	return 0;
}

// K, M, G and T are powers of 1024, as in Nix.
static int setting_number(const char *name, const char *value, uint64_t max, uint64_t *ret, struct err *e)
{
	static const char units[] = "KMGT";
	size_t len = strlen(value);
	const char *unit = len ? strchr(units, value[len - 1]) : NULL;
	_cleanup_free_ char *digits = mem_strndup(value, len - !!unit);
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
	uint64_t n;

	if (str_to_u64(digits, &n) < 0 || n > max >> shift)
		return err_set(e, -EINVAL, "setting '%s' has invalid value '%s'", name, value);
	*ret = n << shift;
	return 0;
}

static int setting_jobs(struct build_settings *b, const char *value, struct err *e)
{
	uint64_t n = 0;
	bool automatic = str_eq(value, "auto");
	int r = automatic ? 0 : setting_number("max-jobs", value, 1000000, &n, e);

	if (r < 0)
		return r;
	b->max_jobs = (unsigned)n;
	b->no_jobs = !automatic && n == 0;
	return 0;
}

static int setting_take(
        struct build_settings *b, const struct setting_row *row, const char *value, struct err *e)
{
	char *at = (char *)b + row->at;
	uint64_t n = 0;
	int r;

	switch (row->kind) {
	case SETTING_ON:
		return setting_bool(row->name, value, (bool *)(void *)at, e);
	case SETTING_OFF:
		r = setting_bool(row->name, value, (bool *)(void *)at, e);
		if (r == 0)
			*(bool *)(void *)at = !*(bool *)(void *)at;
		return r;
	case SETTING_JOBS:
		return setting_jobs(b, value, e);
	case SETTING_NUMBER:
		r = str_eq(value, "auto") ? 0 : setting_number(row->name, value, 1000000000, &n, e);
		if (r == 0)
			*(unsigned *)(void *)at = (unsigned)n;
		return r;
	case SETTING_BYTES:
		r = setting_number(row->name, value, UINT64_MAX, &n, e);
		if (r == 0)
			*(uint64_t *)(void *)at = n ? n : UINT64_MAX;
		return r;
	}
	return 0;
}

int build_settings_set(struct build_settings *b, const char *name, const char *value, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(setting_rows); i++) {
		if (!str_eq(setting_rows[i].name, name))
			continue;
		int r = setting_take(b, &setting_rows[i], value, e);
		return r < 0 ? r : 1;
	}
	return cache_settings_set(&b->cache, name, value, e);
}

int build_settings_conf(void *ctx, const char *name, const char *value, struct err *e)
{
	int r = build_settings_set(ctx, name, value, e);

	return MIN(r, 0);
}

void build_settings_fill(const struct build_settings *b, struct plan_opts *ret)
{
	ret->max_jobs = b->no_jobs ? 0 : b->max_jobs ? b->max_jobs : plan_jobs_auto();
	ret->keep_going = b->keep_going;
	ret->build = (struct builder_opts){
	        .cores = b->cores,
	        .timeout_s = b->timeout_s,
	        .max_silent_s = b->max_silent_s,
	        .log_lines = b->log_lines,
	        .keep_failed = b->keep_failed,
	        .keep_objects = b->incremental,
	        .keep_limits = {.bytes = b->kept_bytes, .trees = b->kept_trees},
	        .max_log_bytes = b->max_log_bytes,
	        .limits = {.memory_bytes = b->max_memory_bytes,
	                .processes = b->max_processes,
	                .no_cgroups = b->no_cgroups},
	        .builtins = builders_all,
	};
}
