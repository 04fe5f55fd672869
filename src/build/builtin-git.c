// SPDX-License-Identifier: GPL-2.0-or-later
// builtin:fetchgit: the tree of one revision of a git repository, with the host's git, in the sandbox. Every
// word of the derivation is checked to be what it should be before git gets it.
#include "build/builtin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/gitname.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/gitrun.h"
#include "store/nar.h"

#define GIT_SUBMODULE_DEPTH_MAX 16

struct git {
	struct gitrun run;
	const char *dir;
	const char *url, *rev;
	bool deep;
};

static bool git_flag(const struct builtin_args *a, const char *name)
{
	const char *text = builtin_env(a, name);

	return text && str_eq(text, "1");
}

static int git_do(const struct git *g, const char *const *words, struct err *e)
{
	return gitrun(&g->run, g->dir, words, NULL, NULL, e);
}

// One revision without history where the server gives that, else everything.
static int git_fetch(const struct git *g, struct err *e)
{
	const char *const shallow[] = {"fetch", "-q", "--depth=1", "--no-recurse-submodules",
	        "--end-of-options", "origin", g->rev, NULL};
	const char *const all[] = {"fetch", "-q", "--tags", "--no-recurse-submodules", "--end-of-options",
	        "origin", "+refs/heads/*:refs/remotes/origin/*", "+HEAD:refs/remotes/origin/HEAD", NULL};
	const char *const at_fetched[] = {"checkout", "-q", "--detach", "FETCH_HEAD", "--", NULL};
	_cleanup_err_ struct err first = {0};

	if (!g->deep && git_do(g, shallow, &first) == 0)
		return git_do(g, at_fetched, e);
	int r = git_do(g, all, e);
	if (r < 0)
		return r;
	const char *rev = str_eq(g->rev, "HEAD") ? "refs/remotes/origin/HEAD" : g->rev;
	const char *const at_rev[] = {"checkout", "-q", "--detach", rev, "--", NULL};
	r = git_do(g, at_rev, e);
	return r < 0 ? err_wrap(e, "revision '%s' of '%s'", g->rev, g->url) : 0;
}

// A folder, or in the other mode a pattern of gitignore(5). They go to git as lines of its input.
static int git_check_sparse(const char *word, bool cone, struct err *e)
{
	const char *path = word;

	if (!cone)
		path += *path == '!';
	path += *path == '/';
	if (*path == '"') // git would take it for a quoted name
		return err_set(e, -EINVAL, "'%s' is not a path in a git tree: it begins with '\"'", word);
	return gitname_check_path(path, e);
}

// Only these folders of the tree (and the files above them), before anything is checked out.
static int git_sparse(const struct git *g, const char *folders, bool cone, struct err *e)
{
	_cleanup_strv_ char **names = strv_split(folders, " \n");
	_cleanup_buf_ struct buf lines = {0};
	const char *const set[] = {"sparse-checkout", "set", cone ? "--cone" : "--no-cone", "--stdin", NULL};

	strv_for_each (name, names) {
		int r = git_check_sparse(name, cone, e);
		if (r < 0)
			return r;
		buf_addf(&lines, "%s\n", name);
	}
	return names ? gitrun(&g->run, g->dir, set, buf_str(&lines), NULL, e) : 0;
}

// A submodule's address may also be relative to that of its parent.
static int git_check_submodule_url(const char *url, struct err *e)
{
	struct err ignored = {0};

	if (str_has_prefix(url, "./") || str_has_prefix(url, "../"))
		return strpbrk(url, "\n\r") ? err_set(e, -EINVAL, "it has a line break") : 0;
	int r = gitname_check_url(url, gitname_protocols, &ignored);
	return r < 0 ? err_move(e, &ignored) : 0;
}

// key: submodule.NAME.WHAT. The path of a good one is added.
static int git_check_submodule(const char *key, const char *value, char ***paths, struct err *e)
{
	const char *what = strrchr(key, '.');
	int r = 0;

	what = what ? what + 1 : "";
	if (str_eq(what, "url"))
		r = git_check_submodule_url(value, e);
	else if (str_eq(what, "update") && value[0] == '!')
		r = err_set(e, -EINVAL, "'%s' would run a command", key);
	else if (str_eq(what, "path") && (r = gitname_check_path(value, e)) == 0)
		strv_add(paths, value);
	return r < 0 ? err_wrap(e, "a submodule of the repository") : 0;
}

// *ret: where the submodules of the tree in dir are, once all that .gitmodules says of them is harmless.
static int git_read_submodules(const struct git *g, const char *dir, char ***ret, struct err *e)
{
	const char *const list[] = {
	        "config", "-z", "--file", ".gitmodules", "--get-regexp", "^submodule\\..*", NULL};
	_cleanup_free_ char *file = fs_join(dir, ".gitmodules");
	_cleanup_strv_ char **paths = NULL;
	_cleanup_buf_ struct buf said = {0};
	size_t at = 0;
	int r = 0;

	if (!fs_exists(file))
		return 0;
	if ((r = gitrun(&g->run, dir, list, NULL, &said, e)) < 0)
		return err_wrap(e, "reading the submodules");
	while (r == 0 && at < said.len) {
		char *key = said.data + at, *value = strchr(key, '\n');
		at += strlen(key) + 1;
		if (!value)
			continue;
		*value++ = 0;
		r = git_check_submodule(key, value, &paths, e);
	}
	if (r == 0)
		*ret = TAKE_PTR(paths);
	return r;
}

