// SPDX-License-Identifier: GPL-2.0-or-later
// 'nix store WORD', 'nix key WORD', 'nix path-info': one table of words, one of options, as Nix 2.34 has
// them. What nix-store does already is called there.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/nix-words.h"

static nix_word_fn word_info, word_by_hash, word_add, word_gc, word_delete, word_optimise, word_dump;

// Which options a word knows.
enum {
	KNOWS_PATHS = 1, // --recursive, --all, --stdin
	KNOWS_JSON = 2,
	KNOWS_INFO = 4,
	KNOWS_VERIFY = 8,
	KNOWS_SIGN = 16,
	KNOWS_ADD = 32,
	KNOWS_LS = 64,
	KNOWS_GC = 128,
	KNOWS_KEY = 256,
	KNOWS_LIVENESS = 512,
	KNOWS_DRY = 1024,
	KNOWS_COPY = 2048,
};

static const struct nix_word {
	const char *family, *name; // name NULL: the family is the word
	nix_word_fn *fn;           // NULL: another command's
	unsigned knows;
	const char *operands, *help; // help NULL: another spelling
} words[] = {
        {"path-info", NULL, nix_word_path_info, KNOWS_PATHS | KNOWS_JSON | KNOWS_INFO, "PATH...",
                "what the store knows of paths"},
        {"copy", NULL, nix_word_copy, KNOWS_PATHS | KNOWS_COPY, "PATH...",
                "paths and what they need to or from a binary cache or another store"},
        {"store", "add", word_add, KNOWS_ADD | KNOWS_DRY, "FILE", "copies a file or tree into the store"},
        {"store", "add-path", word_add, KNOWS_ADD | KNOWS_DRY, "FILE", NULL},
        {"store", "add-file", word_add, KNOWS_ADD | KNOWS_DRY, "FILE", NULL},
        {"store", "cat", nix_word_cat, 0, "FILE", "contents of a file of the store"},
        {"store", "delete", word_delete, KNOWS_LIVENESS, "PATH...", "deletes paths that nothing needs"},
        {"store", "dump-path", word_dump, 0, "PATH", "writes the NAR of a path"},
        {"store", "gc", word_gc, KNOWS_GC | KNOWS_DRY, "", "deletes all that nothing needs"},
        {"store", "info", word_info, KNOWS_JSON, "", "which store it is, and whether it can be opened"},
        {"store", "ping", word_info, KNOWS_JSON, "", NULL},
        {"store", "ls", nix_word_ls, KNOWS_LS | KNOWS_JSON, "PATH", "what a folder of the store holds"},
        {"store", "optimise", word_optimise, 0, "", "shares equal files"},
        {"store", "path-from-hash-part", word_by_hash, 0, "HASH", "the path whose name begins so"},
        {"store", "sign", nix_word_sign, KNOWS_PATHS | KNOWS_SIGN, "PATH...",
                "signs paths with a secret key"},
        {"store", "verify", nix_word_verify, KNOWS_PATHS | KNOWS_VERIFY, "PATH...",
                "contents of paths against their hashes, and who vouches for them"},
        {"key", "generate-secret", nix_word_generate_secret, KNOWS_KEY, "", "a new key for signing"},
        {"key", "convert-secret-to-public", nix_word_public_of, 0, "", "the public key of a secret one"},
        {"derivation", "show", nix_word_derivation_show, KNOWS_PATHS, "PATH...", "derivations as JSON"},
};

