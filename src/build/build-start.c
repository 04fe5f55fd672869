// SPDX-License-Identifier: GPL-2.0-or-later
// From a derivation to its running builder: folders, environment, log, process.
#include "build/builder-impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"
#include "build/buildroot.h"
#include "build/cgroup.h"
#include "build/env.h"

// In the scratch folder: names the build directory, so that the next build of the same derivation finds what
// a killed kernix left. A second line says which folder that was: its name may be somebody else's by then.
#define SCRATCH_NOTE "build-dir"
#define FIRST_MARK   "-new-" // in the first name of a build directory

static int start_give(struct build *bd, const char *path, struct err *e)
{
	const struct sandbox_ids *ids = &bd->ids;

	if (!ids->own && chown(path, ids->uid, ids->gid) < 0)
		return err_sys(e, errno, "giving '%s' to the build user", path);
	return 0;
}

int build_start_mkdir(struct build *bd, const char *path, mode_t mode, struct err *e)
{
	if (mkdir(path, mode) < 0 || chmod(path, mode) < 0)
		return err_sys(e, errno, "making '%s'", path);
	return start_give(bd, path, e);
}

// The build directory has a name that nobody else would choose until it is known which inode it is: so what
// is noted can be told from a folder of the same name that somebody else made after it. The note has the
// first name before the folder is there, then "INODE SECONDS NANOSECONDS" of its birth, and only then it gets
// its own name.
static int start_note(struct build *bd, const char *line, struct err *e)
{
	_cleanup_free_ char *note = fs_join(bd->scratch, SCRATCH_NOTE);
	_cleanup_close_ int fd = fs_open(note, O_WRONLY | O_CREAT | O_APPEND, 0600, e);

	return fd < 0 ? fd : fs_write_all(fd, line, strlen(line), note, e);
}

// Empty where the file system knows no births: then a folder is left rather than one too many removed.
static char *start_identity(int at, const char *path)
{
	struct statx st;

	if (statx(at, path, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &st) < 0 ||
	        !(st.stx_mask & STATX_BTIME))
		return mem_strdup("");
	return str_printf("%llu %lld %u", (unsigned long long)st.stx_ino, (long long)st.stx_btime.tv_sec,
	        st.stx_btime.tv_nsec);
}

// From the first name to nix-build-NAME.drv-N with the first N that is free. A file system that cannot rename
// without replacing leaves it the first name.
static int start_name_dir(struct build *bd, const char *parent, const char *first, struct err *e)
{
	for (unsigned n = 0;; n++) {
		_cleanup_free_ char *path = str_printf("%s/nix-build-%s.drv-%u", parent, bd->drv->name, n);
		if (renameat2(AT_FDCWD, first, AT_FDCWD, path, RENAME_NOREPLACE) == 0) {
			bd->build_top = TAKE_PTR(path);
			return 0;
		}
		if (errno == EINVAL || errno == ENOSYS) {
			bd->build_top = mem_strdup(first);
			return 0;
		}
		if (errno != EEXIST)
			return err_sys(e, errno, "making the build directory '%s'", path);
	}
}

// Nobody else gets into the build directory: a builder that opens it to all could pass descriptors of its
// outputs through a socket in it.
static int start_build_dir(struct build *bd, struct err *e)
{
	const char *parent = bd->builder->opts.build_parent;
	unsigned long long random;

	if (!parent || !*parent)
		parent = temporary_dir();
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return err_sys(e, errno, "getting random numbers");
	_cleanup_free_ char *first = str_printf("%s/nix-build-%s.drv" FIRST_MARK "%016llx", parent,
	                            bd->drv->name, random),
	                    *line = str_printf("%s\n", first);
	int r = start_note(bd, line, e);
	if (r < 0)
		return r;
	if (mkdir(first, 0700) < 0)
		return err_sys(e, errno, "making the build directory '%s'", first);
	_cleanup_free_ char *identity = start_identity(AT_FDCWD, first);
	r = start_note(bd, identity, e);
	if (r == 0)
		r = start_name_dir(bd, parent, first, e);
	if (r < 0) {
		rmdir(first);
		return r;
	}
	bd->build_dir = fs_join(bd->build_top, "build");
	return build_start_mkdir(bd, bd->build_dir, 0700, e);
}

// Under whatever name it is now.
static void sweep_by_identity(const char *parent, const char *identity)
{
	DIR *dir = *identity ? opendir(parent) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		_cleanup_err_ struct err ignored = {0};
		if (!str_has_prefix(entry->d_name, "nix-build-"))
			continue;
		_cleanup_free_ char *path = fs_join(parent, entry->d_name),
		                    *own = start_identity(dirfd(dir), entry->d_name);
		if (str_eq(own, identity))
			fs_rm_rf(path, &ignored);
	}
	if (dir)
		closedir(dir);
}

