// SPDX-License-Identifier: GPL-2.0-or-later
// Compares what a system wants with what is there, and makes it so: rows of files, links, sysctls and
// modules.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "boot/activate-steps.h"
#include "boot/bootspec.h"
#include "store/store.h"

// Folders whose files we have; `volatile_too`: also below /run.
static const struct {
	const char *name;
	bool volatile_too;
} folders[] = {{"modprobe.d", true}, {"modules-load.d", false}, {"sysctl.d", false}};

void activation_step(
        struct activation *a, enum step_kind kind, const char *path, const char *text, char *change)
{
	mem_grow(&a->steps, &a->cap, a->len + 1, sizeof(*a->steps));
	a->steps[a->len++] =
	        (struct step){.kind = kind, .path = mem_strdup(path), .text = text ? mem_strdup(text) : NULL};
	if (change)
		strv_take(&a->changes, change);
}

// Takes the answer of a question that is 1, 0 or an error.
static bool answer(struct activation *a, int r, struct err *why)
{
	if (r < 0 && !a->err.code)
		err_move(&a->err, why);
	else
		err_release(why);
	return r > 0;
}

char **activation_names(struct activation *a, const char *dir)
{
	struct err why = {0};
	char **names = NULL;

	answer(a, fs_list_maybe(dir, &names, &why), &why);
	return names;
}

char *activation_link(struct activation *a, const char *path)
{
	struct err why = {0};
	char *target = NULL;

	answer(a, fs_readlink_maybe(path, &target, &why), &why);
	return target;
}

char *activation_file(struct activation *a, const char *logical)
{
	struct err why = {0};
	char *real = NULL;

	answer(a, store_file(a->s, logical, &real, &why), &why);
	return real ? real : store_real_path(a->s, logical);
}

bool activation_read(struct activation *a, const char *file, struct buf *b)
{
	struct err why = {0};

	return answer(a, fs_read_maybe(file, 4 << 20, b, &why), &why);
}

bool activation_exists(struct activation *a, const char *path)
{
	struct err why = {0};

	return answer(a, fs_lstat_maybe(path, NULL, &why), &why);
}

bool activation_is_dir(struct activation *a, const char *path)
{
	struct err why = {0};

	return answer(a, fs_is_dir_maybe(path, &why), &why);
}

// 60-nixos.conf -> 60-kernix.conf, foo.conf -> kernix-foo.conf, 10-foo.conf -> 10-kernix-foo.conf
static char *our_name(const char *name)
{
	size_t digits = strspn(name, "0123456789");
	size_t skip = digits && name[digits] == '-' ? digits + 1 : 0;

	if (str_eq(name + skip, "nixos.conf"))
		return str_printf("%.*skernix.conf", (int)skip, name);
	return str_printf("%.*skernix-%s", (int)skip, name, name + skip);
}

static bool is_our_name(const char *name)
{
	size_t digits = strspn(name, "0123456789");
	const char *rest = name + (digits && name[digits] == '-' ? digits + 1 : 0);

	return str_eq(rest, "kernix.conf") ||
	       (str_has_prefix(rest, "kernix-") && str_has_suffix(rest, ".conf"));
}

// A file of the system without empty lines; "" when it is not there.
static char *wanted_text(struct activation *a, const char *folder, const char *name)
{
	_cleanup_free_ char *logical = str_printf("%s/etc/%s/%s", a->o->toplevel, folder, name),
	                    *real = activation_file(a, logical);
	_cleanup_buf_ struct buf text = {0};
	struct buf b = {0};

	if (!activation_read(a, real, &text))
		return mem_strdup("");
	_cleanup_strv_ char **lines = strv_split(buf_str(&text), "\n");
	strv_for_each (line, lines)
		if (line[strspn(line, " \t")])
			buf_addf(&b, "%s\n", line);
	return buf_steal(&b);
}

