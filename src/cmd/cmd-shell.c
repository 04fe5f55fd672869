// SPDX-License-Identifier: GPL-2.0-or-later
// nix-shell: a shell with the environment of a derivation and its inputs built, for doing its build by hand.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/buildroot.h"
#include "build/enter.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "store/drv.h"
#include "store/store.h"

enum { ID_HELP = 1000, ID_RUN, ID_COMMAND_LINE, ID_PURE, ID_KEEP, ID_PACKAGES, ID_INTERPRETER, ID_EXCLUDE };

static const struct opt_row rows[] = {
        {"--run", NULL, 1, ID_RUN, "COMMAND", "runs a command in the environment and leaves"},
        {"--command", NULL, 1, ID_COMMAND_LINE, "COMMAND", "runs a command in an interactive shell"},
        {"--pure", NULL, 0, ID_PURE, NULL, "clears the caller's environment first"},
        {"--keep", NULL, 1, ID_KEEP, "NAME", "keeps this variable with --pure"},
        {"--packages", "-p", 0, ID_PACKAGES, NULL, "the words are packages of <nixpkgs>"},
        {"--exclude", NULL, 1, ID_EXCLUDE, "REGEX", NULL},
        {"--help", NULL, 0, ID_HELP, NULL, "this text"},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct shell {
	struct session s;
	bool help, pure, packages;
	char *run, *command;
	char **keep;
	const char *word;
	struct found_drvs found;
	struct drv *drv;
	char *tools; // files of the build root; NULL: the host's programs
	char *tmp;   // folder for the rc file and files of variables; removed at the end
	char **env;
};

static int option(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct shell *c = ctx;

	switch (row->id) {
	case ID_HELP:
		c->help = true;
		break;
	case ID_PURE:
		c->pure = true;
		break;
	case ID_PACKAGES:
		c->packages = true;
		break;
	case ID_RUN:
		c->run = mem_strdup(args[0]);
		break;
	case ID_COMMAND_LINE:
		c->command = mem_strdup(args[0]);
		break;
	case ID_KEEP:
		strv_add(&c->keep, args[0]);
		break;
	}
	return 0;
}

static void add_in_shell(struct session *s)
{
	mem_grow(&s->args, &s->cap_args, s->n_args + 1, sizeof(*s->args));
	memmove(s->args + 1, s->args, s->n_args * sizeof(*s->args)); // first: --arg inNixShell wins over it
	s->args[0] = (struct session_arg){mem_strdup("inNixShell"), mem_strdup("true"), true};
	s->n_args++;
}

static void package_words(struct shell *c)
{
	struct buf b = {0};

	buf_adds(&b, "{ ... }@args: with import <nixpkgs> args; (pkgs.runCommandCC or pkgs.runCommand) "
	             "\"shell\" { buildInputs = [ ");
	strv_for_each (w, c->s.words)
		buf_addf(&b, "(%s) ", w);
	buf_adds(&b, "]; } \"\"");
	strv_free(c->s.words);
	c->s.words = NULL;
	strv_take(&c->s.words, buf_steal(&b));
	c->s.is_expr = true;
}

static int default_words(struct shell *c, struct err *e)
{
	if (c->packages)
		package_words(c);
	return session_default_word(&c->s, true, e);
}

static void one_word(struct eval *ev, void *arg)
{
	struct shell *c = arg;

	session_find_word(&c->s, c->word, &c->found);
}

static int evaluate(struct shell *c, struct err *e)
{
	const char *only = strv_len(c->s.words) == 1 && !c->s.is_expr ? c->s.words[0] : NULL;

	if (only && store_path_inside(store_dir(c->s.store), only) && store_path_is_drv(only))
		return drv_read(c->s.store, only, &c->drv, e) < 0 ? cmd_fail(e) : 0;
	strv_for_each (w, c->s.words) {
		c->word = w;
		int status = session_run(&c->s, one_word, c);
		if (status)
			return status;
	}
	if (c->found.len != 1) {
		err_set(e, -EINVAL, "nix-shell requires a single derivation, the expression has %zu",
		        c->found.len);
		return cmd_fail(e);
	}
	return drv_read(c->s.store, c->found.drvs[0].drv_path, &c->drv, e) < 0 ? cmd_fail(e) : 0;
}

static int build_inputs(struct shell *c)
{
	_cleanup_strv_ char **wanted = NULL;

	for (size_t i = 0; i < c->drv->n_inputs; i++)
		for (char **o = c->drv->inputs[i].outputs; o && *o; o++)
			strv_take(&wanted, str_printf("%s!%s", c->drv->inputs[i].path, *o));
	return wanted ? session_build(&c->s, wanted) : 0;
}

static void env_set(struct shell *c, const char *name, const char *value)
{
	size_t n = strlen(name);

	strv_for_each (v, c->env)
		if (strncmp(v, name, n) == 0 && v[n] == '=') {
			char **slot = c->env + (v_ - c->env);

			mem_free(*slot);
			*slot = str_printf("%s=%s", name, value);
			return;
		}
	strv_take(&c->env, str_printf("%s=%s", name, value));
}

extern char **environ;

static void env_caller(struct shell *c)
{
	static const char *const kept[] = {"HOME", "XDG_RUNTIME_DIR", "USER", "LOGNAME", "DISPLAY",
	        "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "PATH", "TERM", "IN_NIX_SHELL",
	        "NIX_SHELL_PRESERVE_PROMPT", "TZ", "PAGER", "NIX_BUILD_SHELL", "SHLVL"};

	for (char **v = environ; *v; v++) {
		_cleanup_free_ char *name = mem_strndup(*v, strcspn(*v, "="));
		bool keep = !c->pure || strv_has(c->keep, name);

		for (size_t i = 0; !keep && i < ARRAY_SIZE(kept); i++)
			keep = str_eq(kept[i], name);
		if (keep)
			strv_add(&c->env, *v);
	}
}

static int env_drv(struct shell *c, struct err *e)
{
	const char *files = drv_env(c->drv, "passAsFile");
	_cleanup_strv_ char **as_file = files ? strv_split(files, " ") : NULL;
	unsigned n = 0;

	for (size_t i = 0; i < c->drv->n_env; i++) {
		const struct drv_env *v = &c->drv->env[i];

		if (!strv_has(as_file, v->name)) {
			env_set(c, v->name, v->value);
			continue;
		}
		_cleanup_free_ char *path = str_printf("%s/.attr-%u", c->tmp, n++),
		                    *name = str_printf("%sPath", v->name);
		int r = fs_write_atomic(path, v->value, strlen(v->value), 0644, e);
		if (r < 0)
			return r;
		env_set(c, name, path);
	}
	return 0;
}

static bool is_own(const char *path)
{
	_cleanup_free_ char *self = realpath("/proc/self/exe", NULL), *other = realpath(path, NULL);

	return self && other && str_eq(self, other);
}

// The folder of the nix-shell that was started, as it was found: NULL when its nix-build is another
// program's.
static char *own_folder(void)
{
	const char *path = getenv("PATH");
	_cleanup_strv_ char **dirs = NULL;

	if (strchr(program_invocation_name, '/')) {
		_cleanup_free_ char *dir = str_dirname(program_invocation_name), *abs = NULL;
		_cleanup_err_ struct err nowhere = {0};
		if (fs_absolute(dir, &abs, &nowhere) < 0)
			return NULL;
		strv_take(&dirs, TAKE_PTR(abs));
	} else if (path) {
		dirs = strv_split(path, ":");
	}
	strv_for_each (dir, dirs) {
		_cleanup_free_ char *file = fs_join(dir, "nix-build");
		if (fs_exists(file))
			return is_own(file) ? mem_strdup(dir) : NULL;
	}
	return NULL;
}

static int make_env(struct shell *c, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	_cleanup_free_ char *cores =
	        str_printf("%ld", c->s.build.cores ? (long)c->s.build.cores : sysconf(_SC_NPROCESSORS_ONLN));
	static const char *const dirs[] = {"NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP"};
	int r = fs_mkdtemp(tmp ? tmp : "/tmp", "nix-shell", &c->tmp, e);

	if (r < 0)
		return r;
	env_caller(c);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		env_set(c, dirs[i], c->tmp);
	env_set(c, "NIX_STORE", store_dir(c->s.store));
	env_set(c, "NIX_BUILD_CORES", cores);
	env_set(c, "IN_NIX_SHELL", c->pure ? "pure" : "impure");
	_cleanup_free_ char *own = c->pure ? NULL : own_folder();
	if (own)
		env_set(c, "kernixFolder", own);
	return env_drv(c, e);
}

// The host's tools come with its /usr/bin, where another Nix may be: a nix-build in the shell is that of the
// nix-shell that was started, behind what the shell has from the store.
static const char rc_path[] = "PATH=$PATH:$callerPath\nunset callerPath\n"
                              "if [ -n \"${kernixFolder-}\" ]; then\n"
                              "  kernixRest=$PATH PATH=\n"
                              "  while [[ $kernixRest == $NIX_STORE/*:* ]]; do\n"
                              "    PATH=$PATH${kernixRest%%:*}: kernixRest=${kernixRest#*:}\n"
                              "  done\n"
                              "  PATH=$PATH$kernixFolder:$kernixRest\n"
                              "  unset kernixFolder kernixRest\n"
                              "fi\n";

static int write_rc(struct shell *c, char **ret, struct err *e)
{
	_cleanup_buf_ struct buf b = {0};
	const char *line = c->run ? c->run : c->command;

	if (!c->pure)
		buf_adds(&b, "[ -n \"$PS1\" ] && [ -e ~/.bashrc ] && source ~/.bashrc\ncallerPath=$PATH\n");
	buf_adds(&b, "dontAddDisableDepTrack=1\n");
	buf_adds(&b, "if [ -e .attrs.sh ] && [ -n \"${__structuredAttrs-}\" ]; then source .attrs.sh; fi\n");
	buf_adds(&b,
	        "if [ -n \"${stdenv-}\" ] && [ -e \"$stdenv/setup\" ]; then source \"$stdenv/setup\"; fi\n");
	if (!c->pure)
		buf_adds(&b, rc_path);
	buf_adds(&b, "set +e\nunset TZ\n");
	buf_adds(&b, "[ -n \"$PS1\" ] && [ -z \"${NIX_SHELL_PRESERVE_PROMPT-}\" ] && "
	             "PS1='\\n\\[\\033[1;32m\\][nix-shell:\\w]\\$\\[\\033[0m\\] '\n");
	buf_adds(&b, "[ \"$(type -t runHook)\" = function ] && runHook shellHook\n");
	buf_adds(&b, "[ \"$(type -t runHook)\" = function ] || eval \"${shellHook-}\"\n");
	if (line)
		buf_addf(&b, "%s\n", line);
	if (c->run)
		buf_adds(&b, "exit\n");
	*ret = fs_join(c->tmp, "rc");
	return fs_write_atomic(*ret, buf_str(&b), b.len, 0600, e);
}

// The shell runs as a child, so that the temporary folder can be removed after it.
static int run_shell(struct shell *c, struct err *e)
{
	_cleanup_free_ char *rc = NULL;
	char *interactive[] = {"bash", "--rcfile", NULL, NULL}, *batch[] = {"bash", NULL, NULL};
	int status = 0, r = write_rc(c, &rc, e);

	if (r < 0)
		return cmd_fail(e);
	interactive[2] = batch[1] = rc;
	const char *own = getenv("NIX_BUILD_SHELL");
	pid_t pid = fork();
	if (pid == 0) {
		struct err ce = {0};

		if (enter_view(c->s.store, c->tools, &ce) < 0)
			_exit(cmd_fail(&ce));
		execvpe(own ? own : "/bin/bash", c->run ? batch : interactive, c->env);
		execvpe("bash", c->run ? batch : interactive, c->env);
		fprintf(stderr, "error: starting bash: %s\n", strerror(errno));
		_exit(127);
	}
	if (pid < 0) {
		err_sys(e, errno, "starting a shell");
		return cmd_fail(e);
	}
	return cmd_wait(pid, &status) < 0 ? 1 : status;
}

static int find_tools(struct shell *c, struct err *e)
{
	_cleanup_free_ char *root = NULL;
	int r = buildroot_of(c->s.store, c->drv, &root, e);

	return r < 0 || !root ? r : buildroot_find(c->s.store, c->drv, root, &c->tools, e);
}

static int shell(struct shell *c, struct err *e)
{
	int status = evaluate(c, e);

	if (!status)
		status = build_inputs(c);
	if (status || c->s.dry_run)
		return status;
	return find_tools(c, e) < 0 || make_env(c, e) < 0 ? cmd_fail(e) : run_shell(c, e);
}

static void shell_release(struct shell *c)
{
	if (c->tmp)
		fs_rm_rf(c->tmp, NULL);
	drv_free(c->drv);
	strv_free(c->env);
	strv_free(c->keep);
	mem_free(c->run);
	mem_free(c->command);
	mem_free(c->tools);
	mem_free(c->tmp);
	session_close(&c->s);
}

int cmd_shell(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	struct shell c = {.s.flake_kind = FLAKE_DEVELOP};
	int status;

	if (session_options(&c.s, rows, option, &c, argc, argv, &e) < 0) {
		status = cmd_fail(&e);
	} else if (c.help) {
		_cleanup_free_ char *text = session_help(rows);

		printf("Usage: nix-shell [OPTION]... [FILE]\n\n%s", text);
		status = 0;
	} else {
		add_in_shell(&c.s);
		bool ready = default_words(&c, &e) == 0 &&
		             session_open(&c.s, SESSION_BUILDS | SESSION_READ_WRITE, &e) == 0;
		status = ready ? shell(&c, &e) : cmd_fail(&e);
	}
	shell_release(&c);
	return status;
}
