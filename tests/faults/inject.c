// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a command and, at its Nth system call of a kind, kills it, lets the call fail, or cuts it short:
// inject [-o FILE] [-t SECONDS] FAULT N COMMAND... FAULT is count, kill (whoever makes the call), kill-main,
// short, or an errno's name; with a '+' behind it every call from the Nth on fails, as on a full disk. Calls
// of other programs that the command starts are not counted: they are not what is tested. FILE gets 'calls=N
// hit=CALL status=S hung=0 left=NAMES': how many calls there were, which one was hit, how the command ended
// (128 + signal when one ended it), whether it had to be stopped after SECONDS, and which of its processes
// outlived it by three seconds.
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "inject-calls.h"

enum { TASKS = 256, AFTER_MS = 3000 };

// One thread or process of the command. Who runs another program than the command's is foreign.
struct task {
	pid_t tid;
	bool foreign;
};
struct run {
	const struct fault *fault;
	bool from_here_on;
	unsigned long place, calls;
	struct task tasks[TASKS];
	int n_tasks;
	pid_t root;
	dev_t dev; // the command's program
	ino_t ino;
	bool started; // the dynamic linker is done
	bool ended, hung;
	int status;
	long hit;
	char left[256];
};

static volatile sig_atomic_t ticked;
static void on_tick(int sig)
{
	(void)sig;
	ticked = 1;
}

static long now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(125);
}

static struct task *task_find(struct run *r, pid_t tid)
{
	for (int i = 0; i < r->n_tasks; i++)
		if (r->tasks[i].tid == tid)
			return &r->tasks[i];
	return NULL;
}

// A new task may stop for the first time before its parent tells of it: both ways end here.
static struct task *task_add(struct run *r, pid_t tid, bool foreign)
{
	struct task *t = task_find(r, tid);
	if (!t) {
		if (r->n_tasks == TASKS) {
			fprintf(stderr, "inject: more than %d tasks\n", TASKS);
			exit(125);
		}
		t = &r->tasks[r->n_tasks++];
		*t = (struct task){.tid = tid};
	}
	t->foreign |= foreign;
	return t;
}

static void task_remove(struct run *r, pid_t tid)
{
	struct task *t = task_find(r, tid);
	if (t)
		*t = r->tasks[--r->n_tasks];
}

// Only the calls that matter stop the command, or else a run would take ten times as long.
static void filter_install(const struct fault *fault)
{
	struct sock_filter code[256];
	unsigned short n = 0;
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (const long *call = fault->calls; call && *call >= 0; call++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)*call, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	if (fault->calls) {
		code[n++] =
		        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_set_robust_list, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	code[n++] = (struct sock_filter)BPF_STMT(
	        BPF_RET | BPF_K, fault->calls ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRACE);
	struct sock_fprog program = {.len = n, .filter = code};
	if (geteuid() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("no_new_privs");
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		die("seccomp");
}

static void child(const struct run *r, char **argv)
{
	raise(SIGSTOP);
	filter_install(r->fault);
	execvp(argv[0], argv);
	die(argv[0]);
}

static void start(struct run *r, char **argv)
{
	r->root = fork();
	if (r->root < 0)
		die("fork");
	if (!r->root)
		child(r, argv);
	int status;
	if (waitpid(r->root, &status, WUNTRACED) < 0)
		die("wait");
	long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
	               PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	if (ptrace(PTRACE_SEIZE, r->root, NULL, options))
		die("ptrace");
	kill(r->root, SIGCONT);
	task_add(r, r->root, false);
}

static void on_exec(struct run *r, struct task *t)
{
	char path[64];
	struct stat st = {0};
	snprintf(path, sizeof(path), "/proc/%d/exe", t->tid);
	stat(path, &st);
	if (!r->ino) {
		r->dev = st.st_dev;
		r->ino = st.st_ino;
	}
	t->foreign = st.st_dev != r->dev || st.st_ino != r->ino;
}

static pid_t thread_group(pid_t tid)
{
	char path[64], line[256];
	pid_t group = tid;
	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %d", &group) == 1)
			break;
	if (f)
		fclose(f);
	return group;
}

static void cut_short(struct user_regs_struct *regs)
{
	unsigned long long *length = fault_length(regs);
	if (*length > 1)
		*length /= 2;
}

static void hit(struct run *r, pid_t tid, struct user_regs_struct *regs)
{
	r->hit = r->hit < 0 ? (long)regs->orig_rax : r->hit;
	switch (r->fault->kind) {
	case FAULT_COUNT:
		return;
	case FAULT_KILL:
		kill(thread_group(tid), SIGKILL);
		return;
	case FAULT_KILL_MAIN:
		kill(r->root, SIGKILL);
		return;
	case FAULT_SHORT:
		cut_short(regs);
		break;
	case FAULT_ERRNO:
		// The kernel's brk has no errno: it gives the old end, and the caller sees that it is too
		// low.
		regs->rax = regs->orig_rax == SYS_brk ? 0 : (unsigned long long)-(long long)r->fault->error;
		regs->orig_rax = (unsigned long long)-1;
		break;
	}
	if (ptrace(PTRACE_SETREGS, tid, NULL, regs) && errno != ESRCH)
		die("set registers");
}

static void on_call(struct run *r, struct task *t)
{
	struct user_regs_struct regs;
	if (ptrace(PTRACE_GETREGS, t->tid, NULL, &regs))
		return; // killed meanwhile
	if (!r->started) {
		r->started = regs.orig_rax == SYS_set_robust_list;
		return;
	}
	if (t->foreign || !fault_fits(r->fault, &regs))
		return;
	r->calls++;
	if (r->place && (r->calls == r->place || (r->from_here_on && r->calls > r->place)))
		hit(r, t->tid, &regs);
}

static void on_stop(struct run *r, pid_t tid, int status)
{
	int event = status >> 16, sig = WSTOPSIG(status), pass = 0;
	struct task *t = task_add(r, tid, false);
	unsigned long message = 0;
	if (event == PTRACE_EVENT_SECCOMP) {
		on_call(r, t);
	} else if (event == PTRACE_EVENT_EXEC) {
		on_exec(r, t);
	} else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
		bool foreign = t->foreign;
		if (!ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message))
			task_add(r, (pid_t)message, foreign);
	} else if (event == PTRACE_EVENT_STOP) {
		if (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU) {
			ptrace(PTRACE_LISTEN, tid, NULL, NULL);
			return;
		}
	} else {
		pass = sig;
	}
	ptrace(PTRACE_CONT, tid, NULL, (void *)(long)pass);
}

