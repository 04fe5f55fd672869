// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config explain, diff, compare, edit, trim.
#include <errno.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "cmd/config.h"
#include "kconfig/tools.h"

extern char **environ;

static int print_json(json_t *o, struct err *e)
{
	char *text = json_dumps(o, JSON_INDENT(2));
	int r = 0;

	json_decref(o);
	if (text) {
		r = fs_write_all(1, text, strlen(text), "standard output", e);
		if (r >= 0)
			r = fs_write_all(1, "\n", 1, "standard output", e);
	}
	free(text);
	return r;
}

int config_explain(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	int r = config_load_base(a, &k, e);

	if (r >= 0 && (!a->words || !a->words[0]))
		return err_set(e, -EINVAL, "kernix config explain SYMBOL...: which symbol?");
	if (r >= 0)
		r = config_requests(a, &req, e);
	if (r >= 0 && req.len) {
		a->policy.no_fixes = true;
		r = krequests_apply(k, &req, &a->policy, &rep, e);
	}
	strv_for_each (name, a->words) {
		_cleanup_buf_ struct buf b = {};
		if (r >= 0)
			r = kconfig_explain(k, name, true, a->json, &b, e);
		if (r >= 0)
			r = fs_write_all(1, b.data, b.len, "standard output", e);
	}
	return r;
}

// Programs that unpack a file by the end of its name.
static int unpack(const char *path, const char *program, struct buf *b, struct err *e)
{
	char *argv[] = {(char *)program, (char *)"-dc", (char *)path, NULL};
	struct proc_opts o = {.out = b, .limit_bytes = (size_t)64 << 20};

	return proc_run_ok(argv, &o, e);
}

// A .config by its file, or by a folder that holds one: a kernel, a generation, a build folder.
static int read_config(const char *path, struct buf *b, struct err *e)
{
	static const char *const inside[] = {".config", "config", "kernel-config", "kernel/../config"};
	static const char *const packed[][2] = {
	        {".xz", "xz"}, {".gz", "gzip"}, {".zst", "zstd"}, {".bz2", "bzip2"}};

	for (size_t i = 0; i < ARRAY_SIZE(packed); i++)
		if (str_has_suffix(path, packed[i][0]))
			return unpack(path, packed[i][1], b, e);
	if (!fs_is_dir(path))
		return fs_read(path, (size_t)64 << 20, b, e);
	for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
		_cleanup_free_ char *full = fs_join(path, inside[i]);
		if (fs_exists(full) && !fs_is_dir(full))
			return fs_read(full, (size_t)64 << 20, b, e);
	}
	return err_set(e, -ENOENT, "%s: there is no .config in that folder", path);
}

// The two things to compare: files, else the number of a generation of the system, else an attribute that is
// built.
static int find_config(const char *word, struct buf *b, struct err *e)
{
	_cleanup_free_ char *gen = str_printf("/nix/var/nix/profiles/system-%s-link/kernel", word),
	                    *real = NULL;

	if (fs_exists(word))
		return read_config(word, b, e);
	if (!word[strspn(word, "0123456789")] && (real = realpath(gen, NULL))) {
		_cleanup_free_ char *dir = str_dirname(real);
		return read_config(dir, b, e);
	}
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	_cleanup_free_ char *expr = str_printf(
	        "(import <nixpkgs> { }).%s.configfile or (import <nixpkgs> { }).%s.kernel.configfile", word,
	        word);
	char *argv[] = {self, (char *)"nix-build", (char *)"--no-out-link", (char *)"-E", expr, NULL};
	_cleanup_buf_ struct buf out = {}, said = {};
	struct proc_opts o = {.out = &out, .err = &said};
	int status = 1;
	self[n > 0 ? n : 0] = '\0';
	if (n <= 0 || proc_run(argv, &o, &status, e) < 0 || status)
		return err_set(e, -ENOENT,
		        "%s: neither a file, nor a generation of the system, nor an attribute of <nixpkgs> "
		        "that has a kernel "
		        "configuration",
		        word);
	buf_str(&out);
	out.data[strcspn(out.data, "\n")] = '\0';
	return read_config(out.data, b, e);
}