// Offsets of the options' places in struct nix_cmd.
enum value_kind { VALUE_FLAG, VALUE_TEXT, VALUE_NUMBER, VALUE_LIST, VALUE_OTHER };
#define AT(field) offsetof(struct nix_cmd, field)
static const struct {
	const char *name, *alias, *args, *help;
	enum value_kind kind;
	size_t place;
	unsigned knows; // 0: every word
} options[] = {
        {"--recursive", "-r", NULL, "also all that the paths need", VALUE_FLAG, AT(recursive), KNOWS_PATHS},
        {"--all", NULL, NULL, "every valid path", VALUE_FLAG, AT(all), KNOWS_PATHS},
        {"--stdin", NULL, NULL, "paths from standard input, a line each", VALUE_FLAG, AT(from_stdin),
                KNOWS_PATHS},
        {"--json", NULL, NULL, "prints JSON", VALUE_FLAG, AT(json), KNOWS_JSON},
        {"--json-format", NULL, "N", "1 (default) or 2", VALUE_NUMBER, AT(json_format), KNOWS_INFO},
        {"--size", "-s", NULL, "size of the contents in bytes", VALUE_FLAG, AT(size), KNOWS_INFO},
        {"--closure-size", "-S", NULL, "size of the path and all that it needs", VALUE_FLAG, AT(closure_size),
                KNOWS_INFO},
        {"--human-readable", "-h", NULL, "sizes in KiB, MiB, GiB", VALUE_FLAG, AT(human), KNOWS_INFO},
        {"--sigs", NULL, NULL, "signatures", VALUE_FLAG, AT(sigs), KNOWS_INFO},
        {"--no-contents", NULL, NULL, "does not read the contents", VALUE_FLAG, AT(no_contents),
                KNOWS_VERIFY},
        {"--no-trust", NULL, NULL, "does not ask for signatures", VALUE_FLAG, AT(no_trust), KNOWS_VERIFY},
        {"--sigs-needed", "-n", "N", "so many good signatures, also of what was built here", VALUE_NUMBER,
                AT(sigs_needed), KNOWS_VERIFY},
        {"--key-file", "-k", "FILE", "the secret key", VALUE_TEXT, AT(key_file), KNOWS_SIGN},
        {"--key-name", NULL, "NAME", "the key's name", VALUE_TEXT, AT(key_name), KNOWS_KEY},
        {"--name", "-n", "NAME", "name of the store path", VALUE_TEXT, AT(name), KNOWS_ADD},
        {"--mode", NULL, "MODE", "nar (default), flat or text", VALUE_TEXT, AT(mode), KNOWS_ADD},
        {"--hash-algo", NULL, "ALGO", "sha256 (default), md5, sha1, sha512", VALUE_TEXT, AT(algo), KNOWS_ADD},
        {"--dry-run", NULL, NULL, "only says what it would do", VALUE_FLAG, AT(dry_run), KNOWS_DRY},
        {"--long", "-l", NULL, "sizes and kinds", VALUE_FLAG, AT(long_list), KNOWS_LS},
        {"--recursive", "-R", NULL, "folders in folders, too", VALUE_FLAG, AT(recursive), KNOWS_LS},
        {"--directory", "-d", NULL, "the folder itself", VALUE_FLAG, AT(directory), KNOWS_LS},
        {"--max", NULL, "BYTES", "stops when so much is free", VALUE_TEXT, AT(max), KNOWS_GC},
        {"--ignore-liveness", NULL, NULL, "even if a root keeps them", VALUE_FLAG, AT(c.ignore_liveness),
                KNOWS_LIVENESS},
        {"--trusted-public-keys", NULL, "KEYS", "whose signatures count", VALUE_LIST, AT(trusted_keys),
                KNOWS_VERIFY | KNOWS_COPY},
        {"--to", NULL, "URI", "file:///FOLDER (a binary cache), ssh://HOST, local?root=DIR", VALUE_TEXT,
                AT(to), KNOWS_COPY},
        {"--from", NULL, "URI", "the same, and http://, https://", VALUE_TEXT, AT(from), KNOWS_COPY},
        {"--no-check-sigs", NULL, NULL, "takes what nobody vouches for", VALUE_FLAG, AT(no_check_sigs),
                KNOWS_COPY},
        {"--store", NULL, "URI", "store: local, local?root=DIR, DIR", VALUE_TEXT, AT(c.uri), 0},
        {"--option", NULL, "NAME VALUE", NULL, VALUE_OTHER, 0, 0},
        {"--extra-experimental-features", NULL, "LIST", NULL, VALUE_OTHER, 0, 0},
        {"--experimental-features", NULL, "LIST", NULL, VALUE_OTHER, 0, 0},
        {"--verbose", "-v", NULL, NULL, VALUE_OTHER, 0, 0},
        {"--quiet", NULL, NULL, NULL, VALUE_OTHER, 0, 0},
        {"--help", NULL, NULL, "this text", VALUE_FLAG, AT(help), 0},
};

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct nix_cmd *n = ctx;

	if (!row) {
		strv_add(&n->c.words, args[0]);
		return 0;
	}
	char *place = (char *)n + options[row->id].place;
	switch (options[row->id].kind) {
	case VALUE_FLAG:
		*(bool *)place = true;
		break;
	case VALUE_TEXT:
		mem_free(*(char **)place);
		*(char **)place = mem_strdup(args[0]);
		break;
	case VALUE_LIST:
		strv_free(*(char ***)place);
		*(char ***)place = strv_split(args[0], " \t\n");
		break;
	case VALUE_NUMBER:
		if (str_to_u64(args[0], (uint64_t *)place) < 0)
			return err_set(e, -EINVAL, "'%s' wants a number, not '%s'", row->name, args[0]);
		break;
	case VALUE_OTHER:
		if (str_eq(row->name, "--verbose") || str_eq(row->name, "--quiet"))
			log_set_level(str_eq(row->name, "--quiet") ? LOG_WARN : LOG_INFO);
		break;
	}
	return 0;
}