static char **system_files(struct activation *a, const char *folder)
{
	_cleanup_free_ char *logical = str_printf("%s/etc/%s", a->o->toplevel ? a->o->toplevel : "", folder),
	                    *real = a->o->toplevel ? activation_file(a, logical) : NULL;
	_cleanup_strv_ char **names = real ? activation_names(a, real) : NULL;
	char **files = NULL;

	strv_for_each (name, names)
		if (str_has_suffix(name, ".conf"))
			strv_add(&files, name);
	return files;
}

static void plan_file(struct activation *a, const char *file, const char *text)
{
	_cleanup_buf_ struct buf old = {0};
	_cleanup_free_ char *real = beneath_again(a->o->root, file);
	bool there = activation_read(a, real, &old);

	if (there && str_eq(buf_str(&old), text))
		return;
	_cleanup_buf_ struct buf change = {0};
	buf_addf(&change, "%s %s", there ? "change" : "write", file);
	_cleanup_strv_ char **lines = strv_split(text, "\n"), **before = strv_split(buf_str(&old), "\n");
	strv_for_each (line, before)
		if (!strv_has(lines, line) && *line != '#')
			buf_addf(&change, "\n    - %s", line);
	strv_for_each (line, lines)
		if (!strv_has(before, line) && *line != '#')
			buf_addf(&change, "\n    + %s", line);
	activation_step(a, STEP_WRITE, file, text, buf_steal(&change));
}

static void plan_folder(struct activation *a, const char *base, const char *folder)
{
	_cleanup_free_ char *dir = beneath_printf(a->o->root, "%s/%s", base, folder);
	_cleanup_strv_ char **wanted = system_files(a, folder), **there = activation_names(a, dir),
	                    **kept = NULL;

	strv_for_each (name, wanted) {
		_cleanup_free_ char *text = wanted_text(a, folder, name), *ours = our_name(name),
		                    *file = fs_join(dir, ours);
		if (!*text)
			continue;
		_cleanup_free_ char *whole = str_printf(
		        "# Written by kernix from %s/etc/%s/%s.\n%s", a->o->toplevel, folder, name, text);
		plan_file(a, file, whole);
		strv_add(&kept, ours);
	}
	strv_for_each (name, there) {
		_cleanup_free_ char *file = fs_join(dir, name);
		if (is_our_name(name) && !strv_has(kept, name))
			activation_step(a, STEP_REMOVE, file, NULL, str_printf("remove %s", file));
	}
}

// What a link of ours leads to: a module tree in the store.
static bool is_our_link(struct activation *a, const char *path)
{
	_cleanup_free_ char *target = activation_link(a, path);

	return target && str_has_prefix(target, store_dir(a->s)) && strstr(target, "/lib/modules/");
}

static void plan_modules_tree(struct activation *a, const struct bootspec *spec)
{
	_cleanup_free_ char *dir = beneath_path(a->o->root, "/lib/modules"),
	                    *link = fs_join(dir, spec->release),
	                    *logical = str_printf("%s/kernel-modules", a->o->toplevel),
	                    *real = store_real_path(a->s, logical), *tree = activation_link(a, real);

	if (str_eq(spec->release, "unknown") || !tree)
		return;
	_cleanup_free_ char *target = str_printf("%s/lib/modules/%s", tree, spec->release);
	if (activation_exists(a, link) && !is_our_link(a, link)) {
		strv_take(&a->notes, str_printf("%s belongs to the distribution and stays as it is: modules "
		                                "that this system adds to "
		                                "that kernel are found once it has been booted from its own "
		                                "entry, not before",
		                             link));
		return;
	}
	_cleanup_free_ char *old = activation_link(a, link);
	if (str_eq(old, target))
		return;
	activation_step(a, STEP_LINK, link, target, str_printf("link %s to %s", link, target));
}