// A note of ours: a regular file of this folder and of our user; empty when there is none.
static void start_read_note(const char *dir, const char *name, struct buf *ret)
{
	struct stat dir_st, st;
	_cleanup_close_ int at = tree_open_entry(AT_FDCWD, dir, &dir_st), fd = -1;
	_cleanup_err_ struct err ignored = {0};

	if (at >= 0 && S_ISDIR(dir_st.st_mode) && dir_st.st_uid == geteuid())
		fd = tree_open_entry(at, name, &st);
	if (fd >= 0 && S_ISREG(st.st_mode))
		fs_read_fd(fd, name, PATH_MAX, ret, &ignored);
}

void build_leftover(void *ctx, const char *scratch)
{
	(void)ctx;
	if (!str_has_suffix(scratch, STORE_DRV_SUFFIX ".chroot"))
		return;
	_cleanup_buf_ struct buf text = {0};
	_cleanup_err_ struct err ignored = {0};

	// A store may be somebody else's and name what is not its to remove: only a note of ours counts.
	start_read_note(scratch, SCRATCH_NOTE, &text);
	const char *line = buf_str(&text), *end = strchr(line, '\n');
	if (end) {
		_cleanup_free_ char *first = mem_strndup(line, (size_t)(end - line)),
		                    *parent = str_dirname(first);
		if (str_has_prefix(str_basename(first), "nix-build-") &&
		        strstr(str_basename(first), FIRST_MARK)) {
			fs_rm_rf(first, &ignored);
			sweep_by_identity(parent, end + 1);
		}
	}
}

// What a killed kernix left of a build; nobody else can be at it, we hold the locks.
static int start_remove_stale(const char *scratch, struct err *e)
{
	build_leftover(NULL, scratch);
	return fs_rm_rf(scratch, e);
}

static void sweep_one(struct store *s, const char *scratch, const char *drv_path)
{
	_cleanup_drv_ struct drv *d = NULL;
	_cleanup_strv_ char **paths = NULL;
	_cleanup_err_ struct err ignored = {0};
	struct store_locks *locks = NULL;

	if (drv_read(s, drv_path, &d, &ignored) < 0)
		return;
	for (size_t i = 0; i < d->n_outputs; i++)
		strv_add(&paths, d->outputs[i].path);
	if (store_lock_paths(s, paths, false, &locks, &ignored) < 0)
		return; // somebody is at it
	start_remove_stale(scratch, &ignored);
	store_unlock(locks, true);
}

void build_sweep(struct builder *b)
{
	static const char suffix[] = ".chroot";
	const char *real = store_real_dir(b->store);
	_cleanup_err_ struct err ignored = {0}; // only tidying: the next one sweeps what we do not see
	_cleanup_strv_ char **names = NULL;

	if (fs_list(real, &names, &ignored) < 0)
		return;
	strv_for_each (name, names) {
		if (!str_has_suffix(name, STORE_DRV_SUFFIX ".chroot"))
			continue;
		_cleanup_free_ char *scratch = fs_join(real, name);
		_cleanup_free_ char *drv = str_printf(
		        "%s/%.*s", store_dir(b->store), (int)(strlen(name) - strlen(suffix)), name);
		sweep_one(b->store, scratch, drv);
	}
}

static int start_folders(struct build *bd, struct err *e)
{
	int r = start_remove_stale(bd->scratch, e);

	if (r == 0 && mkdir(bd->scratch, 0700) < 0)
		r = err_sys(e, errno, "making '%s'", bd->scratch);
	if (r == 0)
		r = build_start_mkdir(bd, bd->out_dir, 0755, e);
	if (r == 0)
		r = build_start_mkdir(bd, bd->tmp_dir, 01777, e);
	return r == 0 ? start_build_dir(bd, e) : r;
}

