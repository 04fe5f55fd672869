// SPDX-License-Identifier: GPL-2.0-or-later
// Passphrases: asked for at the console and, where somebody is connected, from afar; whoever answers first.
// Tried for all devices, kept in memory no longer than stage 1 runs.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct keeper;

#define ASK_MAX_BYTES  512
#define ASK_KEPT_MAX   8
#define ASK_REMOTE_MAX 4

struct ask {
	char kept[ASK_KEPT_MAX][ASK_MAX_BYTES + 1]; // those that opened something, the newest last
	size_t kept_count;
	const char *console;         // NULL: /dev/console
	struct ask_remote *remote;   // owned; NULL: nobody can connect
	const struct keeper *keeper; // does not count the time in which somebody types; may be NULL

	// While somebody is waited for, devices still come (a keyboard, a network card): on_event is called
	// when events_fd can be read. NULL: nobody.
	void (*on_event)(void *ctx);
	void *event_ctx;
	int events_fd;
};

// Lets programs connect to a socket at path (mode 0600): they get each question and what became of each
// answer. 0 or a negative errno.
int ask_listen(struct ask *a, const char *path);
// Asks without showing what is typed, for as long as it takes. False when the person at the console gives up
// (Ctrl-D on an empty line) or nobody can be asked. ret gets the line without its end.
bool ask_passphrase(struct ask *a, const char *question, char ret[ASK_MAX_BYTES + 1]);
// Tells those who are connected what became of the last answer; text is one line. right: it opened the
// device.
void ask_tell(struct ask *a, bool right, const char *text);
// Remembers one that was right.
void ask_keep(struct ask *a, const char *passphrase);
// Overwrites all of them, and disconnects everybody.
void ask_forget(struct ask *a);

// The program when it is started as cryptsetup-askpass: asks at its own terminal (or reads lines of standard
// input) what stage 1 asks at path, until that ends. Exit status 0: it was told that a passphrase was right.
int askpass_main(const char *path);
