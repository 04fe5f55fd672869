// SPDX-License-Identifier: GPL-2.0-or-later
// Settings of binary caches.
#include "cmd/cache-settings.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "store/conf.h"

enum setting_kind { SETTING_LIST, SETTING_NUMBER, SETTING_YES, SETTING_NO };

static const struct {
	const char *name;
	enum setting_kind kind;
	size_t place;
} settings[] = {
        {"substituters", SETTING_LIST, offsetof(struct cache_settings, substituters)},
        {"trusted-public-keys", SETTING_LIST, offsetof(struct cache_settings, trusted_keys)},
        {"secret-key-files", SETTING_LIST, offsetof(struct cache_settings, secret_key_files)},
        {"substitute", SETTING_NO, offsetof(struct cache_settings, no_substitute)},
        {"require-sigs", SETTING_NO, offsetof(struct cache_settings, no_sigs)},
        {"fallback", SETTING_YES, offsetof(struct cache_settings, fallback)},
        {"http-connections", SETTING_NUMBER, offsetof(struct cache_settings, fetch.connections)},
        {"download-attempts", SETTING_NUMBER, offsetof(struct cache_settings, fetch.attempts)},
        {"connect-timeout", SETTING_NUMBER, offsetof(struct cache_settings, fetch.connect_timeout_s)},
        {"stalled-download-timeout", SETTING_NUMBER, offsetof(struct cache_settings, fetch.stalled_s)},
};

static void set_list(char ***list, const char *value, bool more)
{
	_cleanup_strv_ char **words = strv_split(value, " \t\n");

	if (!more) {
		strv_free(*list);
		*list = NULL;
	}
	strv_for_each (w, words)
		if (!strv_has(*list, w))
			strv_add(list, w);
}

static int set_flag(bool *place, bool yes, const char *name, const char *value, struct err *e)
{
	bool on = str_eq(value, "true") || str_eq(value, "yes") || str_eq(value, "1");

	if (!on && !str_eq(value, "false") && !str_eq(value, "no") && !str_eq(value, "0"))
		return err_set(e, -EINVAL, "Boolean setting '%s' has invalid value '%s'", name, value);
	*place = on == yes;
	return 1;
}

int cache_settings_set(struct cache_settings *c, const char *name, const char *value, struct err *e)
{
	bool more = str_has_prefix(name, "extra-");
	uint64_t number;

	if (more)
		name += strlen("extra-");
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		char *place = (char *)c + settings[i].place;
		if (!str_eq(settings[i].name, name))
			continue;
		switch (settings[i].kind) {
		case SETTING_LIST:
			set_list((char ***)place, value, more);
			return 1;
		case SETTING_YES:
		case SETTING_NO:
			return set_flag((bool *)place, settings[i].kind == SETTING_YES, name, value, e);
		case SETTING_NUMBER:
			if (str_to_u64(value, &number) < 0 || number > 1u << 30)
				return err_set(
				        e, -EINVAL, "setting '%s' has invalid value '%s'", name, value);
			*(unsigned *)place = (unsigned)number;
			return 1;
		}
	}
	return 0;
}

int cache_settings_conf(void *ctx, const char *name, const char *value, struct err *e)
{
	return MIN(cache_settings_set(ctx, name, value, e), 0);
}

int cache_settings_read(struct cache_settings *c, struct err *e)
{
	return store_conf_each(cache_settings_conf, c, e);
}

struct cache_opts cache_settings_opts(const struct cache_settings *c)
{
	return (struct cache_opts){.uris = c->substituters,
	        .trusted_keys = c->trusted_keys,
	        .no_sigs = c->no_sigs,
	        .fetch = c->fetch};
}

void cache_settings_release(struct cache_settings *c)
{
	strv_free(c->substituters);
	strv_free(c->trusted_keys);
	strv_free(c->secret_key_files);
	*c = (struct cache_settings){0};
}
