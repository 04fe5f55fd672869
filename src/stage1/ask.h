// SPDX-License-Identifier: GPL-2.0-or-later
// Passphrases: asked for at the console, tried for all devices, kept in memory no longer than stage 1 runs.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct keeper;

#define ASK_MAX_BYTES 512
#define ASK_KEPT_MAX  8

struct ask {
	char kept[ASK_KEPT_MAX][ASK_MAX_BYTES + 1]; // those that opened something, the newest last
	size_t kept_count;
	const struct keeper *keeper; // does not count the time in which somebody types; may be NULL
};

// Asks at /dev/console without showing what is typed, for as long as it takes. False when the person gives up
// (Ctrl-D on an empty line) or there is no console to read from. ret gets the line without its end.
bool ask_passphrase(const struct ask *a, const char *question, char ret[ASK_MAX_BYTES + 1]);
// Remembers one that was right.
void ask_keep(struct ask *a, const char *passphrase);
// Overwrites all of them.
void ask_forget(struct ask *a);
