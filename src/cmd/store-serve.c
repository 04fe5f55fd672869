// SPDX-License-Identifier: GPL-2.0-or-later
// nix-store --serve [--write]: the other end of ssh:// stores, nix-copy-closure and ssh:// builders, by the
// protocol of Nix's `nix-store --serve` (version 2.7, negotiated down to the client's) on standard input and
// output. Whoever can start it with --write may add to the store and build, as the user that it runs as: no
// signatures are asked for, as in Nix.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cache/cache.h"
#include "cmd/store-cmd.h"
#include "store/drv.h"
#include "store/narinfo.h"
#include "store/wire.h"

#define MAGIC_CLIENT 0x390c9deb
#define MAGIC_SERVER 0x5452eecb
#define VERSION      0x0207 // 2.7
#define MINOR(v)     ((v)&0xff)

enum serve_word {
	SERVE_VALID_PATHS = 1,
	SERVE_PATH_INFOS = 2,
	SERVE_DUMP = 3,
	SERVE_IMPORT = 4,
	SERVE_EXPORT = 5,
	SERVE_BUILD_PATHS = 6,
	SERVE_CLOSURE = 7,
	SERVE_BUILD_DERIVATION = 8,
	SERVE_ADD_NAR = 9,
};

// What became of a build, as the client knows it.
enum serve_status {
	STATUS_BUILT = 0,
	STATUS_FAILED = 3,
	STATUS_TIMED_OUT = 8,
	STATUS_NOT_DETERMINISTIC = 12
};

struct serve {
	struct store_cmd *c;
	struct store *store;
	const char *dir;
	struct source in;
	struct sink out;
	struct buf answer; // goes out when the word is done
	unsigned version;
	struct build_settings build; // as the client wants it
};

static int flush(struct serve *s, struct err *e)
{
	int r = s->answer.len ? s->out.write(s->out.ctx, s->answer.data, s->answer.len, e) : 0;

	buf_clear(&s->answer);
	return r;
}

static int read_paths(struct serve *s, char ***ret, struct err *e)
{
	return wire_read_paths(&s->in, s->dir, ret, e);
}

static int may_write(struct serve *s, struct err *e)
{
	return s->c->serve_write ? 0
	                         : err_set(e, -EPERM,
	                                   "this store is served for reading only ('--write' was not given)");
}

// --- questions ---

// Brings what caches have of paths; what they do not have is no error.
static int substitute_paths(struct serve *s, char *const *paths, struct err *e)
{
	struct cache_settings *k = &s->c->build.cache;
	struct cache_opts opts = cache_settings_opts(k);
	_cleanup_strv_ char **found = NULL, **missing = NULL;
	struct caches *caches = NULL;

	if (!k->substituters || k->no_substitute)
		return 0;
	int r = caches_open(s->store, &opts, &caches, e);
	if (r == 0)
		r = caches_closure(caches, paths, &found, &missing, e);
	if (r == 0 && found && !missing)
		r = caches_take(caches, found, e);
	caches_free(caches);
	return r;
}

static int serve_valid_paths(struct serve *s, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **valid = NULL;
	uint64_t lock, substitute = 0;
	int r = wire_read_u64(&s->in, &lock, e);

	if (r == 0)
		r = wire_read_u64(&s->in, &substitute, e);
	if (r == 0)
		r = read_paths(s, &paths, e);
	// Protected before they are looked at.
	for (size_t i = 0; r == 0 && lock && s->c->serve_write && paths && paths[i]; i++)
		r = store_add_temp_root(s->store, paths[i], e);
	if (r == 0 && substitute && s->c->serve_write && paths)
		r = substitute_paths(s, paths, e);
	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		bool is = false;
		r = store_is_valid(s->store, paths[i], &is, e);
		if (is)
			strv_add(&valid, paths[i]);
	}
	wire_list(&s->answer, valid);
	return r;
}

static void put_info(struct serve *s, const struct store_info *i)
{
	_cleanup_free_ char *hash = hash_format(&i->nar_hash, HASH_NIX32, true);

	wire_str(&s->answer, i->path);
	wire_str(&s->answer, i->deriver ? i->deriver : "");
	wire_list(&s->answer, i->refs);
	wire_u64(&s->answer, i->nar_size_bytes); // of the download, which is not known
	wire_u64(&s->answer, i->nar_size_bytes);
	if (MINOR(s->version) >= 4) {
		wire_str(&s->answer, hash);
		wire_str(&s->answer, i->ca ? i->ca : "");
		wire_list(&s->answer, i->sigs);
	}
}

