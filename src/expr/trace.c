// SPDX-License-Identifier: GPL-2.0-or-later
// The text of an error as the user sees it: the trace, outermost first, each with its place, source lines and
// a caret; then the message. Without --show-trace the trace is cut after a few lines; repeated frames are
// told as a number.

#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "expr/advice.h"
#include "expr/eval-private.h"

struct line {
	uint32_t pos;
	bool always; // shown even where the trace is cut
	const char *text;
};

struct trace {
	struct eval *ev;
	struct line *lines; // innermost first
	size_t len, cap;
};

enum { SHOWN_SHORT = 3, DUPLICATES_SHOWN = 5 };
static const char indent[] = "       ";

// ---- frames to lines

static void add(struct trace *t, uint32_t pos, const char *text)
{
	mem_grow(&t->lines, &t->cap, t->len + 1, sizeof(*t->lines));
	t->lines[t->len++] = (struct line){.pos = pos, .text = text};
}

static const char *sym(struct trace *t, const void *p)
{
	return eval_show_name(t->ev, (uint32_t)(uintptr_t)p);
}

static const char *keep(struct trace *t, struct buf *b)
{
	const char *s = arena_strndup(&t->ev->heap, buf_str(b), b->len);

	buf_release(b);
	return s;
}

static void add_select(struct trace *t, const struct frame *f)
{
	struct buf b = {0};

	if (!f->pos)
		return;
	const struct source_file *s = source_of(&t->ev->sources, f->pos);
	if (s && s->kind == SOURCE_INTERNAL)
		return;
	buf_adds(&b, "while evaluating the attribute '");
	eval_print_path(t->ev, f->a, &b);
	buf_addc(&b, '\'');
	add(t, f->pos, keep(t, &b));
}

static void add_lambda(struct trace *t, const struct frame *f)
{
	const struct expr_lambda *l = f->a;
	struct arena *heap = &t->ev->heap;

	add(t, l->x.pos,
	        l->name ? arena_printf(heap, "while calling '%s'", symbol_text(&t->ev->symbols, l->name))
	                : "while calling anonymous lambda");
	if (f->pos)
		add(t, f->pos, "from call site");
}

static void add_frame(struct trace *t, const struct frame *f)
{
	struct arena *heap = &t->ev->heap;
	struct buf b = {0};

	switch ((enum frame_kind)f->kind) {
	case FRAME_TEXT:
		add(t, f->pos, f->a);
		break;
	case FRAME_CALL_BUILTIN:
		add(t, f->pos,
		        arena_printf(heap, "while calling the '%s' builtin",
		                ((const struct builtin *)f->a)->name));
		break;
	case FRAME_CALL_LAMBDA:
		add_lambda(t, f);
		break;
	case FRAME_ATTR:
		add(t, f->pos, arena_printf(heap, "while evaluating the attribute '%s'", sym(t, f->a)));
		break;
	case FRAME_CONTEXT:
		add(t, f->pos, ((const struct string *)f->a)->data);
		t->lines[t->len - 1].always = true;
		break;
	case FRAME_SELECT:
		add_select(t, f);
		break;
	case FRAME_INDEX:
		add(t, f->pos,
		        arena_printf(heap, "while evaluating list element at index %zu", (size_t)f->a));
		break;
	case FRAME_CMP_ATTR:
		add(t, f->pos, arena_printf(heap, "while comparing attribute '%s'", sym(t, f->a)));
		break;
	case FRAME_CMP_INDEX:
		add(t, f->pos, arena_printf(heap, "while comparing list element %zu", (size_t)f->a));
		break;
	case FRAME_OTHER:
		((void (*)(struct eval *, const struct frame *, struct buf *))f->a)(t->ev, f, &b);
		add(t, f->pos, keep(t, &b));
		break;
	case FRAME_FORCE:
	case FRAME_CLEANUP:
	case FRAME_NONE:
		break;
	}
}

// ---- lines to text

static void print_text(struct buf *b, const char *text)
{
	for (const char *p = text; *p; p++) {
		buf_addc(b, *p);
		if (*p == '\n' && p[1] && p[1] != '\n')
			buf_adds(b, indent);
	}
}

static void print_code_line(struct buf *b, const struct source_file *s, uint32_t line)
{
	const char *text;
	size_t len;

	if (source_line(s, line, &text, &len)) {
		buf_addf(b, "\n%s %5u| ", indent, line);
		buf_add(b, text, len);
	}
}

