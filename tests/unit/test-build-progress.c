// SPDX-License-Identifier: GPL-2.0-or-later
// The status line (cut to the width, UTF-8 safe, no control characters) and the plain lines; logs cut into
// lines; structured attributes as text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/codec.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/attrs.h"
#include "build/log.h"
#include "build/progress.h"

#define DRV "/nix/store/00000000000000000000000000000000-linux-6.12.drv"

static void pause_ms(long ms)
{
	struct timespec t = {0, ms * 1000000};

	nanosleep(&t, NULL);
}

static char *written(int fd)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err e = {0};

	lseek(fd, 0, SEEK_SET);
	assert_int_equal(fs_read_fd(fd, "output", 0, &b, &e), 0);
	return buf_steal(&b);
}

static void line(struct progress *p, const char *s)
{
	progress_line(p, DRV, s, strlen(s));
}

static void test_plain(void **state)
{
	int fd = memfd_create("progress", MFD_CLOEXEC);
	struct progress *p = progress_new(fd, PROGRESS_PREFIX);

	progress_total(p, 1);
	progress_start(p, DRV, false);
	line(p, "CC foo.o");
	progress_phase(p, DRV, "buildPhase");
	progress_message(p, "note: %d", 1);
	progress_end(p, DRV, true);
	progress_free(p);
	_cleanup_free_ char *text = written(fd);
	assert_string_equal(text, "building '" DRV "'...\nlinux-6.12> CC foo.o\nnote: 1\n");
	close(fd);
}

static void test_quiet(void **state)
{
	int fd = memfd_create("progress", MFD_CLOEXEC);
	struct progress *p = progress_new(fd, PROGRESS_NO_LOGS);

	progress_start(p, DRV, true);
	line(p, "CC foo.o");
	progress_free(p);
	_cleanup_free_ char *text = written(fd);
	assert_string_equal(text, "checking outputs of '" DRV "'...\n");
	close(fd);
	progress_line(NULL, DRV, "x", 1); // silent
	progress_free(NULL);
}

// The last status line that was drawn, without the sequences around it.
static char *last_status(int fd)
{
	_cleanup_free_ char *text = written(fd);
	char *end = strstr(text, "\033[K"), *next;

	assert_non_null(end);
	while ((next = strstr(end + 1, "\033[K")))
		end = next;
	*end = '\0';
	char *start = strrchr(text, '\r');
	assert_non_null(start);
	return mem_strdup(start + 1);
}

static void test_status(void **state)
{
	int fd = memfd_create("progress", MFD_CLOEXEC);
	struct progress *p = progress_new(fd, PROGRESS_STATUS);

	progress_total(p, 3);
	progress_start(p, DRV, false);
	progress_phase(p, DRV, "buildPhase");
	pause_ms(120);
	line(p, "\033[31;1mred\033[0m\tbell\a");
	_cleanup_free_ char *first = last_status(fd);
	assert_string_equal(first, "[0/3] linux-6.12 (buildPhase) 0s: red bell");
	pause_ms(120);
	line(p, "ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé");
	_cleanup_free_ char *second = last_status(fd);
	assert_true(codec_is_utf8(second, strlen(second)));
	size_t chars = 0;
	for (const char *c = second; *c; c++)
		chars += (*c & 0xc0) != 0x80;
	assert_int_equal(chars, 79);
	pause_ms(120);
	line(p, "bad \xff\xc3");
	_cleanup_free_ char *third = last_status(fd);
	assert_non_null(strstr(third, "bad ??"));
	progress_free(p);
	close(fd);
}

// Objects are counted by kbuild's lines; what is left follows from the last build. Nothing is claimed beyond
// it.
static void test_objects(void **state)
{
	int fd = memfd_create("progress", MFD_CLOEXEC);
	struct progress *p = progress_new(fd, PROGRESS_STATUS);
	uint64_t objects = 0, took_ms = 0;

	progress_start(p, DRV, false);
	progress_expect(p, DRV, 4, 600000);
	line(p, "  CC [M]  drivers/net/tun.o");
	line(p, "  LD [M]  drivers/net/tun.ko");
	line(p, " CC x.o");
	line(p, "  CCC     x.o");
	line(p, "  CC      ");
	pause_ms(120);
	line(p, "  AS      arch/x86/entry/entry.o");
	_cleanup_free_ char *half = last_status(fd);
	assert_string_equal(
	        half, "[0/1] linux-6.12 0s, 2 of 4 objects, about 5m00s left:   AS      arch/x86/entry");
	for (int i = 0; i < 3; i++)
		line(p, "  CC      x.o");
	pause_ms(120);
	line(p, "done");
	_cleanup_free_ char *more = last_status(fd);
	assert_non_null(strstr(more, "0s, 5 objects: done"));
	progress_counted(p, DRV, &objects, &took_ms);
	assert_int_equal(objects, 5);
	assert_in_range(took_ms, 200, 60000);
	progress_free(p);
	progress_counted(NULL, DRV, &objects, &took_ms);
	progress_expect(NULL, DRV, 1, 1);
	close(fd);
}

