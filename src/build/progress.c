// SPDX-License-Identifier: GPL-2.0-or-later
// The status line and the plain lines of builds and downloads.
#include "build/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/codec.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "build/builder.h"
#include "store/path.h"

// How often the line may change.
#define PROGRESS_INTERVAL_MS 100
#define PROGRESS_WIDTH_MIN   20
#define PROGRESS_WIDTH_ELSE  80 // when the terminal does not say

// One running build. Newest output first decides what the line shows.
struct progress_build {
	struct progress_build *next;
	char *drv_path, *name, *phase;
	struct buf last;
	int64_t started_ms, active_ms;
	uint64_t objects;               // made so far
	uint64_t last_objects, last_ms; // of the last build; 0: not known
	unsigned tenths;                // that were told in lines
};

struct progress {
	int fd, flags;
	bool status; // there is a status line
	bool shown;  // it is on the screen now
	bool dirty;
	size_t total, done, failed;
	struct progress_build *builds;
	char *transfer; // text of the download that moved last
	int64_t drawn_ms;
};

struct progress *progress_new(int fd, int flags)
{
	struct progress *p = NEW(struct progress);

	p->fd = fd;
	p->flags = flags;
	p->status = (flags & PROGRESS_STATUS) || (!(flags & PROGRESS_PLAIN) && isatty(fd));
	return p;
}

static void progress_write(struct progress *p, struct buf *b)
{
	_cleanup_err_ struct err ignored = {0};

	fs_write_all(p->fd, b->data, b->len, "progress", &ignored);
}

static void build_entry_free(struct progress_build *b)
{
	mem_free(b->drv_path);
	mem_free(b->name);
	mem_free(b->phase);
	buf_release(&b->last);
	mem_free(b);
}

static void progress_hide(struct progress *p)
{
	_cleanup_buf_ struct buf b = {0};

	if (!p->shown)
		return;
	buf_adds(&b, "\r\033[K");
	progress_write(p, &b);
	p->shown = false;
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	progress_hide(p);
	while (p->builds) {
		struct progress_build *next = p->builds->next;
		build_entry_free(p->builds);
		p->builds = next;
	}
	mem_free(p->transfer);
	mem_free(p);
}

static struct progress_build *progress_find(struct progress *p, const char *drv_path)
{
	for (struct progress_build *b = p->builds; b; b = b->next) {
		if (str_eq(b->drv_path, drv_path))
			return b;
	}
	return NULL;
}

void progress_total(struct progress *p, size_t builds)
{
	if (p)
		p->total = builds;
}

// A whole line above the status line, in one write so that lines of several processes do not mix.
static void progress_emit(struct progress *p, const char *text, size_t len)
{
	_cleanup_buf_ struct buf b = {0};

	if (p->shown)
		buf_adds(&b, "\r\033[K");
	term_clean(&b, text, len, term_flags(p->fd));
	buf_addc(&b, '\n');
	progress_write(p, &b);
	p->shown = false;
	p->dirty = true;
}

void progress_message(struct progress *p, const char *fmt, ...)
{
	_cleanup_buf_ struct buf b = {0};
	va_list ap;

	if (!p)
		return;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	progress_emit(p, buf_str(&b), b.len);
	progress_tick(p);
}

void progress_start(struct progress *p, const char *drv_path, bool check)
{
	if (!p)
		return;
	struct progress_build *b = NEW(struct progress_build);
	b->drv_path = mem_strdup(drv_path);
	b->name = store_drv_name(drv_path);
	b->started_ms = b->active_ms = build_now_ms();
	b->next = p->builds;
	p->builds = b;
	p->dirty = true;
	if (!p->status)
		progress_message(p, check ? "checking outputs of '%s'..." : "building '%s'...", drv_path);
	progress_tick(p);
}

void progress_phase(struct progress *p, const char *drv_path, const char *phase)
{
	struct progress_build *b = p ? progress_find(p, drv_path) : NULL;

	if (!b)
		return;
	mem_free(b->phase);
	b->phase = mem_strdup(phase);
	p->dirty = true;
}

void progress_expect(struct progress *p, const char *drv_path, uint64_t objects, uint64_t took_ms)
{
	struct progress_build *b = p ? progress_find(p, drv_path) : NULL;

	if (!b)
		return;
	b->last_objects = objects;
	b->last_ms = took_ms;
	p->dirty = true;
}

