// SPDX-License-Identifier: GPL-2.0-or-later
// What a derivation asks for by keepObjects, and what its sandbox shows for it.
#include "build/keep-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/env.h"

static void key_add(struct buf *b, const char *text)
{
	buf_adds(b, text);
	buf_addc(b, '\0');
}

// The tools of a host whose /usr the builder sees: any package that comes or goes changes one of these.
static void key_add_host(struct buf *b)
{
	static const char *const files[] = {"/var/lib/dpkg/status", "/var/lib/rpm", "/lib/apk/db/installed",
	        "/var/lib/pacman/local", "/etc/ld.so.cache", "/etc/alternatives", "/usr/bin", "/usr/lib",
	        "/usr/local/bin"};
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (stat(files[i], &st) == 0)
			buf_addf(b, "%s %llu %lld.%ld\n", files[i], (unsigned long long)st.st_ino,
			        (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	}
}

// Everything in which builds that share objects must be the same.
static char *keep_key(const struct drv *d, char *const *varies)
{
	_cleanup_buf_ struct buf b = {0};
	struct hash h;

	key_add(&b, KEEP_FORMAT);
	key_add(&b, d->system);
	key_add(&b, d->builder);
	for (size_t i = 0; i < d->n_args; i++)
		key_add(&b, d->args[i]);
	for (size_t i = 0; i < d->n_env; i++) {
		if (drv_output(d, d->env[i].name) || strv_has(varies, d->env[i].name))
			continue;
		key_add(&b, d->env[i].name);
		key_add(&b, d->env[i].value);
	}
	if (!drv_env(d, "buildRoot"))
		key_add_host(&b);
	hash_bytes(HASH_SHA256, b.data, b.len, &h);
	return hash_format(&h, HASH_BASE16, false);
}

// "6.12" of "6.12.117-rc1".
static char *keep_series(const struct drv *d)
{
	const char *version = drv_env(d, "version");
	size_t len = 0;

	for (unsigned dots = 0; version && version[len]; len++) {
		if (version[len] == '-' || (version[len] == '.' && ++dots == 2))
			break;
	}
	return len ? mem_strndup(version, len) : mem_strdup("-");
}

static bool keep_is_input(char *const *inputs, const char *path)
{
	strv_for_each (input, inputs) {
		const char *rest = str_after(path, input);
		if (rest && (*rest == '/' || !*rest))
			return true;
	}
	return false;
}

// The path of an input or below one. No link: it could lead the sandbox to whatever the host has there.
static bool keep_input(const struct keep_spec *spec, const char *variable, int flags, char **ret)
{
	const char *path = drv_env(spec->drv, variable);
	const char *below = path ? str_after(path, store_dir(spec->store)) : NULL;
	_cleanup_free_ char *clean = path ? fs_clean(path) : NULL;
	_cleanup_err_ struct err ignored = {0};

	if (!below || *below != '/' || !str_eq(clean, path) || !keep_is_input(spec->inputs, path))
		return false;
	_cleanup_close_ int fd = beneath_open(store_real_dir(spec->store), below + 1, flags, &ignored);
	if (fd < 0)
		return false;
	*ret = mem_strdup(path);
	return true;
}

// 1: it asks; 0: for what cannot be had.
static int keep_ask(struct keep *k, const struct keep_spec *spec, char *const *words, struct err *e)
{
	if (strv_len(words) < 3 || strchr(words[0], '/') || words[0][0] == '.' || strpbrk(words[0], ",:\\"))
		return err_set(e, -EINVAL, "keepObjects must be \"FOLDER SOURCE OPTIONS NAME...\"");
	if (!keep_input(spec, words[1], O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &k->source) ||
	        !keep_input(spec, words[2], O_RDONLY | O_NOFOLLOW | O_NONBLOCK, &k->options))
		return 0;
	const char *arch = drv_env(spec->drv, "srcArch");
	k->folder = mem_strdup(words[0]);
	k->arch = mem_strdup(arch ? arch : "-");
	k->source_real = store_real_path(spec->store, k->source);
	k->key = keep_key(spec->drv, words + 1);
	k->series = keep_series(spec->drv);
	return 1;
}

// Why this build cannot have a place for its objects; owned. NULL: k->place is set.
static char *keep_take_place(struct keep *k)
{
	_cleanup_free_ char *real = store_real_path(k->store, k->options);
	_cleanup_free_ char *place = keep_place_path(store_state_dir(k->store));
	_cleanup_buf_ struct buf options = {0};
	_cleanup_close_ int lock = -1;
	_cleanup_err_ struct err e = {0};
	int r = fs_read_regular(real, 1 << 26, &options, &e);

	char *why = r < 0 ? NULL : keep_rule_options(buf_str(&options));
	if (why)
		return why;
	if (r == 0)
		r = keep_place_open(place, &e);
	if (r == 0)
		r = keep_place_lock(place, &lock, &e);
	if (r < 0)
		return mem_strdup(e.msg);
	keep_place_sweep(place);
	k->place = TAKE_PTR(place);
	return NULL;
}

static int keep_layer(struct keep *k, const char *name, char **ret, struct err *e)
{
	char *path = fs_join(k->scratch, name);

	*ret = path;
	if (mkdir(path, 0755) < 0 || (!k->ids.own && lchown(path, k->ids.uid, k->ids.gid) < 0))
		return err_sys(e, errno, "making '%s'", path);
	return 0;
}

static int keep_layers(struct keep *k, struct err *e)
{
	if (mkdir(k->scratch, 0700) < 0 || (!k->ids.own && lchown(k->scratch, k->ids.uid, k->ids.gid) < 0))
		return err_sys(e, errno, "making '%s'", k->scratch);
	int r = keep_layer(k, "upper", &k->upper, e);
	if (r == 0)
		r = keep_layer(k, "work", &k->work, e);
	if (r == 0)
		r = keep_layer(k, "new", &k->new_upper, e);
	return r < 0 ? r : keep_layer(k, "new-work", &k->new_work, e);
}

static void keep_begin_near(struct keep *k, char **ret_word)
{
	_cleanup_err_ struct err e = {0}, ignored = {0};

	if (keep_layers(k, &e) < 0)
		*ret_word = str_printf("objects of an earlier build are not used: %s", e.msg);
	else
		keep_find(k, ret_word);
	if (!k->lower)
		keep_without_lower(k, &ignored);
}

int keep_begin(const struct keep_spec *spec, struct keep **ret, char **ret_word, struct err *e)
{
	const char *text = drv_env(spec->drv, "keepObjects");

	*ret = NULL;
	*ret_word = NULL;
	if (!text || !*text || drv_is_fixed(spec->drv) || drv_is_builtin(spec->drv))
		return 0;
	_cleanup_strv_ char **words = strv_split(text, " \t\n");
	struct keep *k = NEW(struct keep);
	k->store = spec->store;
	k->ids = spec->ids;
	k->limits = spec->limits;
	k->build_dir = mem_strdup(spec->build_dir);
	k->scratch = mem_strdup(spec->scratch);
	k->lower_lock = k->fresh_lock = -1;
	int r = keep_ask(k, spec, words, e);
	if (r <= 0) {
		keep_free(k);
		return r;
	}
	if (spec->on) {
		_cleanup_free_ char *why = keep_take_place(k);
		if (why)
			*ret_word = str_printf("built clean, and objects are not kept: %s", why);
		else if (!spec->clean)
			keep_begin_near(k, ret_word);
	}
	*ret = k;
	return 0;
}

bool keep_has_lower(const struct keep *k)
{
	return k && k->lower;
}

int keep_without_lower(struct keep *k, struct err *e)
{
	mem_free(k->lower);
	k->lower = NULL;
	if (k->lower_lock >= 0)
		close(k->lower_lock);
	k->lower_lock = -1;
	k->touched = k->lower_same = false;
	keep_meta_release(&k->lower_meta);
	return fs_rm_rf(k->scratch, e);
}

void keep_show(struct keep *k, struct sandbox_spec *spec)
{
	size_t n = 0;

	mem_free(k->binds);
	k->binds = mem_array(spec->n_binds + 1, sizeof(*k->binds));
	for (size_t i = 0; i < spec->n_binds; i++)
		k->binds[i] = spec->binds[i];
	if (!k->touched)
		k->binds[spec->n_binds++] = (struct sandbox_bind){k->source_real, KEEP_SOURCE, false};
	spec->binds = k->binds;
	if (!k->lower)
		return;
	mem_free(k->lower_tree);
	mem_free(k->target);
	k->lower_tree = fs_join(k->lower, "tree");
	k->target = fs_join(SANDBOX_BUILD_DIR, k->folder);
	k->overlays[n++] = (struct sandbox_overlay){
	        .lower = k->lower_tree, .upper = k->upper, .work = k->work, .target = k->target};
	if (k->touched)
		k->overlays[n++] = (struct sandbox_overlay){.lower = k->source_real,
		        .upper = k->new_upper,
		        .work = k->new_work,
		        .target = KEEP_SOURCE,
		        .read_only = true};
	spec->overlays = k->overlays;
	spec->n_overlays = n;
}

void keep_free(struct keep *k)
{
	_cleanup_err_ struct err ignored = {0};

	if (!k)
		return;
	keep_seal(k, false, NULL);
	keep_without_lower(k, &ignored);
	keep_list_release(&k->list);
	if (k->said)
		munmap(k->said, sizeof(*k->said));
	char *const owned[] = {k->folder, k->source, k->source_real, k->options, k->arch, k->build_dir,
	        k->scratch, k->place, k->key, k->series, k->list_from, k->upper, k->work, k->new_upper,
	        k->new_work, k->lower_tree, k->target};
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	mem_free(k->binds);
	mem_free(k);
}
