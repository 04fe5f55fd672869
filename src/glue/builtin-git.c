// SPDX-License-Identifier: GPL-2.0-or-later
// fetchGit: the tree of one revision of a git repository, or the tracked files of a working tree, through the
// host's git. Blobs are read as they are stored: no line endings are converted and nothing is substituted, so
// that a revision has one store path everywhere.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "expr/print.h"
#include "glue/glue.h"
#include "store/store.h"

enum { SHA1_CHARS = 40, SHORT_CHARS = 7 };

struct git {
	const char *url, *ref, *rev, *name; // evaluator memory
	bool submodules, shallow, export_ignore;
	// found out
	char *git_dir; // .git of it
	char *dir;     // the repository (or its copy)
	char *tmp;     // folder for the tree and the index
	char *commit;  // full revision; NULL: a dirty working tree
	char *head;    // of a dirty tree, NULL when there is no commit yet
	char *modified, *count;
};

static void git_release(struct git *g)
{
	if (g->tmp)
		fs_rm_rf(g->tmp, NULL);
	mem_free(g->dir);
	mem_free(g->git_dir);
	mem_free(g->tmp);
	mem_free(g->commit);
	mem_free(g->head);
	mem_free(g->modified);
	mem_free(g->count);
}

// ---- running git

// Runs git in the repository; words end with NULL. out: appended. index: another index file, or NULL.
static int run(const struct git *g, const char *const *words, const struct buf *input, const char *index,
        struct buf *out, struct err *e)
{
	_cleanup_strv_ char **argv = NULL, **env = NULL;
	struct buf said = {0};
	struct proc_opts opts = {.out = out,
	        .err = &said,
	        .input = input ? input->data : NULL,
	        .input_len = input ? input->len : 0};
	int status = 0;

	strv_add(&argv, "git");
	strv_add(&argv, "-c");
	strv_add(&argv, "safe.directory=*");
	if (g->dir) {
		strv_add(&argv, "-C");
		strv_add(&argv, g->dir);
	}
	for (; *words; words++)
		strv_add(&argv, *words);
	for (char **v = environ; *v; v++)
		if (!str_has_prefix(*v, "GIT_"))
			strv_add(&env, *v);
	strv_add(&env, "GIT_TERMINAL_PROMPT=0");
	if (index) {
		strv_take(&env, str_printf("GIT_INDEX_FILE=%s", index));
		strv_take(&env, str_printf("GIT_WORK_TREE=%s", g->tmp));
		strv_take(&env, str_printf("GIT_DIR=%s", g->git_dir));
	}
	opts.env = env;
	int r = proc_run(argv, &opts, &status, e);
	if (r == 0 && status)
		r = err_set(
		        e, -EIO, "git %s failed: %s", words[-1] ? argv[g->dir ? 5 : 3] : "", buf_str(&said));
	buf_release(&said);
	return r;
}

// One line of git's answer, owned, without its newline.
static int ask(const struct git *g, const char *const *words, char **ret, struct err *e)
{
	_cleanup_buf_ struct buf out = {0};
	int r = run(g, words, NULL, NULL, &out, e);

	if (r < 0)
		return r;
	*ret = mem_strndup(buf_str(&out), strcspn(buf_str(&out), "\n"));
	return 0;
}

// ---- which revision

static bool is_rev(const char *s)
{
	return strlen(s) == SHA1_CHARS && !s[strspn(s, "0123456789abcdef")];
}

