// SPDX-License-Identifier: GPL-2.0-or-later
// Printing structured attributes as JSON and as Bash declarations.
#include "build/attrs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/macro.h"
#include "base/mem.h"
#include "base/str.h"

// jansson refuses to parse deeper than this, so printing recurses no deeper.
_Static_assert(JSON_PARSER_MAX_DEPTH <= 2048, "recursion of attrs_print_json is bounded by the parser");

static void print_string(const char *s, struct buf *out)
{
	static const char escapes[] = {['"'] = '"',
	        ['\\'] = '\\',
	        ['\b'] = 'b',
	        ['\f'] = 'f',
	        ['\n'] = 'n',
	        ['\r'] = 'r',
	        ['\t'] = 't'};

	buf_addc(out, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c < sizeof(escapes) && escapes[c]) {
			buf_addc(out, '\\');
			buf_addc(out, escapes[c]);
		} else if (c < 0x20) {
			buf_addf(out, "\\u%04x", c);
		} else {
			buf_addc(out, *s);
		}
	}
	buf_addc(out, '"');
}

// The shortest digits that read back as the same number.
static void print_real(double d, struct buf *out)
{
	char text[40];

	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, d);
		if (strtod(text, NULL) == d)
			break;
	}
	buf_adds(out, text);
	if (!strpbrk(text, ".eE"))
		buf_adds(out, ".0");
}

static char **sorted_keys(const json_t *object)
{
	char **keys = mem_array(json_object_size(object) + 1, sizeof(*keys));
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach((json_t *)object, key, value) keys[n++] = mem_strdup(key);
	strv_sort(keys);
	return keys;
}

static void print_object(const json_t *object, struct buf *out)
{
	_cleanup_strv_ char **keys = sorted_keys(object);
	const char *sep = "";

	buf_addc(out, '{');
	strv_for_each (key, keys) {
		buf_adds(out, sep);
		print_string(key, out);
		buf_addc(out, ':');
		attrs_print_json(json_object_get(object, key), out);
		sep = ",";
	}
	buf_addc(out, '}');
}

static void print_array(const json_t *array, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i)
			buf_addc(out, ',');
		attrs_print_json(json_array_get(array, i), out);
	}
	buf_addc(out, ']');
}

void attrs_print_json(const json_t *value, struct buf *out)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		print_object(value, out);
		break;
	case JSON_ARRAY:
		print_array(value, out);
		break;
	case JSON_STRING:
		print_string(json_string_value(value), out);
		break;
	case JSON_INTEGER:
		buf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		print_real(json_real_value(value), out);
		break;
	case JSON_TRUE:
		buf_adds(out, "true");
		break;
	case JSON_FALSE:
		buf_adds(out, "false");
		break;
	case JSON_NULL:
		buf_adds(out, "null");
		break;
	}
}

void attrs_quote_sh(const char *s, struct buf *out)
{
	buf_addc(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *s);
	}
	buf_addc(out, '\'');
}

// A value that fits into one word of Bash; false for all others.
static bool print_word(const json_t *value, struct buf *out)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		attrs_quote_sh(json_string_value(value), out);
		return true;
	case JSON_INTEGER:
		buf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return true;
	case JSON_REAL:
		if (ceil(json_real_value(value)) != json_real_value(value))
			return false;
		buf_addf(out, "%.0f", json_real_value(value));
		return true;
	case JSON_TRUE:
		buf_addc(out, '1');
		return true;
	case JSON_FALSE:
		return true;
	case JSON_NULL:
		buf_adds(out, "''");
		return true;
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return false;
}

static bool print_words(const json_t *array, struct buf *out)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (!print_word(json_array_get(array, i), out))
			return false;
		buf_addc(out, ' ');
	}
	return true;
}

static bool print_pairs(const json_t *object, struct buf *out)
{
	_cleanup_strv_ char **keys = sorted_keys(object);

	strv_for_each (key, keys) {
		buf_addc(out, '[');
		attrs_quote_sh(key, out);
		buf_adds(out, "]=");
		if (!print_word(json_object_get(object, key), out))
			return false;
		buf_addc(out, ' ');
	}
	return true;
}

static bool is_sh_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	return *s && !(*s >= '0' && *s <= '9') && s[strspn(s, letters)] == '\0';
}

void attrs_print_sh(const json_t *object, struct buf *out)
{
	_cleanup_strv_ char **keys = sorted_keys(object);

	strv_for_each (key, keys) {
		_cleanup_buf_ struct buf v = {0};
		const json_t *value = json_object_get(object, key);

		if (!is_sh_name(key))
			continue;
		if (json_is_array(value)) {
			if (print_words(value, &v))
				buf_addf(out, "declare -a %s=(%s)\n", key, buf_str(&v));
		} else if (json_is_object(value)) {
			if (print_pairs(value, &v))
				buf_addf(out, "declare -A %s=(%s)\n", key, buf_str(&v));
		} else if (print_word(value, &v)) {
			buf_addf(out, "declare %s=%s\n", key, buf_str(&v));
		}
	}
}
