// SPDX-License-Identifier: GPL-2.0-or-later
// What the words of 'kernix config' share. To add a word: a function below, its row in cmd-config.c.
#pragma once

#include "kconfig/request.h"

struct config_args {
	const char *source, *arch, *base, *out, *modules, *hardware, *aliases;
	const char *configuration; // a configuration.nix: its kernel
	const char *attr;          // an attribute of <nixpkgs>: that kernel, or that set's
	char **fragments, **requests, **words;
	char **search; // -I: NAME=PATH
	struct kpolicy policy;
	bool json, all;
	bool lines, nix; // what helps is printed as lines of a .config, as Nix; neither: as where it is asked
	bool finished;   // the base is what is built, to the byte
	bool in_tree;    // the base is the .config of a kernel tree that is worked in
	bool fragments_are_requests; // check: each line is answered for
	int status;                  // exit status of a word that succeeds: 1 where it found nothing
	int failed;                  // exit status of one that fails; 0: 1
	// Filled from a configuration.nix or attribute, or a tree; owned.
	struct enter_place *view;   // of the store and the build root of that builder, for its tools
	struct kconfig_place place; // the same for kconfig_build; enter is NULL where there is none
	char **env; // what the builder of the kernel's .config has; NULL: this process's environment
	char *own_source, *own_base, *own_arch, *own_configuration, *nix_requests, *own_trim;
	char **positions; // NAME=FILE:LINE, where a request is written
	char *report;     // of the machine's hardware, which the configuration names (its text)
	char **declared;  // modules and file systems that the configuration names
};

// Each gets the words after its own name in args->words.
typedef int config_word_fn(struct config_args *a, struct err *e);
int config_explain(struct config_args *a, struct err *e);
int config_diff(struct config_args *a, struct err *e);
int config_compare(struct config_args *a, struct err *e);
int config_edit(struct config_args *a, struct err *e);
int config_trim(struct config_args *a, struct err *e);
int config_search(struct config_args *a, struct err *e);
int config_builds(struct config_args *a, struct err *e);
int config_hardware(struct config_args *a, struct err *e);
int config_what_if(struct config_args *a, struct err *e);
int config_show(struct config_args *a, struct err *e);

// ARCH= of make: what is asked for, else this machine's; borrowed.
const char *config_arch(const struct config_args *a);
// Loads the tree that args name and sets the base; a configuration.nix or attribute is evaluated first.
int config_load_base(struct config_args *a, struct kconfig **ret, struct err *e);
// The same for questions about a tree that need no base: the tree that one stands in and its .config are the
// defaults, requests are applied where there is a base; a->base is NULL where there is none.
int config_load_asked(struct config_args *a, struct kconfig **ret, struct err *e);
// All requests of args, from files, fragments (of check) and a configuration.nix.
int config_requests(const struct config_args *a, struct krequests *ret, struct err *e);
// Applies them without searching for fixes; req keeps them. What does not hold is the business of check.
int config_apply_quietly(struct config_args *a, struct kconfig *k, struct krequests *req, struct err *e);
// Modaliases of a report of `kernix hardware` (1, and its modules) or of a list (0): of /sys, or what lspci
// -n and lsusb print. Appends.
int config_read_hardware(const char *path, char ***ret, char ***modules, struct err *e);
// The same of the report that the configuration names (a->report).
int config_read_report(const struct config_args *a, char ***ret, char ***modules, struct err *e);
int config_write_out(const struct config_args *a, const struct buf *b, struct err *e);
struct json_t;
int config_print_json(struct json_t *o, struct err *e); // o is given away
// Requests as a structuredExtraConfig to paste, as lines of a .config, or as JSON.
int config_print_requests(
        const struct config_args *a, struct kconfig *k, const struct krequests *req, struct err *e);
bool config_wants_lines(const struct config_args *a);
// A request as a line of a .config.
void config_request_line(struct kconfig *k, const struct krequest *r, const char *indent, struct buf *b);
// Turns the lines of a report that are Nix to paste into such lines.
void config_lines(struct kconfig *k, struct buf *text);
// Where nothing says which kernel: the tree or build folder that one stands in, if it has a .config.
void config_take_tree(struct config_args *a);
// Takes what a base that is a file says of its architecture and compiler.
void config_take_file(struct config_args *a);

// What the kernel of a->configuration or a->attr is made of: evaluates it (no kernel is compiled), and makes
// the source tree.
int config_eval_nix(struct config_args *a, struct err *e);
// This program with other words, and the search path of a (NULL: it evaluates nothing); its standard output.
int config_run_self(const struct config_args *a, char *const *words, struct buf *out, struct err *e);
// Builds a Nix expression; the real place of what came out, also in a private store. Owned.
int config_build_path(const struct config_args *a, const char *expr, char **ret, struct err *e);
// Where a path that may be in the store is; owned.
char *config_real_path(const char *path);
// A .config by any word: a file (packed, too), a folder that has one, a URL, a generation, an attribute,
// running, debian.
int config_find(const struct config_args *a, const char *word, struct buf *b, struct err *e);