// A copy of a remote repository that holds what is wanted, in the user's cache.
static int fetch_remote(struct git *g, struct err *e)
{
	_cleanup_free_ char *cache = glue_cache_dir("git"), *base = NULL, *dir = NULL;
	const char *what = g->rev ? g->rev : g->ref ? g->ref : "HEAD";
	_cleanup_free_ char *spec = str_printf("%s:refs/kernix/wanted", what);
	struct hash h;

	hash_bytes(HASH_SHA256, g->url, strlen(g->url), &h);
	base = hash_format(&h, HASH_NIX32, false);
	dir = fs_join(cache, base);
	int r = fs_mkdir_p(cache, 0755, e);
	if (r == 0 && !fs_is_dir(dir))
		r = run(g, (const char *const[]){"init", "--quiet", "--bare", dir, NULL}, NULL, NULL, NULL,
		        e);
	g->dir = TAKE_PTR(dir);
	const char *const has[] = {"cat-file", "-e", what, NULL};
	if (r == 0 && g->rev && run(g, has, NULL, NULL, NULL, NULL) == 0)
		return 0; // a revision does not change
	struct err first = {0};
	if (r == 0 && run(g, (const char *const[]){"fetch", "--quiet", "--force", g->url, spec, NULL}, NULL,
	                      NULL, NULL, &first) < 0) {
		// Servers that do not give out single revisions give all branches.
		err_release(&first);
		r = run(g,
		        (const char *const[]){"fetch", "--quiet", "--force", g->url,
		                g->rev ? "+refs/*:refs/remotes/wanted/*" : spec, NULL},
		        NULL, NULL, NULL, e);
	}
	err_release(&first);
	return r;
}

static int resolve(struct git *g, const char *what, struct err *e)
{
	_cleanup_free_ char *commit = str_printf("%s^{commit}", what);

	return ask(g, (const char *const[]){"rev-parse", "--verify", "--quiet", commit, NULL}, &g->commit, e);
}

// The working tree as it is: HEAD if nothing tracked was changed.
static int look_at_work_tree(struct git *g, struct err *e)
{
	_cleanup_free_ char *changes = NULL;
	int r = ask(
	        g, (const char *const[]){"status", "--porcelain", "--untracked-files=no", NULL}, &changes, e);

	if (r < 0)
		return r;
	if (resolve(g, "HEAD", NULL) < 0)
		return 0; // no commit yet
	if (*changes)
		g->head = TAKE_PTR(g->commit);
	return 0;
}

static bool has_work_tree(const struct git *g)
{
	_cleanup_free_ char *inside = NULL;

	return ask(g, (const char *const[]){"rev-parse", "--is-inside-work-tree", NULL}, &inside, NULL) ==
	               0 &&
	       str_eq(inside, "true");
}

static int find_revision(struct git *g, struct err *e)
{
	const char *path = *g->url == '/' ? g->url : str_after(g->url, "file://");
	int r = 0;

	if (path && fs_is_dir(path)) {
		g->dir = mem_strdup(path);
		if (!g->rev && !g->ref && has_work_tree(g))
			return look_at_work_tree(g, e);
		r = resolve(g, g->rev ? g->rev : g->ref ? g->ref : "HEAD", e);
	} else {
		r = fetch_remote(g, e);
		if (r == 0)
			r = resolve(g, g->rev ? g->rev : "refs/kernix/wanted", e);
	}
	if (r < 0 && path && !fs_exists(path))
		return err_set(e, -ENOENT, "fetching Git repository '%s': there is no such folder", g->url);
	if (r < 0 && path && e->msg && strstr(e->msg, "not a git repository"))
		err_hint(e,
		        "'git init', 'git add' and 'git commit' in it make it a repository; 'import %s { }' "
		        "takes it "
		        "as it is.",
		        path);
	if (r < 0)
		return err_wrap(e, "fetching Git repository '%s'", g->url);
	return r;
}

static int describe(struct git *g, struct err *e)
{
	const char *at = g->commit ? g->commit : g->head;

	if (!at)
		return 0;
	int r = ask(g, (const char *const[]){"log", "-1", "--format=%ct", "--no-show-signature", at, NULL},
	        &g->modified, e);
	if (r == 0 && g->commit && !g->shallow)
		r = ask(g, (const char *const[]){"rev-list", "--count", at, NULL}, &g->count, e);
	return r;
}

// ---- writing the tree

// Paths that .gitattributes keeps out of exports, one NUL-ended "PATH" each in list: removes them.
struct ignored {
	struct hmap paths;
};

static bool below_ignored(const struct ignored *ig, const char *path)
{
	_cleanup_free_ char *p = mem_strdup(path);

	for (;;) {
		if (hmap_has(&ig->paths, p))
			return true;
		char *slash = strrchr(p, '/');
		if (!slash)
			return false;
		*slash = 0;
	}
}