// Links of ours to trees that are gone, or all of them when we leave.
static void plan_old_links(struct activation *a)
{
	_cleanup_free_ char *dir = beneath_path(a->o->root, "/lib/modules");
	_cleanup_strv_ char **names = activation_names(a, dir);

	strv_for_each (name, names) {
		_cleanup_free_ char *link = fs_join(dir, name), *target = activation_link(a, link);
		if (!target || !is_our_link(a, link))
			continue;
		_cleanup_free_ char *real = store_real_path(a->s, target);
		if (!a->o->toplevel || !activation_exists(a, real))
			activation_step(a, STEP_REMOVE, link, NULL, str_printf("remove the link %s", link));
	}
}

// net.ipv4.tcp_ecn -> /proc/sys/net/ipv4/tcp_ecn; where '/' comes first, '.' is part of a name.
static char *sysctl_file(const struct activate_opts *o, const char *key)
{
	_cleanup_free_ char *path = str_printf("%s/proc/sys/%s", o->root, key);
	char *rest = path + strlen(o->root) + strlen("/proc/sys/");
	char first = rest[strcspn(rest, "./")];

	for (; first == '.' && *rest; rest++)
		*rest = *rest == '.' ? '/' : *rest == '/' ? '.' : *rest;
	return beneath_again(o->root, path);
}

static void plan_sysctls(struct activation *a, const char *text)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	strv_for_each (line, lines) {
		const char *eq = strchr(line, '=');
		if (*line == '#' || *line == ';' || !eq)
			continue;
		_cleanup_free_ char *key = mem_strndup(line, (size_t)(eq - line)),
		                    *file = sysctl_file(a->o, key), *now = NULL;
		_cleanup_err_ struct err ignored = {0};
		_cleanup_buf_ struct buf b = {0};
		if (fs_read(file, 1 << 16, &b, &ignored) == 0)
			now = mem_strndup(buf_str(&b), strcspn(buf_str(&b), "\n"));
		if (!now || !str_eq(now, eq + 1))
			activation_step(a, STEP_SYSCTL, file, eq + 1,
			        str_printf("set the sysctl %s = %s (now %s)", key, eq + 1,
			                now ? now : "not there"));
	}
}

static bool module_is_there(struct activation *a, const char *name)
{
	_cleanup_free_ char *path = str_printf("%s/sys/module/%s", a->o->root, name);

	for (char *c = path + strlen(a->o->root) + strlen("/sys/module/"); *c; c++)
		*c = *c == '-' ? '_' : *c;
	_cleanup_free_ char *real = beneath_again(a->o->root, path);
	return activation_exists(a, real);
}

static void plan_modules(struct activation *a, const char *text)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	strv_for_each (line, lines)
		if (*line != '#' && *line != ';' && !module_is_there(a, line))
			activation_step(a, STEP_MODULE, line, NULL, str_printf("load the module %s", line));
}

static void plan_live(struct activation *a, const struct bootspec *spec)
{
	_cleanup_strv_ char **sysctls = system_files(a, "sysctl.d"),
	                    **modules = system_files(a, "modules-load.d");

	strv_for_each (name, sysctls) {
		_cleanup_free_ char *text = wanted_text(a, "sysctl.d", name);
		plan_sysctls(a, text);
	}
	if (!str_eq(spec->release, a->o->release)) {
		strv_take(&a->notes, str_printf("the running kernel is %s, the system's is %s: modules are "
		                                "loaded and the new kernel runs after a reboot",
		                             a->o->release, spec->release));
		return;
	}
	strv_for_each (name, modules) {
		_cleanup_free_ char *text = wanted_text(a, "modules-load.d", name);
		plan_modules(a, text);
	}
}

