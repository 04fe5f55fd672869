// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel command line as stage 1 understands it: the kernel's words for the root file system, NixOS's
// boot.* words, and MODULE.PARAMETER=VALUE for modules that are loaded here.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define CMDLINE_WAIT_DEFAULT_S         30
#define CMDLINE_STAGE1_LIMIT_DEFAULT_S 180
#define CMDLINE_WATCHDOG_DEFAULT_S     60

// All strings are borrowed from text.
struct cmdline {
	char *text;   // owned
	char **words; // owned array: every "name" or "name=value" before "--", quotes removed
	size_t word_count;
	const char *root;       // root=, or NULL
	const char *rootfstype; // a comma-separated list, or NULL
	const char *rootflags;
	const char *init;                   // init=, or NULL
	const char *resume, *resume_offset; // resume=, resume_offset=, or NULL; noresume makes both NULL
	// How long to wait for devices; -1 is for ever (rootwait). rootdelay=N and rootwait=N give seconds.
	int wait_s;
	int ro;                // 1 ro, 0 rw, -1 not said; the last one wins
	const char *fsck_mode; // fsck.mode=auto|force|skip, or NULL
	bool shell_on_fail, panic_on_fail, trace, noresume;
	bool root_only; // boot.root_only: no other file system of the configuration is mounted (virtual
	                // machines)
	// kernix.trial=STAGE-2,STAGE-1: this start is a trial of the boot loader's, and it restarts when it
	// is not confirmed, or stage 1 is not through, in so many seconds; 0: no limit.
	bool trial;
	int trial_s, trial_stage1_s;
	// kernix.watchdog=SECONDS[,MODULE...]: the time-out of watchdog devices, and their drivers; 0: none
	// is started.
	int watchdog_s;
	const char *watchdog_modules;               // separated by commas, or NULL
	bool debug1, debug1_devices, debug1_mounts; // a shell at the start, after devices, after mounts
};

// Copies text. Words that the kernel or others understand are kept in words and otherwise ignored.
void cmdline_parse(const char *text, struct cmdline *ret);
void cmdline_release(struct cmdline *c);
// Writes "param=value param2=value" for the given module into ret (cut at whole words when it would not fit);
// its length.
size_t cmdline_module_options(const struct cmdline *c, const char *module, char *ret, size_t ret_size);
// Whether modprobe.blacklist= names the module.
bool cmdline_blacklists(const struct cmdline *c, const char *module);
// Module names are equal when they differ only in '-' and '_'. n bytes of a against all of b.
bool cmdline_module_eq(const char *a, size_t n, const char *b);