static json_t *diff_json(const struct kdiffs *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->len; i++)
		json_array_append_new(list,
		        json_pack("{s:s, s:s?, s:s?}", "name", d->v[i].name, "a", d->v[i].a, "b", d->v[i].b));
	return json_pack("{s:I, s:o}", "same", (json_int_t)d->same, "differences", list);
}

static void print_diff(const struct kdiffs *d)
{
	for (size_t i = 0; i < d->len; i++) {
		const struct kdiff *x = &d->v[i];
		if (x->a && x->b)
			printf(" %s %s -> %s\n", x->name, x->a, x->b);
		else
			printf("%c%s %s\n", x->a ? '-' : '+', x->name, x->a ? x->a : x->b);
	}
}

int config_diff(struct config_args *a, struct err *e)
{
	_cleanup_buf_ struct buf x = {}, y = {};
	_cleanup_kdiffs_ struct kdiffs d = {};
	int r;

	if (strv_len(a->words) != 2)
		return err_set(e, -EINVAL, "kernix config diff A B: two configurations, not %zu",
		        strv_len(a->words));
	r = find_config(a->words[0], &x, e);
	if (r >= 0)
		r = find_config(a->words[1], &y, e);
	if (r < 0)
		return r;
	kconfig_diff(buf_str(&x), x.len, buf_str(&y), y.len, !a->all, &d);
	if (a->json)
		return print_json(diff_json(&d), e);
	print_diff(&d);
	return 0;
}

int config_compare(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	_cleanup_buf_ struct buf own = {};
	json_t *all = json_object();
	int r = a->words ? config_load_base(a, &k, e)
	                 : err_set(e, -EINVAL, "kernix config compare OTHER...: against which file?");

	if (r >= 0)
		r = config_requests(a, &req, e);
	a->policy.no_fixes = true;
	if (r >= 0 && req.len)
		r = krequests_apply(k, &req, &a->policy, &rep, e);
	if (r >= 0)
		kconfig_write(k, &own);
	strv_for_each (other, a->words) {
		_cleanup_buf_ struct buf b = {};
		_cleanup_kdiffs_ struct kdiffs d = {};
		if (r >= 0)
			r = read_config(other, &b, e);
		if (r < 0)
			break;
		kconfig_diff(own.data, own.len, buf_str(&b), b.len, !a->all, &d);
		if (a->json) {
			json_object_set_new(all, other, diff_json(&d));
			continue;
		}
		printf("%s: %zu options are the same, %zu differ (here -> there)\n", other, d.same, d.len);
		print_diff(&d);
	}
	if (r >= 0 && a->json)
		return print_json(all, e);
	json_decref(all);
	return r;
}

static int print_requests(const struct krequests *req, bool json, const char *title, struct err *e)
{
	_cleanup_buf_ struct buf b = {};

	if (json) {
		json_t *o = json_object();
		for (size_t i = 0; i < req->len; i++)
			json_object_set_new(o, req->v[i].name, json_string(req->v[i].value));
		return print_json(o, e);
	}
	buf_addf(&b, "%s\n", title);
	for (size_t i = 0; i < req->len; i++)
		krequest_nix(&req->v[i], "  ", &b);
	buf_adds(&b, "}\n");
	return fs_write_all(1, b.data, b.len, "standard output", e);
}

// The tree's own menuconfig in a folder of its own, on this terminal.
static int run_menuconfig(const struct config_args *a, const char *dir, struct err *e)
{
	_cleanup_free_ char *o_arg = str_printf("O=%s", dir),
	                    *arch = str_printf("ARCH=%s", a->arch ? a->arch : "x86_64");
	const char *word = getenv("KERNIX_MENUCONFIG"); // nconfig, or another target of the tree
	// The answer may go to a file; the menu is drawn on the terminal in any case.
	const char *script = isatty(1) ? "exec make \"$@\"" : "exec make \"$@\" > /dev/tty";
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)script, (char *)"sh", (char *)"-s", (char *)"-C",
	        (char *)a->source, o_arg, arch, (char *)(word ? word : "menuconfig"), NULL};
	pid_t pid;
	int status;

	// Not through proc_run: that gives a child a process group of its own, which may not read from the
	// terminal.
	int r = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (r)
		return err_sys(e, r, "cannot run %s", argv[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, errno, "menuconfig");
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	if (!status)
		return 0;
	err_set(e, -EIO, "menuconfig of %s ended with status %d", a->source, status);
	return err_hint(e, "it needs the headers of ncurses: on Debian, apt-get install libncurses-dev");
}