// Asks for all paths and their folders. The answer is PATH NUL "export-ignore" NUL VALUE NUL.
static int find_ignored(
        const struct git *g, const struct buf *list, const char *index, struct ignored *ig, struct err *e)
{
	_cleanup_buf_ struct buf ask_for = {0}, out = {0};

	if (!g->export_ignore)
		return 0;
	for (const char *p = list->data, *end = p + list->len; p < end; p += strlen(p) + 1) {
		const char *path = strchr(p, '\t');
		if (!path)
			continue;
		path++;
		for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
			buf_add(&ask_for, path, (size_t)(slash - path));
			buf_addc(&ask_for, 0);
		}
		buf_add(&ask_for, path, strlen(path) + 1);
	}
	int r = run(g,
	        (const char *const[]){"check-attr", "--cached", "-z", "--stdin", "export-ignore", NULL},
	        &ask_for, index, &out, e);
	for (const char *p = out.data, *end = p + out.len; r == 0 && p < end;) {
		const char *attr = p + strlen(p) + 1, *value = attr + strlen(attr) + 1;
		if (str_eq(value, "set"))
			hmap_put(&ig->paths, p, ig);
		p = value + strlen(value) + 1;
	}
	return r;
}

static int write_file(const char *path, const char *mode, const char *data, size_t len, struct err *e)
{
	_cleanup_free_ char *dir = str_dirname(path);
	int r = fs_mkdir_p(dir, 0755, e);

	if (r < 0)
		return r;
	if (str_eq(mode, "120000")) {
		_cleanup_free_ char *target = mem_strndup(data, len);
		return symlink(target, path) < 0 ? err_sys(e, errno, "symlinking '%s'", path) : 0;
	}
	_cleanup_close_ int fd =
	        fs_open(path, O_WRONLY | O_CREAT | O_EXCL, str_eq(mode, "100755") ? 0755 : 0644, e);
	if (fd < 0)
		return fd;
	return fs_write_all(fd, data, len, path, e);
}

// One entry of 'ls-files -s': mode, object, path.
struct entry {
	char mode[8], object[SHA1_CHARS + 1];
	const char *path;
};

static bool parse_entry(const char *line, struct entry *ret)
{
	const char *tab = strchr(line, '\t');

	if (!tab || sscanf(line, "%6s %40s", ret->mode, ret->object) != 2)
		return false;
	ret->path = tab + 1;
	return true;
}

// Objects come from 'git cat-file --batch' in the order of the entries: "OBJECT TYPE SIZE\nDATA\n".
static int write_entries(const struct git *g, const struct buf *list, const struct ignored *ig,
        const char *dest, struct err *e)
{
	_cleanup_buf_ struct buf ask_for = {0}, out = {0};
	struct entry en;
	int r;

	for (const char *p = list->data, *end = p + list->len; p < end; p += strlen(p) + 1)
		if (parse_entry(p, &en) && !str_eq(en.mode, "160000") && !below_ignored(ig, en.path))
			buf_addf(&ask_for, "%s\n", en.object);
	r = run(g, (const char *const[]){"cat-file", "--batch", NULL}, &ask_for, NULL, &out, e);
	const char *at = out.data, *stop = at + out.len;
	for (const char *p = list->data, *end = p + list->len; r == 0 && p < end; p += strlen(p) + 1) {
		size_t len = 0;
		if (!parse_entry(p, &en) || below_ignored(ig, en.path))
			continue;
		_cleanup_free_ char *path = fs_join(dest, en.path);
		if (str_eq(en.mode, "160000")) { // a submodule: an empty folder
			r = fs_mkdir_p(path, 0755, e);
			continue;
		}
		const char *data = at < stop ? memchr(at, '\n', (size_t)(stop - at)) : NULL;
		if (!data || sscanf(at, "%*s %*s %zu", &len) != 1 || (size_t)(stop - ++data) < len + 1)
			return err_set(
			        e, -EIO, "git cat-file gave an answer that is cut short for '%s'", en.path);
		r = write_file(path, en.mode, data, len, e);
		at = data + len + 1;
	}
	return r;
}

