// SPDX-License-Identifier: GPL-2.0-or-later
// What reaches a terminal of a text that somebody else chose.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/term.h"

struct row {
	const char *text, *plain, *coloured; // coloured NULL: as plain
};

static const struct row rows[] = {
        {"", "", NULL},
        {"plain text, naïve €\U0001F600\tand a tab\n", "plain text, naïve €\U0001F600\tand a tab\n", NULL},
        // Colours end with their line; only those that hide nothing stay.
        {"\033[31;1mred\033[0m", "red", "\033[31;1mred\033[0m"},
        {"\033[31mred\nnext", "red\nnext", "\033[31mred\033[0m\nnext"},
        {"\033[38;5;8mgrey\033[m", "grey", "\033[38;5;8mgrey\033[m"},
        {"\033[38;2;8;8;8mgrey\033[0m", "grey", "\033[38;2;8;8;8mgrey\033[0m"},
        {"\033[8mhidden\033[0m", "hidden", "hidden\033[0m"},
        {"\033[38;5;1;8mhidden", "hidden", NULL},
        {"\033[4:3mcurl\033[?25l", "curl", NULL},
        {"\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1mlong", "long", NULL},
        // The cursor, the screen, the window.
        {"a\033[2J\033[H\033[1A\033[Kb", "ab", NULL},
        {"a\033[20;20tb\033[6nc", "abc", NULL},
        {"a\033cb\033(0c\033#8d\033=e", "abcde", NULL},
        // Titles, links, the clipboard; strings of the other kinds.
        {"a\033]0;title\ab", "ab", NULL},
        {"a\033]8;;http://x/\033\\link\033]8;;\033\\b", "alinkb", NULL},
        {"a\033]52;c;cm0gLXJmIH4=\ab", "ab", NULL},
        {"a\033P$q\"p\033\\b\033_x\033\\c\033^y\033\\d\033Xz\033\\e", "abcde", NULL},
        {"a\033]0;title\xc2\x9c"
         "b",
                "ab", NULL},
        {"a\033]52;without end", "a52;without end", NULL},
        {"a\033]0;x\nb\a", "a0;x\nb", NULL},
        // C1 as UTF-8 and as bytes, C0, DEL, direction.
        {"a\xc2\x9b"
         "31mb\xc2\x9d"
         "0;t\xc2\x9c",
                "a31mb0;t", NULL},
        {"a\x9b"
         "31mb\xff",
                "a?31mb?", NULL},
        {"a\x01\x02\a\b\v\f\x7f"
         "b",
                "ab", NULL},
        {"a\xe2\x80\xae"
         "b\xe2\x81\xa6"
         "c",
                "abc", NULL},
        {"a\xe2\x80\x93"
         "b",
                "a\xe2\x80\x93"
                "b",
                NULL},
        // What a carriage return would hide is there.
        {"evil\rgood\r\nx\r", "evil\ngood\nx", NULL},
        // Cut short.
        {"a\033", "a", NULL},
        {"a\033[", "a", NULL},
        {"a\033[31", "a", NULL},
        {"a\033]", "a", NULL},
        {"a\xe2\x80", "a??", NULL},
        {"a\xc2", "a?", NULL},
        {"\033\033[31mx", "x", "\033[31mx\033[0m"},
        {"\033[\033]0;x\ay", "y", NULL},
};

static void test_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *coloured = rows[i].coloured ? rows[i].coloured : rows[i].plain;
		_cleanup_free_ char *a = term_clean_str(rows[i].text, 0);
		_cleanup_free_ char *b = term_clean_str(rows[i].text, TERM_COLOURS);
		assert_string_equal(a, rows[i].plain);
		assert_string_equal(b, coloured);
	}
	_cleanup_free_ char *line = term_clean_str("a\nb\rc", TERM_ONE_LINE);
	assert_string_equal(line, "a b c");
}

// Whatever comes, nothing of it is a control but tabs, newlines and colours.
static void test_anything(void **state)
{
	static const char some[] = "\033[]P\\;:m0189?\a\n\r\xc2\x9b\x9c\xe2\x80\xaeJX^_ a";

	srand(1);
	for (int n = 0; n < 200000; n++) {
		char text[24];
		_cleanup_buf_ struct buf out = {0};
		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = some[(size_t)rand() % sizeof(some)];
		term_clean(&out, text, sizeof(text), TERM_COLOURS);
		for (size_t i = 0; i < out.len; i++) {
			unsigned char c = (unsigned char)out.data[i];
			if (c == '\033') {
				size_t end = i + 2 + strspn(out.data + i + 2, "0123456789;");
				assert_true(out.data[i + 1] == '[' && out.data[end] == 'm');
			}
			assert_true(c >= 0x20 || c == '\033' || c == '\n' || c == '\t');
			assert_true(c != 0x7f);
			if (i && (unsigned char)out.data[i - 1] == 0xc2)
				assert_true(c >= 0xa0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_rows),
	        cmocka_unit_test(test_anything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
