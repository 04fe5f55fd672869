// SPDX-License-Identifier: GPL-2.0-or-later
// The main() of a fuzz target as a test: every file of a folder is one input. A crash, a leak, 10 seconds for
// one input or 2 GiB of memory end it, and the input is named.

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

enum { SECONDS_MAX = 10, WAIT_MAX_S = 120, MEMORY_MAX_KB = 2 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
void __sanitizer_set_death_callback(void (*f)(void));

static char now[4096]; // the input that is running

const char *__asan_default_options(void)
{
	return "handle_abort=1:detect_leaks=1";
}

const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1:halt_on_error=1";
}

static void say_input(void)
{
	static const char before[] = "replay: the input was ";

	if (*now && (write(STDERR_FILENO, before, sizeof(before) - 1) < 0 ||
	                    write(STDERR_FILENO, now, strlen(now)) < 0 || write(STDERR_FILENO, "\n", 1) < 0))
		return;
}

static void too_long(int sig)
{
	static const char text[] = "replay: one input takes too long\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		say_input();
	_exit(1);
}

static int replay(const char *file, struct err *e)
{
	_cleanup_buf_ struct buf data = {0};
	struct rusage use;

	if (fs_read(file, 0, &data, e) < 0)
		return 1;
	// A copy of exactly this size, so that a sanitizer sees every byte too much.
	_cleanup_free_ char *exact = mem_alloc(data.len ? data.len : 1);
	if (data.len)
		memcpy(exact, data.data, data.len);
	snprintf(now, sizeof(now), "%s", file);
	setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = SECONDS_MAX}, NULL);
	alarm(WAIT_MAX_S);
	LLVMFuzzerTestOneInput((const uint8_t *)exact, data.len);
	alarm(0);
	getrusage(RUSAGE_SELF, &use);
	if (use.ru_maxrss <= MEMORY_MAX_KB)
		return 0;
	err_set(e, -1, "too much memory: %ld KiB", use.ru_maxrss);
	say_input();
	return 1;
}

int main(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_strv_ char **names = NULL;
	size_t n = 0;

	__sanitizer_set_death_callback(say_input);
	signal(SIGALRM, too_long);
	signal(SIGPROF, too_long);
	if (argc != 2 || fs_list(argv[1], &names, &e) < 0) {
		fprintf(stderr, "replay: %s\n", e.msg ? e.msg : "one folder is needed");
		return 1;
	}
	for (; names && names[n]; n++) {
		_cleanup_free_ char *file = fs_join(argv[1], names[n]);
		if (replay(file, &e)) {
			fprintf(stderr, "replay: %s\n", e.msg);
			return 1;
		}
	}
	*now = '\0';
	printf("%zu inputs\n", n);
	return n ? 0 : 1;
}
