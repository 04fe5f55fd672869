// SPDX-License-Identifier: GPL-2.0-or-later
// What stage 1 tells: progress goes to the kernel log (so it is in dmesg, and on the console unless `quiet`);
// what a person must see goes to the console itself as well.
#pragma once

#include <stdbool.h>

struct say {
	int kmsg_fd; // -1: only the console
	bool trace;  // boot.trace: details too
};

// Opens /dev/kmsg and lifts its rate limit; say_close puts the limit back.
void say_open(struct say *s);
void say_close(struct say *s);
void say_trace(const struct say *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void say_info(const struct say *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void say_warn(const struct say *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// In place: whatever a terminal would obey (control characters, also as UTF-8) becomes '?', and so does what
// is no UTF-8. Labels of disks are somebody else's text. All that is said goes through it.
void say_plain(char *text);
// A line for the person at the console; in the kernel log as well.
void say_person(const struct say *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
