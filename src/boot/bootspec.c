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

// The first link in path below the store: the path with that link replaced by its target; NULL when there is
// none.
static char *follow_one(const struct store *s, const char *path)
{
	size_t len = strlen(path);

	for (size_t at = strlen(store_dir(s)) + 1; at <= len; at++) {
		if (path[at] && path[at] != '/')
			continue;
		_cleanup_free_ char *prefix = mem_strndup(path, at), *real = store_real_path(s, prefix),
		                    *target = NULL;
		_cleanup_err_ struct err ignored = {0};
		if (fs_readlink(real, &target, &ignored) < 0)
			continue;
		_cleanup_free_ char *dir = str_dirname(prefix);
		_cleanup_free_ char *next = *target == '/' ? str_printf("%s%s", target, path + at)
		                                           : str_printf("%s/%s%s", dir, target, path + at);
		return fs_absolute(next);
	}
	return NULL;
}

char *store_file(const struct store *s, const char *path)
{
	_cleanup_free_ char *at = mem_strdup(path);

	for (int hops = 0; hops < 40 && store_path_inside(store_dir(s), at); hops++) {
		char *next = follow_one(s, at);
		if (!next)
			return store_real_path(s, at);
		mem_free(at);
		at = next;
	}
	// Out of the store: of the root that the store belongs to, not of this machine.
	return beneath_path(store_root(s), at);
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
	        b->nixos_version, b->revision};

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	strv_free(b->specialisations);
	*b = (struct bootspec){0};
}

// A small file of the system as one line; "" when it is not there.
static char *small_file(const struct store *s, const char *toplevel, const char *name)
{
	_cleanup_free_ char *logical = fs_join(toplevel, name), *real = store_file(s, logical);
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf b = {0};

	if (fs_read(real, 1 << 20, &b, &ignored) < 0)
		return mem_strdup("");
	return mem_strndup(buf_str(&b), strcspn(buf_str(&b), "\n"));
}

// The sorted names of a folder of the system; NULL when it is not there.
static char **names_in(const struct store *s, const char *toplevel, const char *name)
{
	_cleanup_free_ char *logical = fs_join(toplevel, name), *real = store_file(s, logical);
	_cleanup_err_ struct err ignored = {0};
	char **names = NULL;

	if (fs_is_dir(real))
		fs_list(real, &names, &ignored);
	return names;
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

static bool fstab_has_root(const struct store *s, const char *toplevel)
{
	_cleanup_free_ char *logical = fs_join(toplevel, "etc/fstab"), *real = store_file(s, logical);
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf b = {0};

	if (fs_read(real, 1 << 20, &b, &ignored) < 0)
		return false;
	const char *at = buf_str(&b);
	_cleanup_strv_ char **fields = fstab_next(&at, "/");
	return fields != NULL;
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

static int take_file(const struct store *s, json_t *spec, const char *member, char **ret)
{
	json_t *v = json_object_get(spec, member);

	if (v && !json_is_string(v))
		return -EINVAL;
	*ret = v ? store_file(s, json_string_value(v)) : NULL;
	return 0;
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
	else if (join_params(json_object_get(spec, "kernelParams"), &b->params) < 0 ||
	         take_file(s, spec, "kernel", &b->kernel) < 0 || take_file(s, spec, "initrd", &b->initrd) < 0)
		r = err_set(e, -EINVAL,
		        "'%s': kernel and initrd must be strings, kernelParams a list of strings", file);
	else if (!b->kernel)
		r = err_set(e, -EINVAL, "'%s': the system has no kernel, so it cannot be booted", file);
	if (r == 0) {
		json_t *loader = json_object_get(top, "org.kernix.loader.v1"),
		       *timeout = json_object_get(loader, "timeout");
		json_int_t limit = json_integer_value(json_object_get(loader, "configurationLimit"));
		b->limit = limit > 0 ? (uint64_t)limit : 0;
		b->has_timeout = json_is_integer(timeout);
		b->timeout_s = (int)MAX(-1, MIN(json_integer_value(timeout), 86400));
		b->init = mem_strdup(init);
		b->label = mem_strdup(label ? label : str_basename(b->toplevel));
	}
	json_decref(top);
	return r;
}

// The one name in kernel-modules/lib/modules.
static char *release_of(const struct store *s, const char *toplevel)
{
	_cleanup_strv_ char **names = names_in(s, toplevel, "kernel-modules/lib/modules");

	return mem_strdup(strv_len(names) == 1 ? names[0] : "unknown");
}

int bootspec_read(const struct store *s, const char *toplevel, struct bootspec *ret, struct err *e)
{
	_cleanup_bootspec_ struct bootspec b = {.toplevel = mem_strdup(toplevel)};
	_cleanup_free_ char *logical = fs_join(toplevel, "boot.json"), *real = store_file(s, logical),
	                    *top = store_real_path(s, toplevel);

	if (!fs_exists(top))
		return err_set(e, -ENOENT, "the system '%s' is not in the store", toplevel);
	if (!fs_exists(real)) {
		err_set(e, -EINVAL, "'%s' is not a system that can be booted: it has no boot.json", toplevel);
		return err_hint(e, "boot.bootspec.enable must not be off.");
	}
	int r = read_json(s, real, &b, e);
	if (r < 0)
		return r;
	b.release = release_of(s, toplevel);
	b.nixos_version = small_file(s, toplevel, "nixos-version");
	b.revision = small_file(s, toplevel, "configuration-revision");
	b.specialisations = names_in(s, toplevel, "specialisation");
	b.has_root = cmdline_has(b.params, "root") || fstab_has_root(s, toplevel);
	*ret = b;
	b = (struct bootspec){0};
	return 0;
}
