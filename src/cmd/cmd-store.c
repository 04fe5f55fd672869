// SPDX-License-Identifier: GPL-2.0-or-later
// nix-store: one command, many operations on the store. This file reads the command line; the operations are
// in store-*.c.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/store-cmd.h"
#include "store/conf.h"

enum {
	OPT_OP,          // + index into ops
	OPT_FLAG = 100,  // + index into flags
	OPT_QUERY = 200, // + enum store_query
	OPT_STORE = 300,
	OPT_OPTION,
	OPT_BINDING,
	OPT_GC_LIVE,
	OPT_GC_DEAD,
	OPT_GC_DELETE,
	OPT_MAX_FREED,
	OPT_ADD_ROOT,
	OPT_SETTING,
	OPT_VERBOSE,
	OPT_QUIET,
	OPT_NOTHING,
	OPT_HELP,
	OPT_VERSION,
};

static int op_repair_path(struct store_cmd *c, struct err *e)
{
	(void)c;
	return err_set(e, -EOPNOTSUPP,
	        "operation '--repair-path' is not supported: delete the path and realise it again");
}

static const struct {
	store_op_fn *fn;
	bool needs_store;
} ops[] = {
        {store_op_realise, true},           // 0
        {store_op_query, true},             // 1
        {store_op_add, true},               // 2
        {store_op_add_fixed, true},         // 3
        {store_op_print_fixed_path, true},  // 4
        {store_op_dump, false},             // 5
        {store_op_restore, false},          // 6
        {store_op_export, true},            // 7
        {store_op_import, true},            // 8
        {store_op_verify, true},            // 9
        {store_op_verify_path, true},       // 10
        {store_op_check_validity, true},    // 11
        {store_op_delete, true},            // 12
        {store_op_gc, true},                // 13
        {store_op_optimise, true},          // 14
        {store_op_read_log, true},          // 15
        {store_op_print_env, true},         // 16
        {store_op_generate_key, false},     // 17
        {store_op_dump_db, true},           // 18
        {store_op_load_db, true},           // 19
        {store_op_init, true},              // 20
        {store_op_serve, true},             // 21
        {op_repair_path, false},            // 22
        {store_op_register_validity, true}, // 23
};

// Offsets of the flags in struct store_cmd.
static const size_t flags[] = {
        offsetof(struct store_cmd, use_output),      // 0
        offsetof(struct store_cmd, include_outputs), // 1
        offsetof(struct store_cmd, force_realise),   // 2
        offsetof(struct store_cmd, recursive),       // 3
        offsetof(struct store_cmd, check_contents),  // 4
        offsetof(struct store_cmd, repair),          // 5
        offsetof(struct store_cmd, print_invalid),   // 6
        offsetof(struct store_cmd, ignore_liveness), // 7
        offsetof(struct store_cmd, reregister),      // 8
        offsetof(struct store_cmd, hash_given),      // 9
        offsetof(struct store_cmd, dry_run),         // 10
        offsetof(struct store_cmd, build.keep_failed), // 11
        offsetof(struct store_cmd, build.keep_going), // 12
        offsetof(struct store_cmd, check),           // 13
        offsetof(struct store_cmd, print_roots),     // 14
        offsetof(struct store_cmd, quiet_builds),    // 15
        offsetof(struct store_cmd, flat),            // 16
        offsetof(struct store_cmd, serve_write),     // 17
};

#define OP(i)    (OPT_OP + (i))
#define FLAG(i)  (OPT_FLAG + (i))
#define QUERY(q) (OPT_QUERY + (q))