// The rows of the options that this word knows; ends with a row without a name.
static void rows_of(const struct nix_word *w, struct opt_row *rows)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (options[i].knows && !(options[i].knows & w->knows))
			continue;
		int nargs = !options[i].args ? 0 : str_eq(options[i].args, "NAME VALUE") ? 2 : 1;
		*rows++ = (struct opt_row){
		        options[i].name, options[i].alias, nargs, (int)i, options[i].args, options[i].help};
	}
	*rows = (struct opt_row){0};
}

// --- what nix-store does ---

static int as_nix_store(struct nix_cmd *n, const char *const *args)
{
	_cleanup_strv_ char **all = NULL;

	strv_add(&all, "nix-store");
	for (; *args; args++)
		strv_add(&all, *args);
	if (n->c.uri) {
		strv_add(&all, "--store");
		strv_add(&all, n->c.uri);
	}
	strv_add(&all, "--");
	strv_for_each (w, n->c.words)
		strv_add(&all, w);
	return cmd_store((int)strv_len(all), all);
}
#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static int word_gc(struct nix_cmd *n, struct err *e)
{
	(void)e;
	if (n->dry_run)
		return as_nix_store(n, ARGS("--gc", "--print-dead"));
	return n->max ? as_nix_store(n, ARGS("--gc", "--max-freed", n->max)) : as_nix_store(n, ARGS("--gc"));
}

static int word_delete(struct nix_cmd *n, struct err *e)
{
	if (!n->c.words)
		return err_set(e, -EINVAL, "'%s' needs at least one path", n->called);
	return n->c.ignore_liveness ? as_nix_store(n, ARGS("--delete", "--ignore-liveness"))
	                            : as_nix_store(n, ARGS("--delete"));
}

static int word_optimise(struct nix_cmd *n, struct err *e)
{
	(void)e;
	return as_nix_store(n, ARGS("--optimise"));
}

static int word_dump(struct nix_cmd *n, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;
	int r = store_cmd_follow_all(&n->c, &paths, e);

	if (r == 0 && strv_len(paths) != 1)
		r = err_set(e, -EINVAL, "'%s' needs one path", n->called);
	if (r == 0)
		r = store_check_valid(n->c.store, paths[0], e);
	if (r < 0)
		return r;
	strv_free(n->c.words);
	n->c.words = NULL;
	strv_take(&n->c.words, store_real_path(n->c.store, paths[0]));
	return store_op_dump(&n->c, e);
}

// --- the short ones ---

static int word_info(struct nix_cmd *n, struct err *e)
{
	_cleanup_free_ char *url = *store_root(n->c.store)
	                                   ? str_printf("local?root=%s", store_root(n->c.store))
	                                   : mem_strdup("local");

	if (n->c.words)
		return err_set(e, -EINVAL, "'%s' takes no operands", n->called);
	// Who can open the database may do everything with this store.
	int trusted = !store_is_read_only(n->c.store);
	if (n->json)
		printf("{\"trusted\":%s,\"url\":\"%s\",\"version\":\"%s\"}\n", trusted ? "true" : "false",
		        url, KERNIX_VERSION);
	else
		printf("Store URL: %s\nVersion: %s\nTrusted: %d\n", url, KERNIX_VERSION, trusted);
	return 0;
}

static int word_by_hash(struct nix_cmd *n, struct err *e)
{
	_cleanup_free_ char *path = NULL;

	if (strv_len(n->c.words) != 1)
		return err_set(e, -EINVAL, "'%s' needs the 32 characters before a path's name", n->called);
	int r = store_path_from_hash_part(n->c.store, n->c.words[0], &path, e);
	if (r == 0 && !path)
		r = err_set(e, -ENOENT, "there is no store path corresponding to '%s'", n->c.words[0]);
	if (r == 0)
		puts(path);
	return r;
}

static int add_method(const char *mode, enum ca_method *ret, struct err *e)
{
	if (!mode || str_eq(mode, "nar"))
		*ret = CA_NAR;
	else if (str_eq(mode, "flat"))
		*ret = CA_FLAT;
	else if (str_eq(mode, "text"))
		*ret = CA_TEXT;
	else
		return err_set(e, -EINVAL, "unknown mode '%s': nar, flat and text are known", mode);
	return 0;
}

