// SPDX-License-Identifier: GPL-2.0-or-later
// builtin:fetchgit: the tree of one revision of a git repository, with the host's git.
#include "build/builtin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "store/nar.h"

struct git {
	const char *dir;
	const char *url, *rev;
	bool deep;
};

static bool git_flag(const struct builtin_args *a, const char *name)
{
	const char *text = builtin_env(a, name);

	return text && str_eq(text, "1");
}

// Runs git in the tree, its words separated by NULL at the end; what it says goes to the log.
static int git_run(const struct git *g, const char *const *words, struct err *e)
{
	_cleanup_strv_ char **argv = NULL;
	const struct proc_opts opts = {.cwd = g->dir};

	strv_add(&argv, "git");
	for (; *words; words++)
		strv_add(&argv, *words);
	return proc_run_ok(argv, &opts, e);
}

// One revision without history where the server gives that, else everything.
static int git_fetch(const struct git *g, struct err *e)
{
	const char *const shallow[] = {"fetch", "-q", "--depth", "1", "origin", g->rev, NULL};
	const char *const all[] = {"fetch", "-q", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*",
	        "+HEAD:refs/remotes/origin/HEAD", NULL};
	const char *const at_fetched[] = {"checkout", "-q", "FETCH_HEAD", NULL};
	_cleanup_err_ struct err first = {0};

	if (!g->deep && git_run(g, shallow, &first) == 0)
		return git_run(g, at_fetched, e);
	int r = git_run(g, all, e);
	if (r < 0)
		return r;
	const char *const names[] = {g->rev, "refs/remotes/origin/HEAD"};
	const char *const at_rev[] = {"checkout", "-q", names[str_eq(g->rev, "HEAD")], NULL};
	r = git_run(g, at_rev, e);
	return r < 0 ? err_wrap(e, "revision '%s' of '%s'", g->rev, g->url) : 0;
}

// Only these folders of the tree (and the files above them), before anything is checked out.
static int git_sparse(const struct git *g, const char *folders, bool cone, struct err *e)
{
	_cleanup_strv_ char **words = NULL, **names = strv_split(folders, " \n");

	strv_add(&words, "sparse-checkout");
	strv_add(&words, "set");
	strv_add(&words, cone ? "--cone" : "--no-cone");
	strv_for_each (name, names)
		strv_add(&words, name);
	return git_run(g, (const char *const *)words, e);
}

static int git_clone(const struct git *g, const struct builtin_args *a, struct err *e)
{
	const char *sparse = builtin_env(a, "sparseCheckout");
	bool submodules = git_flag(a, "fetchSubmodules");
	const char *const init[] = {"-c", "init.defaultBranch=main", "init", "-q", NULL};
	const char *const remote[] = {"remote", "add", "origin", g->url, NULL};
	const char *const update[] = {"submodule", "update", "-q", "--init", "--recursive",
	        g->deep ? "--no-single-branch" : "--depth=1", NULL};
	int r = git_run(g, init, e);

	if (r == 0)
		r = git_run(g, remote, e);
	if (r == 0 && sparse && *sparse)
		r = git_sparse(g, sparse, !git_flag(a, "nonConeMode"), e);
	if (r == 0)
		r = git_fetch(g, e);
	return r == 0 && submodules ? git_run(g, update, e) : r;
}

// .git folders (files in submodules) hold times and names of this machine.
static int git_strip(const char *dir, int depth, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = depth > NAR_DEPTH_MAX ? err_set(e, -ELOOP, "'%s' is nested too deeply", dir)
	                              : fs_list(dir, &names, e);

	strv_for_each (name, names) {
		_cleanup_free_ char *path = fs_join(dir, name);
		_cleanup_free_ char *link = NULL;
		_cleanup_err_ struct err ignored = {0};
		if (r < 0)
			break;
		if (str_eq(name, ".git"))
			r = fs_rm_rf(path, e);
		else if (fs_is_dir(path) && fs_readlink(path, &link, &ignored) < 0)
			r = git_strip(path, depth + 1, e);
	}
	return r;
}

int builtin_fetchgit(void *ctx, const struct builtin_args *a, struct err *e)
{
	_cleanup_free_ char *out = builtin_out(a, "out");
	_cleanup_free_ char *git = proc_which("git");
	struct git g = {.dir = out,
	        .url = builtin_env(a, "url"),
	        .rev = builtin_env(a, "rev"),
	        .deep = git_flag(a, "deepClone")};

	(void)ctx;
	if (!out || !g.url || !*g.url)
		return err_set(e, -EINVAL, "the derivation has no 'url' or no output 'out'");
	if (!git)
		return err_set(e, -ENOENT, "fetching '%s' needs git, which is not installed", g.url);
	if (!g.rev || !*g.rev)
		g.rev = "HEAD";
	setenv("GIT_TERMINAL_PROMPT", "0", 1);
	setenv("GIT_CONFIG_COUNT", "1",
	        1); // submodules at file addresses are as good as others: the hash decides
	setenv("GIT_CONFIG_KEY_0", "protocol.file.allow", 1);
	setenv("GIT_CONFIG_VALUE_0", "always", 1);
	fprintf(stderr, "fetching '%s' at %s\n", g.url, g.rev);
	int r = fs_mkdir_p(out, 0755, e);
	if (r == 0)
		r = git_clone(&g, a, e);
	if (r == 0 && !git_flag(a, "leaveDotGit"))
		r = git_strip(out, 0, e);
	return r;
}
