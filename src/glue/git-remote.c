// SPDX-License-Identifier: GPL-2.0-or-later
// Remote repositories are fetched by the git program, which knows every transport that servers speak; libgit2
// has no shallow answers, no checked host keys and no ssh configuration. It runs confined: in the sandbox of
// builds with the network, as a user that owns nothing, with an environment made from nothing, and only the
// repository in the cache can be written. ssh is the exception: such an address means the keys, the agent and
// the known hosts of the user, so there git and ssh run as the user, with the same environment and $HOME.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/gitname.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "build/sandbox.h"
#include "build/uidpool.h"
#include "glue/git.h"
#include "glue/glue.h"

#define WANTED "refs/kernix/wanted"

// file: is read in place (git-local.c).
static const char *const protocols[] = {"https", "http", "ssh", "git", NULL};

// All that git and what it starts find in their environment; of the caller's only proxies and certificates.
static const char *const fixed_env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C",
        "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1",
        "GIT_TERMINAL_PROMPT=0", "GIT_ALLOW_PROTOCOL=https:http:ssh:git"};
static const char *const passed_env[] = {"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy",
        "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"};
static const char *const certificate_env[] = {"NIX_SSL_CERT_FILE", "SSL_CERT_FILE"};
#define CERTIFICATES_INSIDE "/etc/kernix-certificates.pem"

// What is fetched, by a child in the sandbox or by ourselves.
struct remote {
	const char *url, *rev, *what; // what: rev, the reference or HEAD
	const char *dir;              // the bare repository
	bool ssh, branch;             // branch: HEAD's is asked for
	char *certificates;           // the user's, where git sees them; NULL: the machine's
	char **env;
};

static bool is_ssh(const char *url)
{
	const char *end = strstr(url, "://");

	return !end || strncmp(url, "ssh", 3) == 0 || strncmp(url, "git+ssh", 7) == 0;
}

// Into the temporary folder: nothing that has to last, so nothing is synced.
static int write_new(const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	_cleanup_close_ int fd = fs_open(path, O_WRONLY | O_CREAT | O_EXCL, mode, e);

	if (fd < 0)
		return fd;
	if (fchmod(fd, mode) < 0) // whatever the umask is
		return err_sys(e, errno, "chmod '%s'", path);
	return fs_write_all(fd, data, len, path, e);
}

// A copy in the temporary folder, which every user can read who gets there.
static int copy_certificates(const struct git *g, char **ret, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(certificate_env); i++) {
		const char *file = getenv(certificate_env[i]);
		_cleanup_buf_ struct buf text = {0};
		_cleanup_free_ char *copy = fs_join(g->tmp, "certificates.pem");
		if (!file || *file != '/' || !fs_exists(file))
			continue;
		int r = fs_read_regular(file, 64 << 20, &text, e);
		if (r == 0)
			r = write_new(copy, text.data, text.len, 0644, e);
		if (r == 0)
			*ret = TAKE_PTR(copy);
		return r;
	}
	return 0;
}

static void pass(char ***env, const char *name)
{
	const char *value = getenv(name);

	if (value)
		strv_take(env, str_printf("%s=%s", name, value));
}

static char **make_env(const struct remote *m)
{
	const struct passwd *pw = m->ssh ? getpwuid(geteuid()) : NULL;
	char **env = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(fixed_env); i++)
		strv_add(&env, fixed_env[i]);
	for (size_t i = 0; i < ARRAY_SIZE(passed_env); i++)
		pass(&env, passed_env[i]);
	if (m->certificates)
		strv_take(&env,
		        str_printf("GIT_SSL_CAINFO=%s", m->ssh ? m->certificates : CERTIFICATES_INSIDE));
	strv_take(&env, str_printf("HOME=%s", pw ? pw->pw_dir : "/nonexistent"));
	if (m->ssh) {
		pass(&env, "SSH_AUTH_SOCK");
		strv_add(&env, "GIT_SSH_COMMAND=ssh");
		strv_add(&env, "GIT_SSH_VARIANT=ssh");
	}
	return env;
}

// ---- git itself

