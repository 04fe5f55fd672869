// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config edit: the tree's own menuconfig on this terminal; what was changed there comes back as Nix.
//
// The menu runs in a process group of its own in the foreground of the terminal. When the terminal is closed,
// or this program is told to end, the group ends with it: a menu without a terminal would read its end for
// ever.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/config.h"
#include "kconfig/tools.h"

struct menu {
	pid_t pid;
	int tty;     // -1: there is no terminal
	int signals; // signalfd of what ends us
	sigset_t before;
};

static void signals_that_end(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

// Makes group the one that may read from the terminal; from the background, too.
static void give_terminal(int tty, pid_t group)
{
	sigset_t ttou, old;

	if (tty < 0)
		return;
	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &old);
	tcsetpgrp(tty, group);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static _Noreturn void run_child(
        const struct menu *m, const struct kconfig_place *place, char **argv, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM); // make hands it on to the menu
	if (getppid() != parent)
		_exit(127);
	setpgid(0, 0);
	give_terminal(m->tty, getpid());
	signal(SIGHUP, SIG_DFL);
	sigprocmask(SIG_SETMASK, &m->before, NULL);
	// The answer may go to a file; the menu is drawn on the terminal in any case.
	for (int fd = 0; m->tty >= 0 && fd < 2; fd++)
		if (!isatty(fd))
			dup2(m->tty, fd);
	if (!place->enter || place->enter(place->ctx) == 0)
		execvp(argv[0], argv);
	_exit(127);
}

// Waits for the end of the menu. -EPIPE: the terminal went away, -EINTR: a signal said to end; the menu has
// been ended then.
static int wait_for(const struct menu *m, int *ret_status, struct err *e)
{
	struct pollfd fds[] = {{.fd = m->signals, .events = POLLIN}, {.fd = m->tty}};
	bool gone = false, told = false;

	for (int after = 0; after < 20;) {
		pid_t r = waitpid(m->pid, ret_status, WNOHANG | WUNTRACED);
		if (r < 0 && errno != EINTR)
			return err_sys(e, errno, "waiting for the menu");
		if (r == m->pid && WIFSTOPPED(*ret_status))
			kill(-m->pid, SIGCONT);
		else if (r == m->pid)
			break;
		poll(fds, gone || told ? 0 : 2, 100);
		gone |= m->tty >= 0 && (fds[1].revents & (POLLHUP | POLLERR | POLLNVAL));
		told |= (fds[0].revents & POLLIN) != 0;
		if (gone || told)
			kill(-m->pid, ++after < 10 ? SIGTERM : SIGKILL);
	}
	kill(-m->pid, gone || told ? SIGKILL : 0);
	if (gone)
		return err_set(e, -EPIPE, "the terminal of the menu was closed; nothing was changed");
	return told ? err_set(e, -EINTR, "interrupted; nothing was changed") : 0;
}

static int run_menu(
        const struct config_args *a, char **argv, bool needs_terminal, int *ret_status, struct err *e)
{
	struct menu m = {.tty = open("/dev/tty", O_RDWR | O_CLOEXEC)};
	pid_t own = getpgrp(), self = getpid();
	sigset_t set;
	int r;

	if (m.tty < 0 && needs_terminal)
		return err_sys(e, errno, "kernix config edit shows a menu and needs a terminal: /dev/tty");
	signals_that_end(&set);
	sigprocmask(SIG_BLOCK, &set, &m.before);
	m.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	fflush(NULL);
	m.pid = fork();
	if (m.pid == 0)
		run_child(&m, &a->place, argv, self);
	if (m.pid > 0) {
		setpgid(m.pid, m.pid);
		r = wait_for(&m, ret_status, e);
		give_terminal(m.tty, own);
	} else {
		r = err_sys(e, errno, "cannot run %s", argv[0]);
	}
	if (r >= 0) // else what told us to end waits until we have cleaned up
		sigprocmask(SIG_SETMASK, &m.before, NULL);
	close(m.signals);
	if (m.tty >= 0)
		close(m.tty);
	return r;
}

// Of the environment in which the kernel's .config is made: what make takes from its own, and what it has to
// be told.
static const char *const tools_path[] = {"PATH"};
static const char *const tools_make[] = {"CC", "LD", "AR", "NM", "OBJCOPY", "OBJDUMP", "READELF", "STRIP",
        "HOSTCC", "HOSTCXX", "RUSTC", "BINDGEN", "PAHOLE", "LLVM", "LLVM_IAS", "CROSS_COMPILE"};

static void add_variables(const struct config_args *a, const char *const *names, size_t n, char ***argv)
{
	strv_for_each (v, a->env)
		for (size_t i = 0; i < n; i++)
			if (!strncmp(v, names[i], strlen(names[i])) && v[strlen(names[i])] == '=')
				strv_add(argv, v);
}

// The tree's own menuconfig in a folder of its own.
static int run_menuconfig(const struct config_args *a, const char *dir, struct err *e)
{
	const char *target = getenv("KERNIX_MENUCONFIG"); // nconfig, or another target of the tree
	const char *word = target && *target ? target : "menuconfig";
	_cleanup_strv_ char **argv = NULL;
	int status = 0, r;

	if (a->env) { // cross compilers, for the tests that Kconfig files make
		strv_add(&argv, "env");
		add_variables(a, tools_path, ARRAY_SIZE(tools_path), &argv);
	}
	strv_add(&argv, "make");
	strv_add(&argv, "-s");
	strv_add(&argv, "-C");
	strv_add(&argv, a->source);
	strv_take(&argv, str_printf("O=%s", dir));
	strv_take(&argv, str_printf("ARCH=%s", config_arch(a)));
	add_variables(a, tools_make, ARRAY_SIZE(tools_make), &argv);
	strv_add(&argv, word);
	r = run_menu(a, argv,
	        str_has_suffix(word, "config") && (str_eq(word, "menuconfig") || str_eq(word, "nconfig")),
	        &status, e);
	if (r < 0)
		return r;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (!status)
		return 0;
	err_set(e, -EIO, "%s of %s ended with status %d", word, a->source, status);
	return err_hint(e, "it needs make, gcc, flex, bison and the headers of ncurses: on Debian, apt-get "
	                   "install libncurses-dev");
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
	if (r < 0)
		return r;
	if (!changed.len)
		fprintf(stderr, "nothing was changed\n");
	return config_print_requests(a, k, &changed, e);
}

int config_edit(struct config_args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_free_ char *dir = NULL;
	_cleanup_err_ struct err skip = {};
	int r;

	if (a->words && a->words[0])
		a->configuration = a->words[0];
	r = config_load_base(a, &k, e);
	if (r >= 0)
		r = config_apply_quietly(a, k, &req, e);
	if (r >= 0)
		r = fs_mkdtemp(temporary_dir(), "kernix-edit", &dir, e);
	if (r < 0)
		return r;
	r = edit_in(a, k, dir, e);
	fs_rm_rf(dir, &skip);
	return r;
}
