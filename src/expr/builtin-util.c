// SPDX-License-Identifier: GPL-2.0-or-later
// Helpers that builtins of several families need: scratch buffers that survive throws, required attributes,
// feature checks.
#include "expr/builtin-util.h"

#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "expr/eval-private.h"
#include "expr/regex.h"

static void scratch_cleanup(void *arg)
{
	buf_release(arg);
}

void scratch_begin(struct eval *ev, struct scratch *s)
{
	s->buf = (struct buf){0};
	s->frame = (struct frame){
	        .up = ev->frames, .kind = FRAME_CLEANUP, .a = (const void *)scratch_cleanup, .b = &s->buf};
	ev->frames = &s->frame;
}

void scratch_end(struct eval *ev, struct scratch *s)
{
	ev->frames = s->frame.up;
	buf_release(&s->buf);
}

const struct string *scratch_string(struct eval *ev, struct scratch *s, const struct context *context)
{
	const struct string *str = eval_string(ev, buf_str(&s->buf), s->buf.len, context);

	scratch_end(ev, s);
	return str;
}

struct attr *attr_need(struct eval *ev, struct attrs *a, uint32_t name, const char *what)
{
	struct attr *at = attrs_get(a, name);
	struct frame f;

	if (at)
		return at;
	if (what)
		text_push(ev, &f, what);
	eval_throw(ev, THROW_MISSING, 0, "attribute '%s' missing", eval_show_name(ev, name));
}

void nul_check(struct eval *ev, const char *s, size_t len)
{
	struct scratch q;

	if (!memchr(s, 0, len))
		return;
	scratch_begin(ev, &q);
	for (size_t i = 0; i < len; i++) {
		if (s[i])
			buf_addc(&q.buf, s[i]);
		else
			buf_adds(&q.buf, "␀");
	}
	eval_throw(ev, THROW_EVAL, 0,
	        "input string '%s' cannot be represented as Nix string because it contains null bytes",
	        buf_str(&q.buf));
}

bool feature_on(const struct eval *ev, const char *name)
{
	return strv_has(ev->settings.features, name);
}

void feature_need(struct eval *ev, const char *name)
{
	if (!feature_on(ev, name))
		eval_throw(ev, THROW_EVAL, 0,
		        "experimental Nix feature '%s' is disabled; add '--extra-experimental-features %s' "
		        "to enable it",
		        name, name);
}

struct builtin_state *builtin_state(struct eval *ev)
{
	if (!ev->priv->builtin_state)
		ev->priv->builtin_state = NEW(struct builtin_state);
	return ev->priv->builtin_state;
}

static void free_pattern(void *p)
{
	regex_free(p);
}

void builtin_state_free(struct builtin_state *s)
{
	if (!s)
		return;
	hmap_release_with(&s->patterns, free_pattern);
	mem_free(s);
}