// "at FILE:L:C:" and the source around. False where there is nothing to show.
static bool print_place(struct eval *ev, struct buf *b, const char *before, uint32_t pos)
{
	struct source_place p;

	if (!source_place(&ev->sources, pos, &p))
		return false;
	bool colour = ev->settings.colour;
	buf_addf(b, "%s%sat %s%s:%u:%u%s:", indent, before, colour ? "\033[34;1m" : "", p.source->path,
	        p.line, p.column, colour ? "\033[0m" : "");
	const char *text;
	size_t len;
	if (p.source->len == 0 || !source_line(p.source, p.line, &text, &len)) {
		buf_addc(b, '\n');
		return true;
	}
	if (p.line > 1)
		print_code_line(b, p.source, p.line - 1);
	print_code_line(b, p.source, p.line);
	buf_addf(b, "\n%s      | ", indent);
	buf_addn(b, ' ', p.column - 1);
	buf_addf(b, "%s^%s", colour ? "\033[31;1m" : "", colour ? "\033[0m" : "");
	print_code_line(b, p.source, p.line + 1);
	buf_addc(b, '\n');
	return true;
}

const char *trace_place(struct eval *ev, uint32_t pos)
{
	struct buf b = {0}, deeper = {0};

	print_place(ev, &b, "", pos);
	for (const char *p = buf_str(&b); *p; p++) {
		if (p == b.data || p[-1] == '\n')
			buf_adds(&deeper, "  ");
		buf_addc(&deeper, *p);
	}
	const char *text = arena_strdup(&ev->heap, buf_str(&deeper));
	buf_release(&b);
	buf_release(&deeper);
	return text;
}

static void print_line(struct eval *ev, struct buf *b, const struct line *l, size_t *count)
{
	(*count)++;
	buf_addf(b, "\n%s… ", indent);
	print_text(b, l->text);
	buf_addc(b, '\n');
	if (print_place(ev, b, "  ", l->pos))
		(*count)++;
}

struct printer {
	struct eval *ev;
	struct buf *b;
	struct hmap seen;
	const struct line **skipped;
	size_t skipped_len, skipped_cap, count;
};

// Says what was left out since the last new line.
static void flush_skipped(struct printer *p)
{
	if (p->skipped_len && p->skipped_len <= DUPLICATES_SHOWN) {
		for (size_t i = 0; i < p->skipped_len; i++)
			print_line(p->ev, p->b, p->skipped[i], &p->count);
	} else if (p->skipped_len) {
		buf_addf(p->b, "\n%s(%zu duplicate frames omitted)\n", indent, p->skipped_len);
		hmap_release(&p->seen);
	}
	p->skipped_len = 0;
}

static bool first_time(struct printer *p, const struct line *l)
{
	struct buf key = {0};

	buf_addf(&key, "%u:%s", l->pos, l->text);
	bool first = !hmap_put(&p->seen, buf_str(&key), p);
	buf_release(&key);
	return first;
}

// Whether a place lies in the package set: below the search path's <nixpkgs>.
static bool in_package_set(struct eval *ev, uint32_t pos)
{
	const struct source_file *s = source_of(&ev->sources, pos);

	strv_for_each (entry, ev->host.nix_path) {
		const char *folder = str_after(entry, "nixpkgs="),
		           *rest = folder ? str_after(s->path, folder) : NULL;
		if (rest && *rest == '/')
			return true;
	}
	return false;
}

// Whether one of the lines from I on has its place in the package set.
static bool goes_through_set(const struct trace *t, size_t i)
{
	for (; i < t->len; i++) {
		const struct source_file *s = source_of(&t->ev->sources, t->lines[i].pos);
		if (s && s->kind != SOURCE_INTERNAL && in_package_set(t->ev, t->lines[i].pos))
			return true;
	}
	return false;
}

// Where an error comes out of the package set, or has no place and was asked for by it, the reader looks for
// the place in his own file: the innermost line that has one is shown, wherever the trace is cut.
static void keep_own_place(struct trace *t, uint32_t error_pos)
{
	bool through = error_pos && in_package_set(t->ev, error_pos);

	if (error_pos && !through)
		return;
	for (size_t i = 0; i < t->len; i++) {
		struct line *l = &t->lines[i];
		const struct source_file *s = source_of(&t->ev->sources, l->pos);

		if (!s || s->kind == SOURCE_INTERNAL || !*l->text)
			continue;
		if (!in_package_set(t->ev, l->pos)) {
			l->always = l->always || through || (!error_pos && goes_through_set(t, i));
			return;
		}
		through = true;
	}
}

