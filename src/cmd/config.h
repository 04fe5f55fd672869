// SPDX-License-Identifier: GPL-2.0-or-later
// What the words of 'kernix config' share. To add a word: a function below, its row in cmd-config.c.
#pragma once

#include "kconfig/request.h"

struct config_args {
	const char *source, *arch, *base, *out, *modules;
	char **fragments, **requests, **words;
	struct kpolicy policy;
	bool json, all;
	// Filled from a configuration.nix; owned.
	char *own_source, *own_arch, *own_base, *nix_requests;
	char **tools;     // NAME=VALUE, kept over the environment
	char **positions; // NAME=FILE:LINE, where structuredExtraConfig asks for it
};

// Each gets the words after its own name in args->words.
typedef int config_word_fn(struct config_args *a, struct err *e);
int config_explain(struct config_args *a, struct err *e);
int config_diff(struct config_args *a, struct err *e);
int config_compare(struct config_args *a, struct err *e);
int config_edit(struct config_args *a, struct err *e);
int config_trim(struct config_args *a, struct err *e);

// Loads the tree that args name; for one without a base, kconfig_base follows in config_load_base.
int config_load(const struct config_args *a, struct kconfig **ret, struct err *e);
int config_load_base(const struct config_args *a, struct kconfig **ret, struct err *e);
// All requests of args, from files and from a configuration.nix.
int config_requests(const struct config_args *a, struct krequests *ret, struct err *e);
int config_write_out(const struct config_args *a, const struct buf *b, struct err *e);

// What the kernel of a configuration.nix is made of: evaluates it (no kernel is compiled), and makes the source tree.
int config_eval_nix(struct config_args *a, const char *file, struct err *e);