static int write_revision(const struct git *g, const char *dest, struct err *e)
{
	_cleanup_free_ char *index = fs_join(g->tmp, "index");
	_cleanup_buf_ struct buf list = {0};
	struct ignored ig = {0};
	int r = ask(
	        g, (const char *const[]){"rev-parse", "--absolute-git-dir", NULL}, (char **)&g->git_dir, e);

	if (r == 0)
		r = run(g, (const char *const[]){"read-tree", g->commit, NULL}, NULL, index, NULL, e);

	if (r == 0)
		r = run(g, (const char *const[]){"ls-files", "-s", "-z", NULL}, NULL, index, &list, e);
	if (r == 0)
		r = find_ignored(g, &list, index, &ig, e);
	if (r == 0)
		r = write_entries(g, &list, &ig, dest, e);
	hmap_release(&ig.paths);
	return r;
}

static int copy_file(const char *from, const char *to, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_free_ char *target = NULL;
	struct stat st;

	if (lstat(from, &st) < 0)
		return errno == ENOENT
		               ? 0
		               : err_sys(e, errno, "getting status of '%s'", from); // deleted, but tracked
	if (S_ISLNK(st.st_mode)) {
		int r = fs_readlink(from, &target, e);
		return r < 0 ? r : write_file(to, "120000", target, strlen(target), e);
	}
	if (S_ISDIR(st.st_mode))
		return fs_mkdir_p(to, 0755, e);
	int r = fs_read(from, 0, &b, e);
	return r < 0 ? r : write_file(to, st.st_mode & 0100 ? "100755" : "100644", b.data, b.len, e);
}

// The files that git tracks, as they are now.
static int write_work_tree(const struct git *g, const char *dest, struct err *e)
{
	_cleanup_buf_ struct buf list = {0};
	int r = run(g, (const char *const[]){"ls-files", "-z", NULL}, NULL, NULL, &list, e);

	for (const char *p = list.data, *end = p + list.len; r == 0 && p < end; p += strlen(p) + 1) {
		_cleanup_free_ char *from = fs_join(g->dir, p), *to = fs_join(dest, p);
		r = copy_file(from, to, e);
	}
	return r;
}

static int make_tree(struct git *g, char **ret, struct err *e)
{
	const char *dir = getenv("TMPDIR");
	int r = fs_mkdtemp(dir && *dir ? dir : "/tmp", "kernix-git", &g->tmp, e);
	_cleanup_free_ char *dest = r < 0 ? NULL : fs_join(g->tmp, "tree");

	if (r == 0)
		r = fs_mkdir_p(dest, 0755, e);
	if (r == 0)
		r = g->commit ? write_revision(g, dest, e) : write_work_tree(g, dest, e);
	if (r == 0)
		*ret = TAKE_PTR(dest);
	return r;
}

// ---- the builtin

_noreturn_ static void throw_not_string(struct eval *ev, struct attrs *set, const char *name)
{
	struct attrs *all = attrs_new(ev, set->len + 2);
	struct value v;
	struct scratch s;

	attrs_for_each (at, set)
		*attrs_push(all, at->name, 0) = value_share(&at->value);
	if (!attrs_get(set, symbol_of(&ev->symbols, "exportIgnore")))
		*attrs_push(all, symbol_of(&ev->symbols, "exportIgnore"), 0) = value_bool(true);
	if (!attrs_get(set, ev->sym.type))
		*attrs_push(all, ev->sym.type, 0) = eval_str(ev, "git");
	attrs_finish(all);
	v = value_attrs(all);
	scratch_begin(ev, &s);
	print_json(ev, &v, 0, false, &s.buf, NULL);
	eval_throw(ev, THROW_EVAL, 0, "input attribute '%s' is not a string %s", name, buf_str(&s.buf));
}

