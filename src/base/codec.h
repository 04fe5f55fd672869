// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes to text and back: base16, Nix's base32, base64; UTF-8 checks.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Encoders return an owned NUL-terminated string.
char *codec_base16(const uint8_t *data, size_t len);
// The same into ret, which has room for 2 * len + 1 bytes.
void codec_base16_into(const uint8_t *data, size_t len, char *ret);
char *codec_nix32(const uint8_t *data, size_t len);
char *codec_base64(const uint8_t *data, size_t len);
// Decoders fill exactly len bytes from s[0..s_len); false when the text is not a valid encoding of that
// length.
bool codec_un16(const char *s, size_t s_len, uint8_t *ret, size_t len);
bool codec_un32(const char *s, size_t s_len, uint8_t *ret, size_t len);
bool codec_un64(const char *s, size_t s_len, uint8_t *ret, size_t len);
// Text length of len bytes in Nix's base32.
size_t codec_nix32_len(size_t len);
bool codec_is_utf8(const char *s, size_t len);
// Writes code point cp as UTF-8 into ret (at most 4 bytes); returns its length.
size_t codec_utf8(uint32_t cp, char *ret);
