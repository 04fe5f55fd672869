// SPDX-License-Identifier: GPL-2.0-or-later
// Hashes: hashString, hashFile, convertHash, placeholder.
#include <string.h>
#include "base/hash.h"
#include "base/blake3.h"
#include "base/codec.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"

// The algorithm of a name, or an error that lists all.
static enum hash_algo need_algo(struct eval *ev, const char *name)
{
	enum hash_algo algo = hash_algo_parse(name);

	if (str_eq(name, "blake3")) {
		feature_need(ev, "blake3-hashes");
		eval_throw(ev, THROW_EVAL, 0, "hash algorithm 'blake3' is not supported here by kernix");
	}
	if (algo == HASH_NONE)
		eval_throw(ev, THROW_USAGE, 0,
		        "unknown hash algorithm '%s', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'",
		        name);
	return algo;
}

// An owned text as a string value.
static struct value take_text(struct eval *ev, char *text)
{
	struct value v = eval_str(ev, text);

	mem_free(text);
	return v;
}

// The digest in base 16. BLAKE3 is an experimental feature that only these two builtins have.
static struct value digest(struct eval *ev, const char *name, const void *data, size_t len)
{
	uint8_t bytes[BLAKE3_BYTES];
	struct hash h;

	if (str_eq(name, "blake3")) {
		blake3(data, len, bytes);
		return take_text(ev, codec_base16(bytes, sizeof(bytes)));
	}
	hash_bytes(hash_algo_parse(name), data, len, &h);
	return take_text(ev, hash_format(&h, HASH_BASE16, false));
}

static void check_digest(struct eval *ev, const char *name)
{
	if (str_eq(name, "blake3"))
		feature_need(ev, "blake3-hashes");
	else
		need_algo(ev, name);
}

static void b_hash_string(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *name = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.hashString");
	check_digest(ev, name->data);
	const struct string *s = eval_string_of(
	        ev, &args[1], 0, "while evaluating the second argument passed to builtins.hashString");

	*ret = digest(ev, name->data, s->data, s->len);
}

static void b_hash_file(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *name = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.hashFile");
	check_digest(ev, name->data);
	const char *path = eval_realise_path(ev, &args[1], 0, "while realising the context of a path");
	struct scratch s;

	scratch_begin(ev, &s);
	read_regular(ev, path, &s.buf);
	*ret = digest(ev, name->data, buf_str(&s.buf), s.buf.len);
	scratch_end(ev, &s);
}

static size_t base64_len(size_t len)
{
	return (len + 2) / 3 * 4;
}

// How many bytes the digits of base 64 up to the first '=' are, the first cap of them in ret; 0 where one is
// no digit.
static size_t decode64(const char *s, uint8_t *ret, size_t cap)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = 0;
	unsigned acc = 0, bits = 0;

	for (; *s && *s != '='; s++) {
		const char *d = strchr(digits, *s);
		if (*s == '\n')
			continue;
		if (!d)
			return 0;
		acc = (acc << 6) | (unsigned)(d - digits);
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (len < cap)
			ret[len] = (uint8_t)(acc >> bits);
		len++;
	}
	return len;
}

// The same for base 32 of the length that size bytes have: a first digit that is too large makes one byte
// more.
static size_t decode32(const char *s, uint8_t *ret, size_t size)
{
	size_t len = strlen(s);

	if (codec_un32(s, len, ret, size))
		return size;
	return strspn(s, "0123456789abcdfghijklmnpqrsvwxyz") == len ? size + 1 : 0;
}

// A digest alone, in the encoding that its length tells; false where it tells none. The words of messages are
// Nix's.
static bool parse_digest(struct eval *ev, const char *rest, enum hash_algo algo, bool sri, struct hash *ret)
{
	size_t size = hash_size(algo), len = strlen(rest), got;
	const char *form;

	ret->algo = algo;
	if (!sri && len == 2 * size) {
		form = "base16";
		got = codec_un16(rest, len, ret->bytes, size) ? size : 0;
	} else if (!sri && len == codec_nix32_len(size)) {
		form = "nix32";
		got = decode32(rest, ret->bytes, size);
	} else if (sri || len == base64_len(size)) {
		form = sri ? "SRI" : "Base64";
		got = decode64(rest, ret->bytes, size);
	} else {
		return false;
	}
	if (got != size)
		eval_throw(ev, THROW_HOST, 0, "invalid %s hash '%s', length %zu != expected length %zu", form,
		        rest, got, size);
	return true;
}

