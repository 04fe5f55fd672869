// SPDX-License-Identifier: GPL-2.0-or-later
// What the commands that evaluate and build share: the options of the nix-* family, one store, one evaluator,
// building what was found.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "base/opt.h"
#include "cmd/build-settings.h"
#include "expr/eval.h"
#include "glue/flake.h"

struct store;
struct glue;

struct session_arg {
	char *name, *value;
	bool is_expr; // --arg, else --argstr
};

enum session_flags {
	SESSION_BUILDS = 1,     // the store is written, derivations are made, import from derivation builds
	SESSION_READ_WRITE = 2, // derivations are written (nix-instantiate without --eval)
};

// What a reference of a flake is wanted for: which attributes are looked for (session-flake.c).
enum flake_kind { FLAKE_BUILD, FLAKE_DEVELOP, FLAKE_REPL };

// Filled from the command line by session_options; everything is owned.
struct session {
	char **include;      // -I
	char *conf_nix_path; // while nix.conf is read
	struct session_arg *args;
	size_t n_args, cap_args;
	char **attrs;    // -A
	char **words;    // files or expressions
	bool is_expr;    // -E
	char **features; // experimental features
	char **allowed_uris;
	bool for_eval, interrupted; // a build for evaluation is running; the last one was interrupted
	char *system;               // --system; NULL: this machine's
	char *store_uri;            // --store; NULL: as the environment says
	struct eval_settings settings;
	struct build_settings build;
	bool dry_run, quiet_builds, check, repair, verbose;
	char *out_link; // -o; NULL: "result"
	bool no_out_link;
	char *add_root;       // --add-root
	bool can_begin_again; // set before session_open: the words can be read again, and nothing is printed
	                      // before they were; see session.c
	bool flakes, impure;  // the words are flakes (--flake); their evaluation is not pure (--impure)
	bool no_embedded_nixpkgs; // an input that is nixpkgs is itself
	enum flake_kind flake_kind;
	struct ref *own_set; // what stands for nixpkgs, once a word has named it
	struct flake_options flake;
	// made by session_open:
	struct store *store;
	struct glue *glue;
	struct eval *ev;
	struct attrs *auto_args; // of session_auto_args, when it was called
};

// Parses argv: the common rows and those of the command. f gets the command's rows (ids from 1000 up); plain
// words go to s->words.
int session_options(struct session *s, const struct opt_row *rows, opt_fn *f, void *ctx, int argc,
        char **argv, struct err *e);
// The settings of nix.conf as options (session-settings.c): rows that take a value, turn on and turn off have
// these ids; the last row has no name. session_knows_setting: whether `--option NAME` is no mistake.
enum { SESSION_SETTING = 900, SESSION_SETTING_ON, SESSION_SETTING_OFF };
extern const struct opt_row session_setting_rows[];
bool session_knows_setting(const char *name);
char *session_help(const struct opt_row *rows);
// Whether commands that evaluate take this option ("--keep-failed").
bool session_knows(const char *option);
// The options of flakes: all commands know them. Ids from SESSION_FLAKE.
enum { SESSION_FLAKE = 800 };
extern const struct opt_row session_flake_rows[];
int session_flake_option(struct session *s, const struct opt_row *row, char **args, struct err *e);
// Is a word without --flake one of a flake (REF#ATTR, a URL of one, a folder with flake.nix only)?
bool session_is_flake_word(const char *word);
int session_open(struct session *s, unsigned flags, struct err *e);
void session_close(struct session *s);
#define _cleanup_session_ _cleanup_(session_close)

// Runs f in the evaluator; prints what it threw and returns its exit status, or 0.
int session_run(struct session *s, void (*f)(struct eval *ev, void *arg), void *arg);
// The set of --arg and --argstr. Inside the evaluator.
struct attrs *session_auto_args(struct session *s);
// The value of one of the words (files or -E expressions; "-" is stdin), not called yet. Inside the
// evaluator.
void session_word(struct session *s, const char *word, struct value *ret);

// The same, only parsed.
struct expr *session_parse(struct session *s, const char *word);

// One derivation that evaluation found.
struct found_drv {
	const char *attr_path; // "" for the top; evaluator memory
	const char *drv_path;
	const char *output_name; // "" when it was not chosen
	struct value value;
};
struct found_drvs {
	struct found_drv *drvs; // evaluator memory
	size_t len, cap;
};
// All derivations that v (after auto-calling) is or contains, as nix-build takes them. Inside the evaluator.
void session_find_drvs(struct session *s, struct value *v, const char *attr_path, struct found_drvs *ret);
// The same for a word of the command line and its -A paths.
void session_find_word(struct session *s, const char *word, struct found_drvs *ret);

// The same for REF#ATTR^OUTPUTS; session_find_word calls it.
void session_find_flake_word(struct session *s, const char *word, struct found_drvs *ret);
// The attribute that such a word names, as its kind of use looks for it.
void session_flake_value(struct session *s, const char *word, enum flake_kind kind, struct value *ret);
// The flake that it names, evaluated; only fetched and read.
void session_flake(struct session *s, const char *word, struct flake *ret_flake, struct value *ret);
void session_flake_ref(struct session *s, const char *word, struct flake *ret);

// Without words: ./default.nix (for a shell first ./shell.nix), or an error that says what to name.
int session_default_word(struct session *s, bool shell, struct err *e);

// Builds "PATH" or "DRV!OUT,OUT" entries; progress and logs go to stderr. The error has been printed when it
// returns; the result is an exit status.
int session_build(struct session *s, char *const *wanted);
// Makes the link and registers it as a root; prints nothing.
int session_link(struct session *s, const char *link, const char *path, struct err *e);