static const struct opt_row rows[] = {
        {"--realise", "-r", 0, OP(0), NULL, "builds derivations, makes paths valid"},
        {"--realize", NULL, 0, OP(0), NULL, NULL},
        {"--query", "-q", 0, OP(1), NULL, "asks about paths; with one of:"},
        {"--outputs", NULL, 0, QUERY(QUERY_OUTPUTS), NULL, "  outputs of derivations"},
        {"--requisites", "-R", 0, QUERY(QUERY_REQUISITES), NULL, "  everything that a path needs"},
        {"--references", NULL, 0, QUERY(QUERY_REFERENCES), NULL, "  what it refers to"},
        {"--referrers", NULL, 0, QUERY(QUERY_REFERRERS), NULL, "  what refers to it"},
        {"--referers", NULL, 0, QUERY(QUERY_REFERRERS), NULL, NULL},
        {"--referrers-closure", NULL, 0, QUERY(QUERY_REFERRERS_CLOSURE), NULL, "  the same, transitively"},
        {"--referers-closure", NULL, 0, QUERY(QUERY_REFERRERS_CLOSURE), NULL, NULL},
        {"--deriver", "-d", 0, QUERY(QUERY_DERIVER), NULL, "  the derivation that made it"},
        {"--valid-derivers", NULL, 0, QUERY(QUERY_VALID_DERIVERS), NULL, "  derivations that can make it"},
        {"--binding", "-b", 1, OPT_BINDING, "NAME", "  a variable of a derivation"},
        {"--hash", NULL, 0, QUERY(QUERY_HASH), NULL, "  hash of its contents"},
        {"--size", NULL, 0, QUERY(QUERY_SIZE), NULL, "  size of its contents in bytes"},
        {"--tree", NULL, 0, QUERY(QUERY_TREE), NULL, "  references as a tree"},
        {"--graph", NULL, 0, QUERY(QUERY_GRAPH), NULL, "  references as a graph for dot"},
        {"--graphml", NULL, 0, QUERY(QUERY_GRAPHML), NULL, "  the same as GraphML"},
        {"--resolve", NULL, 0, QUERY(QUERY_RESOLVE), NULL, "  the store path that a link leads to"},
        {"--roots", NULL, 0, QUERY(QUERY_ROOTS), NULL, "  garbage collector roots that keep it"},
        {"--use-output", "-u", 0, FLAG(0), NULL, "  of a derivation its outputs instead"},
        {"--include-outputs", NULL, 0, FLAG(1), NULL, "  with -R: outputs of derivations too"},
        {"--force-realise", "-f", 0, FLAG(2), NULL, "  builds derivations first"},
        {"--force-realize", NULL, 0, FLAG(2), NULL, NULL},
        {"--add", "-A", 0, OP(2), NULL, "copies files and trees into the store"},
        {"--add-fixed", NULL, 0, OP(3), NULL, "the same, as fixed outputs: ALGO FILE..."},
        {"--recursive", NULL, 0, FLAG(3), NULL, "  trees, hashed as NAR"},
        {"--flat", NULL, 0, FLAG(16), NULL, NULL},
        {"--print-fixed-path", NULL, 0, OP(4), NULL, "path of a fixed output: ALGO HASH NAME"},
        {"--dump", NULL, 0, OP(5), NULL, "writes the NAR of a file or tree"},
        {"--restore", NULL, 0, OP(6), NULL, "unpacks a NAR from standard input"},
        {"--export", NULL, 0, OP(7), NULL, "writes paths as a stream"},
        {"--import", NULL, 0, OP(8), NULL, "reads such a stream"},
        {"--verify", NULL, 0, OP(9), NULL, "checks the store"},
        {"--check-contents", NULL, 0, FLAG(4), NULL, "  contents against their hashes"},
        {"--repair", NULL, 0, FLAG(5), NULL, NULL},
        {"--verify-path", NULL, 0, OP(10), NULL, "contents of paths against their hashes"},
        {"--repair-path", NULL, 0, OP(22), NULL, NULL},
        {"--check-validity", NULL, 0, OP(11), NULL, "are these paths valid?"},
        {"--print-invalid", NULL, 0, FLAG(6), NULL, "  names those that are not"},
        {"--delete", NULL, 0, OP(12), NULL, "deletes paths that nothing needs"},
        {"--ignore-liveness", NULL, 0, FLAG(7), NULL, "  even if a root keeps them"},
        {"--gc", NULL, 0, OP(13), NULL, "deletes all that nothing needs; or:"},
        {"--print-roots", NULL, 0, FLAG(14), NULL, "  names the roots"},
        {"--print-live", NULL, 0, OPT_GC_LIVE, NULL, "  names what is needed"},
        {"--print-dead", NULL, 0, OPT_GC_DEAD, NULL, "  names what would be deleted"},
        {"--max-freed", NULL, 1, OPT_MAX_FREED, "BYTES", "  stops when so much is free"},
        {"--optimise", NULL, 0, OP(14), NULL, "shares equal files"},
        {"--optimize", NULL, 0, OP(14), NULL, NULL},
        {"--read-log", "-l", 0, OP(15), NULL, "log of a build"},
        {"--print-env", NULL, 0, OP(16), NULL, "environment of a derivation for a shell"},
        {"--generate-binary-cache-key", NULL, 0, OP(17), NULL, "NAME SECRET-FILE PUBLIC-FILE"},
        {"--dump-db", NULL, 0, OP(18), NULL, "writes the database as text"},
        {"--load-db", NULL, 0, OP(19), NULL, "reads it"},
        {"--register-validity", NULL, 0, OP(23), NULL, NULL},
        {"--reregister", NULL, 0, FLAG(8), NULL, NULL},
        {"--hash-given", NULL, 0, FLAG(9), NULL, NULL},
        {"--init", NULL, 0, OP(20), NULL, "makes an empty store"},
        {"--serve", NULL, 0, OP(21), NULL, "the other end of ssh:// stores, for reading"},
        {"--write", NULL, 0, FLAG(17), NULL, "  for adding and building, too"},
        {"--dry-run", NULL, 0, FLAG(10), NULL, "only says what would be built"},
        {"--keep-failed", "-K", 0, FLAG(11), NULL, "keeps build folders of failed builds"},
        {"--keep-going", "-k", 0, FLAG(12), NULL, "goes on after a failed build"},
        {"--check", NULL, 0, FLAG(13), NULL, "builds again and compares"},
        {"--no-build-output", "-Q", 0, FLAG(15), NULL, "does not show what builders say"},
        {"--max-jobs", "-j", 1, OPT_SETTING, "N", "builds at a time"},
        {"--cores", NULL, 1, OPT_SETTING, "N", "NIX_BUILD_CORES of a build"},
        {"--timeout", NULL, 1, OPT_SETTING, "SECONDS", "ends a build that takes longer"},
        {"--max-silent-time", NULL, 1, OPT_SETTING, "SECONDS", "ends a build that says nothing for so long"},
        {"--log-lines", NULL, 1, OPT_SETTING, "N", "last lines shown of a failed build"},
        {"--max-build-log-size", NULL, 1, OPT_SETTING, "BYTES", "ends a build that says more"},
        {"--add-root", NULL, 1, OPT_ADD_ROOT, "LINK", "makes the result a garbage collector root"},
        {"--indirect", NULL, 0, OPT_NOTHING, NULL, NULL},
        {"--store", NULL, 1, OPT_STORE, "URI", "store: local, local?root=DIR, DIR"},
        {"--option", NULL, 2, OPT_OPTION, "NAME VALUE", "a setting of nix.conf"},
        {"--verbose", "-v", 0, OPT_VERBOSE, NULL, "says more"},
        {"-vv", NULL, 0, OPT_VERBOSE, NULL, NULL},
        {"-vvv", NULL, 0, OPT_VERBOSE, NULL, NULL},
        {"--quiet", NULL, 0, OPT_QUIET, NULL, "says less"},
        {"--ignore-unknown", NULL, 0, OPT_NOTHING, NULL, NULL},
        {"--show-trace", NULL, 0, OPT_NOTHING, NULL, NULL},
        {"--extra-experimental-features", NULL, 1, OPT_NOTHING, NULL, NULL},
        {"--experimental-features", NULL, 1, OPT_NOTHING, NULL, NULL},
        {"--log-format", NULL, 1, OPT_NOTHING, NULL, NULL},
        {"--fallback", NULL, 0, OPT_NOTHING, NULL, NULL},
        {"--help", NULL, 0, OPT_HELP, NULL, "this list"},
        {"--version", NULL, 0, OPT_VERSION, NULL, NULL},
        {NULL, NULL, 0, 0, NULL, NULL},
};

