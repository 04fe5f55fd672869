// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes the builtins that read texts of another form. The first letter of an input says which: j JSON, t
// TOML, r a regular expression (first line) and what it is matched with (the rest), v versions and names, p
// paths, h hashes. What was read is printed in every form that there is.

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include "base/macro.h"
#include "expr/eval.h"
#include "expr/print.h"

enum { LIMIT_MS = 2000, HEAP_BYTES = 256 << 20 };

// Functions of the first line and of the rest; of the whole text, where the second argument is not used.
static const struct {
	char letter;
	const char *function;
} forms[] = {
        {'j', "s: t: let v = builtins.fromJSON s; in [ v (builtins.toJSON v) (builtins.toXML v) (v == v) ]"},
        {'t', "s: t: let v = builtins.fromTOML s; in [ v (builtins.toJSON v) (builtins.toXML v) (v == v) ]"},
        {'r', "s: t: [ (builtins.match s t) (builtins.split s t) ]"},
        {'v', "s: t: [ (builtins.parseDrvName s) (builtins.splitVersion s) (builtins.compareVersions s t) (s "
              "< t) (builtins.replaceStrings [ s ] [ t ] t) ]"},
        {'p', "s: t: [ (baseNameOf s) (dirOf s) (/. + s) (toString (/a + (\"/\" + t))) ]"},
        {'h', "s: t: builtins.convertHash { hash = s; hashAlgo = \"sha256\"; toHashFormat = \"sri\"; }"},
};

struct input {
	const char *function;
	const char *text, *rest;
	size_t len, rest_len;
};

static struct eval *running; // for the alarm

static void on_alarm(int sig)
{
	if (running)
		running->interrupted = 1;
}

static void set_alarm(long ms)
{
	struct itimerval t = {.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000}};

	setitimer(ITIMER_REAL, &t, NULL);
}

static void evaluate(struct eval *ev, void *arg)
{
	const struct input *in = arg;
	struct print_opts opts = {.max_depth = 20, .max_attrs = 1000, .max_items = 1000};
	struct value fn, args[2], v;
	struct buf b = {0};

	eval_top(ev, eval_parse_text(ev, in->function, strlen(in->function), "/", SOURCE_STRING), &fn);
	args[0] = value_string(eval_string(ev, in->text, in->len, NULL));
	args[1] = value_string(eval_string(ev, in->rest, in->rest_len, NULL));
	eval_call(ev, &fn, 2, args, &v, 0);
	eval_force_deep(ev, &v, 0);
	print_value(ev, &v, &opts, &b);
	buf_release(&b);
}

static void read_as(const struct input *in)
{
	struct eval_settings s = {.stack_bytes = 8 << 20, .max_heap_bytes = HEAP_BYTES};
	struct thrown t;
	struct host h;

	host_init_plain(&h);
	struct eval *ev = eval_new(&h, &s);
	running = ev;
	signal(SIGALRM, on_alarm);
	set_alarm(LIMIT_MS);
	if (!eval_run(ev, evaluate, (void *)in, &t) && (!t.message || !t.trace_text))
		abort();
	set_alarm(0);
	running = NULL;
	eval_free(ev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;

	if (!size || memchr(data, 0, size))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (forms[i].letter != (char)data[0])
			continue;
		const char *line = strchr("rv", data[0]) ? memchr(text, '\n', size - 1) : NULL;
		struct input in = {forms[i].function, text, line ? line + 1 : text, size - 1, size - 1};
		if (line) {
			in.len = (size_t)(line - text);
			in.rest_len = size - 2 - in.len;
		}
		read_as(&in);
	}
	return 0;
}
