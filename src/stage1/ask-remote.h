// SPDX-License-Identifier: GPL-2.0-or-later
// The other end of the console: programs in the initrd (of ssh sessions) that answer questions through a
// socket. A message is one packet: its first byte is one of the letters below, then a text.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include "stage1/ask.h"

#define ASK_QUESTION 'Q' // to the program: asks for a passphrase
#define ASK_RIGHT    'Y' // to the program: the last one was right
#define ASK_WRONG    'N' // to the program: it was not
#define ASK_ANSWER   'A' // to stage 1
#define ASK_PACKET   (ASK_MAX_BYTES + 2)

struct ask_remote {
	int listen_fd;
	int fds[ASK_REMOTE_MAX];
	size_t count;
	char question[ASK_PACKET]; // that is open now, as a packet; "" none
};

int remote_open(const char *path, struct ask_remote **ret);
void remote_close(struct ask_remote *r);
// Sends the text to all, with this letter before it.
void remote_send(struct ask_remote *r, char letter, const char *text);
// What to wait for: at most 1 + ASK_REMOTE_MAX rows; their number.
size_t remote_poll(const struct ask_remote *r, struct pollfd *ret);
// After poll: takes new ones in (and asks them) and lets go who left. True when one answered.
bool remote_take(struct ask_remote *r, const struct pollfd *v, size_t n, char ret[ASK_MAX_BYTES + 1]);
