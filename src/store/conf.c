// SPDX-License-Identifier: GPL-2.0-or-later
// Reading nix.conf.
#include "store/conf.h"

#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"

#define CONF_BYTES_MAX (1u << 20)
#define INCLUDES_MAX   8
#define FILES_MAX      100 // in all: files that include each other twice would be read for ever

struct reading {
	store_conf_fn *f;
	void *ctx;
	int depth, files;
};

static int read_file(struct reading *r, const char *file, struct err *e);

static int read_line(struct reading *r, const char *line, const char *dir, struct err *e)
{
	_cleanup_free_ char *plain = mem_strndup(line, strcspn(line, "#"));
	_cleanup_strv_ char **words = strv_split(plain, " \t\r");
	size_t n = strv_len(words);

	if (n == 2 && (str_eq(words[0], "include") || str_eq(words[0], "!include"))) {
		_cleanup_free_ char *file = *words[1] == '/' ? mem_strdup(words[1]) : fs_join(dir, words[1]);
		return read_file(r, file, e);
	}
	if (n < 2 || !str_eq(words[1], "="))
		return 0;
	_cleanup_free_ char *value = strv_join(words + 2, " ");
	return r->f(r->ctx, words[0], value, e);
}

static int read_text(struct reading *r, const char *text, const char *dir, struct err *e)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	strv_for_each (line, lines) {
		int bad = read_line(r, line, dir, e);
		if (bad < 0)
			return bad;
	}
	return 0;
}

static int read_file(struct reading *r, const char *file, struct err *e)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf text = {0};
	_cleanup_free_ char *dir = str_dirname(file);
	int bad = 0;

	if (r->depth >= INCLUDES_MAX || r->files++ >= FILES_MAX ||
	        fs_read(file, CONF_BYTES_MAX, &text, &ignored) < 0)
		return 0;
	r->depth++;
	bad = read_text(r, buf_str(&text), dir, e);
	r->depth--;
	return bad;
}

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

int store_conf_each(store_conf_fn *f, void *ctx, struct err *e)
{
	const char *dir = env("NIX_CONF_DIR");
	_cleanup_free_ char *machine = fs_join(dir ? dir : "/etc/nix", "nix.conf"), *user = NULL,
	                    *config = NULL;
	struct reading reading = {f, ctx, 0, 0};
	int r = read_file(&reading, machine, e);

	if (env("NIX_USER_CONF_FILES"))
		user = mem_strdup(env("NIX_USER_CONF_FILES"));
	else if ((config = config_dir()))
		user = fs_join(config, "nix/nix.conf");
	_cleanup_strv_ char **files = strv_split(user ? user : "", ":");
	for (size_t n = strv_len(files); r == 0 && n; n--) // the first of them counts most
		r = read_file(&reading, files[n - 1], e);
	if (r == 0 && env("NIX_CONFIG"))
		r = read_text(&reading, env("NIX_CONFIG"), ".", e);
	return r;
}

struct wanted {
	const char *name;
	char *value;
};

static int take_wanted(void *ctx, const char *name, const char *value, struct err *e)
{
	struct wanted *w = ctx;

	if (str_eq(name, w->name)) {
		mem_free(w->value);
		w->value = mem_strdup(value);
	}
	return 0;
}

char *store_conf_get(const char *name)
{
	struct wanted w = {.name = name};

	store_conf_each(take_wanted, &w, NULL);
	return w.value;
}

bool store_conf_bool(const char *name, bool otherwise)
{
	_cleanup_free_ char *value = store_conf_get(name);

	if (!value)
		return otherwise;
	return str_eq(value, "true") || str_eq(value, "yes") || str_eq(value, "1");
}
