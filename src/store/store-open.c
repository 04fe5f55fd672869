// SPDX-License-Identifier: GPL-2.0-or-later
// Opening and closing a store: what its address means, and which folders and files it has.
#include "store/store-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/buf.h"
#include "base/codec.h"
#include "base/fs.h"
#include "base/home.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

static const char *env_or(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

// Folder names without doubled or trailing slashes, absolute.
static int set_dir(char **dir, const char *value, struct err *e)
{
	char *abs = NULL;
	int r = fs_absolute(value, &abs, e);

	if (r < 0)
		return r;
	mem_free(*dir);
	*dir = abs;
	return 0;
}

static int set_root(struct store *s, const char *root, struct err *e)
{
	_cleanup_free_ char *abs = NULL;
	int r = fs_absolute(root, &abs, e);

	if (r < 0)
		return r;
	mem_free(s->root);
	s->root = mem_strdup(str_eq(abs, "/") ? "" : abs);
	if (!*s->root)
		return 0;
	_cleanup_free_ char *real = str_printf("%s/nix/store", s->root);
	_cleanup_free_ char *state = str_printf("%s/nix/var/nix", s->root);
	_cleanup_free_ char *log = str_printf("%s/nix/var/log/nix", s->root);
	r = set_dir(&s->real_dir, real, e);
	if (r == 0)
		r = set_dir(&s->state_dir, state, e);
	return r == 0 ? set_dir(&s->log_dir, log, e) : r;
}

static int set_defaults(struct store *s, struct err *e)
{
	s->root = mem_strdup("");
	s->temp_roots = s->gc_lock = s->gc_socket = s->folder = -1;
	int r = set_dir(&s->dir, env_or("NIX_STORE_DIR", STORE_DIR_DEFAULT), e);
	if (r == 0)
		r = set_dir(&s->real_dir, s->dir, e);
	if (r == 0)
		r = set_dir(&s->state_dir, env_or("NIX_STATE_DIR", "/nix/var/nix"), e);
	return r == 0 ? set_dir(&s->log_dir, env_or("NIX_LOG_DIR", "/nix/var/log/nix"), e) : r;
}

static char *percent_decode(const char *s)
{
	struct buf b = {0};

	for (; *s; s++) {
		uint8_t byte;
		if (*s == '%' && s[1] && s[2] && codec_un16(s + 1, 2, &byte, 1) && byte) {
			buf_addc(&b, (char)byte);
			s += 2;
		} else {
			buf_addc(&b, *s);
		}
	}
	return buf_steal(&b);
}

static int set_param(struct store *s, const char *name, const char *value, struct err *e)
{
	if (str_eq(name, "root"))
		return set_root(s, value, e);
	else if (str_eq(name, "store"))
		return set_dir(&s->dir, value, e);
	else if (str_eq(name, "real"))
		return set_dir(&s->real_dir, value, e);
	else if (str_eq(name, "state"))
		return set_dir(&s->state_dir, value, e);
	else if (str_eq(name, "log"))
		return set_dir(&s->log_dir, value, e);
	else if (str_eq(name, "read-only"))
		s->flags |= str_eq(value, "true") || str_eq(value, "1") ? STORE_READ_ONLY : 0;
	else
		log_warn("unknown setting '%s' of the store's address is ignored", name);
	return 0;
}

// "?root=DIR&log=DIR": root first, because it sets the others.
static int set_params(struct store *s, const char *query, struct err *e)
{
	_cleanup_strv_ char **params = strv_split(query, "&");
	int r = 0;

	for (int root = 1; root >= 0; root--)
		for (size_t i = 0; r == 0 && params && params[i]; i++) {
			_cleanup_free_ char *name = mem_strndup(params[i], strcspn(params[i], "="));
			const char *raw = params[i] + strlen(name);
			_cleanup_free_ char *value = percent_decode(*raw ? raw + 1 : raw);
			if (str_eq(name, "root") == root)
				r = set_param(s, name, value, e);
		}
	return r;
}

// 1, 0 (not ours to write, or not there), or an error: a machine's store that cannot be asked about is not
// silently taken for one that we may not write.
static int may(const char *path, int mode, struct err *e)
{
	if (access(path, mode) == 0)
		return 1;
	return errno == EACCES || errno == EPERM || errno == EROFS || errno == ENOENT || errno == ENOTDIR
	               ? 0
	               : err_sys(e, errno, "asking about '%s'", path);
}

// Can this process keep a store here, or make one? 1, 0 or an error.
static int usable(const struct store *s, struct err *e)
{
	_cleanup_free_ char *db = fs_join(s->state_dir, "db"), *dir = mem_strdup(s->state_dir);
	int there = fs_lstat_maybe(db, NULL, e);

	if (there > 0) {
		int r = may(db, R_OK | W_OK, e);
		return r > 0 ? may(s->real_dir, R_OK | W_OK, e) : r;
	}
	while (there == 0 && (there = fs_lstat_maybe(dir, NULL, e)) == 0) {
		char *up = str_dirname(dir);
		mem_free(dir);
		dir = up;
	}
	if (there > 0)
		there = may(dir, W_OK, e);
	int store = there > 0 ? fs_lstat_maybe(s->real_dir, NULL, e) : there;
	return store > 0 ? may(s->real_dir, W_OK, e) : store < 0 ? store : there;
}

static int set_auto(struct store *s, struct err *e)
{
	int r = usable(s, e);

	if (r != 0 && r != -EACCES)
		return MIN(r, 0);
	err_release(e); // folders that are closed to us belong to somebody else
	const char *data = getenv("XDG_DATA_HOME");
	_cleanup_free_ char *home = home_dir();
	_cleanup_free_ char *root = data && *data
	                                    ? str_printf("%s/kernix/root", data)
	                                    : str_printf("%s/.local/share/kernix/root", home ? home : "");
	if (!fs_exists(root))
		log_note(
		        "'%s' cannot be written, so '%s' is used as a store of your own", s->state_dir, root);
	return set_root(s, root, e);
}

static int set_uri(struct store *s, const char *uri, struct err *e)
{
	_cleanup_free_ char *kind = mem_strndup(uri, strcspn(uri, "?"));
	const char *query = uri[strlen(kind)] ? uri + strlen(kind) + 1 : "";
	int r = 0;

	if (*kind == '/' || str_has_prefix(kind, "./") || str_has_prefix(kind, "../"))
		r = set_root(s, kind, e);
	else if (str_eq(kind, "dummy://"))
		s->flags |= STORE_READ_ONLY;
	else if (!*kind || str_eq(kind, "auto"))
		r = set_auto(s, e);
	else if (str_eq(kind, "daemon") || str_has_prefix(kind, "unix://"))
		return err_set(e, -EOPNOTSUPP,
		        "store '%s' is not supported: there is no daemon here; use 'local', 'local?root=DIR' "
		        "or DIR",
		        uri);
	else if (!str_eq(kind, "local"))
		return err_set(e, -EOPNOTSUPP, "don't know how to open Nix store '%s'", uri);
	return r < 0 ? r : set_params(s, query, e);
}

static int link_hint(int r, const char *hint, struct err *e)
{
	if (r < 0)
		err_hint(e, "%s", hint);
	return r;
}

// Path below the root of this store; NULL when it was put elsewhere on purpose ("state=DIR").
static const char *below_root(const struct store *s, const char *path)
{
	const char *rest = str_after(path, s->root);

	return rest && *rest == '/' ? rest : NULL;
}

// A store that is a link, or lies behind one, has other paths for those who look at it from elsewhere: Nix
// refuses it, and so do we.
static bool may_be_linked(void)
{
	const char *ignore = getenv("NIX_IGNORE_SYMLINK_STORE");

	return ignore && str_eq(ignore, "1");
}

static int refuse_linked_store(const struct store *s, struct err *e)
{
	_cleanup_free_ char *links = fs_join(s->real_dir, ".links");
	const char *below = below_root(s, links);

	if (may_be_linked())
		return 0;
	return link_hint(beneath_check(below ? s->root : "", below ? below : links, e),
	        "This is not allowed for the Nix store and its parent directories; with "
	        "NIX_IGNORE_SYMLINK_STORE=1 it is.",
	        e);
}

// Opening a FIFO would wait for ever.
static int refuse_odd_file(const struct store *s, const char *state, const char *name, struct err *e)
{
	_cleanup_free_ char *path = fs_join(state, name), *full = str_printf("%s%s", s->root, path);
	int r = beneath_check(s->root, path, e);
	struct stat st;

	if (r == 0 && lstat(full, &st) == 0 && !S_ISREG(st.st_mode))
		r = err_set(e, -EINVAL, "'%s' is not a regular file", full);
	return r;
}

// A store below a folder may be somebody else's: what we open, make or write in it must not be a link that
// leads out of there.
static int refuse_linked_state(const struct store *s, struct err *e)
{
	static const char *const files[] = {"db/db.sqlite", "db/db.sqlite-wal", "db/db.sqlite-shm",
	        "db/db.sqlite-journal", "db/schema", "db/reserved", "db/big-lock", "gc.lock"},
	                         *const names[] = {"gc-socket/socket", "temproots", "gcroots/auto",
	                                 "profiles/system-profiles", "profiles/per-user/root"};
	const char *state = below_root(s, s->state_dir), *log = below_root(s, s->log_dir);
	int r = *s->root && log ? beneath_check(s->root, log, e) : 0;

	for (size_t i = 0; r == 0 && *s->root && state && i < ARRAY_SIZE(files); i++)
		r = refuse_odd_file(s, state, files[i], e);
	for (size_t i = 0; r == 0 && *s->root && state && i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = fs_join(state, names[i]);
		r = beneath_check(s->root, path, e);
	}
	return link_hint(r, "A store below a folder has none of its own files behind links.", e);
}

int store_folder(struct store *s, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	const char *below = below_root(s, s->real_dir);

	if (s->folder < 0)
		s->folder = may_be_linked() ? fs_open(s->real_dir, flags, 0, e)
		                            : beneath_open(below ? s->root : "", below ? below : s->real_dir,
		                                      flags, e);
	return s->folder;
}

static int refuse_links(const struct store *s, struct err *e)
{
	int r = refuse_linked_store(s, e);

	return r < 0 ? r : refuse_linked_state(s, e);
}

// Folders that a store has besides its database.
static int make_folders(struct store *s, struct err *e)
{
	static const char *const names[] = {
	        "db", "temproots", "gcroots", "gcroots/auto", "profiles", "profiles/per-user"};
	_cleanup_free_ char *profiles = store_state_file(s, "profiles"),
	                    *link = store_state_file(s, "gcroots/profiles");
	_cleanup_free_ char *links = fs_join(s->real_dir, ".links");
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *dir = store_state_file(s, names[i]);
		r = fs_mkdir_p(dir, 0755, e);
	}
	if (r == 0)
		r = fs_mkdir_p(s->real_dir, 0755, e);
	if (r == 0)
		r = fs_mkdir_p(links, 0755, e);
	if (r == 0 && symlink(profiles, link) < 0 && errno != EEXIST)
		r = err_sys(e, errno, "creating symlink '%s'", link);
	return r;
}