static int run(const struct remote *m, const char *const *words, struct buf *out, struct err *e)
{
	static const char *const always[] = {"git", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c",
	        "maintenance.auto=false", "-c", "fetch.unpackLimit=1", "-c", "init.defaultBranch=main", "-C"};
	_cleanup_strv_ char **argv = NULL;
	_cleanup_buf_ struct buf said = {0};
	struct proc_opts opts = {.out = out ? out : &said, .err = &said, .env = m->env};
	int status = 0;

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		strv_add(&argv, always[i]);
	strv_add(&argv, m->dir);
	for (const char *const *w = words; *w; w++)
		strv_add(&argv, *w);
	int r = proc_run(argv, &opts, &status, e);
	if (r == 0 && status == 127)
		return err_set(e, -ENOENT, "the program 'git' is not installed");
	if (r == 0 && status) {
		buf_str(&said);
		while (said.len && said.data[said.len - 1] == '\n')
			said.data[--said.len] = 0;
		r = err_set(e, -EIO, "git %s failed: %s", words[0], buf_str(&said));
	}
	return r;
}

static int fetch_spec(const struct remote *m, const char *spec, struct err *e)
{
	return run(m,
	        (const char *const[]){"fetch", "--quiet", "--force", "--no-tags", "--no-recurse-submodules",
	                "--no-write-fetch-head", "--end-of-options", m->url, spec, NULL},
	        NULL, e);
}

// Prints the commit.
static int say_commit(const struct remote *m, struct buf *out, struct err *e)
{
	_cleanup_free_ char *commit = str_printf("%s^{commit}", m->rev ? m->rev : WANTED);

	return run(
	        m, (const char *const[]){"rev-parse", "--verify", "--end-of-options", commit, NULL}, out, e);
}

// The branch that HEAD is, as a line behind the commit. Where the server does not say it, or is not there any
// more, there is none.
static void say_branch(const struct remote *m, struct buf *out)
{
	_cleanup_buf_ struct buf said = {0};
	_cleanup_err_ struct err ignored = {0};
	int r = run(m,
	        (const char *const[]){"ls-remote", "--symref", "--end-of-options", m->url, "HEAD", NULL},
	        &said, &ignored);
	const char *ref = r == 0 ? str_after(buf_str(&said), "ref: ") : NULL;

	if (ref)
		buf_add(out, ref, strcspn(ref, "\t\n"));
}

static int fetch(const struct remote *m, struct buf *out, struct err *e)
{
	_cleanup_free_ char *spec = str_printf("%s:" WANTED, m->what), *head = fs_join(m->dir, "HEAD");
	_cleanup_err_ struct err first = {0}, ignored = {0};
	int r = fs_exists(head) ? 0
	                        : run(m, (const char *const[]){"init", "--quiet", "--bare", NULL}, NULL, e);

	if (r < 0)
		return r;
	if (m->rev && say_commit(m, out, &ignored) == 0) { // a revision does not change
		if (m->branch)
			say_branch(m, out);
		return 0;
	}
	buf_clear(out);
	r = fetch_spec(m, spec, &first);
	// Servers that do not give out single revisions give all branches.
	if (r < 0)
		r = m->rev ? fetch_spec(m, "+refs/*:refs/remotes/wanted/*", e) : err_move(e, &first);
	if (r == 0)
		r = say_commit(m, out, e);
	if (r == 0 && m->branch)
		say_branch(m, out);
	return r;
}

// ---- the sandbox around it

// In the child: the commit, or the error, into the log.
static int fetch_inside(void *ctx)
{
	const struct remote *m = ctx;
	_cleanup_buf_ struct buf out = {0};
	_cleanup_err_ struct err e = {0}, ignored = {0};

	environ = m->env;
	if (fetch(m, &out, &e) < 0) {
		fs_write_all(1, e.msg, strlen(e.msg), "log", &ignored);
		return 1;
	}
	fs_write_all(1, out.data, out.len, "log", &ignored);
	return 0;
}

