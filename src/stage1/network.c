// SPDX-License-Identifier: GPL-2.0-or-later
// Starts and ends what runs beside stage 1.
#include "stage1/network.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "stage1/format.h"
#include "stage1/run.h"

#define NET_DOWN      "/sbin/net-down"
#define COMMANDS      "/etc/stage1/post-commands"
#define COMMANDS_DONE "/run/stage1-network/commands-done"
#define STEP_MS       50
#define COMMANDS_MS   30000 // the configuration's commands may take so long when nothing else is waited for
#define FAREWELL_MS   500 // programs that are told to end; sessions say goodbye to who is at their other end

static void step(void)
{
	usleep(STEP_MS * 1000);
}

static void child(void)
{
	char *const argv[] = {(char *)S1_NET_MAIN_PATH, NULL};
	int in = open("/dev/null", O_RDONLY), log = open("/dev/kmsg", O_WRONLY);

	setsid();
	if (in >= 0)
		dup2(in, 0);
	if (log >= 0) {
		dup2(log, 1);
		dup2(log, 2);
	}
	execv(S1_NET_MAIN_PATH, argv);
	_exit(RUN_NO_PROGRAM);
}

bool network_start(struct network *n, const struct say *say)
{
	*n = (struct network){.say = say};
	if (access(S1_NET_MAIN_PATH, X_OK) < 0)
		return false;
	pid_t pid = fork();
	if (pid == 0)
		child();
	n->started = pid > 0;
	return n->started;
}

// A program of user space that is none of those that hold the root file system: their names begin with '@'
// (mdmon's does; the convention is systemd's).
static bool is_to_end(pid_t pid)
{
	char path[64], first = '@';

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, &first, 1) != 1)
		first = '@'; // a thread of the kernel
	if (fd >= 0)
		close(fd);
	return first != '@';
}

// Their number.
static size_t signal_all(int number, pid_t spared)
{
	DIR *dir = opendir("/proc");
	size_t count = 0;

	for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)strtol(e->d_name, NULL, 10) : 0;

		if (pid > 1 && pid != spared && is_to_end(pid)) {
			kill(pid, number);
			count++;
		}
	}
	if (dir)
		closedir(dir);
	return count;
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void end_programs(pid_t spared)
{
	for (int ms = 0; ms < FAREWELL_MS; ms += STEP_MS) {
		// At first they may end by themselves: what asked for a passphrase has heard that it was
		// right.
		if (signal_all(ms < 2 * STEP_MS ? 0 : SIGTERM, spared) == 0)
			break;
		step();
		reap();
	}
	signal_all(SIGKILL, spared);
	step();
	reap();
}

void network_end(struct network *n, bool keep, pid_t spared)
{
	char *const argv[] = {(char *)NET_DOWN, NULL};

	if (!n->started)
		return;
	for (int ms = 0; access(COMMANDS, F_OK) == 0 && access(COMMANDS_DONE, F_OK) < 0; ms += STEP_MS) {
		if (ms == COMMANDS_MS) {
			say_person(n->say,
			        "boot.initrd.network.postCommands take more than %d seconds; going on",
			        COMMANDS_MS / 1000);
			break;
		}
		step();
	}
	end_programs(spared);
	if (!keep && access(NET_DOWN, X_OK) == 0)
		run_logged(n->say, argv);
	n->started = false;
}