void progress_counted(struct progress *p, const char *drv_path, uint64_t *objects, uint64_t *took_ms)
{
	const struct progress_build *b = p ? progress_find(p, drv_path) : NULL;

	if (!b)
		return;
	*objects = b->objects;
	*took_ms = (uint64_t)(build_now_ms() - b->started_ms);
}

// kbuild's short form of a command that makes an object: "  CC [M]  drivers/net/tun.o".
static bool progress_is_object(const char *line, size_t len)
{
	static const char *const words[] = {"CC", "AS", "RUSTC", "HOSTCC"};
	const char *end = line + len, *p = line + 2, *word = p;

	if (len < 6 || line[0] != ' ' || line[1] != ' ')
		return false;
	while (p < end && *p >= 'A' && *p <= 'Z')
		p++;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if ((size_t)(p - word) == strlen(words[i]) && !memcmp(word, words[i], strlen(words[i])))
			return p < end && *p == ' ' && end[-1] == 'o';
	return false;
}

static void progress_add_elapsed(struct buf *b, int64_t ms);

// "1234 of 3002 objects, about 5m left"; nothing where nothing is known. More than the last time is no part
// of it.
static void progress_add_left(struct buf *out, const struct progress_build *b)
{
	int64_t spent = build_now_ms() - b->started_ms, left = (int64_t)b->last_ms - spent;
	bool known = b->last_objects && b->objects <= b->last_objects;

	if (b->objects && known)
		buf_addf(out, ", %llu of %llu objects", (unsigned long long)b->objects,
		        (unsigned long long)b->last_objects);
	else if (b->objects)
		buf_addf(out, ", %llu objects", (unsigned long long)b->objects);
	if (b->objects && known)
		left = (int64_t)((double)b->last_ms * (double)(b->last_objects - b->objects) /
		                 (double)b->last_objects);
	if (left < 1000 || b->last_ms < 5000 || (b->objects && !known))
		return;
	buf_adds(out, ", about ");
	progress_add_elapsed(out, left);
	buf_adds(out, " left");
}

// Without a status line each tenth is told in a line of its own.
static void progress_tell(struct progress *p, struct progress_build *b)
{
	unsigned tenths = b->last_objects ? (unsigned)(b->objects * 10 / b->last_objects) : 0;
	_cleanup_buf_ struct buf text = {0};

	if (p->status || tenths <= b->tenths || tenths > 10)
		return;
	b->tenths = tenths;
	progress_add_left(&text, b);
	progress_message(p, "%s: %u %%%s", b->name, tenths * 10, buf_str(&text));
}

static bool progress_prints_logs(const struct progress *p)
{
	return !(p->flags & PROGRESS_NO_LOGS) && (!p->status || (p->flags & PROGRESS_LOGS));
}

void progress_line(struct progress *p, const char *drv_path, const char *line, size_t len)
{
	struct progress_build *b = p ? progress_find(p, drv_path) : NULL;

	if (!b)
		return;
	b->active_ms = build_now_ms();
	if (progress_is_object(line, len)) {
		b->objects++;
		progress_tell(p, b);
	}
	if (p->status) {
		buf_clear(&b->last);
		buf_add(&b->last, line, len);
		p->dirty = true;
	}
	if (progress_prints_logs(p)) {
		_cleanup_buf_ struct buf out = {0};
		if (p->flags & PROGRESS_PREFIX)
			buf_addf(&out, "%s> ", b->name);
		buf_add(&out, line, len);
		progress_emit(p, buf_str(&out), out.len);
	}
	if (p->status && b->active_ms - p->drawn_ms >= PROGRESS_INTERVAL_MS)
		progress_tick(p);
}

void progress_end(struct progress *p, const char *drv_path, bool ok)
{
	if (!p)
		return;
	p->done += ok;
	p->failed += !ok;
	p->dirty = true;
	for (struct progress_build **at = &p->builds; *at; at = &(*at)->next) {
		if (!str_eq((*at)->drv_path, drv_path))
			continue;
		struct progress_build *gone = *at;
		*at = gone->next;
		build_entry_free(gone);
		return;
	}
}

static void progress_add_size(struct buf *b, uint64_t bytes)
{
	if (bytes < 1 << 20)
		buf_addf(b, "%.1f KiB", (double)bytes / 1024);
	else
		buf_addf(b, "%.1f MiB", (double)bytes / (1 << 20));
}

void progress_transfer(
        struct progress *p, const char *what, uint64_t done_bytes, uint64_t total_bytes, bool ended)
{
	_cleanup_buf_ struct buf b = {0};