// Gives the repository to whom it is to belong, by descriptors and never through a link. Git makes folders
// and files only: what is something else, or leads to other objects, was put there by an enemy and goes.
static int give_at(int dir, const char *name, uid_t uid, gid_t gid, unsigned depth, struct err *e)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	struct dirent *de;
	int r = 0;

	if (fd < 0 && (errno == ELOOP || errno == ENXIO))
		return unlinkat(dir, name, 0) < 0 ? err_sys(e, errno, "removing '%s'", name) : 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, errno, "opening '%s' of the cache", name);
	bool is_dir = S_ISDIR(st.st_mode);
	if (depth > 16 || (!is_dir && (!S_ISREG(st.st_mode) || st.st_nlink > 1 ||
	                                      str_eq(name, "alternates") || str_eq(name, "http-alternates"))))
		return unlinkat(dir, name, is_dir ? AT_REMOVEDIR : 0) < 0
		               ? err_sys(e, errno, "removing '%s'", name)
		               : 0;
	if ((st.st_uid != uid || st.st_gid != gid) && fchown(fd, uid, gid) < 0)
		return err_sys(e, errno, "changing the owner of '%s' of the cache", name);
	if (!is_dir)
		return 0;
	DIR *d = fdopendir(fd);
	if (!d)
		return err_sys(e, errno, "reading '%s' of the cache", name);
	fd = -1; // the stream's now
	while (r == 0 && (errno = 0, de = readdir(d)))
		if (!str_eq(de->d_name, ".") && !str_eq(de->d_name, ".."))
			r = give_at(dirfd(d), de->d_name, uid, gid, depth + 1, e);
	if (r == 0 && errno)
		r = err_sys(e, errno, "reading '%s' of the cache", name);
	closedir(d);
	return r;
}

static int start(struct git *g, struct remote *m, struct uidpool_slot *slot, struct sandbox_proc *p, int log,
        struct err *e)
{
	_cleanup_free_ char *tmp = fs_join(g->tmp, "tmp"), *out = fs_join(g->tmp, "out"),
	                    *store = fs_join(g->tmp, "store");
	const struct sandbox_bind binds[] = {{m->certificates, CERTIFICATES_INSIDE, false}};
	struct sandbox_spec spec = {.store_dir = "/nix/store",
	        .store_real_dir = store,
	        .out_dir = out,
	        .tmp_dir = tmp,
	        .build_dir = m->dir,
	        .binds = binds,
	        .n_binds = m->certificates ? 1 : 0,
	        .network = true,
	        .log_fd = log,
	        .run = fetch_inside,
	        .run_ctx = m};
	struct sandbox_filter *filter = NULL;
	const char *const dirs[] = {tmp, out, store};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(dirs); i++)
		if (mkdir(dirs[i], 0700) < 0)
			r = err_sys(e, errno, "making '%s'", dirs[i]);
	struct sandbox_ids base;
	sandbox_ids(&base);
	if (r == 0)
		r = uidpool_take(g->tmp, &base, &spec.ids, slot, e);
	if (r == -EWOULDBLOCK)
		err_set(e, r, "all users for builds are in use, try again later");
	if (r == 0 && !spec.ids.own) {
		r = give_at(AT_FDCWD, m->dir, spec.ids.uid, spec.ids.gid, 0, e);
		if (r == 0 && chown(tmp, spec.ids.uid, spec.ids.gid) < 0)
			r = err_sys(e, errno, "chown '%s'", tmp);
	}
	if (r == 0)
		r = sandbox_filter_new(&filter, e);
	spec.filter = filter;
	struct remote inside = *m;
	inside.dir = SANDBOX_BUILD_DIR;
	spec.run_ctx = &inside;
	if (r == 0)
		r = sandbox_start(&spec, p, e);
	sandbox_filter_free(filter);
	return r;
}

static int fetch_confined(struct git *g, struct remote *m, struct buf *out, struct err *e)
{
	_cleanup_close_ int from = -1, to = -1;
	struct uidpool_slot slot = UIDPOOL_NO_SLOT;
	struct sandbox_proc p;
	int pipes[2], status = 0;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return err_sys(e, errno, "pipe");
	from = pipes[0];
	to = pipes[1];
	int r = start(g, m, &slot, &p, to, e);
	if (r < 0) {
		uidpool_give_back(&slot);
		return r;
	}
	close(TAKE_FD(to));
	r = fs_read_fd(from, "what git says", 1 << 20, out, e);
	if (r < 0)
		sandbox_kill(&p);
	int ended = sandbox_reap(&p, &status, r < 0 ? NULL : e);
	if (r == 0)
		r = ended;
	struct err given = {0};
	if (give_at(AT_FDCWD, m->dir, geteuid(), getegid(), 0, &given) < 0 && r == 0)
		r = err_move(e, &given);
	uidpool_give_back(&slot);
	err_release(&given);
	if (r == 0 && status)
		r = err_set(e, -EIO, "%s", out->len ? buf_str(out) : "git was killed");
	return r;
}

