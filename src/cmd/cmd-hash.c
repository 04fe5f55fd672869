// SPDX-License-Identifier: GPL-2.0-or-later
// nix-hash: hashes of files and trees, and hashes from one way of writing to another.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/codec.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "store/nar.h"

#define TRUNCATED_BYTES 20

enum {
	OPT_FORM,
	OPT_FLAT = 10,
	OPT_TRUNCATE,
	OPT_TYPE,
	OPT_CONVERT = 20,
	OPT_HELP = 30,
	OPT_VERSION,
	OPT_NOTHING
};

static const struct opt_row rows[] = {
        {"--type", NULL, 1, OPT_TYPE, "ALGO", "md5 (default), sha1, sha256 or sha512"},
        {"--flat", NULL, 0, OPT_FLAT, NULL, "contents of a regular file, not its NAR"},
        {"--base16", NULL, 0, OPT_FORM + HASH_BASE16, NULL, "hexadecimal (default)"},
        {"--base32", NULL, 0, OPT_FORM + HASH_NIX32, NULL, "Nix's base 32"},
        {"--base64", NULL, 0, OPT_FORM + HASH_BASE64, NULL, "base 64"},
        {"--sri", NULL, 0, OPT_FORM + HASH_SRI, NULL, "ALGO-BASE64"},
        {"--truncate", NULL, 0, OPT_TRUNCATE, NULL, "to 160 bits"},
        {"--to-base16", NULL, 0, OPT_CONVERT + HASH_BASE16, NULL,
                "writes the hashes that follow in another way"},
        {"--to-base32", NULL, 0, OPT_CONVERT + HASH_NIX32, NULL, NULL},
        {"--to-base64", NULL, 0, OPT_CONVERT + HASH_BASE64, NULL, NULL},
        {"--to-sri", NULL, 0, OPT_CONVERT + HASH_SRI, NULL, NULL},
        {"--option", NULL, 2, OPT_NOTHING, NULL, NULL},
        {"--help", NULL, 0, OPT_HELP, NULL, "this list"},
        {"--version", NULL, 0, OPT_VERSION, NULL, NULL},
        {NULL, NULL, 0, 0, NULL, NULL},
};

struct hash_cmd {
	enum hash_form form;
	enum hash_algo algo;
	bool flat, truncate, convert, help, version;
	char **words;
};

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct hash_cmd *c = ctx;

	if (!row)
		strv_add(&c->words, args[0]);
	else if (row->id == OPT_TYPE && (c->algo = hash_algo_parse(args[0])) == HASH_NONE)
		return err_set(e, -EINVAL,
		        "unknown hash algorithm '%s', expect 'md5', 'sha1', 'sha256', or 'sha512'", args[0]);
	else if (row->id == OPT_FLAT)
		c->flat = true;
	else if (row->id == OPT_TRUNCATE)
		c->truncate = true;
	else if (row->id == OPT_HELP)
		c->help = true;
	else if (row->id == OPT_VERSION)
		c->version = true;
	else if (row->id >= OPT_CONVERT && row->id < OPT_HELP)
		c->convert = true, c->form = (enum hash_form)(row->id - OPT_CONVERT);
	else if (row->id < OPT_FLAT)
		c->form = (enum hash_form)row->id;
	return 0;
}

static char *encode(const uint8_t *data, size_t len, enum hash_form form)
{
	return form == HASH_NIX32    ? codec_nix32(data, len)
	       : form == HASH_BASE64 ? codec_base64(data, len)
	                             : codec_base16(data, len);
}

static int hash_one(struct hash_cmd *c, const char *path, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	uint8_t part[TRUNCATED_BYTES];
	struct hash h;
	int r = c->flat ? hash_file(c->algo, path, &h, e) : nar_hash_path(path, c->algo, NULL, &h, NULL, e);

	if (r < 0)
		return r;
	if (c->truncate && hash_size(h.algo) > TRUNCATED_BYTES) {
		hash_compress(&h, part, sizeof(part));
		text = encode(part, sizeof(part), c->form);
	} else {
		text = hash_format(&h, c->form, false);
	}
	puts(text);
	return 0;
}

static int convert_one(struct hash_cmd *c, const char *word, struct err *e)
{
	struct hash h;
	int r = hash_parse(word, strpbrk(word, ":-") ? HASH_NONE : c->algo, &h, e);

	if (r < 0)
		return r;
	_cleanup_free_ char *text = hash_format(&h, c->form, false);
	puts(text);
	return 0;
}

int cmd_hash(int argc, char **argv)
{
	struct hash_cmd c = {.form = HASH_BASE16, .algo = HASH_MD5};
	struct err e = {0};
	int r = opt_parse(rows, argc, argv, take, &c, &e);

	if (r == 0 && c.help) {
		_cleanup_free_ char *help = opt_help(rows);
		printf("Usage: nix-hash [OPTIONS...] PATH...\n       nix-hash --to-FORM [--type ALGO] "
		       "HASH...\n\n%s",
		        help);
	} else if (r == 0 && c.version) {
		printf("nix-hash (kernix) %s\n", KERNIX_VERSION);
	} else {
		for (size_t i = 0; r == 0 && c.words && c.words[i]; i++)
			r = c.convert ? convert_one(&c, c.words[i], &e) : hash_one(&c, c.words[i], &e);
	}
	strv_free(c.words);
	return r < 0 ? cmd_fail(&e) : 0;
}
