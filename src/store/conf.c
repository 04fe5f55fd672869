// SPDX-License-Identifier: GPL-2.0-or-later
// Reading nix.conf.
#include "store/conf.h"

#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define CONF_BYTES_MAX (1u << 20)
#define DEPTH_MAX      8
#define FILES_MAX      1000 // in all: files that include each other twice would be read for ever

// What is looked for, and the value that was found.
struct reader {
	const char *name;
	char *value;
	int files;
};

static void read_file(struct reader *r, const char *file, int depth);

static void read_line(struct reader *r, const char *line, const char *dir, int depth)
{
	_cleanup_free_ char *plain = mem_strndup(line, strcspn(line, "#"));
	_cleanup_strv_ char **words = strv_split(plain, " \t\r");
	size_t n = strv_len(words);

	if (n == 2 && (str_eq(words[0], "include") || str_eq(words[0], "!include"))) {
		_cleanup_free_ char *file = *words[1] == '/' ? mem_strdup(words[1]) : fs_join(dir, words[1]);
		read_file(r, file, depth + 1);
	} else if (n >= 2 && str_eq(words[0], r->name) && str_eq(words[1], "=")) {
		mem_free(r->value);
		r->value = strv_join(words + 2, " ");
	}
}

static void read_text(struct reader *r, const char *text, const char *dir, int depth)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	strv_for_each (line, lines)
		read_line(r, line, dir, depth);
}

static void read_file(struct reader *r, const char *file, int depth)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf text = {0};
	_cleanup_free_ char *dir = str_dirname(file);

	if (depth < DEPTH_MAX && r->files++ < FILES_MAX &&
	        fs_read(file, CONF_BYTES_MAX, &text, &ignored) == 0)
		read_text(r, buf_str(&text), dir, depth);
}

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

char *store_conf_get(const char *name)
{
	_cleanup_free_ char *machine = fs_join(
	                            env("NIX_CONF_DIR") ? env("NIX_CONF_DIR") : "/etc/nix", "nix.conf"),
	                    *user = NULL;
	struct reader r = {.name = name};

	read_file(&r, machine, 0);
	if (env("NIX_USER_CONF_FILES"))
		user = mem_strdup(env("NIX_USER_CONF_FILES"));
	else if (env("XDG_CONFIG_HOME"))
		user = fs_join(env("XDG_CONFIG_HOME"), "nix/nix.conf");
	else if (env("HOME"))
		user = fs_join(env("HOME"), ".config/nix/nix.conf");
	_cleanup_strv_ char **files = strv_split(user ? user : "", ":");
	for (size_t n = strv_len(files); n; n--) // the first of them counts most
		read_file(&r, files[n - 1], 0);
	if (env("NIX_CONFIG"))
		read_text(&r, env("NIX_CONFIG"), ".", 0);
	return r.value;
}

bool store_conf_bool(const char *name, bool otherwise)
{
	_cleanup_free_ char *value = store_conf_get(name);

	if (!value)
		return otherwise;
	return str_eq(value, "true") || str_eq(value, "yes") || str_eq(value, "1");
}