// ---- the cache

static int cache_of(const struct git *g, char **ret_dir, int *ret_lock, struct err *e)
{
	_cleanup_free_ char *cache = NULL, *base = NULL, *dir = NULL, *lock = NULL;
	struct hash h;
	int r = glue_cache_dir("git", &cache, e);

	if (r < 0)
		return r;
	hash_bytes(HASH_SHA256, g->url, strlen(g->url), &h);
	base = hash_format(&h, HASH_NIX32, false);
	dir = fs_join(cache, base);
	lock = str_printf("%s.lock", dir);
	r = fs_lock(lock, true, true, ret_lock, e);
	if (r == 0 && mkdir(dir, 0700) < 0 && errno != EEXIST)
		r = err_sys(e, errno, "making '%s'", dir);
	if (r == 0)
		*ret_dir = TAKE_PTR(dir);
	return r;
}

int git_open_view(struct git *g, struct git_repository **ret, struct err *e)
{
	_cleanup_free_ char *view = fs_join(g->tmp, "view"), *head = fs_join(view, "HEAD"),
	                    *config = fs_join(view, "config"), *refs = fs_join(view, "refs"),
	                    *info = fs_join(view, "objects/info"), *others = fs_join(info, "alternates");
	static const char at[] = "ref: refs/heads/none\n",
	                  settings[] = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";
	_cleanup_free_ char *line = str_printf("%s\n", g->objects);
	int r = strchr(g->objects, '\n') ? err_set(e, -EINVAL, "its path has a newline")
	                                 : fs_mkdir_p(info, 0700, e);

	bool made = fs_exists(head);

	if (r == 0)
		r = fs_mkdir_p(refs, 0700, e);
	if (r == 0 && !made)
		r = write_new(head, at, strlen(at), 0600, e);
	if (r == 0 && !made)
		r = write_new(config, settings, strlen(settings), 0600, e);
	if (r == 0 && !made)
		r = write_new(others, line, strlen(line), 0600, e);
	if (r == 0 && git_repository_open_ext(
	                      ret, view, GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_BARE, NULL) < 0)
		r = git_fail(e, "opening the objects in '%s'", g->objects);
	return r;
}

int git_open_remote(struct git *g, struct err *e)
{
	const char *what = g->rev ? g->rev : g->ref ? g->ref : "HEAD";
	_cleanup_free_ char *dir = NULL, *commit = NULL;
	_cleanup_buf_ struct buf out = {0};
	_cleanup_close_ int lock = -1;
	int r = gitname_check_url(g->url, protocols, e);

	if (r == 0)
		r = g->rev ? gitname_check_object(g->rev, e) : gitname_check_ref(what, e);
	if (r == 0)
		r = cache_of(g, &dir, &lock, e);
	if (r < 0)
		return r;
	struct remote m = {.url = g->url,
	        .rev = g->rev,
	        .what = what,
	        .dir = dir,
	        .ssh = is_ssh(g->url),
	        .branch = g->ask_branch && !g->ref};
	r = copy_certificates(g, &m.certificates, e);
	m.env = make_env(&m);
	if (r == 0)
		r = m.ssh ? fetch(&m, &out, e) : fetch_confined(g, &m, &out, e);
	strv_free(m.env);
	mem_free(m.certificates);
	if (e && e->msg)
		git_make_plain(e->msg);
	g->objects = fs_join(dir, "objects");
	if (r == 0)
		r = git_start(e);
	if (r == 0)
		r = git_open_view(g, &g->repo, e);
	if (r < 0)
		return r;
	const char *said = buf_str(&out), *branch = said + strcspn(said, "\n");
	commit = mem_strndup(said, (size_t)(branch - said));
	if (m.branch && *branch && branch[1]) {
		g->branch = mem_strndup(branch + 1, strcspn(branch + 1, "\n"));
		r = gitname_check_ref(g->branch, e);
		if (r < 0)
			return r;
	}
	r = gitname_check_object(commit, e);
	return r < 0 ? r : git_resolve(g, commit, NULL, e);
}
