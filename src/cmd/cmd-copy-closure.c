// SPDX-License-Identifier: GPL-2.0-or-later
// nix-copy-closure: paths and all that they need to or from another machine, over ssh. It needs nothing on
// the other side but a `nix-store` (ours or Nix's) with --check-validity, --export and --import, and sends
// only what is missing there.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/hmap.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/proc.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "store/narinfo.h"
#include "store/roots.h"
#include "store/store.h"

enum {
	OPT_TO,
	OPT_FROM,
	OPT_GZIP,
	OPT_OUTPUTS,
	OPT_STORE,
	OPT_VERBOSE,
	OPT_NOTHING,
	OPT_NOTHING_1,
	OPT_HELP,
	OPT_VERSION
};

static const struct opt_row rows[] = {
        {"--to", NULL, 0, OPT_TO, NULL, "to the machine (default)"},
        {"--from", NULL, 0, OPT_FROM, NULL, "from the machine"},
        {"--gzip", NULL, 0, OPT_GZIP, NULL, "compresses the connection (ssh -C)"},
        {"--include-outputs", NULL, 0, OPT_OUTPUTS, NULL, "outputs of derivations too"},
        {"--store", NULL, 1, OPT_STORE, "URI", "store on this machine"},
        {"--use-substitutes", "-s", 0, OPT_NOTHING, NULL, NULL},
        {"--option", NULL, 2, OPT_NOTHING, NULL, NULL},
        {"--verbose", "-v", 0, OPT_VERBOSE, NULL, "says more"},
        {"--help", NULL, 0, OPT_HELP, NULL, "this list"},
        {"--version", NULL, 0, OPT_VERSION, NULL, NULL},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct copy_cmd {
	bool from, gzip, outputs, help, version;
	char *uri;
	char **words; // host, then paths
	struct store *store;
};

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct copy_cmd *c = ctx;

	(void)e;
	if (!row)
		strv_add(&c->words, args[0]);
	else if (row->id == OPT_TO || row->id == OPT_FROM)
		c->from = row->id == OPT_FROM;
	else if (row->id == OPT_GZIP)
		c->gzip = true;
	else if (row->id == OPT_OUTPUTS)
		c->outputs = true;
	else if (row->id == OPT_STORE)
		c->uri = mem_strdup(args[0]);
	else if (row->id == OPT_VERBOSE)
		log_set_level(LOG_INFO);
	else if (row->id == OPT_HELP)
		c->help = true;
	else if (row->id == OPT_VERSION)
		c->version = true;
	return 0;
}

// ssh [-C] $NIX_SSHOPTS HOST nix-store ARGS...; the words have no characters that the other side's shell
// would touch.
static char **remote_argv(struct copy_cmd *c, const char *const *args, char *const *paths)
{
	const char *opts = getenv("NIX_SSHOPTS");
	_cleanup_strv_ char **more = strv_split(opts ? opts : "", " ");
	char **argv = NULL;

	strv_add(&argv, "ssh");
	if (c->gzip)
		strv_add(&argv, "-C");
	strv_for_each (opt, more)
		strv_add(&argv, opt);
	strv_add(&argv, c->words[0]);
	strv_add(&argv, "--");
	strv_add(&argv, "nix-store");
	for (; *args; args++)
		strv_add(&argv, *args);
	strv_for_each (path, paths)
		strv_add(&argv, path);
	return argv;
}
#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

// What a remote nix-store prints, line by line.
static int remote_lines(
        struct copy_cmd *c, const char *const *args, char *const *paths, char ***ret, struct err *e)
{
	_cleanup_strv_ char **argv = remote_argv(c, args, paths);
	_cleanup_buf_ struct buf out = {0};
	struct proc_opts opts = {.out = &out};
	int status = 0;
	int r = proc_run(argv, &opts, &status, e);

	if (r == 0 && status != 0)
		r = err_set(e, -EIO, "'nix-store %s' on '%s' failed with exit code %d", args[0], c->words[0],
		        status);
	if (r == 0)
		*ret = strv_split(buf_str(&out), "\n");
	return r;
}

// Starts the remote nix-store with one end of a pipe as its standard input (to_remote) or output.
static int start_remote(struct copy_cmd *c, const char *const *args, char *const *paths, bool to_remote,
        pid_t *ret_pid, int *ret_fd, struct err *e)
{
	_cleanup_strv_ char **argv = remote_argv(c, args, paths);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, errno, "making a pipe");
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(to_remote ? ends[0] : null, STDIN_FILENO);
		dup2(to_remote ? null : ends[1], STDOUT_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(to_remote ? ends[0] : ends[1]);
	if (pid < 0) {
		close(to_remote ? ends[1] : ends[0]);
		return err_sys(e, errno, "starting ssh");
	}
	*ret_pid = pid;
	*ret_fd = to_remote ? ends[1] : ends[0];
	return 0;
}