// Whether git checked a submodule out here: a tree cannot hold '.git' itself. So what only looks like a
// repository, with settings that a stranger wrote, or lies behind a link, is never git's working directory.
static bool git_is_submodule(const char *dir)
{
	_cleanup_free_ char *mark = fs_join(dir, ".git");
	char *real = realpath(dir, NULL);
	bool is = real && str_eq(real, dir) && fs_exists(mark);

	free(real);
	return is;
}

static int git_submodules(const struct git *g, const char *dir, int depth, struct err *e)
{
	const char *const update[] = {"submodule", "update", "-q", "--init", "--checkout",
	        g->deep ? "--no-single-branch" : "--depth=1", NULL};
	_cleanup_strv_ char **paths = NULL;
	int r = depth > GIT_SUBMODULE_DEPTH_MAX ? err_set(e, -ELOOP, "submodules are nested too deeply")
	                                        : git_read_submodules(g, dir, &paths, e);

	if (r == 0 && paths)
		r = gitrun(&g->run, dir, update, NULL, NULL, e);
	strv_for_each (path, paths) {
		_cleanup_free_ char *below = fs_join(dir, path);
		if (r == 0 && git_is_submodule(below))
			r = git_submodules(g, below, depth + 1, e);
	}
	return r;
}

static int git_clone(const struct git *g, const struct builtin_args *a, struct err *e)
{
	const char *sparse = builtin_env(a, "sparseCheckout");
	const char *const init[] = {"init", "-q", NULL};
	const char *const remote[] = {"remote", "add", "--", "origin", g->url, NULL};
	int r = git_do(g, init, e);

	if (r == 0)
		r = git_do(g, remote, e);
	if (r == 0 && sparse && *sparse)
		r = git_sparse(g, sparse, !git_flag(a, "nonConeMode"), e);
	if (r == 0 && (r = git_fetch(g, e)) < 0)
		err_hint(e, "fetchers have no keys or passwords of the one who builds: they fetch what "
		            "everybody may");
	return r == 0 && git_flag(a, "fetchSubmodules") ? git_submodules(g, g->dir, 0, e) : r;
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

static int git_check_rev(const char *rev, struct err *e)
{
	_cleanup_err_ struct err no_object = {0};

	return gitname_check_object(rev, &no_object) == 0 ? 0 : gitname_check_ref(rev, e);
}

// Settings for git, and where a local repository is to be read.
static int git_prepare_run(struct git *g, const struct builtin_args *a, struct err *e)
{
	const struct sandbox_shown *s = builtin_host_find(a->host, g->url);
	_cleanup_free_ char *config = fs_join(a->build_dir, ".gitconfig");
	_cleanup_free_ char *local = s ? builtin_host_path(a->host, s) : NULL;
	_cleanup_free_ char *why = s ? builtin_host_why(s) : NULL;

	if (why)
		return err_set(e, -s->errnum, "the repository '%s' cannot be fetched: %s", s->path, why);
	int r = gitrun_init(&g->run, config, local ? g->url : NULL, local, environ, e);
	return r < 0 ? err_wrap(e, "fetching '%s'", g->url) : 0;
}

int builtin_fetchgit_prepare(const struct builtin_args *a, struct builtin_host *ret, struct err *e)
{
	const char *url = builtin_env(a, "url");

	(void)e;
	if (url)
		builtin_host_add(ret, url);
	return 0;
}

int builtin_fetchgit(void *ctx, const struct builtin_args *a, struct err *e)
{
	struct git g = {.dir = builtin_out(a, "out"),
	        .url = builtin_env(a, "url"),
	        .rev = builtin_env(a, "rev"),
	        .deep = git_flag(a, "deepClone")};
	int r;

	(void)ctx;
	if (!g.url)
		return err_set(e, -EINVAL, "the derivation has no 'url'");
	if (!g.rev || !*g.rev)
		g.rev = "HEAD";
	if ((r = gitname_check_url(g.url, gitname_protocols, e)) < 0 || (r = git_check_rev(g.rev, e)) < 0)
		return r;
	fprintf(stderr, "fetching '%s' at %s\n", g.url, g.rev);
	r = git_prepare_run(&g, a, e);
	if (r == 0)
		r = fs_mkdir_p(g.dir, 0755, e);
	if (r == 0)
		r = git_clone(&g, a, e);
	if (r == 0 && !git_flag(a, "leaveDotGit"))
		r = git_strip(g.dir, 0, e);
	gitrun_release(&g.run);
	return r;
}