static const char *string_attr(struct eval *ev, struct attrs *set, struct attr *at)
{
	eval_force(ev, &at->value, 0);
	if (value_type(&at->value) == VALUE_PATH)
		return at->value.string->data;
	if (value_type(&at->value) != VALUE_STRING)
		throw_not_string(ev, set, symbol_text(&ev->symbols, at->name));
	return at->value.string->data;
}

static void git_attr(struct eval *ev, struct git *g, struct attrs *set, struct attr *at)
{
	const char *n = symbol_text(&ev->symbols, at->name);
	const struct {
		const char *name;
		const char **text;
		bool *flag;
	} known[] = {
	        {"url", &g->url, NULL},
	        {"ref", &g->ref, NULL},
	        {"rev", &g->rev, NULL},
	        {"name", &g->name, NULL},
	        {"submodules", NULL, &g->submodules},
	        {"shallow", NULL, &g->shallow},
	        {"exportIgnore", NULL, &g->export_ignore},
	        {"allRefs", NULL, NULL},
	        {"narHash", NULL, NULL},
	        {"lastModified", NULL, NULL},
	        {"revCount", NULL, NULL},
	        {"lfs", NULL, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!str_eq(n, known[i].name))
			continue;
		if (known[i].text)
			*known[i].text = string_attr(ev, set, at);
		if (known[i].flag)
			*known[i].flag = eval_bool(ev, &at->value, 0, NULL);
		return;
	}
	eval_throw(ev, THROW_EVAL, 0, "input attribute '%s' not supported by scheme 'git'", n);
}

static void push_text(struct eval *ev, struct attrs *a, const char *name, const char *text, size_t len)
{
	*attrs_push(a, symbol_of(&ev->symbols, name), 0) = value_string(eval_string(ev, text, len, NULL));
}

static void push_revs(struct eval *ev, struct attrs *a, const struct git *g)
{
	static const char zeros[] = "0000000000000000000000000000000000000000";
	const char *rev = g->commit ? g->commit : zeros;

	push_text(ev, a, "rev", rev, SHA1_CHARS);
	push_text(ev, a, "shortRev", rev, SHORT_CHARS);
	if (!g->commit && g->head) {
		const char *dirty = arena_printf(&ev->heap, "%s-dirty", g->head);
		const char *brief = arena_printf(&ev->heap, "%.7s-dirty", g->head);
		push_text(ev, a, "dirtyRev", dirty, strlen(dirty));
		push_text(ev, a, "dirtyShortRev", brief, strlen(brief));
	}
	if (!g->shallow)
		*attrs_push(a, symbol_of(&ev->symbols, "revCount"), 0) =
		        value_int(g->count ? strtoll(g->count, NULL, 10) : 0);
}

static struct value describe_value(
        struct eval *ev, const struct git *g, const char *path, const struct hash *nar)
{
	struct attrs *a = attrs_new(ev, 16);
	time_t when = g->modified ? (time_t)strtoll(g->modified, NULL, 10) : 0;
	_cleanup_free_ char *sri = hash_format(nar, HASH_SRI, true);
	char date[32];
	struct tm tm;

	*attrs_push(a, ev->sym.out_path, 0) = glue_store_value(ev, path);
	push_text(ev, a, "narHash", sri, strlen(sri));
	push_revs(ev, a, g);
	gmtime_r(&when, &tm);
	size_t n = strftime(date, sizeof(date), "%Y%m%d%H%M%S", &tm);
	*attrs_push(a, symbol_of(&ev->symbols, "lastModified"), 0) = value_int(when);
	push_text(ev, a, "lastModifiedDate", date, n);
	*attrs_push(a, symbol_of(&ev->symbols, "submodules"), 0) = value_bool(g->submodules);
	attrs_finish(a);
	return value_attrs(a);
}

static int fetch(struct eval *ev, struct git *g, char **ret_path, struct hash *ret_nar, struct err *e)
{
	_cleanup_free_ char *tree = NULL;
	int r = find_revision(g, e);

	if (r == 0)
		r = describe(g, e);
	if (r == 0)
		r = make_tree(g, &tree, e);
	if (r == 0)
		r = store_add_path(
		        glue_of(ev)->store, g->name, tree, CA_NAR, HASH_SHA256, NULL, ret_path, ret_nar, e);
	return r;
}