static int serve_path_infos(struct serve *s, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = read_paths(s, &paths, e);

	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		_cleanup_store_info_ struct store_info *info = NULL;
		bool valid = false;
		r = store_is_valid(s->store, paths[i], &valid, e);
		if (r == 0 && valid)
			r = store_query_info(s->store, paths[i], &info, e);
		if (r == 0 && info)
			put_info(s, info);
	}
	wire_str(&s->answer, "");
	return r;
}

static int serve_closure(struct serve *s, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **closure = NULL;
	uint64_t outputs;
	int r = wire_read_u64(&s->in, &outputs, e);

	if (r == 0)
		r = read_paths(s, &paths, e);
	if (r == 0)
		r = store_closure(s->store, paths, outputs ? CLOSURE_OUTPUTS : 0, &closure, e);
	wire_list(&s->answer, closure);
	return r;
}

// --- contents ---

static int serve_dump(struct serve *s, struct err *e)
{
	_cleanup_free_ char *path = NULL, *real = NULL;
	int r = wire_read_path(&s->in, s->dir, &path, e);

	if (r == 0)
		r = store_check_valid(s->store, path, e);
	if (r < 0)
		return r;
	real = store_real_path(s->store, path);
	return nar_dump(real, NULL, &s->out, e);
}

static int serve_export(struct serve *s, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **sorted = NULL;
	uint64_t obsolete;
	int r = wire_read_u64(&s->in, &obsolete, e);

	if (r == 0)
		r = read_paths(s, &paths, e);
	if (r == 0)
		r = store_topo_sort(s->store, paths, &sorted, e);
	return r < 0 ? r : store_export(s->store, sorted, &s->out, e);
}

static int serve_import(struct serve *s, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = may_write(s, e);

	if (r == 0)
		r = store_import(s->store, &s->in, &paths, e);
	wire_u64(&s->answer, 1);
	return r;
}

static int read_info(struct serve *s, struct store_info *i, struct err *e)
{
	_cleanup_free_ char *hash = NULL, *ca = NULL;
	uint64_t time_s = 0, ultimate = 0;
	int r = wire_read_path(&s->in, s->dir, &i->path, e);

	if (r == 0)
		r = wire_read_path_maybe(&s->in, s->dir, &i->deriver, e);
	if (r == 0)
		r = wire_read_str(&s->in, WIRE_NAME_MAX, &hash, e);
	if (r == 0)
		r = hash_parse(hash, HASH_SHA256, &i->nar_hash, e);
	if (r == 0)
		r = read_paths(s, &i->refs, e);
	if (r == 0)
		r = wire_read_u64(&s->in, &time_s, e);
	if (r == 0)
		r = wire_read_u64(&s->in, &i->nar_size_bytes, e);
	if (r == 0)
		r = wire_read_u64(&s->in, &ultimate, e); // the client built it: not we
	if (r == 0)
		r = wire_read_list(&s->in, &i->sigs, e);
	if (r == 0)
		r = wire_read_str(&s->in, WIRE_NAME_MAX, &ca, e);
	if (r == 0 && *ca)
		i->ca = TAKE_PTR(ca);
	if (r == 0 && !i->nar_size_bytes)
		r = err_set(e, -EBADMSG, "the size of '%s' is missing", i->path);
	return r;
}

static int serve_add_nar(struct serve *s, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NEW(struct store_info);
	int r = may_write(s, e);

	if (r == 0)
		r = read_info(s, i, e);
	if (r == 0)
		r = store_add_nar(s->store, i, &s->in, e);
	wire_u64(&s->answer, 1);
	return r;
}

// --- builds ---

static int read_settings(struct serve *s, struct err *e)
{
	uint64_t silent = 0, timeout = 0, log = 0, repeats = 0, same = 0, keep = 0;
	unsigned minor = MINOR(s->version);
	int r = wire_read_u64(&s->in, &silent, e);

	if (r == 0)
		r = wire_read_u64(&s->in, &timeout, e);
	if (r == 0 && minor >= 2)
		r = wire_read_u64(&s->in, &log, e);
	if (r == 0 && minor >= 3)
		r = wire_read_u64(&s->in, &repeats, e);
	if (r == 0 && minor >= 3)
		r = wire_read_u64(&s->in, &same, e);
	if (r == 0 && minor >= 7)
		r = wire_read_u64(&s->in, &keep, e);
	s->build = s->c->build;
	s->build.max_silent_s = (unsigned)MIN(silent, 1000000000u);
	s->build.timeout_s = (unsigned)MIN(timeout, 1000000000u);
	s->build.max_log_bytes = log;
	s->build.keep_failed = keep != 0;
	return r;
}

// Logs go to standard error, which ssh carries to the client.
static struct plan *new_plan(struct serve *s, struct err *e)
{
	struct plan_opts opts = {0};
	struct plan *p = NULL;

