// SPDX-License-Identifier: GPL-2.0-or-later
// Reads boot.json and the files beside it.
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include "base/beneath.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootspec.h"
#include "store/store.h"

// The first link in path below the store: *ret is the path with that link replaced by its target; NULL when
// there is none.
static int follow_one(const struct store *s, const char *path, char **ret, struct err *e)
{
	size_t len = strlen(path);

	for (size_t at = strlen(store_dir(s)) + 1; at <= len; at++) {
		if (path[at] && path[at] != '/')
			continue;
		_cleanup_free_ char *prefix = mem_strndup(path, at), *real = store_real_path(s, prefix),
		                    *target = NULL;
		int r = fs_readlink_maybe(real, &target, e);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		_cleanup_free_ char *dir = str_dirname(prefix);
		_cleanup_free_ char *next = *target == '/' ? str_printf("%s%s", target, path + at)
		                                           : str_printf("%s/%s%s", dir, target, path + at);
		*ret = fs_clean(next);
		return 0;
	}
	*ret = NULL;
	return 0;
}

int store_file(const struct store *s, const char *path, char **ret, struct err *e)
{
	_cleanup_free_ char *at = mem_strdup(path);

	for (int hops = 0; hops < 40 && store_path_inside(store_dir(s), at); hops++) {
		char *next = NULL;
		int r = follow_one(s, at, &next, e);
		if (r < 0)
			return r;
		if (!next) {
			*ret = store_real_path(s, at);
			return 0;
		}
		mem_free(at);
		at = next;
	}
	// Out of the store: of the root that the store belongs to, not of this machine.
	*ret = beneath_path(store_root(s), at);
	return 0;
}

char **cmdline_words(const char *params)
{
	char **words = NULL;
	bool quoted = false;
	const char *begin = params;

	for (const char *p = params;; p++) {
		quoted ^= *p == '"';
		if (*p && (quoted || !strchr(" \t\n", *p)))
			continue;
		if (p > begin)
			strv_take(&words, mem_strndup(begin, (size_t)(p - begin)));
		if (!*p)
			return words;
		begin = p + 1;
	}
}

bool cmdline_has(const char *params, const char *name)
{
	_cleanup_strv_ char **words = cmdline_words(params);

	strv_for_each (w, words) {
		const char *rest = str_after(w, name);
		if (rest && (*rest == 0 || *rest == '='))
			return true;
	}
	return false;
}

void bootspec_release(struct bootspec *b)
{
	char *owned[] = {b->toplevel, b->label, b->init, b->kernel, b->initrd, b->params, b->release,
	        b->nixos_version, b->revision, b->key_file, b->cert_file, b->uki_stub, b->system, b->loader,
	        b->device_tree};

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	strv_free(b->specialisations);
	secrets_release(&b->secrets);
	*b = (struct bootspec){0};
}

// A file of the system; nothing is added to b when it is not there.
static int file_in(
        const struct store *s, const char *toplevel, const char *name, struct buf *b, struct err *e)
{
	_cleanup_free_ char *logical = fs_join(toplevel, name), *real = NULL;
	int r = store_file(s, logical, &real, e);

	if (r == 0)
		r = fs_read_maybe(real, 1 << 20, b, e);
	return MIN(r, 0);
}

// A small file of the system as one line; "" when it is not there.
static int small_file(
        const struct store *s, const char *toplevel, const char *name, char **ret, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	int r = file_in(s, toplevel, name, &b, e);

	if (r == 0)
		*ret = mem_strndup(buf_str(&b), strcspn(buf_str(&b), "\n"));
	return r;
}

// The sorted names of a folder of the system; none when it is not there.
static int names_in(const struct store *s, const char *toplevel, const char *name, char ***ret, struct err *e)
{
	_cleanup_free_ char *logical = fs_join(toplevel, name), *real = NULL;
	int r = store_file(s, logical, &real, e);

	return r < 0 ? r : fs_list_maybe(real, ret, e);
}

char **fstab_next(const char **at, const char *dir)
{
	while (**at) {
		size_t n = strcspn(*at, "\n");
		_cleanup_free_ char *line = mem_strndup(*at, n);
		char **fields = strv_split(line, " \t");

		*at += n + ((*at)[n] == '\n');
		if (strv_len(fields) > 1 && fields[0][0] != '#' && str_eq(fields[1], dir))
			return fields;
		strv_free(fields);
	}
	return NULL;
}