// The outputs wanted of the inputs, the sources, and all that these reach.
static int start_inputs(struct build *bd, struct err *e)
{
	struct store *s = bd->builder->store;
	_cleanup_strv_ char **direct = NULL;

	for (size_t i = 0; i < bd->drv->n_inputs; i++) {
		const struct drv_input *in = &bd->drv->inputs[i];
		_cleanup_drv_ struct drv *d = NULL;
		int r = drv_read(s, in->path, &d, e);
		if (r < 0)
			return r;
		strv_for_each (name, in->outputs) {
			const struct drv_output *o = drv_output(d, name);
			if (!o)
				return err_set(e, -ENOENT,
				        "derivation '%s' requires non-existent output '%s' from input "
				        "derivation '%s'",
				        bd->drv_path, name, in->path);
			strv_add(&direct, o->path);
		}
	}
	for (size_t i = 0; i < bd->drv->n_srcs; i++)
		strv_add(&direct, bd->drv->srcs[i]);
	return direct ? store_closure(s, direct, 0, &bd->inputs, e) : 0;
}

static const struct builder_builtin *start_find_builtin(const struct builder *b, const char *name)
{
	for (size_t i = 0; b->opts.builtins && b->opts.builtins[i]; i++) {
		for (const struct builder_builtin *row = b->opts.builtins[i]; row->name; row++) {
			if (str_eq(row->name, name))
				return row;
		}
	}
	for (const struct builder_builtin *row = builder_own_builtins; row->name; row++) {
		if (str_eq(row->name, name))
			return row;
	}
	return NULL;
}

static bool start_is_fetcher(const struct build *bd)
{
	return bd->builtin && (bd->builtin->flags & BUILTIN_FETCHER);
}

// The network is only for outputs whose content is known before. The one exception to "a fixed output" is a
// builtin that takes nothing but files whose hashes stand in its inputs (builtin:debian-root).
static bool start_may_fetch(const struct build *bd)
{
	return drv_is_fixed(bd->drv) || (bd->builtin && (bd->builtin->flags & BUILTIN_PINNED));
}

// A fetcher runs programs of the host (git), of which a build root has none.
static int start_tools(struct build *bd, struct err *e)
{
	struct store *s = bd->builder->store;
	_cleanup_free_ char *path = NULL;
	int r = start_is_fetcher(bd) ? 0 : buildroot_of(s, bd->drv, &path, e);

	return r < 0 || !path ? r : buildroot_find(s, bd->drv, path, &bd->tools_dir, e);
}

static struct builtin_args start_builtin_args(const struct build *bd)
{
	return (struct builtin_args){
	        .drv = bd->drv,
	        .drv_path = bd->drv_path,
	        .env = bd->env,
	        .build_dir = SANDBOX_BUILD_DIR,
	        .store_dir = store_dir(bd->builder->store),
	        .host = &bd->host,
	};
}

// In the child: a builtin with what it needs, its error as the last line of the log.
static int start_run_builtin(void *ctx)
{
	struct build *bd = ctx;
	_cleanup_err_ struct err e = {0}, ignored = {0};
	const struct builtin_args args = start_builtin_args(bd);

	environ = start_is_fetcher(bd) ? bd->fetch_env : bd->env;
	if (bd->builtin->run(bd->builtin->ctx, &args, &e) == 0)
		return 0;
	_cleanup_free_ char *text = str_printf("error: %s\n", e.msg ? e.msg : "failed");
	fs_write_all(2, text, strlen(text), "log", &ignored);
	return 1;
}

// Starts the child with its output in a pipe that we read without waiting. The pipe is wide: a builder should
// not stand still while the outputs of another are registered.
static int start_logged(struct build *bd, struct sandbox_spec *spec,
        int (*start)(const struct sandbox_spec *spec, struct sandbox_proc *ret, struct err *e), struct err *e)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return err_sys(e, errno, "pipe");
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	fcntl(pipes[1], F_SETPIPE_SZ, 1 << 20);
	spec->log_fd = pipes[1];
	int r = start(spec, &bd->proc, e);
	close(pipes[1]);
	if (r < 0)
		close(pipes[0]);
	else
		bd->out_fd = pipes[0];
	return r;
}

// A group of its own for the builder, if that can be had.
static void start_cgroup(struct build *bd)
{
	struct builder *b = bd->builder;

	if (!b->cgroups_sought && !b->opts.limits.no_cgroups)
		b->cgroups = cgroup_find();
	b->cgroups_sought = true;
	if (b->cgroups)
		bd->cgroup = cgroup_make(b->cgroups, str_basename(bd->drv_path), &b->opts.limits);
}

