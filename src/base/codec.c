// SPDX-License-Identifier: GPL-2.0-or-later
// base16, Nix's base32 (its alphabet, most significant digit first, bits taken from the end) and base64.

#include <string.h>
#include "base/codec.h"
#include "base/mem.h"

static const char digits16[] = "0123456789abcdef";
static const char digits32[] = "0123456789abcdfghijklmnpqrsvwxyz";
static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit_value(const char *digits, size_t n, char c)
{
	const char *p = c ? memchr(digits, c, n) : NULL;

	return p ? (int)(p - digits) : -1;
}

void codec_base16_into(const uint8_t *data, size_t len, char *ret)
{
	for (size_t i = 0; i < len; i++) {
		ret[2 * i] = digits16[data[i] >> 4];
		ret[2 * i + 1] = digits16[data[i] & 15];
	}
	ret[2 * len] = '\0';
}

char *codec_base16(const uint8_t *data, size_t len)
{
	char *s = mem_alloc(2 * len + 1);

	codec_base16_into(data, len, s);
	return s;
}

size_t codec_nix32_len(size_t len)
{
	return len ? (len * 8 - 1) / 5 + 1 : 0;
}

char *codec_nix32(const uint8_t *data, size_t len)
{
	size_t n = codec_nix32_len(len);
	char *s = mem_alloc(n + 1);

	for (size_t k = 0; k < n; k++) {
		size_t bit = (n - 1 - k) * 5, i = bit / 8, shift = bit % 8;
		unsigned v = data[i] >> shift;

		if (i + 1 < len)
			v |= (unsigned)data[i + 1] << (8 - shift);
		s[k] = digits32[v & 31];
	}
	s[n] = '\0';
	return s;
}

char *codec_base64(const uint8_t *data, size_t len)
{
	size_t n = (len + 2) / 3 * 4, o = 0;
	char *s = mem_alloc(n + 1);

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned v = (unsigned)data[i] << 16;

		v |= left > 1 ? (unsigned)data[i + 1] << 8 : 0;
		v |= left > 2 ? (unsigned)data[i + 2] : 0;
		s[o++] = digits64[v >> 18];
		s[o++] = digits64[(v >> 12) & 63];
		s[o++] = left > 1 ? digits64[(v >> 6) & 63] : '=';
		s[o++] = left > 2 ? digits64[v & 63] : '=';
	}
	s[n] = '\0';
	return s;
}

bool codec_un16(const char *s, size_t s_len, uint8_t *ret, size_t len)
{
	if (s_len != 2 * len)
		return false;
	for (size_t i = 0; i < s_len; i++) {
		char c = s[i] >= 'A' && s[i] <= 'F' ? (char)(s[i] + 32) : s[i];
		int v = digit_value(digits16, 16, c);

		if (v < 0)
			return false;
		ret[i / 2] = (uint8_t)(i % 2 ? ret[i / 2] | v : v << 4);
	}
	return true;
}

bool codec_un32(const char *s, size_t s_len, uint8_t *ret, size_t len)
{
	if (s_len != codec_nix32_len(len))
		return false;
	memset(ret, 0, len);
	for (size_t k = 0; k < s_len; k++) {
		int v = digit_value(digits32, 32, s[s_len - 1 - k]);
		size_t bit = k * 5, i = bit / 8, shift = bit % 8;

		if (v < 0)
			return false;
		ret[i] |= (uint8_t)(v << shift);
		if (v >> (8 - shift)) {
			if (i + 1 >= len)
				return false;
			ret[i + 1] |= (uint8_t)(v >> (8 - shift));
		}
	}
	return true;
}

bool codec_un64(const char *s, size_t s_len, uint8_t *ret, size_t len)
{
	size_t n = 0, pad = 0;
	unsigned acc = 0, bits = 0;

	if (s_len != (len + 2) / 3 * 4)
		return false;
	for (size_t i = 0; i < s_len; i++) {
		int v = digit_value(digits64, 64, s[i]);

		if (s[i] == '=' && i + 2 >= s_len) {
			pad++;
			continue;
		}
		if (v < 0 || pad)
			return false;
		acc = (acc << 6) | (unsigned)v;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			if (n >= len)
				return false;
			ret[n++] = (uint8_t)(acc >> bits);
		}
	}
	return n == len && pad == (3 - len % 3) % 3;
}

bool codec_is_utf8(const char *str, size_t len)
{
	const unsigned char *s = (const unsigned char *)str;

	for (size_t i = 0; i < len;) {
		unsigned c = s[i++], more = 0, min = 0;

		if (c < 0x80)
			continue;
		if (c >= 0xc2 && c <= 0xdf)
			more = 1, min = 0x80, c &= 0x1f;
		else if (c >= 0xe0 && c <= 0xef)
			more = 2, min = 0x800, c &= 0x0f;
		else if (c >= 0xf0 && c <= 0xf4)
			more = 3, min = 0x10000, c &= 0x07;
		else
			return false;
		for (; more; more--, i++) {
			if (i >= len || (s[i] & 0xc0) != 0x80)
				return false;
			c = (c << 6) | (s[i] & 0x3f);
		}
		if (c < min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return false;
	}
	return true;
}

size_t codec_utf8(uint32_t cp, char *ret)
{
	if (cp < 0x80) {
		ret[0] = (char)cp;
		return 1;
	}
	size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i; i--, cp >>= 6)
		ret[i] = (char)(0x80 | (cp & 0x3f));
	ret[0] = (char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | cp);
	return n;
}
