// SPDX-License-Identifier: GPL-2.0-or-later
// Messages of the running program to its user, through one sink that the command sets. Libraries log through
// this and never print.
#pragma once

#include "base/macro.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_NOTE, LOG_INFO, LOG_DEBUG };

// The sink gets one message without its newline. The default sink writes "LEVEL: message" to stderr.
typedef void log_sink_fn(void *ctx, enum log_level level, const char *msg);

void log_set_sink(log_sink_fn *f, void *ctx);
void log_set_level(enum log_level max); // default LOG_NOTE
enum log_level log_get_level(void);
void log_msg(enum log_level level, const char *fmt, ...) _printf_(2, 3);
#define log_error(...) log_msg(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_msg(LOG_WARN, __VA_ARGS__)
#define log_note(...)  log_msg(LOG_NOTE, __VA_ARGS__)
#define log_info(...)  log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)