// Who is still there is named, then ended.
static void end_all(struct run *r, bool name)
{
	size_t used = strlen(r->left);
	for (int i = 0; i < r->n_tasks; i++) {
		char path[64], comm[64] = "?";
		snprintf(path, sizeof(path), "/proc/%d/comm", r->tasks[i].tid);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, comm, sizeof(comm) - 1);
		if (fd >= 0)
			close(fd);
		if (n > 0)
			comm[n - 1] = 0;
		if (name && n > 0 && used + strlen(comm) + 2 < sizeof(r->left))
			used += (size_t)snprintf(
			        r->left + used, sizeof(r->left) - used, "%s%s", used ? "," : "", comm);
		kill(r->tasks[i].tid, SIGKILL);
	}
}

static void loop(struct run *r, int limit_s)
{
	long deadline = now_ms() + limit_s * 1000L;
	bool ending = false;
	while (r->n_tasks) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);
		if (now_ms() > deadline && !ending) {
			r->hung = !r->ended;
			end_all(r, r->ended);
			ending = true;
		}
		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			return;
		if (WIFSTOPPED(status)) {
			on_stop(r, tid, status);
			continue;
		}
		task_remove(r, tid);
		if (tid == r->root) {
			r->ended = true;
			r->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
			deadline = ending ? deadline : now_ms() + AFTER_MS;
		}
	}
}

static int report(const struct run *r, const char *path)
{
	char call[32] = "none";
	if (r->hit >= 0)
		snprintf(call, sizeof(call), "%s", fault_call_name(r->hit));
	FILE *f = path ? fopen(path, "we") : stderr;
	if (!f)
		die(path);
	fprintf(f, "calls=%lu hit=%s status=%d hung=%d left=%s\n", r->calls, call, r->status, r->hung,
	        r->left);
	if (path)
		fclose(f);
	return r->hung ? 124 : r->status;
}

int main(int argc, char **argv)
{
	const char *out = NULL;
	int limit_s = 60, opt;
	while ((opt = getopt(argc, argv, "+o:t:")) != -1) {
		if (opt == 'o')
			out = optarg;
		else if (opt == 't')
			limit_s = (int)strtol(optarg, NULL, 10);
		else
			return 125;
	}
	if (argc - optind < 3) {
		fprintf(stderr, "usage: inject [-o FILE] [-t SECONDS] FAULT N COMMAND...\n");
		return 125;
	}
	struct run r = {.hit = -1};
	size_t length = strlen(argv[optind]);
	if (length && argv[optind][length - 1] == '+') {
		r.from_here_on = true;
		argv[optind][length - 1] = 0;
	}
	r.fault = fault_find(argv[optind]);
	if (!r.fault) {
		fprintf(stderr, "inject: no fault is called '%s'\n", argv[optind]);
		return 125;
	}
	r.place = strtoul(argv[optind + 1], NULL, 10);
	struct sigaction tick = {.sa_handler = on_tick};
	sigaction(SIGALRM, &tick, NULL);
	struct itimerval every = {.it_interval = {.tv_usec = 100000}, .it_value = {.tv_usec = 100000}};
	start(&r, argv + optind + 2);
	setitimer(ITIMER_REAL, &every, NULL);
	loop(&r, limit_s);
	return report(&r, out);
}
