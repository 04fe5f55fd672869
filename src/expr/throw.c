// SPDX-License-Identifier: GPL-2.0-or-later
// Throwing and catching: what was delayed and is being evaluated is put back, clean-up frames run, and the
// frames become the trace.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/str.h"
#include "expr/advice.h"
#include "expr/eval-private.h"

static bool catches(const struct try_point *t, enum throw_kind kind)
{
	return !t->soft || kind == THROW_THROWN || kind == THROW_ASSERT;
}

static const struct try_point *target_of(const struct eval *ev, enum throw_kind kind)
{
	const struct try_point *target = ev->try_top;

	while (target && !catches(target, kind))
		target = target->up;
	return target;
}

bool eval_catches_softly(const struct eval *ev, const struct thrown *t)
{
	const struct try_point *target = target_of(ev, t->kind);

	return target && target->soft;
}

// Undoes what the frames up to 'until' had begun. What tryEval catches is remembered in the values that
// failed.
static void unwind(struct eval *ev, const struct frame *until, const struct thrown *soft)
{
	for (struct frame *f = ev->frames; f != until; f = f->up) {
		if (f->kind == FRAME_FORCE) {
			struct value *slot = (struct value *)f->a;
			*slot = *(const struct value *)f->b;
			if (soft) {
				struct failed *failed = eval_alloc(ev, sizeof(*failed));
				*failed = (struct failed){.delayed = *slot, .thrown = *soft};
				slot->meta = value_meta(VALUE_FAILED, failed);
			}
		}
		if (f->kind == FRAME_CLEANUP)
			((void (*)(void *))f->a)((void *)f->b);
	}
	ev->frames = (struct frame *)until;
}

_noreturn_ static void throw_now(struct eval *ev, struct thrown *t)
{
	struct try_point *target = (struct try_point *)target_of(ev, t->kind);

	if (!target) { // a throw outside of eval_run is a bug of the caller
		fprintf(stderr, "error: %s\n", t->message);
		abort();
	}
	ev->stack_limit = ev->priv->stack_reserve; // formatting may need what overflow checks keep back
	if (!target->soft && !t->trace_text)
		t->trace_text = trace_format(ev, ev->frames, target->frames, t);
	ev->stack_limit = ev->priv->stack_low;
	unwind(ev, target->frames, target->soft ? t : NULL);
	target->thrown = *t;
	ev->try_top = target->up;
	ev->call_depth = target->call_depth;
	longjmp(target->jump, 1);
}

static bool run_try(struct eval *ev, void (*f)(struct eval *ev, void *arg), void *arg, struct try_point *t)
{
	t->up = ev->try_top;
	t->frames = ev->frames;
	t->call_depth = ev->call_depth;
	if (setjmp(t->jump))
		return false;
	ev->try_top = t;
	f(ev, arg);
	ev->try_top = t->up;
	return true;
}

bool eval_try(struct eval *ev, void (*f)(struct eval *ev, void *arg), void *arg, struct thrown *ret)
{
	struct try_point t = {.soft = false};

	if (run_try(ev, f, arg, &t))
		return true;
	*ret = t.thrown;
	return false;
}

bool eval_try_soft(struct eval *ev, void (*f)(struct eval *ev, void *arg), void *arg)
{
	struct try_point t = {.soft = true};

	return run_try(ev, f, arg, &t);
}

static const char *vformat(struct eval *ev, const char *fmt, va_list ap)
{
	struct buf b = {0};

	buf_vaddf(&b, fmt, ap);
	const char *s = arena_strndup(&ev->heap, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

void eval_throw(struct eval *ev, enum throw_kind kind, uint32_t pos, const char *fmt, ...)
{
	struct thrown t = {.kind = kind, .pos = pos, .exit_status = 1};
	va_list ap;

	va_start(ap, fmt);
	t.message = vformat(ev, fmt, ap);
	va_end(ap);
	throw_now(ev, &t);
}

void eval_throw_status(struct eval *ev, int exit_status, uint32_t pos, const char *fmt, ...)
{
	struct thrown t = {.kind = THROW_HOST, .pos = pos, .exit_status = exit_status};
	va_list ap;

	va_start(ap, fmt);
	t.message = vformat(ev, fmt, ap);
	va_end(ap);
	throw_now(ev, &t);
}

// ---- did you mean

enum { NEAR_DISTANCE = 2, NEAR_MAX = 3 };

struct near {
	uint32_t name;
	size_t distance;
};

static bool nearer(struct eval *ev, const struct near *a, const struct near *b)
{
	return a->distance != b->distance ? a->distance < b->distance
	                                  : symbol_cmp(&ev->symbols, a->name, b->name) < 0;
}

const char *eval_did_you_mean(struct eval *ev, uint32_t name, const uint32_t *names, size_t count)
{
	const char *wanted = symbol_text(&ev->symbols, name);
	struct near best[NEAR_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct near c = {.name = names[i],
		        .distance = str_distance(wanted, symbol_text(&ev->symbols, names[i]), NEAR_DISTANCE)};
		size_t at = 0;

		// A name may come twice, from sets that are in scope one inside the other.
		while (at < n && best[at].name != c.name)
			at++;
		if (c.distance > NEAR_DISTANCE || names[i] == name || at < n)
			continue;
		for (; at && nearer(ev, &c, &best[at - 1]); at--)
			best[at] = best[at - 1];
		best[at] = c;
		n = MIN(n + 1, (size_t)NEAR_MAX);
	}
	if (!n)
		return NULL;
	struct buf b = {0};
	buf_adds(&b, n > 1 ? "Did you mean one of " : "Did you mean ");
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s",
		        i == 0       ? ""
		        : i + 1 == n ? " or "
		                     : ", ",
		        symbol_text(&ev->symbols, best[i].name));
	buf_addc(&b, '?');
	const char *s = arena_strndup(&ev->heap, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

void eval_throw_near(struct eval *ev, enum throw_kind kind, uint32_t pos, uint32_t name,
        const uint32_t *names, size_t count, const char *fmt, ...)
{
	struct thrown t = {.kind = kind,
	        .pos = pos,
	        .exit_status = 1,
	        .hint = eval_did_you_mean(ev, name, names, count)};
	va_list ap;

	va_start(ap, fmt);
	t.message = vformat(ev, fmt, ap);
	va_end(ap);
	throw_now(ev, &t);
}

void eval_throw_hint(
        struct eval *ev, enum throw_kind kind, uint32_t pos, const char *hint, const char *fmt, ...)
{
	struct thrown t = {.kind = kind, .pos = pos, .exit_status = 1, .hint = hint};
	va_list ap;

	va_start(ap, fmt);
	t.message = vformat(ev, fmt, ap);
	va_end(ap);
	throw_now(ev, &t);
}

void eval_throw_err(struct eval *ev, uint32_t pos, struct err *e)
{
	bool interrupted = e->code == -EINTR;
	struct thrown t = {.kind = interrupted ? THROW_INTERRUPT : THROW_HOST, .pos = pos, .exit_status = 1};

	t.message = arena_strdup(&ev->heap, e->msg ? e->msg : "unknown error");
	err_release(e);
	throw_now(ev, &t);
}

void eval_rethrow(struct eval *ev, const struct thrown *t)
{
	struct thrown copy = *t;

	copy.trace_text = NULL; // made again, with what is further out
	throw_now(ev, &copy);
}