static int open_db(struct store *s, struct err *e)
{
	_cleanup_free_ char *dir = store_state_file(s, "db"), *file = store_state_file(s, "db/db.sqlite");

	int there = fs_lstat_maybe(file, NULL, e);
	if (there < 0)
		return there;
	// Somebody else's store can still be asked.
	if (!(s->flags & STORE_READ_ONLY) && there &&
	        (access(dir, W_OK) < 0 || access(s->real_dir, W_OK) < 0)) {
		s->flags |= STORE_READ_ONLY;
		s->unwritable = true;
	}
	int flags = (s->flags & STORE_READ_ONLY ? DB_READ_ONLY : 0) |
	            (s->flags & STORE_NO_SYNC ? DB_NO_SYNC : 0) |
	            (s->flags & STORE_NO_CREATE ? DB_NO_CREATE : 0) |
	            (s->flags & STORE_DB_LATER ? DB_LATER : 0) |
	            (s->flags & STORE_RECLAIM ? DB_NO_RESERVE : 0);

	if (s->flags & STORE_READ_ONLY && !there)
		return 0;
	if (s->flags & STORE_NO_CREATE && !there)
		return err_set(e, -ENOENT, "there is no store in '%s'", s->state_dir);
	if (flags & DB_NO_RESERVE && !(flags & DB_READ_ONLY))
		db_free_reserve(dir);
	int r = s->flags & STORE_READ_ONLY ? 0 : make_folders(s, e);
	return r < 0 ? r : db_open(dir, s->dir, flags, &s->db, e);
}