	build_settings_fill(&s->build, &opts);
	return plan_new(s->store, &opts, NULL, &p, e) < 0 ? NULL : p;
}

static enum serve_status status_of(const struct plan *p, int r)
{
	int code = p ? plan_exit_code(p) : 1;

	if (r == 0)
		return STATUS_BUILT;
	return code == 101 ? STATUS_TIMED_OUT : code == 104 ? STATUS_NOT_DETERMINISTIC : STATUS_FAILED;
}

static int add_wanted(struct plan *p, const char *dir, const char *word, struct err *e)
{
	const char *bang = strrchr(word, '!');
	_cleanup_free_ char *path = bang ? mem_strndup(word, (size_t)(bang - word)) : mem_strdup(word);
	_cleanup_strv_ char **outputs = bang && !str_eq(bang + 1, "*") ? strv_split(bang + 1, ",") : NULL;
	int r = store_path_check(dir, path, e);

	if (r < 0)
		return r;
	return store_path_is_drv(path) ? plan_add_drv(p, path, outputs, e) : plan_add_path(p, path, e);
}

static int serve_build_paths(struct serve *s, struct err *e)
{
	_cleanup_strv_ char **words = NULL;
	_cleanup_err_ struct err failed = {0};
	struct plan *p = NULL;
	int r = may_write(s, e);

	if (r == 0)
		r = wire_read_list(&s->in, &words, e);
	if (r == 0)
		r = read_settings(s, e);
	if (r < 0)
		return r;
	p = new_plan(s, &failed);
	r = p ? 0 : failed.code;
	for (size_t i = 0; r == 0 && words && words[i]; i++)
		r = add_wanted(p, s->dir, words[i], &failed);
	if (r == 0)
		r = plan_run(p, &failed);
	wire_u64(&s->answer, r == 0 ? 0 : (uint64_t)MAX(p ? plan_exit_code(p) : 1, 1));
	if (r < 0)
		wire_str(&s->answer, failed.msg ? failed.msg : "failed");
	plan_free(p);
	return 0;
}

static int read_drv_outputs(struct serve *s, struct drv *d, struct err *e)
{
	uint64_t n = 0;
	int r = wire_read_u64(&s->in, &n, e);

	if (r == 0 && n > 1000)
		r = err_set(e, -EBADMSG, "a derivation has too many outputs");
	for (uint64_t i = 0; r == 0 && i < n; i++) {
		_cleanup_strv_ char **parts = NULL; // name, path, algorithm, hash
		for (int k = 0; r == 0 && k < 4; k++) {
			char *part;
			r = wire_read_str(&s->in, WIRE_NAME_MAX, &part, e);
			if (r == 0)
				strv_take(&parts, part);
		}
		if (r == 0 && *parts[1])
			r = store_path_check(s->dir, parts[1], e);
		if (r == 0)
			drv_add_output(d, parts[0], parts[1], parts[2], parts[3]);
	}
	return r;
}

static int read_drv_env(struct serve *s, struct drv *d, struct err *e)
{
	uint64_t n = 0;
	int r = wire_read_u64(&s->in, &n, e);

	if (r == 0 && n > WIRE_LIST_MAX)
		r = err_set(e, -EBADMSG, "a derivation has too many variables");
	for (uint64_t i = 0; r == 0 && i < n; i++) {
		_cleanup_free_ char *name = NULL, *value = NULL;
		r = wire_read_str(&s->in, WIRE_NAME_MAX, &name, e);
		if (r == 0)
			r = wire_read_str(&s->in, WIRE_TEXT_MAX, &value, e);
		if (r == 0)
			drv_set_env(d, name, value);
	}
	return r;
}

// A derivation without inputs that are derivations: the client has built them.
static int read_drv(struct serve *s, struct drv *d, struct err *e)
{
	_cleanup_strv_ char **srcs = NULL, **args = NULL;
	_cleanup_free_ char *system = NULL, *builder = NULL;
	int r = read_drv_outputs(s, d, e);

	if (r == 0)
		r = read_paths(s, &srcs, e);
	if (r == 0)
		r = wire_read_str(&s->in, WIRE_NAME_MAX, &system, e);
	if (r == 0)
		r = wire_read_str(&s->in, WIRE_NAME_MAX, &builder, e);
	if (r == 0)
		r = wire_read_list(&s->in, &args, e);
	if (r == 0)
		r = read_drv_env(s, d, e);
	if (r < 0)
		return r;
	drv_set_system(d, system);
	drv_set_builder(d, builder);
	strv_for_each (src, srcs)
		drv_add_src(d, src);
	strv_for_each (arg, args)
		drv_add_arg(d, arg);
	drv_finish(d);
	return 0;
}