int activation_plan(struct store *s, const struct activate_opts *o, struct activation **ret, struct err *e)
{
	_cleanup_activation_ struct activation *a = NEW(struct activation);
	_cleanup_bootspec_ struct bootspec spec = {0};
	int r = o->toplevel ? bootspec_read(s, o->toplevel, &spec, e) : 0;

	if (r < 0)
		return r;
	a->o = o;
	a->s = s;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		if (o->persistent || !o->toplevel)
			plan_folder(a, "/etc", folders[i].name);
		if (folders[i].volatile_too && (!o->persistent || !o->toplevel))
			plan_folder(a, "/run", folders[i].name);
	}
	if (o->toplevel)
		plan_modules_tree(a, &spec);
	plan_old_links(a);
	if (o->toplevel && o->live)
		plan_live(a, &spec);
	if (o->live || !o->persistent || !o->toplevel)
		activation_plan_units(a);
	if (a->err.code)
		return err_move(e, &a->err);
	a->o = NULL;
	a->s = NULL;
	*ret = TAKE_PTR(a);
	return 0;
}

void activation_free(struct activation *a)
{
	for (size_t i = 0; a && i < a->len; i++) {
		mem_free(a->steps[i].path);
		mem_free(a->steps[i].text);
	}
	if (a) {
		mem_free(a->steps);
		strv_free(a->changes);
		strv_free(a->notes);
		err_release(&a->err);
	}
	mem_free(a);
}

char *const *activation_changes(const struct activation *a)
{
	return a->changes;
}

char *const *activation_notes(const struct activation *a)
{
	return a->notes;
}

// --- doing it: a function a kind

static int make_parent(const char *path, struct err *e)
{
	_cleanup_free_ char *dir = str_dirname(path);

	return fs_mkdir_p(dir, 0755, e);
}

static int do_write(const struct step *s, char ***failed, struct err *e)
{
	int r = make_parent(s->path, e);

	return r == 0 ? fs_write_atomic(s->path, s->text, strlen(s->text), 0644, e) : r;
}

static int do_link(const struct step *s, char ***failed, struct err *e)
{
	int r = make_parent(s->path, e);

	return r == 0 ? fs_symlink_atomic(s->text, s->path, e) : r;
}

static int do_remove(const struct step *s, char ***failed, struct err *e)
{
	return unlink(s->path) < 0 && errno != ENOENT ? err_sys(e, errno, "removing '%s'", s->path) : 0;
}

static int do_sysctl(const struct step *s, char ***failed, struct err *e)
{
	_cleanup_close_ int fd = open(s->path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, s->text, strlen(s->text)) < 0)
		strv_take(failed, str_printf("cannot set %s to %s: %s", s->path, s->text, strerror(errno)));
	return 0;
}

void activation_run(char *const *argv, int limit_ms, const char *what, char ***failed)
{
	_cleanup_err_ struct err why = {0};
	_cleanup_buf_ struct buf said = {0};
	struct proc_opts o = {.out = &said, .err = &said, .timeout_ms = limit_ms};
	int status = 0;

	if (proc_run(argv, &o, &status, &why) < 0)
		strv_take(failed, str_printf("%s: %s", what, why.msg));
	else if (status != 0)
		strv_take(failed,
		        str_printf("%s: %.*s", what, (int)strcspn(buf_str(&said), "\n"), buf_str(&said)));
}

static int do_module(const struct step *s, char ***failed, struct err *e)
{
	char *argv[] = {(char *)"modprobe", (char *)"--", s->path, NULL};
	_cleanup_free_ char *what = str_printf("cannot load the module %s", s->path);

	activation_run(argv, 60000, what, failed);
	return 0;
}

int activation_apply(struct activation *a, char ***ret_failed, struct err *e)
{
	static int (*const table[])(const struct step *s, char ***failed, struct err *e) = {
	        [STEP_WRITE] = do_write,
	        [STEP_LINK] = do_link,
	        [STEP_REMOVE] = do_remove,
	        [STEP_SYSCTL] = do_sysctl,
	        [STEP_MODULE] = do_module,
	        [STEP_UNIT] = activation_do_unit,
	};
	_cleanup_strv_ char **failed = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->len; i++)
		r = table[a->steps[i].kind](&a->steps[i], &failed, e);
	if (r == 0)
		*ret_failed = TAKE_PTR(failed);
	return r;
}