int fstab_root(const char *file, char ***ret, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = fs_read_maybe(file, 1 << 20, &text, e);
	const char *at = buf_str(&text);

	*ret = NULL;
	for (char **next; r > 0 && !*ret && (next = fstab_next(&at, "/"));) {
		_cleanup_strv_ char **fields = next;
		if (strv_len(fields) < 3)
			continue;
		strv_add(ret, fields[0]);
		strv_add(ret, fields[2]);
	}
	return MIN(r, 0);
}

static int fstab_has_root(const struct store *s, const char *toplevel, bool *ret, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	int r = file_in(s, toplevel, "etc/fstab", &b, e);
	const char *at = buf_str(&b);
	_cleanup_strv_ char **fields = fstab_next(&at, "/");

	*ret = fields != NULL;
	return r;
}

static int join_params(json_t *list, char **ret)
{
	_cleanup_buf_ struct buf b = {0};
	size_t i;
	json_t *word;

	if (list && !json_is_array(list))
		return -EINVAL;
	json_array_foreach(list, i, word)
	{
		if (!json_is_string(word))
			return -EINVAL;
		buf_addf(&b, "%s%s", i ? " " : "", json_string_value(word));
	}
	*ret = buf_steal(&b);
	return 0;
}

static int take_file(
        const struct store *s, json_t *spec, const char *member, const char *file, char **ret, struct err *e)
{
	json_t *v = json_object_get(spec, member);

	*ret = NULL;
	if (v && !json_is_string(v))
		return err_set(e, -EINVAL, "'%s': %s must be a string", file, member);
	return v ? store_file(s, json_string_value(v), ret, e) : 0;
}

static int take_text(json_t *o, const char *member, const char *file, char **ret, struct err *e)
{
	json_t *v = json_object_get(o, member);

	if (!json_is_string(v) || strlen(json_string_value(v)) != json_string_length(v))
		return err_set(e, -EINVAL, "'%s': %s must be a string", file, member);
	*ret = mem_strdup(json_string_value(v));
	return 0;
}

// Secure Boot and unified kernel images, of org.kernix.loader.v1.
static int take_secure(
        const struct store *s, json_t *loader, const char *file, struct bootspec *b, struct err *e)
{
	json_t *secure = json_object_get(loader, "secureBoot"), *uki = json_object_get(loader, "uki");
	int r = secure ? take_text(secure, "keyFile", file, &b->key_file, e) : 0;

	if (r == 0 && secure)
		r = take_text(secure, "certFile", file, &b->cert_file, e);
	if (r == 0 && uki)
		r = take_file(s, uki, "stub", file, &b->uki_stub, e);
	if (r == 0 && uki && !b->uki_stub)
		r = err_set(e, -EINVAL, "'%s': uki has no stub", file);
	return r;
}

// A limit of a start in seconds: null is none.
static unsigned limit_of(json_t *loader, const char *member, unsigned fallback)
{
	json_t *v = json_object_get(loader, member);

	if (json_is_null(v))
		return 0;
	return json_is_integer(v) ? (unsigned)MAX(0, MIN(json_integer_value(v), 86400)) : fallback;
}

static int take_secrets(json_t *top, const char *file, struct secrets *ret, struct err *e)
{
	json_t *table = json_object_get(top, "org.kernix.secrets.v1"), *source;
	const char *target;

	json_object_foreach(table, target, source)
	{
		const char *from = json_string_value(source);
		if (*target != '/' || !from || *from != '/')
			return err_set(e, -EINVAL,
			        "'%s': org.kernix.secrets.v1 must name files by absolute paths", file);
		secrets_add(ret, target, from);
	}
	return 0;
}

// What the menu shows, and how long a start may take.
static void take_limits(json_t *loader, struct bootspec *b)
{
	json_t *timeout = json_object_get(loader, "timeout");
	json_int_t limit = json_integer_value(json_object_get(loader, "configurationLimit"));

	b->limit = limit > 0 ? (uint64_t)limit : 0;
	b->has_timeout = json_is_integer(timeout);
	b->timeout_s = (int)MAX(-1, MIN(json_integer_value(timeout), 86400));
	b->trial_s = limit_of(loader, "trialLimit", BOOTSPEC_TRIAL_S);
	b->trial_said = json_object_get(loader, "trialLimit") != NULL;
	b->stage1_s = limit_of(loader, "stage1Limit", BOOTSPEC_STAGE1_S);
}