static int set_op(struct store_cmd *c, int i, struct err *e)
{
	if (c->op && c->op != ops[i].fn)
		return err_set(e, -EINVAL, "only one operation may be specified");
	c->op = ops[i].fn;
	c->needs_store = ops[i].needs_store;
	return 0;
}

static int set_query(struct store_cmd *c, enum store_query q, struct err *e)
{
	// `--delete`'s and others' flags share no names with queries but --hash and --size, which nobody else
	// has.
	if (c->query != QUERY_DEFAULT && c->query != q)
		return err_set(e, -EINVAL, "query type specified twice");
	c->query = q;
	return 0;
}

// A number of bytes with K, M, G or T behind it.
static int parse_bytes(const char *text, uint64_t *ret, struct err *e)
{
	static const char units[] = "KMGT";
	size_t len = strlen(text);
	const char *unit = len ? strchr(units, text[len - 1]) : NULL;
	_cleanup_free_ char *number = mem_strndup(text, len - (unit && *unit ? 1 : 0));

	if (str_to_u64(number, ret) < 0)
		return err_set(e, -EINVAL, "flag '--max-freed' requires a number of bytes, not '%s'", text);
	unsigned shift = unit && *unit ? 10 * (unsigned)(unit - units + 1) : 0;
	if (*ret > UINT64_MAX >> shift)
		return err_set(e, -ERANGE, "'%s' bytes are more than can be counted", text);
	*ret <<= shift;
	return 0;
}