static int edit_in(struct config_args *a, struct kconfig *k, const char *dir, struct err *e)
{
	_cleanup_free_ char *path = fs_join(dir, ".config");
	_cleanup_buf_ struct buf before = {}, after = {};
	_cleanup_krequests_ struct krequests changed = {};
	int r;

	kconfig_write(k, &before);
	r = fs_write_atomic(path, before.data, before.len, 0644, e);
	if (r >= 0)
		r = run_menuconfig(a, dir, e);
	if (r >= 0)
		r = fs_read(path, 0, &after, e);
	if (r >= 0)
		r = kconfig_changes(k, before.data, before.len, buf_str(&after), after.len, &changed, e);
	if (r >= 0 && a->out)
		r = config_write_out(a, &after, e);
	return r < 0 ? r : print_requests(&changed, a->json, "structuredExtraConfig = {", e);
}

int config_edit(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	_cleanup_free_ char *dir = NULL;
	_cleanup_err_ struct err skip = {};
	int r = a->words && a->words[0] ? config_eval_nix(a, a->words[0], e) : 0;

	if (r >= 0)
		r = config_load_base(a, &k, e);
	if (r >= 0)
		r = config_requests(a, &req, e);
	a->policy.no_fixes = true;
	if (r >= 0 && (req.len || a->policy.auto_modules))
		r = krequests_apply(k, &req, &a->policy, &rep, e);
	if (r >= 0)
		r = fs_mkdtemp(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", "kernix-edit", &dir, e);
	if (r < 0)
		return r;
	r = edit_in(a, k, dir, e);
	fs_rm_rf(dir, &skip);
	return r;
}

// The first word of each line: what lsmod, /proc/modules and plain lists have in common.
static int read_modules(const char *path, char ***ret, struct err *e)
{
	_cleanup_buf_ struct buf b = {};
	int r = fs_read(path, (size_t)16 << 20, &b, e);

	if (r < 0)
		return r;
	_cleanup_strv_ char **lines = strv_split(buf_str(&b), "\n");
	strv_for_each (l, lines) {
		size_t n = strcspn(l, " \t");
		if (n && !(n == 6 && !strncmp(l, "Module", n)))
			strv_take(ret, mem_strndup(l, n));
	}
	return 0;
}

static int say_trim(const struct config_args *a, const struct ktrim *t, struct err *e)
{
	if (a->json) {
		json_t *go = json_array(), *stay = json_object();
		for (size_t i = 0; i < t->go.len; i++)
			json_array_append_new(go, json_string(t->go.v[i].name));
		for (size_t i = 0; i < t->stay.len; i++)
			json_object_set_new(stay, t->stay.v[i].name, json_string(t->stay.v[i].why));
		return print_json(json_pack("{s:I, s:I, s:o, s:o}", "loaded", (json_int_t)t->loaded, "known",
		                          (json_int_t)t->known, "go", go, "stay", stay),
		        e);
	}
	printf("# %zu modules are loaded, %zu of them are of this tree; %zu others may go, %zu stay\n",
	        t->loaded, t->known, t->go.len, t->stay.len);
	for (size_t i = 0; i < t->stay.len; i++)
		printf("# stays: %s (%s)\n", t->stay.v[i].name, t->stay.v[i].why);
	fflush(stdout);
	return print_requests(&t->go, false, "structuredExtraConfig = {", e);
}

int config_trim(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	_cleanup_strv_ char **modules = NULL;
	_cleanup_buf_ struct buf b = {};
	struct ktrim t = {};
	int r = config_load_base(a, &k, e);

	if (r >= 0)
		r = read_modules(a->modules ? a->modules : "/proc/modules", &modules, e);
	if (r >= 0)
		r = config_requests(a, &req, e);
	a->policy.no_fixes = true;
	if (r >= 0 && req.len)
		r = krequests_apply(k, &req, &a->policy, &rep, e);
	if (r >= 0)
		r = kconfig_trim(k, modules, &req, &t, e);
	if (r >= 0)
		r = say_trim(a, &t, e);
	if (r >= 0 && a->out) {
		kconfig_write(k, &b);
		r = config_write_out(a, &b, e);
	}
	ktrim_release(&t);
	return r;
}