	if (!p)
		return;
	mem_free(p->transfer);
	p->transfer = NULL;
	p->dirty = true;
	if (!ended) {
		buf_addf(&b, "downloading %s ", what);
		progress_add_size(&b, done_bytes);
		if (total_bytes) {
			buf_adds(&b, " of ");
			progress_add_size(&b, total_bytes);
		}
		p->transfer = buf_steal(&b);
	}
	progress_tick(p);
}

// Colours of compilers have no place in a line that is cut.
static void progress_add_clean(struct buf *out, const char *s, size_t len)
{
	_cleanup_buf_ struct buf b = {0};

	term_clean(&b, s, len, TERM_ONE_LINE);
	for (size_t i = 0; i < b.len; i++)
		buf_addc(out, b.data[i] == '\t' ? ' ' : b.data[i]);
}

// At most width characters; never a part of one. Bytes that are no UTF-8 become '?'.
static void progress_cut(struct buf *b, size_t width)
{
	size_t chars = 0, i = 0;

	while (i < b->len && chars < width) {
		unsigned char c = (unsigned char)b->data[i];
		size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
		if (i + n > b->len || !codec_is_utf8(b->data + i, n)) {
			b->data[i] = '?';
			n = 1;
		}
		i += n;
		chars++;
	}
	b->len = i;
}

static void progress_add_elapsed(struct buf *b, int64_t ms)
{
	long long s = ms / 1000;

	if (s >= 3600)
		buf_addf(b, "%lldh%02lldm", s / 3600, s / 60 % 60);
	else if (s >= 60)
		buf_addf(b, "%lldm%02llds", s / 60, s % 60);
	else
		buf_addf(b, "%llds", s);
}

// The build that spoke last, and how many there are.
static const struct progress_build *progress_active(const struct progress *p, size_t *ret_count)
{
	const struct progress_build *best = NULL;

	*ret_count = 0;
	for (const struct progress_build *b = p->builds; b; b = b->next) {
		(*ret_count)++;
		if (!best || b->active_ms > best->active_ms)
			best = b;
	}
	return best;
}

static void progress_compose(const struct progress *p, struct buf *out)
{
	size_t running;
	const struct progress_build *b = progress_active(p, &running);

	if (p->total || running) {
		buf_addf(out, "[%zu/%zu", p->done, MAX(p->total, p->done + running));
		if (running > 1)
			buf_addf(out, ", %zu running", running);
		if (p->failed)
			buf_addf(out, ", %zu failed", p->failed);
		buf_adds(out, "] ");
	}
	if (b) {
		buf_addf(out, "%s ", b->name); // a name of the store: nothing in it can be bad
		if (b->phase) {
			buf_addc(out, '(');
			progress_add_clean(out, b->phase, strlen(b->phase));
			buf_adds(out, ") ");
		}
		progress_add_elapsed(out, build_now_ms() - b->started_ms);
		progress_add_left(out, b);
		if (b->last.len) {
			buf_adds(out, ": ");
			progress_add_clean(out, b->last.data, b->last.len);
		}
	}
	if (p->transfer && !b)
		progress_add_clean(out, p->transfer, strlen(p->transfer));
}

static size_t progress_width(const struct progress *p)
{
	struct winsize ws;

	if (ioctl(p->fd, TIOCGWINSZ, &ws) < 0 || ws.ws_col == 0)
		return PROGRESS_WIDTH_ELSE;
	return MAX((size_t)ws.ws_col, (size_t)PROGRESS_WIDTH_MIN);
}

int progress_tick(struct progress *p)
{
	_cleanup_buf_ struct buf text = {0}, out = {0};
	int64_t now = build_now_ms();

	if (!p || !p->status)
		return -1;
	if (!p->builds && !p->transfer) {
		progress_hide(p);
		return -1;
	}
	int64_t wait_ms = p->drawn_ms + (p->dirty ? PROGRESS_INTERVAL_MS : 1000) - now;
	if (wait_ms > 0)
		return (int)wait_ms;
	progress_compose(p, &text);
	progress_cut(&text, progress_width(p) - 1); // the last column would wrap on some terminals
	buf_adds(&out, "\r");
	buf_add(&out, text.data, text.len);
	buf_adds(&out, "\033[K");
	progress_write(p, &out);
	p->shown = true;
	p->dirty = false;
	p->drawn_ms = now;
	return PROGRESS_INTERVAL_MS;
}
