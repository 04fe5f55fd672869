// SPDX-License-Identifier: GPL-2.0-or-later
// The process beside stage 1 that restarts a machine that does not come up, and its watchdog devices.
#include "stage1/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>
#include "stage1/format.h"

#define WATCHDOGS_MAX   4
#define SET_TIMEOUT     _IOWR('W', 6, int) // the kernel's WDIOC_SETTIMEOUT: musl-gcc sees no linux/ headers
#define TICK_MS         250
#define SETTLE_S        3  // for the file systems to become clean before the restart
#define GENTLE_REBOOT_S 15 // for drivers to let the machine restart, before it is simply reset

// Written by stage 1, read by the keeper.
struct keeper_shared {
	volatile sig_atomic_t paused, stage2;
};

struct keeping {
	const struct cmdline *cmdline;
	const struct keeper_shared *state;
	int console, kmsg, sysrq;
	int watchdogs[WATCHDOGS_MAX]; // descriptors, -1: not open
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void pause_ms(int ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	nanosleep(&t, NULL);
}

static void put(int fd, const char *text)
{
	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		return; // nowhere to say it
}

// Devices that are new since the last look are opened, which starts them.
static void watchdogs_look(struct keeping *k)
{
	for (int i = 0; i < WATCHDOGS_MAX; i++) {
		char path[32];
		int timeout_s = k->cmdline->watchdog_s;

		snprintf(path, sizeof(path), "/dev/watchdog%d", i);
		if (k->watchdogs[i] >= 0)
			continue;
		k->watchdogs[i] = open(path, O_WRONLY | O_CLOEXEC);
		if (k->watchdogs[i] >= 0) // one that cannot be set keeps the time that it has
			ioctl(k->watchdogs[i], SET_TIMEOUT, &timeout_s);
	}
}

static void watchdogs_put(const struct keeping *k, const char *text)
{
	for (int i = 0; i < WATCHDOGS_MAX; i++)
		put(k->watchdogs[i], text);
}

// The letter V says that closing is meant: the device stops, and whoever comes next may start it again.
static void watchdogs_release(struct keeping *k)
{
	watchdogs_put(k, "V");
	for (int i = 0; i < WATCHDOGS_MAX; i++)
		if (k->watchdogs[i] >= 0)
			close(k->watchdogs[i]);
}

// Ends the start. Whatever hangs may hang the restart too, so each step only gets so long.
static void give_up(struct keeping *k, int limit_s)
{
	char line[200];

	snprintf(line, sizeof(line), "<2>stage-1: %s %d seconds: the machine restarts\n",
	        k->state->stage2 ? "this trial was not confirmed (kernix boot confirm) in"
	                         : "stage 1 did not come to its end in",
	        limit_s);
	put(k->kmsg, line);
	put(k->console, "\r\n");
	put(k->console, strchr(line, '>') + 1);
	put(k->sysrq, "s");
	pause_ms(SETTLE_S * 500);
	put(k->sysrq, "u");
	pause_ms(SETTLE_S * 500);
	if (fork() == 0) {
		reboot(RB_AUTOBOOT);
		_exit(1);
	}
	pause_ms(GENTLE_REBOOT_S * 1000);
	put(k->sysrq, "b");
	_exit(1);
}

// The limit that holds now, in seconds; 0: none.
static int limit_of(const struct keeping *k)
{
	const struct cmdline *c = k->cmdline;

	return !c->trial ? 0 : k->state->stage2 ? c->trial_s : c->trial_stage1_s;
}

static void keep(struct keeping *k, const sigset_t *stop)
{
	static const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
	int64_t counted_ms = 0, before = now_ms();
	bool told = false;

	// Over is over: told so, or stage 1 is done and stage 2 is not watched.
	while (!told && !(k->state->stage2 && limit_of(k) == 0)) {
		if (k->cmdline->watchdog_s && !k->state->stage2)
			watchdogs_look(k);
		watchdogs_put(k, "\n");
		told = sigtimedwait(stop, NULL, &tick) > 0;
		int64_t now = now_ms();
		counted_ms += k->state->paused ? 0 : now - before;
		before = now;
		int limit_s = limit_of(k);
		if (limit_s && counted_ms >= limit_s * 1000LL)
			give_up(k, limit_s);
	}
	watchdogs_release(k);
	_exit(0);
}

static void child(struct keeping *k)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGUSR1);
	sigaddset(&stop, SIGTERM); // an orderly shutdown
	sigprocmask(SIG_BLOCK, &stop, NULL);
	setsid();
	prctl(PR_SET_NAME, S1_KEEPER_NAME);
	// The paths of these will be gone with the initramfs; what is open stays.
	k->console = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	k->kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	k->sysrq = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	for (int i = 0; i < 3; i++)
		close(i);
	keep(k, &stop);
}

// The drivers of watchdogs come before all others, any of which can hang.
static void load_drivers(struct loader *l)
{
	for (const char *p = l->cmdline->watchdog_modules; p && *p;) {
		char name[64] = "";
		size_t n = strcspn(p, ",");

		memcpy(name, p, n < sizeof(name) ? n : 0);
		int index = table_find(l->table, name);
		if (index >= 0)
			loader_load(l, (uint32_t)index, MODULE_BY_LIST);
		p += n + (p[n] == ',');
	}
}

void keeper_start(struct keeper *k, struct loader *l)
{
	const struct cmdline *c = l->cmdline;
	struct keeping mine = {.cmdline = c, .watchdogs = {-1, -1, -1, -1}};

	*k = (struct keeper){0};
	if (!c->trial && !c->watchdog_s)
		return;
	k->state = mmap(NULL, sizeof(*k->state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k->state == MAP_FAILED) {
		say_warn(l->say, "no keeper of this start: %s", strerror(errno));
		k->state = NULL;
		return;
	}
	if (c->watchdog_s) {
		load_drivers(l);
		watchdogs_look(&mine);
	}
	mine.state = k->state;
	k->pid = fork();
	if (k->pid == 0)
		child(&mine);
	if (k->pid < 0) {
		say_warn(l->say, "no keeper of this start: %s", strerror(errno));
		watchdogs_put(&mine, "V");
	}
	for (int i = 0; i < WATCHDOGS_MAX; i++)
		if (mine.watchdogs[i] >= 0)
			close(mine.watchdogs[i]);
}

void keeper_pause(const struct keeper *k)
{
	if (k && k->state)
		k->state->paused = 1;
}

void keeper_resume(const struct keeper *k)
{
	if (k && k->state)
		k->state->paused = 0;
}

void keeper_hand_on(const struct keeper *k)
{
	if (k->state)
		k->state->stage2 = 1;
}