void parse_hash(struct eval *ev, const char *s, enum hash_algo algo, struct hash *ret)
{
	const char *colon = strchr(s, ':'), *sep = colon ? colon : strchr(s, '-'), *rest = s;
	bool sri = false;

	if (sep) {
		char name[16] = {0};
		size_t n = (size_t)(sep - s);
		enum hash_algo said = HASH_NONE;
		if (n < sizeof(name)) {
			memcpy(name, s, n);
			said = hash_algo_parse(name);
		}
		if (said == HASH_NONE)
			need_algo(ev, eval_string(ev, s, n, NULL)->data);
		if (algo != HASH_NONE && said != algo)
			eval_throw(ev, THROW_HOST, 0, "hash '%s' should have type '%s'", s,
			        hash_algo_name(algo));
		algo = said;
		sri = *sep == '-';
		rest = sep + 1;
	}
	if (algo == HASH_NONE)
		eval_throw(ev, THROW_HOST, 0,
		        "hash '%s' does not include a type, nor is the type otherwise known from context", s);
	if (!parse_digest(ev, rest, algo, sri, ret))
		eval_throw(ev, THROW_HOST, 0, "hash '%s' has wrong length for hash algorithm '%s'", rest,
		        hash_algo_name(algo));
}

struct form_name {
	const char *name;
	enum hash_form form;
};

static const struct form_name form_names[] = {
        {"base16", HASH_BASE16},
        {"nix32", HASH_NIX32},
        {"base32", HASH_NIX32},
        {"base64", HASH_BASE64},
        {"sri", HASH_SRI},
};

static enum hash_form need_form(struct eval *ev, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(form_names); i++) {
		if (!str_eq(name, form_names[i].name))
			continue;
		if (str_eq(name, "base32"))
			ev->host.say(ev->host.ctx,
			        "warning: \"base32\" is a deprecated alias for hash format \"nix32\".");
		return form_names[i].form;
	}
	eval_throw(ev, THROW_USAGE, 0,
	        "unknown hash format '%s', expect 'base16', 'base32', 'base64', or 'sri'", name);
}

static void b_convert_hash(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct attrs *a = eval_attrs(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.convertHash");
	struct attr *at =
	        attr_need(ev, a, symbol_of(&ev->symbols, "hash"), "while locating the attribute 'hash'");
	const struct string *s =
	        eval_string_plain(ev, &at->value, 0, "while evaluating the attribute 'hash'");
	struct attr *algo_at = attrs_get(a, symbol_of(&ev->symbols, "hashAlgo"));
	enum hash_algo algo = HASH_NONE;
	struct hash h;

	if (algo_at) {
		const struct string *name = eval_string_plain(
		        ev, &algo_at->value, 0, "while evaluating the attribute 'hashAlgo'");
		algo = need_algo(ev, name->data);
	}
	at = attr_need(ev, a, symbol_of(&ev->symbols, "toHashFormat"),
	        "while locating the attribute 'toHashFormat'");
	const struct string *form_name =
	        eval_string_plain(ev, &at->value, 0, "while evaluating the attribute 'toHashFormat'");
	enum hash_form form = need_form(ev, form_name->data);
	parse_hash(ev, s->data, algo, &h);
	*ret = take_text(ev, hash_format(&h, form, false));
}

static void b_placeholder(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const struct string *s = eval_string_plain(
	        ev, &args[0], 0, "while evaluating the first argument passed to builtins.placeholder");
	char *text = str_printf("nix-output:%s", s->data), *digest;
	struct hash h;

	hash_bytes(HASH_SHA256, text, strlen(text), &h);
	digest = hash_format(&h, HASH_NIX32, false);
	mem_free(text);
	text = str_printf("/%s", digest);
	mem_free(digest);
	*ret = take_text(ev, text);
}

static const struct builtin rows[] = {
        {"hashString", 2, 3, false, b_hash_string, "type s",
                "The digest of a string in base 16; type is \"md5\", \"sha1\", \"sha256\" or \"sha512\"."},
        {"hashFile", 2, 3, false, b_hash_file, "type p", "The digest of the contents of a file in base 16."},
        {"convertHash", 1, 1, false, b_convert_hash, "args",
                "The hash 'hash' (of the algorithm 'hashAlgo' where it does not say) in the form "
                "'toHashFormat': \"base16\", \"nix32\", \"base64\" or \"sri\"."},
        {"placeholder", 1, 1, true, b_placeholder, "output",
                "A text that is replaced by the path of the output when a derivation is built."},
};

const struct builtin_table builtin_hashes = {rows, ARRAY_SIZE(rows)};