static void print_lines(struct eval *ev, struct buf *b, const struct trace *t)
{
	struct printer p = {.ev = ev, .b = b};
	bool cut = false;

	for (size_t i = t->len; i-- > 0;) {
		const struct line *l = &t->lines[i];
		if (!*l->text)
			continue;
		if (!ev->settings.show_trace && p.count > SHOWN_SHORT)
			cut = true;
		if (cut && !l->always)
			continue;
		if (!first_time(&p, l)) {
			mem_grow(&p.skipped, &p.skipped_cap, p.skipped_len + 1, sizeof(*p.skipped));
			p.skipped[p.skipped_len++] = l;
			continue;
		}
		flush_skipped(&p);
		print_line(ev, b, l, &p.count);
	}
	flush_skipped(&p);
	if (cut)
		buf_addf(b,
		        "\n%s(stack trace truncated; use '--show-trace' to show the full, detailed trace)\n",
		        indent);
	hmap_release(&p.seen);
	mem_free(p.skipped);
}

// Tabs become blanks, counted as Nix counts them: from the beginning of the whole text, without newlines and
// escape sequences. Carriage returns and bells go.
static size_t tidy_char(const char *p, size_t width, struct buf *out)
{
	switch (*p) {
	case '\r':
	case '\a':
		return width;
	case '\n':
		buf_addc(out, '\n');
		return width;
	case '\t':
		do
			buf_addc(out, ' ');
		while (++width % 8);
		return width;
	default:
		buf_addc(out, *p);
		return width + (((unsigned char)*p & 0xc0) != 0x80);
	}
}

void trace_tidy(const char *text, size_t len, struct buf *out)
{
	size_t width = 0;

	for (size_t i = 0; i < len; i++) {
		size_t code = text[i] == '\033' && i + 1 < len && text[i + 1] == '['
		                      ? 2 + strspn(text + i + 2, "0123456789:;<=>?!#$%&'()*+,-./ ")
		                      : 0;
		if (code && i + code < len) { // what a terminal may have of it is decided where it is printed
			buf_add(out, text + i, code + 1);
			i += code;
			continue;
		}
		width = tidy_char(text + i, width, out);
	}
}

// Blanks at the ends of lines go, and lines at the end that are empty.
static void strip_ends(const struct buf *b, struct buf *out)
{
	for (size_t i = 0; i < b->len; i++) {
		while (b->data[i] == '\n' && out->len && out->data[out->len - 1] == ' ')
			out->len--;
		buf_addc(out, b->data[i]);
	}
	while (out->len > 1 && (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == ' '))
		out->len--;
	buf_addc(out, '\n');
}

const char *trace_format(
        struct eval *ev, const struct frame *frames, const struct frame *until, struct thrown *t)
{
	static const char label[] = "error:"; // stands before, and counts for tabs
	struct trace tr = {.ev = ev};
	struct buf b = {0};
	bool colour = ev->settings.colour, any = false;

	for (size_t i = 0; i < t->trace_len; i++) {
		const struct line *l = &((const struct line *)t->trace)[i];
		add(&tr, l->pos, l->text);
		tr.lines[tr.len - 1] = *l;
	}
	for (const struct frame *f = frames; f != until; f = f->up)
		add_frame(&tr, f);
	struct line *kept = eval_alloc(ev, tr.len * sizeof(*kept));
	for (size_t i = 0; i < tr.len; i++)
		kept[i] = tr.lines[i];
	t->trace = kept;
	t->trace_len = tr.len;
	for (size_t i = 0; i < tr.len && !any; i++)
		any = *tr.lines[i].text;
	if (any) {
		buf_addc(&b, '\n');
		b.len = 0;
		keep_own_place(&tr, t->pos);
		print_lines(ev, &b, &tr);
		buf_addf(&b, "\n%s%serror:%s", indent, colour ? "\033[31;1m" : "", colour ? "\033[0m" : "");
	}
	buf_addc(&b, ' ');
	print_text(&b, t->message);
	buf_addc(&b, '\n');
	print_place(ev, &b, "", t->pos);
	if (t->hint)
		buf_addf(&b, "%s%s\n", indent, t->hint);
	mem_free(tr.lines);
	struct buf ended = {0}, shown = {0};
	buf_adds(&ended, label);
	strip_ends(&b, &ended);
	buf_release(&b);
	trace_tidy(buf_str(&ended), ended.len, &shown);
	buf_release(&ended);
	memmove(shown.data, shown.data + strlen(label), shown.len - strlen(label));
	shown.len -= strlen(label);
	return keep(&tr, &shown);
}