static int start_sandbox(struct build *bd, struct err *e)
{
	const struct builder *b = bd->builder;
	struct sandbox_spec spec = {
	        .store_dir = store_dir(b->store),
	        .store_real_dir = store_real_dir(b->store),
	        .inputs = bd->inputs,
	        .out_dir = bd->out_dir,
	        .tmp_dir = bd->tmp_dir,
	        .build_dir = bd->build_dir,
	        .tools_dir = bd->tools_dir,
	        .binds = b->opts.binds,
	        .n_binds = b->opts.n_binds,
	        .shown = bd->host.files,
	        .n_shown = bd->host.n_files,
	        .network = start_may_fetch(bd) && (!bd->builtin || start_is_fetcher(bd)),
	        .system = bd->drv->system,
	        .filter = b->filter,
	        .ids = bd->ids,
	        .limits = b->opts.limits,
	        .cgroup = bd->cgroup,
	        .program = bd->builtin ? NULL : bd->drv->builder,
	        .argv = bd->argv,
	        .env = bd->env,
	        .run = start_run_builtin,
	        .run_ctx = bd,
	};
	// Not both: what begins as another store path is a source, what has kept objects is made from one.
	if (bd->keep)
		keep_show(bd->keep, &spec);
	else
		build_overlay_spec(bd, &spec);
	return start_logged(bd, &spec, sandbox_start, e);
}

int build_start_process(struct build *bd, struct err *e)
{
	_cleanup_err_ struct err first = {0};

	start_cgroup(bd);
	int r = start_sandbox(bd, &first);
	if (r == -EOPNOTSUPP && bd->overlay.lower) {
		r = build_overlay_give_up(bd, e);
		return r == 0 ? start_sandbox(bd, e) : r;
	}
	if (r < 0)
		err_move(e, &first);
	return r;
}

static int start_roots(struct build *bd, struct err *e)
{
	int r = store_add_temp_root(bd->builder->store, bd->drv_path, e);

	for (size_t i = 0; r == 0 && i < bd->drv->n_outputs; i++)
		r = store_add_temp_root(bd->builder->store, bd->drv->outputs[i].path, e);
	return r;
}

static int start_environment(struct build *bd, struct err *e)
{
	struct env_spec spec = {
	        .store = bd->builder->store,
	        .drv = bd->drv,
	        .build_dir = bd->build_dir,
	        .inside_dir = SANDBOX_BUILD_DIR,
	        .cores = bd->builder->opts.cores,
	        .ids = bd->ids,
	};

	bd->argv = env_argv(bd->drv);
	int r = env_make(&spec, &bd->env, e);
	return r == 0 && start_is_fetcher(bd) ? env_fetch_make(&spec, &bd->fetch_env, e) : r;
}

static int start_host(struct build *bd, struct err *e)
{
	const struct builtin_args args = start_builtin_args(bd);

	return bd->builtin && bd->builtin->prepare ? bd->builtin->prepare(&args, &bd->host, e) : 0;
}

static void start_say_keep(struct build *bd, char *word)
{
	if (word)
		progress_message(bd->builder->progress, "note: %s: %s", bd->drv->name, word);
	mem_free(word);
}

static int start_keep(struct build *bd, struct err *e)
{
	const struct builder_opts *opts = &bd->builder->opts;
	_cleanup_free_ char *scratch = fs_join(bd->build_top, "objects");
	const struct keep_spec spec = {
	        .store = bd->builder->store,
	        .drv = bd->drv,
	        .inputs = bd->inputs,
	        .ids = bd->ids,
	        .build_dir = bd->build_dir,
	        .scratch = scratch,
	        .on = opts->keep_objects && !bd->check,
	        // Whoever looks into a folder that is left wants all of it.
	        .clean = opts->keep_failed,
	        .limits = opts->keep_limits,
	};
	char *word;
	int r = keep_begin(&spec, &bd->keep, &word, e);

	start_say_keep(bd, word);
	return r;
}

static int start_check(const struct build *bd, struct err *e)
{
	if (drv_is_builtin(bd->drv) && !bd->builtin)
		return err_set(e, -ENOTSUP, "unsupported builtin builder '%s' of '%s'", bd->drv->builder,
		        bd->drv_path);
	if (start_is_fetcher(bd) && !start_may_fetch(bd))
		return err_set(e, -EPERM,
		        "'%s' must be a fixed-output derivation: '%s' has no hash of what it fetches",
		        bd->drv->builder, bd->drv_path);
	if (env_flag(bd->drv, "__noChroot"))
		return err_set(e, -EPERM,
		        "derivation '%s' has '__noChroot' set, but builds always are in the sandbox",
		        bd->drv_path);
	return 0;
}

