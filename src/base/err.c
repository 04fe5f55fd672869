// SPDX-License-Identifier: GPL-2.0-or-later
// Errors outside src/expr.

#include <stdio.h>
#include <string.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

int err_vset(struct err *e, int code, const char *fmt, va_list ap)
{
	struct buf b = {0};

	if (!e)
		return code;
	buf_vaddf(&b, fmt, ap);
	err_release(e);
	e->code = code;
	e->msg = buf_steal(&b);
	return code;
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(e, code, fmt, ap);
	va_end(ap);
	return code;
}

int err_sys(struct err *e, int errnum, const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	if (!e)
		return -errnum;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_addf(&b, ": %s", strerror(errnum));
	err_release(e);
	e->code = -errnum;
	e->msg = buf_steal(&b);
	return e->code;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (e->msg)
		buf_addf(&b, ": %s", e->msg);
	mem_free(e->msg);
	e->msg = buf_steal(&b);
	return e->code;
}

int err_hint(struct err *e, const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	if (!e)
		return -1;
	if (e->msg)
		buf_addf(&b, "%s\n", e->msg);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	mem_free(e->msg);
	e->msg = buf_steal(&b);
	return e->code;
}

int err_move(struct err *dst, struct err *src)
{
	int code = src->code;

	if (dst) {
		err_release(dst);
		*dst = *src;
		*src = (struct err){0};
	}
	return code;
}

void err_release(struct err *e)
{
	mem_free(e->msg);
	*e = (struct err){0};
}
