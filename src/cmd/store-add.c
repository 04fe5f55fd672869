// SPDX-License-Identifier: GPL-2.0-or-later
// nix-store: what goes into the store and out of it as files, NARs and streams.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/store-cmd.h"
#include "store/narinfo.h"
#include "store/roots.h"

int store_cmd_print(const char *text, size_t len, struct err *e)
{
	fflush(stdout);
	return fs_write_all(STDOUT_FILENO, text, len, "standard output", e);
}

int store_cmd_print_rooted(struct store_cmd *c, char *const *paths, struct err *e)
{
	size_t n = 0;

	strv_for_each (path, paths) {
		if (!c->add_roots) {
			puts(path);
			continue;
		}
		const char *base = c->add_roots[0];
		_cleanup_free_ char *link = n ? str_printf("%s-%zu", base, n + 1) : mem_strdup(base),
		                    *abs = NULL;
		int r = roots_add_indirect(c->store, link, path, &abs, e);
		if (r < 0)
			return r;
		puts(abs);
		n++;
	}
	return 0;
}

static int add_one(
        struct store_cmd *c, const char *file, enum ca_method method, enum hash_algo algo, struct err *e)
{
	_cleanup_free_ char *abs = NULL, *path = NULL;
	int r = fs_absolute(file, &abs, e);

	if (r == 0)
		r = store_add_path(c->store, str_basename(abs), abs, method, algo, NULL, &path, NULL, e);
	if (r == 0)
		puts(path);
	return r;
}

int store_op_add(struct store_cmd *c, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && c->words && c->words[i]; i++)
		r = add_one(c, c->words[i], CA_NAR, HASH_SHA256, e);
	return r;
}

static int read_algo(const char *name, enum hash_algo *ret, struct err *e)
{
	*ret = hash_algo_parse(name);
	if (*ret == HASH_NONE)
		return err_set(e, -EINVAL,
		        "unknown hash algorithm '%s', expect 'md5', 'sha1', 'sha256', or 'sha512'", name);
	return 0;
}

int store_op_add_fixed(struct store_cmd *c, struct err *e)
{
	enum hash_algo algo;

	if (!c->words)
		return err_set(e, -EINVAL, "first argument must be hash algorithm");
	int r = read_algo(c->words[0], &algo, e);
	for (size_t i = 1; r == 0 && c->words[i]; i++)
		r = add_one(c, c->words[i], c->recursive ? CA_NAR : CA_FLAT, algo, e);
	return r;
}

int store_op_print_fixed_path(struct store_cmd *c, struct err *e)
{
	struct ca ca = {.method = c->recursive ? CA_NAR : CA_FLAT};
	_cleanup_free_ char *path = NULL;
	enum hash_algo algo;

	if (strv_len(c->words) != 3)
		return err_set(e, -EINVAL, "'--print-fixed-path' requires three arguments");
	int r = read_algo(c->words[0], &algo, e);
	if (r == 0)
		r = hash_parse(c->words[1], algo, &ca.hash, e);
	if (r == 0)
		r = store_path_from_ca(store_dir(c->store), &ca, c->words[2], NULL, false, &path, e);
	if (r == 0)
		puts(path);
	return r;
}

static int one_word(struct store_cmd *c, struct err *e)
{
	return strv_len(c->words) == 1 ? 0 : err_set(e, -EINVAL, "only one argument allowed");
}

static int not_a_terminal(int fd, const char *what, struct err *e)
{
	return isatty(fd) ? err_set(e, -EINVAL, "%s a terminal is refused", what) : 0;
}

int store_op_dump(struct store_cmd *c, struct err *e)
{
	int fd = STDOUT_FILENO;
	struct sink out = sink_fd(&fd);
	int r = one_word(c, e);

	if (r == 0)
		r = not_a_terminal(fd, "writing a NAR to", e);
	return r < 0 ? r : nar_dump(c->words[0], NULL, &out, e);
}

int store_op_restore(struct store_cmd *c, struct err *e)
{
	_cleanup_free_ struct source_fd *stdin_source = NEW(struct source_fd);
	struct source in = source_fd(stdin_source);
	int r = one_word(c, e);

	return r < 0 ? r : nar_restore(&in, c->words[0], false, e);
}

int store_op_export(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **sorted = NULL;
	int fd = STDOUT_FILENO;
	struct sink out = sink_fd(&fd);
	int r = not_a_terminal(fd, "writing an export to", e);

	if (r == 0)
		r = store_cmd_follow_all(c, &paths, e);
	if (r == 0)
		r = store_topo_sort(c->store, paths, &sorted, e);
	return r < 0 ? r : store_export(c->store, sorted, &out, e);
}

int store_op_import(struct store_cmd *c, struct err *e)
{
	_cleanup_free_ struct source_fd *stdin_source = NEW(struct source_fd);
	struct source in = source_fd(stdin_source);
	_cleanup_strv_ char **paths = NULL;
	int r = store_import(c->store, &in, &paths, e);

	for (size_t i = 0; r == 0 && paths[i]; i++)
		puts(paths[i]);
	return r;
}