int build_prepare(struct build *bd, struct err *e)
{
	struct store *s = bd->builder->store;

	bd->builtin = start_find_builtin(bd->builder, bd->drv->builder);
	int r = start_check(bd, e);
	if (r < 0)
		return r;
	_cleanup_free_ char *real = store_real_path(s, bd->drv_path);
	bd->scratch = str_printf("%s.chroot", real);
	bd->out_dir = fs_join(bd->scratch, "store");
	bd->tmp_dir = fs_join(bd->scratch, "tmp");
	bd->log_path = store_log_path(s, bd->drv_path);
	r = start_roots(bd, e);
	if (r == 0)
		r = start_inputs(bd, e);
	if (r == 0)
		r = start_tools(bd, e);
	if (r == 0)
		r = uidpool_take(store_state_dir(s), &bd->builder->ids, &bd->ids, &bd->slot, e);
	if (r == 0)
		r = start_folders(bd, e);
	if (r == 0)
		r = build_overlay_init(bd, e);
	if (r == 0)
		r = start_environment(bd, e);
	if (r == 0)
		r = start_host(bd, e);
	if (r == 0)
		r = start_keep(bd, e);
	if (r == 0)
		r = build_log_open(bd->log_path, bd->builder->opts.log_lines, &bd->log, e);
	if (r < 0)
		return r;
	bd->oom_kills = build_oom_kills();
	bd->started_ms = bd->last_output_ms = build_now_ms();
	return build_start_process(bd, e);
}

int build_restart_clean(struct build *bd, struct err *e)
{
	int r = keep_without_lower(bd->keep, e);

	build_log_free(bd->log);
	bd->log = NULL;
	if (r == 0)
		r = build_log_open(bd->log_path, bd->builder->opts.log_lines, &bd->log, e);
	if (r < 0)
		return r;
	return build_start_process(bd, e);
}

// The builder's folder takes the place of the one around it, which kept others out while it ran.
static int start_unwrap_dir(struct build *bd)
{
	_cleanup_free_ char *beside = str_printf("%s.kept-%ld", bd->build_top, (long)getpid());

	if (renameat2(AT_FDCWD, bd->build_dir, AT_FDCWD, beside, RENAME_NOREPLACE) < 0)
		return -errno;
	if (rmdir(bd->build_top) == 0 && rename(beside, bd->build_top) == 0)
		return 0;
	mem_free(bd->build_top);
	bd->build_top = TAKE_PTR(beside);
	return 0;
}

static void start_keep_dir(struct build *bd)
{
	struct stat st;
	int r = start_unwrap_dir(bd);
	const char *kept = bd->build_top;
	_cleanup_close_ int fd = tree_open_entry(AT_FDCWD, kept, &st);

	progress_message(bd->builder->progress, "note: keeping build directory '%s'", kept);
	if (r < 0 || fd < 0 || tree_chmod(fd, 0755) < 0)
		progress_message(bd->builder->progress, "warning: chmod '%s' failed", kept);
}

void build_drop_dir(struct build *bd, bool failed)
{
	_cleanup_err_ struct err ignored = {0};

	if (!bd->build_top)
		return;
	if (failed && bd->builder->opts.keep_failed)
		start_keep_dir(bd);
	else if (fs_rm_rf(bd->build_top, &ignored) < 0)
		bd->dir_stays = true;
	mem_free(bd->build_top);
	mem_free(bd->build_dir);
	bd->build_top = bd->build_dir = NULL;
}

// The child's part: findings first, then whatever takes time and nobody waits for. The folder around the
// builder's stays: its name is given back by build_drop_dir, once, or the next build could have it already.
static int start_examine_child(void *ctx)
{
	struct build *bd = ctx;
	_cleanup_err_ struct err ignored = {0};
	int status = output_work(&bd->set);

	if (bd->keep_fresh)
		status = keep_gather(bd->keep);
	// Not the folder itself: its name would be free for another build of that name, whose folder we would
	// remove when we are told that the child has ended.
	if (!bd->builder->opts.keep_failed)
		fs_rm_rf(bd->build_dir, &ignored);
	return status;
}

int build_start_examine(struct build *bd, struct err *e)
{
	struct sandbox_spec spec = {.run = start_examine_child, .run_ctx = bd};

	struct output_dirs dirs = {
	        .scratch = bd->scratch,
	        .made = bd->out_dir,
	        .lower = bd->overlay.lower,
	        .upper = bd->overlay.upper,
	        .from_uid = bd->ids.uid,
	};
	int r = output_set_init(
	        &bd->set, bd->builder->store, bd->drv, bd->drv_path, bd->inputs, &dirs, bd->log_path, e);
	if (r < 0)
		return r;
	bd->keep_fresh = keep_open_fresh(bd->keep);
	return start_logged(bd, &spec, sandbox_start_plain, e);
}