static int wait_remote(struct copy_cmd *c, pid_t pid, int r, struct err *e)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return r;
	return err_set(e, -EIO, "copying failed: 'nix-store' on '%s' ended with %s %d", c->words[0],
	        WIFEXITED(status) ? "exit code" : "signal",
	        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

// The other side decides what it lacks, but of what it was offered only: nothing else is its to read.
static int check_offered(struct copy_cmd *c, char *const *missing, char *const *closure, struct err *e)
{
	_cleanup_hmap_ struct hmap offered = {0};

	strv_for_each (path, closure)
		hmap_put(&offered, path, c);
	strv_for_each (path, missing)
		if (!hmap_has(&offered, path))
			return err_set(e, -EPERM, "'%s' asked for '%s', which was not offered to it",
			        c->words[0], path);
	return 0;
}

static int send_missing(struct copy_cmd *c, char *const *closure, struct err *e)
{
	_cleanup_strv_ char **missing = NULL, **sorted = NULL;
	_cleanup_close_ int fd = -1;
	pid_t pid;
	int r = remote_lines(c, ARGS("--check-validity", "--print-invalid"), closure, &missing, e);

	if (r == 0)
		r = check_offered(c, missing, closure, e);
	if (r == 0)
		r = store_topo_sort(c->store, missing, &sorted, e);
	if (r < 0 || !*sorted)
		return r;
	log_note("copying %zu missing paths (of %zu) to '%s'...", strv_len(sorted), strv_len(closure),
	        c->words[0]);
	r = start_remote(c, ARGS("--import"), NULL, true, &pid, &fd, e);
	if (r < 0)
		return r;
	struct sink out = sink_fd(&fd);
	r = store_export(c->store, sorted, &out, e);
	close(TAKE_FD(fd));
	return wait_remote(c, pid, r, e);
}

static int copy_to(struct copy_cmd *c, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **closure = NULL;
	int r = 0;

	for (size_t i = 1; r == 0 && c->words[i]; i++) {
		_cleanup_free_ char *real = realpath(c->words[i], NULL);
		char *path;
		const char *name =
		        store_path_inside(store_dir(c->store), c->words[i]) || !real ? c->words[i] : real;
		r = store_path_of(store_dir(c->store), name, &path, NULL, e);
		if (r == 0)
			strv_take(&paths, path);
		if (r == 0)
			r = store_check_valid(c->store, path, e);
	}
	if (r == 0)
		r = store_closure(c->store, paths, c->outputs ? CLOSURE_OUTPUTS : 0, &closure, e);
	return r < 0 ? r : send_missing(c, closure, e);
}

static int copy_from(struct copy_cmd *c, struct err *e)
{
	_cleanup_strv_ char **closure = NULL, **missing = NULL, **got = NULL;
	_cleanup_free_ struct source_fd *in = NEW(struct source_fd);
	_cleanup_close_ int fd = -1;
	pid_t pid;
	int r = remote_lines(c, c->outputs ? ARGS("-q", "-R", "--include-outputs") : ARGS("-q", "-R"),
	        c->words + 1, &closure, e);

	if (r < 0)
		return r;
	strv_for_each (path, closure) {
		if (store_path_check(store_dir(c->store), path, e) < 0)
			return err_wrap(e, "'%s' answered something else than store paths", c->words[0]);
		bool valid;
		r = store_is_valid(c->store, path, &valid, e);
		if (r < 0)
			return r;
		if (!valid)
			strv_add(&missing, path);
	}
	if (!missing)
		return 0;
	log_note("copying %zu missing paths (of %zu) from '%s'...", strv_len(missing), strv_len(closure),
	        c->words[0]);
	r = start_remote(c, ARGS("--export"), missing, false, &pid, &fd, e);
	if (r < 0)
		return r;
	in->fd = fd;
	struct source from = source_fd(in);
	r = store_import(c->store, &from, &got, e);
	close(TAKE_FD(fd));
	return wait_remote(c, pid, r, e);
}

static int copy(struct copy_cmd *c, struct err *e)
{
	if (strv_len(c->words) < 2)
		return err_set(e, -EINVAL, "a host and at least one path are needed");
	if (c->words[0][0] == '-')
		return err_set(e, -EINVAL, "'%s' is not the name of a host", c->words[0]);
	int r = store_open(c->uri, 0, &c->store, e);
	if (r == 0)
		r = c->from ? copy_from(c, e) : copy_to(c, e);
	return r;
}

int cmd_copy_closure(int argc, char **argv)
{
	struct copy_cmd c = {0};
	struct err e = {0};
	int r = opt_parse(rows, argc, argv, take, &c, &e);

	if (r == 0 && c.help) {
		_cleanup_free_ char *help = opt_help(rows);
		printf("Usage: nix-copy-closure [--to | --from] [OPTIONS...] [USER@]HOST PATH...\n\n%s",
		        help);
	} else if (r == 0 && c.version) {
		printf("nix-copy-closure (kernix) %s\n", KERNIX_VERSION);
	} else if (r == 0) {
		r = copy(&c, &e);
	}
	store_close(c.store);
	mem_free(c.uri);
	strv_free(c.words);
	return r < 0 ? cmd_fail(&e) : 0;
}