static void put_result(struct serve *s, enum serve_status status, const char *message, time_t start)
{
	wire_u64(&s->answer, status);
	wire_str(&s->answer, message);
	if (MINOR(s->version) >= 3) {
		wire_u64(&s->answer, 1); // times built
		wire_u64(&s->answer, status == STATUS_NOT_DETERMINISTIC);
		wire_u64(&s->answer, (uint64_t)start);
		wire_u64(&s->answer, (uint64_t)time(NULL));
	}
	if (MINOR(s->version) >= 6)
		wire_u64(&s->answer, 0); // outputs whose paths were not known before: there are none
}

static int serve_build_derivation(struct serve *s, struct err *e)
{
	_cleanup_free_ char *path = NULL, *name = NULL;
	_cleanup_err_ struct err failed = {0};
	time_t start = time(NULL);
	struct plan *p = NULL;
	struct drv *d = NULL;
	int r = may_write(s, e);

	if (r == 0)
		r = wire_read_path(&s->in, s->dir, &path, e);
	if (r == 0)
		name = store_drv_name(path);
	if (r == 0)
		r = read_drv(s, d = drv_new(name), e);
	if (r == 0)
		r = read_settings(s, e);
	if (r < 0) {
		drv_free(d);
		return r;
	}
	p = new_plan(s, &failed);
	if (!p)
		drv_free(d);
	r = p ? plan_add_given(p, path, d, &failed) : failed.code;
	if (r == 0)
		r = plan_run(p, &failed);
	put_result(s, status_of(p, r), r < 0 && failed.msg ? failed.msg : "", start);
	plan_free(p);
	return 0;
}

// --- the loop ---

static int (*const words[])(struct serve *s, struct err *e) = {
        [SERVE_VALID_PATHS] = serve_valid_paths,
        [SERVE_PATH_INFOS] = serve_path_infos,
        [SERVE_DUMP] = serve_dump,
        [SERVE_IMPORT] = serve_import,
        [SERVE_EXPORT] = serve_export,
        [SERVE_BUILD_PATHS] = serve_build_paths,
        [SERVE_CLOSURE] = serve_closure,
        [SERVE_BUILD_DERIVATION] = serve_build_derivation,
        [SERVE_ADD_NAR] = serve_add_nar,
};

static int greet(struct serve *s, struct err *e)
{
	uint64_t magic, version = 0;
	int r = wire_read_u64(&s->in, &magic, e);

	if (r == 0 && magic != MAGIC_CLIENT)
		r = err_set(e, -EPROTO, "protocol mismatch: this end speaks that of 'nix-store --serve'");
	wire_u64(&s->answer, MAGIC_SERVER);
	wire_u64(&s->answer, VERSION);
	if (r == 0)
		r = flush(s, e);
	if (r == 0)
		r = wire_read_u64(&s->in, &version, e);
	if (r == 0 && (version >> 8) != (VERSION >> 8))
		r = err_set(e, -EPROTO, "the client's protocol %llu.%llu is not known",
		        (unsigned long long)version >> 8, (unsigned long long)version & 0xff);
	s->version = (unsigned)MIN(version, (uint64_t)VERSION);
	return r;
}

// The next word; 0: the client went.
static int next_word(struct serve *s, uint64_t *ret, struct err *e)
{
	unsigned char first;
	ssize_t n = s->in.read(s->in.ctx, &first, 1, e);
	unsigned char rest[7];

	if (n <= 0)
		return (int)n;
	int r = wire_read(&s->in, rest, sizeof(rest), e);
	*ret = first;
	for (int i = 0; i < 7; i++)
		*ret |= (uint64_t)rest[i] << (8 * (i + 1));
	return r < 0 ? r : 1;
}

int store_op_serve(struct store_cmd *c, struct err *e)
{
	_cleanup_free_ struct source_fd *from = NEW(struct source_fd);
	int out_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), r;
	struct serve s = {.c = c, .store = c->store, .dir = store_dir(c->store)};
	uint64_t word = 0;

	if (out_fd < 0)
		return err_sys(e, errno, "standard output");
	// Nothing but the protocol gets to the client's end.
	dup2(STDERR_FILENO, STDOUT_FILENO);
	from->fd = STDIN_FILENO;
	s.in = source_fd(from);
	s.out = sink_fd(&out_fd);
	r = greet(&s, e);
	while (r == 0 && (r = next_word(&s, &word, e)) > 0) {
		if (word >= ARRAY_SIZE(words) || !words[word])
			r = err_set(e, -EPROTO, "the client asks for %llu, which is not known",
			        (unsigned long long)word);
		else
			r = words[word](&s, e);
		if (r == 0)
			r = flush(&s, e);
	}
	buf_release(&s.answer);
	close(out_fd);
	return r;
}