void glue_check_fetch_attr(struct eval *ev, const char *fetcher, struct attr *at)
{
	eval_force(ev, &at->value, at->pos);
	switch (value_type(&at->value)) {
	case VALUE_STRING:
	case VALUE_PATH:
	case VALUE_BOOL:
		return;
	case VALUE_INT:
		if (at->value.integer < 0)
			eval_throw(ev, THROW_EVAL, 0, "negative value given for '%s' argument '%s': %lld",
			        fetcher, eval_show_name(ev, at->name), (long long)at->value.integer);
		return;
	default:
		eval_throw(ev, THROW_TYPE, 0,
		        "argument '%s' to '%s' is %s while a string, Boolean or integer is expected",
		        eval_show_name(ev, at->name), fetcher, eval_phrase(ev, &at->value));
	}
}

static void read_args(struct eval *ev, struct value *arg, struct git *g)
{
	eval_force(ev, arg, 0);
	if (value_type(arg) == VALUE_ATTRS) {
		struct attrs *set = attrs_flat(ev, arg->attrs);
		if (attrs_get(set, ev->sym.type))
			eval_throw(ev, THROW_EVAL, 0, "unexpected argument 'type'");
		attrs_for_each (at, set)
			glue_check_fetch_attr(ev, "fetchGit", at);
		attrs_for_each (at, set)
			git_attr(ev, g, set, at);
	} else {
		struct coerce how = {.what = "while evaluating the first argument passed to 'fetchGit'"};
		g->url = eval_coerce(ev, arg, 0, &how)->data;
	}
	if (!g->url)
		eval_throw(ev, THROW_EVAL, 0, "input attribute 'url' is missing");
	if (g->rev && !is_rev(g->rev))
		eval_throw(ev, THROW_EVAL, 0, "hash '%s' has wrong length for hash algorithm 'sha1'", g->rev);
	if (g->submodules)
		eval_throw(ev, THROW_EVAL, 0, "fetchGit: submodules are not supported by kernix");
	if (ev->settings.restrict_eval)
		eval_throw(ev, THROW_RESTRICTED, 0, "access to URI '%s' is forbidden in restricted mode",
		        g->url);
	if (ev->settings.pure && !g->rev)
		eval_throw(ev, THROW_EVAL, 0,
		        "in pure evaluation mode, 'fetchTree' doesn't fetch unlocked input 'git+%s'", g->url);
	if (str_has_prefix(g->url, "git+"))
		g->url += strlen("git+");
	if (!g->name)
		g->name = "source";
}

static void b_fetch_git(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct git g = {.export_ignore = true};
	struct err e = {0};
	struct hash nar;
	char *path = NULL;

	read_args(ev, &args[0], &g);
	if (fetch(ev, &g, &path, &nar, &e) < 0) {
		git_release(&g);
		eval_throw_err(ev, 0, &e);
	}
	if (!g.commit)
		ev->host.say(ev->host.ctx, arena_printf(&ev->heap, "warning: Git tree '%s' is dirty", g.dir));
	*ret = describe_value(ev, &g, path, &nar);
	git_release(&g);
	mem_free(path);
}

static void b_fetch_mercurial(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	if (value_type(&args[0]) == VALUE_ATTRS && !attrs_get(args[0].attrs, ev->sym.url))
		eval_throw(ev, THROW_EVAL, 0, "'url' argument required");
	eval_throw(ev, THROW_EVAL, 0, "kernix does not fetch Mercurial repositories");
}

static const struct builtin rows[] = {
        {"fetchGit", 1, 1, true, b_fetch_git, "args",
                "A tree of a git repository in the store; args is its URL or { url, ref, rev, name, shallow, "
                "exportIgnore }."},
        {"fetchMercurial", 1, 1, true, b_fetch_mercurial, "args",
                "Mercurial repositories are not fetched: an error."},
};

const struct builtin_table builtin_gits = {rows, ARRAY_SIZE(rows)};