static int set_option(struct store_cmd *c, const char *name, const char *value, struct err *e)
{
	bool on = str_eq(value, "true");

	if (str_eq(name, "keep-outputs") || str_eq(name, "gc-keep-outputs"))
		c->keep_outputs = on;
	else if (str_eq(name, "keep-derivations") || str_eq(name, "gc-keep-derivations"))
		c->no_keep_derivations = !on;
	else
		return MIN(build_settings_set(&c->build, name, value, e), 0);
	return 0; // others belong to parts of Nix that are not here
}

static int take_value(struct store_cmd *c, int id, char **args, struct err *e)
{
	switch (id) {
	case OPT_STORE:
		mem_free(c->uri);
		c->uri = mem_strdup(args[0]);
		return 0;
	case OPT_OPTION:
		return set_option(c, args[0], args[1], e);
	case OPT_BINDING:
		c->binding = mem_strdup(args[0]);
		return set_query(c, QUERY_BINDING, e);
	case OPT_GC_LIVE:
		c->gc_action = GC_RETURN_LIVE;
		return 0;
	case OPT_GC_DEAD:
		c->gc_action = GC_RETURN_DEAD;
		return 0;
	case OPT_MAX_FREED:
		return parse_bytes(args[0], &c->max_freed_bytes, e);
	case OPT_ADD_ROOT:
		strv_add(&c->add_roots, args[0]);
		return 0;
	case OPT_VERBOSE:
		log_set_level(LOG_INFO);
		return 0;
	case OPT_QUIET:
		log_set_level(LOG_WARN);
		return 0;
	}
	return 0;
}

static int take(void *ctx, const struct opt_row *row, char **args, struct err *e)
{
	struct store_cmd *c = ctx;

	if (!row) {
		strv_add(&c->words, args[0]);
		return 0;
	}
	if (row->id == OPT_SETTING)
		return set_option(c, row->name + strlen("--"), args[0], e);
	if (row->id >= OPT_STORE)
		return take_value(c, row->id, args, e);
	if (row->id >= OPT_QUERY)
		return set_query(c, (enum store_query)(row->id - OPT_QUERY), e);
	if (row->id >= OPT_FLAG) {
		*(bool *)((char *)c + flags[row->id - OPT_FLAG]) = true;
		return 0;
	}
	return set_op(c, row->id - OPT_OP, e);
}

