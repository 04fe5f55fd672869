// SPDX-License-Identifier: GPL-2.0-or-later
// nix-store: logs, environments, keys, and the database as text.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "build/log.h"
#include "cmd/store-cmd.h"
#include "store/drv.h"
#include "store/narinfo.h"

#define DB_TEXT_MAX (1u << 30)

int store_op_read_log(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = store_cmd_follow_all(c, &paths, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		_cleanup_buf_ struct buf text = {0};
		r = build_log_read(c->store, paths[i], &text, e);
		if (r == 0 && isatty(STDOUT_FILENO)) {
			_cleanup_buf_ struct buf safe = {0};
			term_clean(&safe, text.data, text.len, TERM_COLOURS);
			r = store_cmd_print(safe.data, safe.len, e);
		} else if (r == 0 && text.len) {
			r = store_cmd_print(text.data, text.len, e);
		}
	}
	return r;
}

// 'a'\''b'
static void shell_quote(struct buf *out, const char *s)
{
	buf_addc(out, '\'');
	for (; *s; s++)
		if (*s == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *s);
	buf_addc(out, '\'');
}

int store_op_print_env(struct store_cmd *c, struct err *e)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_drv_ struct drv *d = NULL;
	_cleanup_buf_ struct buf out = {0};

	if (strv_len(c->words) != 1)
		return err_set(e, -EINVAL, "'--print-env' requires one derivation store path");
	int r = store_cmd_follow(c, c->words[0], &path, e);
	if (r == 0)
		r = drv_read(c->store, path, &d, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < d->n_env; i++) {
		buf_addf(&out, "export %s; %s=", d->env[i].name, d->env[i].name);
		shell_quote(&out, d->env[i].value);
		buf_addc(&out, '\n');
	}
	buf_adds(&out, "export _args; _args='");
	for (size_t i = 0; i < d->n_args; i++) {
		if (i)
			buf_addc(&out, ' ');
		shell_quote(&out, d->args[i]);
	}
	buf_adds(&out, "'\n");
	return store_cmd_print(out.data, out.len, e);
}

int store_op_generate_key(struct store_cmd *c, struct err *e)
{
	_cleanup_free_ char *secret = NULL, *public = NULL;

	if (strv_len(c->words) != 3)
		return err_set(e, -EINVAL, "three arguments expected");
	int r = sign_generate(c->words[0], &secret, &public, e);
	if (r == 0)
		r = fs_write_atomic(c->words[1], secret, strlen(secret), 0600, e);
	if (r == 0)
		r = fs_write_atomic(c->words[2], public, strlen(public), 0644, e);
	return r;
}

static int dump_one(struct store_cmd *c, const char *path, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	int r = store_query_info(c->store, path, &i, e);

	if (r < 0)
		return r;
	_cleanup_free_ char *hash = hash_format(&i->nar_hash, HASH_BASE16, false);
	printf("%s\n%s\n%llu\n%s\n%zu\n", i->path, hash, (unsigned long long)i->nar_size_bytes,
	        i->deriver ? i->deriver : "", strv_len(i->refs));
	strv_for_each (ref, i->refs)
		puts(ref);
	return 0;
}

int store_op_dump_db(struct store_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = c->words ? store_cmd_follow_all(c, &paths, e) : store_query_all(c->store, &paths, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++)
		r = dump_one(c, paths[i], e);
	return r;
}

// Lines of the text, one after the other.
struct lines {
	char *next;
	struct err *e;
};

static int next_line(struct lines *l, const char **ret)
{
	char *end = l->next ? strchr(l->next, '\n') : NULL;

	if (!end)
		return err_set(l->e, -EBADMSG, "the text of the database ends too early");
	*end = '\0';
	*ret = l->next;
	l->next = end + 1;
	return 0;
}

static int next_number(struct lines *l, uint64_t *ret)
{
	const char *line = "";
	int r = next_line(l, &line);

	if (r == 0 && str_to_u64(line, ret) < 0)
		r = err_set(l->e, -EBADMSG, "number expected in the text of the database, not '%s'", line);
	return r;
}

static int load_refs(struct lines *l, const char *dir, struct store_info *i)
{
	const char *line = "";
	uint64_t n;
	int r = next_number(l, &n);

	for (uint64_t k = 0; r == 0 && k < n; k++) {
		r = next_line(l, &line);
		if (r == 0)
			r = store_path_check(dir, line, l->e);
		if (r == 0)
			strv_add(&i->refs, line);
	}
	if (i->refs)
		strv_sort(i->refs);
	return r;
}

static int load_one(struct store_cmd *c, struct lines *l, bool hash_given, struct store_info *i)
{
	const char *dir = store_dir(c->store), *line = "";
	int r = next_line(l, &line);

	if (r == 0)
		r = store_path_check(dir, line, l->e);
	if (r < 0)
		return r;
	i->path = mem_strdup(line);
	i->registration_time = time(NULL);
	if (hash_given) {
		r = next_line(l, &line);
		if (r == 0)
			r = hash_parse(line, HASH_SHA256, &i->nar_hash, l->e);
		if (r == 0)
			r = next_number(l, &i->nar_size_bytes);
	} else {
		_cleanup_free_ char *real = store_real_path(c->store, i->path);
		r = store_canonicalise(c->store, real, (uid_t)-1, l->e);
		if (r == 0)
			r = nar_hash_path(real, HASH_SHA256, NULL, &i->nar_hash, &i->nar_size_bytes, l->e);
	}
	if (r == 0)
		r = next_line(l, &line);
	if (r == 0 && *line) {
		r = store_path_check(dir, line, l->e);
		i->deriver = mem_strdup(line);
	}
	return r < 0 ? r : load_refs(l, dir, i);
}

static int load_all(struct store_cmd *c, bool hash_given, bool reregister, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	struct store_info **infos = NULL;
	size_t n = 0, cap = 0;
	int r = fs_read_fd(0, "standard input", DB_TEXT_MAX, &text, e);
	struct lines l = {.next = (char *)buf_str(&text), .e = e};

	while (r == 0 && *l.next) {
		struct store_info *i = NEW(struct store_info);
		mem_grow(&infos, &cap, n + 1, sizeof(*infos));
		infos[n++] = i;
		r = load_one(c, &l, hash_given, i);
		bool valid = false;
		if (r == 0 && !reregister)
			r = store_is_valid(c->store, i->path, &valid, e);
		if (valid)
			store_info_free(infos[--n]);
	}
	if (r == 0 && n)
		r = store_register(c->store, (const struct store_info *const *)infos, n, e);
	for (size_t i = 0; i < n; i++)
		store_info_free(infos[i]);
	mem_free(infos);
	return r;
}

int store_op_load_db(struct store_cmd *c, struct err *e)
{
	return load_all(c, true, true, e);
}

int store_op_register_validity(struct store_cmd *c, struct err *e)
{
	return load_all(c, c->hash_given, c->reregister, e);
}
