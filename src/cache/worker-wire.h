// SPDX-License-Identifier: GPL-2.0-or-later
// What goes over the socket between workers.c and worker-main.c, one packet each. Both are this program, of
// one process's making: numbers are as the machine has them.
#pragma once

#include <stdint.h>

struct worker_wire {
	uint64_t id;
	uint64_t nar_size_bytes;
	int32_t kind; // enum worker_kind; in an answer: the code
	char compression[16];
	uint32_t len; // of what follows: the address; in an answer a text or a message
	char text[];
};
#define WORKER_WIRE_MAX (64u << 10)

// Packets with at most one descriptor. Receiving gives the length of the packet, 0 at the end, or -errno.
int worker_send(int socket, const struct worker_wire *m, int fd);
int worker_receive(int socket, struct worker_wire *m, int *ret_fd, bool wait);

// The life of a worker, its socket is standard output; returns an exit status.
struct fetch_many_opts;
int worker_main(const struct fetch_many_opts *opts);