static const struct opt_row *short_row(char letter)
{
	for (const struct opt_row *r = rows; r->name; r++)
		if (r->alias && r->alias[1] == letter)
			return r;
	return NULL;
}

// "-qR" is "-q -R": letters that all name rows; only the last may take a word.
static bool is_cluster(const char *word)
{
	if (word[0] != '-' || word[1] == '-' || strlen(word) < 3)
		return false;
	for (const char *p = word + 1; *p; p++) {
		const struct opt_row *r = short_row(*p);
		if (!r || (r->nargs && p[1]))
			return false;
	}
	return true;
}

static char **expand(int argc, char **argv)
{
	char **v = NULL;
	bool plain = false;

	for (int i = 0; i < argc; i++) {
		plain = plain || str_eq(argv[i], "--");
		if (plain || !is_cluster(argv[i]) || str_eq(argv[i], "-vv") || str_eq(argv[i], "-vvv")) {
			strv_add(&v, argv[i]);
			continue;
		}
		for (const char *p = argv[i] + 1; *p; p++)
			strv_take(&v, str_printf("-%c", *p));
	}
	return v;
}

static void release(struct store_cmd *c)
{
	store_close(c->store);
	mem_free(c->uri);
	mem_free(c->binding);
	strv_free(c->words);
	strv_free(c->add_roots);
}

static int run(struct store_cmd *c, struct err *e)
{
	if (!c->op)
		return err_set(e, -EINVAL, "no operation specified\nTry 'nix-store --help' for a list.");
	if (c->dry_run && c->op != store_op_realise) {
		err_set(e, -EINVAL, "'--dry-run' goes with '--realise' only; nothing was done");
		return err_hint(e, "What would be deleted: nix-store --gc --print-dead");
	}
	bool frees = c->op == store_op_delete || (c->op == store_op_gc && c->gc_action == GC_DELETE_DEAD);
	int r = c->needs_store ? store_open(c->uri, frees ? STORE_RECLAIM : 0, &c->store, e) : 0;
	if (r == 0)
		r = c->op(c, e);
	if (r >= 0 && c->store) {
		int flushed = store_flush(c->store, e);
		r = flushed < 0 ? flushed : r;
	}
	return r;
}

static bool asked(int argc, char **argv, const char *word)
{
	for (int i = 1; i < argc && !str_eq(argv[i], "--"); i++)
		if (str_eq(argv[i], word))
			return true;
	return false;
}

int cmd_store(int argc, char **argv)
{
	struct store_cmd c = {
	        .gc_action = GC_DELETE_DEAD,
	        .max_freed_bytes = UINT64_MAX,
	        .build.max_jobs = 1,
	        .keep_outputs = store_conf_bool("keep-outputs", false),
	        .no_keep_derivations = !store_conf_bool("keep-derivations", true),
	};
	_cleanup_strv_ char **words = expand(argc, argv);
	struct err e = {0};

	if (asked(argc, argv, "--version")) {
		printf("nix-store (kernix) %s\n", KERNIX_VERSION);
		return 0;
	}
	if (asked(argc, argv, "--help")) {
		_cleanup_free_ char *help = opt_help(rows);
		printf("Usage: nix-store OPERATION [OPTIONS...] [ARGUMENTS...]\n\n%s", help);
		return 0;
	}
	int r = store_conf_each(build_settings_conf, &c.build, &e);
	if (r == 0)
		r = opt_parse(rows, (int)strv_len(words), words, take, &c, &e);
	if (r == 0)
		r = run(&c, &e);
	release(&c);
	return r < 0 ? cmd_fail(&e) : r;
}