static void take_boot_test(json_t *top, json_t *spec, struct bootspec *b)
{
	json_t *test = json_object_get(top, "org.kernix.boottest.v1");
	json_int_t limit = json_integer_value(json_object_get(test, "timeout"));
	const char *system = json_string_value(json_object_get(spec, "system"));

	b->untested = json_is_false(json_object_get(test, "enable"));
	b->test_limit_s = limit > 0 ? (uint64_t)limit : 0;
	b->system = mem_strdup(system ? system : "");
}

static int read_json(const struct store *s, const char *file, struct bootspec *b, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	json_error_t where;
	int r = fs_read(file, 16 << 20, &text, e);

	if (r < 0)
		return r;
	json_t *top = json_loadb(buf_str(&text), text.len, 0, &where);
	json_t *spec = json_object_get(top, "org.nixos.bootspec.v1");
	const char *init = json_string_value(json_object_get(spec, "init")),
	           *label = json_string_value(json_object_get(spec, "label"));
	if (!top)
		r = err_set(e, -EINVAL, "'%s' is not JSON: line %d: %s", file, where.line, where.text);
	else if (!spec || !init)
		r = err_set(e, -EINVAL, "'%s' is not a bootspec of version 1 with a member 'init'", file);
	else if (join_params(json_object_get(spec, "kernelParams"), &b->params) < 0)
		r = err_set(e, -EINVAL, "'%s': kernelParams must be a list of strings", file);
	if (r == 0)
		r = take_file(s, spec, "kernel", file, &b->kernel, e);
	if (r == 0)
		r = take_file(s, spec, "initrd", file, &b->initrd, e);
	if (r == 0)
		r = take_secrets(top, file, &b->secrets, e);
	if (r == 0 && !b->kernel)
		r = err_set(e, -EINVAL, "'%s': the system has no kernel, so it cannot be booted", file);
	if (r == 0) {
		json_t *loader = json_object_get(top, "org.kernix.loader.v1");

		take_limits(loader, b);
		take_boot_test(top, spec, b);
		r = take_secure(s, loader, file, b, e);
		if (r == 0 && json_object_get(loader, "name"))
			r = take_text(loader, "name", file, &b->loader, e);
		if (r == 0)
			r = take_file(s, loader, "deviceTree", file, &b->device_tree, e);
		b->init = mem_strdup(init);
		b->label = mem_strdup(label ? label : str_basename(b->toplevel));
	}
	json_decref(top);
	return r;
}

// The one name in kernel-modules/lib/modules.
static int release_of(const struct store *s, const char *toplevel, char **ret, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = names_in(s, toplevel, "kernel-modules/lib/modules", &names, e);

	if (r == 0)
		*ret = mem_strdup(strv_len(names) == 1 ? names[0] : "unknown");
	return r;
}

// What stands beside boot.json.
static int read_rest(const struct store *s, const char *toplevel, struct bootspec *b, struct err *e)
{
	int r = release_of(s, toplevel, &b->release, e);

	if (r == 0)
		r = small_file(s, toplevel, "nixos-version", &b->nixos_version, e);
	if (r == 0)
		r = small_file(s, toplevel, "configuration-revision", &b->revision, e);
	if (r == 0)
		r = names_in(s, toplevel, "specialisation", &b->specialisations, e);
	if (r == 0)
		r = fstab_has_root(s, toplevel, &b->has_root, e);
	b->has_root = b->has_root || cmdline_has(b->params, "root");
	return r;
}

int bootspec_read(const struct store *s, const char *toplevel, struct bootspec *ret, struct err *e)
{
	_cleanup_bootspec_ struct bootspec b = {.toplevel = mem_strdup(toplevel)};
	_cleanup_free_ char *logical = fs_join(toplevel, "boot.json"), *real = NULL,
	                    *top = store_real_path(s, toplevel);
	int r = fs_lstat_maybe(top, NULL, e);

	if (r == 0)
		return err_set(e, -ENOENT, "the system '%s' is not in the store", toplevel);
	if (r > 0)
		r = store_file(s, logical, &real, e);
	if (r == 0)
		r = fs_lstat_maybe(real, NULL, e);
	if (r == 0) {
		err_set(e, -EINVAL, "'%s' is not a system that can be booted: it has no boot.json", toplevel);
		return err_hint(e, "boot.bootspec.enable must not be off.");
	}
	if (r > 0)
		r = read_json(s, real, &b, e);
	if (r == 0)
		r = read_rest(s, toplevel, &b, e);
	if (r < 0)
		return r;
	*ret = b;
	b = (struct bootspec){0};
	return 0;
}
