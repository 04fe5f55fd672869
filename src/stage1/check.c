// SPDX-License-Identifier: GPL-2.0-or-later
// Which checker is for which file system, how it is called, and what its exit status means.
#include "stage1/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "stage1/run.h"

static const struct {
	const char *type, *program, *force;
} rows[] = {
        {"ext2", "/sbin/e2fsck", "-f"},
        {"ext3", "/sbin/e2fsck", "-f"},
        {"ext4", "/sbin/e2fsck", "-f"},
        {"vfat", "/sbin/fsck.fat", NULL},
        {"msdos", "/sbin/fsck.fat", NULL},
        {"f2fs", "/sbin/fsck.f2fs", "-f"},
};

static int row_of(const char *type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].type, type) == 0)
			return (int)i;
	return -1;
}

// Bits of the status: 1 repaired, 2 reboot, 4 errors are left; from 8 on the check itself went wrong. Errors
// that are left outweigh a reboot, which would only find them again.
enum check_verdict check_verdict_of(int status)
{
	if (status < 0 || status >= 8)
		return CHECK_FAILED;
	if (status & 4)
		return CHECK_UNREPAIRED;
	if (status & 2)
		return CHECK_REBOOT;
	return status & 1 ? CHECK_REPAIRED : CHECK_CLEAN;
}

const char *check_program(const char *type)
{
	int row = row_of(type);

	return row >= 0 && access(rows[row].program, X_OK) == 0 ? rows[row].program : NULL;
}

// What the checker said, for the person who has to decide.
static void tell_person(const struct say *s, char *text)
{
	char *rest = text;

	for (char *line = strsep(&rest, "\r\n"); line; line = strsep(&rest, "\r\n")) {
		line += strspn(line, " \t");
		if (*line)
			say_person(s, "    %s", line);
	}
}

enum check_verdict check_device(
        const char *device, const char *type, const struct cmdline *c, const struct say *say)
{
	const char *mode = c->fsck_mode ? c->fsck_mode : "auto";
	const char *program = check_program(type);
	char text[4096], slow[200];

	if (!program || strcmp(mode, "skip") == 0)
		return CHECK_CLEAN;
	const char *force = strcmp(mode, "force") == 0 ? rows[row_of(type)].force : NULL;
	const char *argv[] = {
	        program, force ? force : "-a", force ? "-a" : device, force ? device : NULL, NULL};
	snprintf(slow, sizeof(slow), "stage 1 checks the file system on %s (%s)", device, type);
	say_trace(say, "checking %s with %s", device, program);
	struct run_opts o = {.out = text, .out_size = sizeof(text), .slow = slow, .say = say};
	int status = run_program((char *const *)argv, &o);
	enum check_verdict verdict = check_verdict_of(status);
	if (verdict == CHECK_CLEAN) {
		run_tell(say, program, text, status);
		return verdict;
	}
	if (verdict == CHECK_REPAIRED)
		say_person(say, "the file system on %s was repaired:", device);
	else
		say_person(say, "%s %s ended with exit status %d:", program, device, status);
	tell_person(say, text);
	return verdict;
}