static int word_add(struct nix_cmd *n, struct err *e)
{
	enum hash_algo algo = n->algo ? hash_algo_parse(n->algo) : HASH_SHA256;
	_cleanup_free_ char *abs = NULL, *path = NULL;
	enum ca_method method = CA_NAR;

	if (strv_len(n->c.words) != 1)
		return err_set(e, -EINVAL, "'%s' needs one file or folder", n->called);
	if (algo == HASH_NONE)
		return err_set(e, -EINVAL, "unknown hash algorithm '%s'", n->algo);
	int r = add_method(str_eq(n->called, "nix store add-file") ? "flat" : n->mode, &method, e);
	if (r == 0 && method == CA_TEXT)
		r = err_set(e, -EOPNOTSUPP, "'--mode text' is not built; '--mode flat' adds a file");
	if (r == 0)
		r = fs_absolute(n->c.words[0], &abs, e);
	if (r < 0)
		return r;
	const char *name = n->name ? n->name : str_basename(abs);
	r = n->dry_run ? store_path_for_file(n->c.store, name, abs, method, algo, NULL, &path, NULL, e)
	               : store_add_path(n->c.store, name, abs, method, algo, NULL, &path, NULL, e);
	if (r == 0)
		puts(path);
	return r;
}

// --- the command line ---

static int unknown_word(const char *family, const char *word)
{
	struct str_near near = {.below = word ? str_near_limit(strlen(word)) : 0};

	for (size_t i = 0; word && i < ARRAY_SIZE(words); i++)
		if (str_eq(words[i].family, family) && words[i].name && words[i].help)
			str_near_offer(&near, word, words[i].name);
	if (word)
		fprintf(stderr, "error: '%s' is not a word of 'nix %s'\n", word, family);
	else
		fprintf(stderr, "error: 'nix %s' needs a word\n", family);
	if (near.name)
		fprintf(stderr, "Did you mean '%s'?\n", near.name);
	fprintf(stderr, "Try 'nix %s --help' for a list.\n", family);
	return 1;
}

static int family_help(const char *family)
{
	printf("Usage: nix %s WORD [OPTIONS...] [OPERANDS...]\n\n", family);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(words[i].family, family) && words[i].help)
			printf("  %-26s %s\n", words[i].name, words[i].help);
	return 0;
}

static int print_help(const char *called, const struct nix_word *w, const struct opt_row *rows)
{
	_cleanup_free_ char *list = opt_help(rows);

	printf("Usage: %s [OPTIONS...] %s\n\n%s.\n\n%s", called, w->operands, w->help ? w->help : w->name,
	        list);
	return 0;
}

static void release(struct nix_cmd *n)
{
	store_close(n->c.store);
	char **texts[] = {&n->c.uri, &n->key_file, &n->key_name, &n->name, &n->mode, &n->algo, &n->max,
	        &n->to, &n->from};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		mem_free(*texts[i]);
	strv_free(n->c.words);
	strv_free(n->trusted_keys);
}

static int run_word(const struct nix_word *w, struct nix_cmd *n, struct err *e)
{
	bool keys = str_eq(w->family, "key");
	// These open it themselves.
	bool opens = w->fn == word_gc || w->fn == word_delete || w->fn == word_optimise;
	int r = keys || opens ? 0 : store_open(n->c.uri, n->dry_run ? STORE_READ_ONLY : 0, &n->c.store, e);

	if (r == 0)
		r = w->fn(n, e);
	if (r >= 0 && n->c.store) {
		int flushed = store_flush(n->c.store, e);
		r = flushed < 0 ? flushed : r;
	}
	return r;
}

static int run(const struct nix_word *w, int argc, char **argv)
{
	_cleanup_free_ char *called =
	        w->name ? str_printf("nix %s %s", w->family, w->name) : str_printf("nix %s", w->family);
	struct nix_cmd n = {.called = called};
	struct opt_row rows[ARRAY_SIZE(options) + 1];
	struct err e = {0};

	rows_of(w, rows);
	int r = opt_parse(rows, argc, argv, take, &n, &e);
	if (r == 0)
		r = n.help ? print_help(called, w, rows) : run_word(w, &n, &e);
	release(&n);
	return r < 0 ? cmd_fail(&e) : r;
}

// argv[0] is the family: "store", "key", ...; or the word: "path-info", "copy".
int cmd_nix_words(int argc, char **argv)
{
	const char *family = str_basename(argv[0]), *word = argc > 1 ? argv[1] : NULL;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!words[i].name && str_eq(words[i].family, family))
			return run(&words[i], argc, argv);
	if (word && (str_eq(word, "--help") || str_eq(word, "-h")))
		return family_help(family);
	for (size_t i = 0; word && i < ARRAY_SIZE(words); i++)
		if (str_eq(words[i].family, family) && words[i].name && str_eq(words[i].name, word))
			return run(&words[i], argc - 1, argv + 1);
	return unknown_word(family, word);
}
