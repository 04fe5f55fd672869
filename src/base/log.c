// SPDX-License-Identifier: GPL-2.0-or-later
// Messages to the user. The level and the sink are the only mutable state at file scope in the program.

#include <stdarg.h>
#include <stdio.h>
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/term.h"

static enum log_level log_max = LOG_NOTE;
static log_sink_fn *log_sink;
static void *log_sink_ctx;

void log_set_sink(log_sink_fn *f, void *ctx)
{
	log_sink = f;
	log_sink_ctx = ctx;
}

void log_set_level(enum log_level max)
{
	log_max = max;
}

enum log_level log_get_level(void)
{
	return log_max;
}

static void log_stderr(enum log_level level, const char *msg)
{
	static const char *const words[] = {"error: ", "warning: ", "", "", "debug: "};

	_cleanup_free_ char *safe = term_clean_str(msg, term_flags(2));

	fprintf(stderr, "%s%s\n", words[level], safe);
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	_cleanup_buf_ struct buf b = {0};
	va_list ap;

	if (level > log_max)
		return;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (log_sink)
		log_sink(log_sink_ctx, level, buf_str(&b));
	else
		log_stderr(level, buf_str(&b));
}