struct seen {
	struct buf lines, phases;
};

static void on_line(void *ctx, const char *s, size_t len)
{
	struct seen *seen = ctx;

	buf_add(&seen->lines, s, len);
	buf_addc(&seen->lines, '|');
}

static void on_phase(void *ctx, const char *phase)
{
	buf_addf(&((struct seen *)ctx)->phases, "%s|", phase);
}

static void test_log(void **state)
{
	_cleanup_err_ struct err e = {0};
	struct seen seen = {0};
	struct log_listener to = {on_line, on_phase, &seen};
	struct build_log *log = NULL;
	char *dir = NULL;
	static const char *const pieces[] = {"one\ntw", "o\nold\rnew\n",
	        "@nix {\"action\":\"setPhase\",\"phase\":\"p1\"}\n", "Running phase: p2\n@nix not json\n\n",
	        "crlf\r\nlast"};

	assert_int_equal(fs_mkdtemp("/tmp", "log-test", &dir, &e), 0);
	_cleanup_free_ char *path = fs_join(dir, "a/b/log.drv");
	assert_int_equal(build_log_open(path, 3, &log, &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		build_log_feed(log, pieces[i], strlen(pieces[i]), &to);
	build_log_end(log, &to);
	assert_string_equal(buf_str(&seen.lines), "one|two|new|Running phase: p2|@nix not json||crlf|last|");
	assert_string_equal(buf_str(&seen.phases), "p1|p2|");
	_cleanup_buf_ struct buf tail = {0};
	assert_int_equal(build_log_tail(log, &tail), 3);
	assert_string_equal(buf_str(&tail), "> \n> crlf\n> last\n");
	assert_true(build_log_tail_has(log, "crl"));
	assert_false(build_log_tail_has(log, "two"));
	build_log_free(log);
	assert_int_equal(build_log_compress(path, &e), 0);
	assert_false(fs_exists(path));
	fs_rm_rf(dir, &e);
	mem_free(dir);
	buf_release(&seen.lines);
	buf_release(&seen.phases);
}

static void test_attrs(void **state)
{
	static const char text[] = "{\"z\":1,\"a\":\"it's \\\"x\\\" "
	                           "\\u0001\\n/\",\"f\":1.5,\"w\":2.0,\"s\":0.1,\"t\":true,\"n\":null,"
	                           "\"l\":[1,\"b c\"],\"o\":{\"k\":\"v\"},\"d\":[[1]],\"bad-name\":1}";
	json_t *json = json_loads(text, 0, NULL);
	_cleanup_buf_ struct buf out = {0}, sh = {0};

	assert_non_null(json);
	attrs_print_json(json, &out);
	assert_string_equal(buf_str(&out),
	        "{\"a\":\"it's \\\"x\\\" \\u0001\\n/\",\"bad-name\":1,\"d\":[[1]],\"f\":1.5,\"l\":[1,\"b "
	        "c\"],\"n\":null,"
	        "\"o\":{\"k\":\"v\"},\"s\":0.1,\"t\":true,\"w\":2.0,\"z\":1}");
	attrs_print_sh(json, &sh);
	assert_string_equal(buf_str(&sh),
	        "declare a='it'\\''s \"x\" \001\n/'\ndeclare -a l=(1 'b c' )\ndeclare n=''\n"
	        "declare -A o=(['k']='v' )\ndeclare t=1\ndeclare w=2\ndeclare z=1\n");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_plain),
	        cmocka_unit_test(test_quiet),
	        cmocka_unit_test(test_status),
	        cmocka_unit_test(test_objects),
	        cmocka_unit_test(test_log),
	        cmocka_unit_test(test_attrs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