int store_open(const char *uri, int flags, struct store **ret, struct err *e)
{
	struct store *s = NEW(struct store);

	s->flags = flags;
	uri = uri ? uri : env_or("NIX_REMOTE", "auto");
	int r = set_defaults(s, e);
	if (r == 0)
		r = set_uri(s, uri, e);
	if (r == 0 && !str_eq(uri, "dummy://"))
		r = refuse_links(s, e);
	if (r == 0 && !str_eq(uri, "dummy://"))
		r = open_db(s, e);
	if (r < 0) {
		store_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

void store_close(struct store *s)
{
	_cleanup_err_ struct err e = {0};

	if (!s)
		return;
	if (s->n_pending && store_flush(s, &e) < 0)
		log_error("%s", e.msg);
	if (s->temp_roots >= 0) {
		unlink(s->temp_roots_file);
		close(s->temp_roots);
	}
	if (s->gc_lock >= 0)
		close(s->gc_lock);
	if (s->gc_socket >= 0)
		close(s->gc_socket);
	if (s->folder >= 0)
		close(s->folder);
	db_close(s->db);
	for (size_t i = 0; i < s->n_pending; i++)
		store_info_free(s->pending[i]);
	mem_free(s->pending);
	hmap_release(&s->pending_index);
	hmap_release(&s->temp_known);
	hmap_release_with(&s->drv_hashes, mem_free);
	mem_free(s->temp_roots_file);
	mem_free(s->dir);
	mem_free(s->real_dir);
	mem_free(s->root);
	mem_free(s->state_dir);
	mem_free(s->log_dir);
	mem_free(s);
}

const char *store_dir(const struct store *s)
{
	return s->dir;
}

const char *store_real_dir(const struct store *s)
{
	return s->real_dir;
}

const char *store_root(const struct store *s)
{
	return s->root;
}

const char *store_state_dir(const struct store *s)
{
	return s->state_dir;
}

const char *store_log_dir(const struct store *s)
{
	return s->log_dir;
}

bool store_is_private(const struct store *s)
{
	return !str_eq(s->dir, s->real_dir);
}

bool store_is_read_only(const struct store *s)
{
	return s->flags & STORE_READ_ONLY;
}

bool store_is_unwritable(const struct store *s)
{
	return s->unwritable;
}

struct db *store_db(struct store *s)
{
	return s->db;
}

char *store_state_file(const struct store *s, const char *name)
{
	return fs_join(s->state_dir, name);
}

char *store_real_path(const struct store *s, const char *path)
{
	const char *rest = str_after(path, s->dir);

	return rest && (*rest == '/' || !*rest) ? str_printf("%s%s", s->real_dir, rest) : mem_strdup(path);
}

int store_refuse_unwritable(const struct store *s, struct err *e)
{
	return s->unwritable ? err_set(e, -EACCES, "the store '%s' cannot be written by you", s->real_dir)
	                     : 0;
}

int store_refuse_read_only(const struct store *s, struct err *e)
{
	if (!store_is_read_only(s))
		return 0;
	if (s->unwritable)
		return store_refuse_unwritable(s, e);
	return err_set(e, -EROFS, "the store is opened read-only");
}
