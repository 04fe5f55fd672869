// SPDX-License-Identifier: GPL-2.0-or-later
// Kconfig of the Linux tree: load a tree, take a base, add requests, read values, write .config; the same
// bytes as the tree's own scripts/kconfig/conf. Everything hangs from struct kconfig, which owns all strings
// that it hands out unless said otherwise.
//
// Order of use: kconfig_load, kconfig_base (or kconfig_read_text), optionally request.h, then kconfig_write
// and friends. Source of the language: Documentation/kbuild/kconfig-language.rst and
// kconfig-macro-language.rst; what conf does beyond that is written down in doc/kconfig-semantics.md.
#pragma once

#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"

struct kconfig;
struct ksym;

enum kconfig_tri { KCONFIG_N, KCONFIG_M, KCONFIG_Y };
enum kconfig_type {
	KCONFIG_UNKNOWN,
	KCONFIG_BOOL,
	KCONFIG_TRISTATE,
	KCONFIG_INT,
	KCONFIG_HEX,
	KCONFIG_STRING
};

// Runs one shell command and appends its standard output. Negative errno when it could not be run at all or
// took too long.
typedef int kconfig_run_fn(void *ctx, const char *cmd, struct buf *out, struct err *e);
// Gets the text that conf would write to stderr: whole lines, each with its newline.
typedef void kconfig_warn_fn(void *ctx, const char *text);

// Where commands find the tools, when that is not where this process is: enter moves a child there right
// after fork, and gives 0 or a negative errno.
struct kconfig_place {
	int (*enter)(void *ctx);
	void *ctx;
};

struct kconfig_env {
	const char *srctree; // folder of the tree
	const char *kconfig; // root file below it; NULL: "Kconfig"
	char *const *vars;   // NAME=VALUE list: all of the environment that macros and commands see; see
	                     // kconfig_env_make
	kconfig_run_fn *run; // NULL: sh -c, at most probe_timeout_ms each
	void *run_ctx;
	const struct kconfig_place *place; // of sh -c; NULL: where this process is
	const char *cache_path; // file with the known results of $(shell); NULL: none kept. A broken one is
	                        // ignored and replaced
	int probe_timeout_ms;   // 0: 60 s
	kconfig_warn_fn *warn;  // NULL: warnings are dropped
	kconfig_warn_fn *info;  // gets what $(info) prints; NULL: warn gets it
	void *warn_ctx;
};

// Reads all Kconfig files. On an error the message has file:line of each.
int kconfig_load(struct kconfig **ret, const struct kconfig_env *env, struct err *e);
void kconfig_free(struct kconfig *k);
static inline void kconfig_freep(struct kconfig **k)
{
	kconfig_free(*k);
}
#define _cleanup_kconfig_ _cleanup_(kconfig_freep)

// The environment that kbuild gives to conf for ARCH (any ARCH= that make takes): ARCH, SRCARCH,
// KERNELVERSION, srctree, CC, LD, ... What base_env (NAME=VALUE list; NULL: this process's) has already is
// kept. *ret is a strv, owned by the caller. What the compilers say about themselves is asked only where the
// cache does not know it.
int kconfig_env_make(char ***ret, const char *srctree, const char *arch, char *const *base_env,
        const char *cache_path, struct err *e);
// The same; the compilers are asked in place (NULL: here).
int kconfig_env_make_in(char ***ret, const char *srctree, const char *arch, char *const *base_env,
        const char *cache_path, const struct kconfig_place *place, struct err *e);
// "x86" for "x86_64"; borrowed (of the argument where nothing is mapped).
const char *kconfig_srcarch(const char *arch);
// $XDG_CACHE_HOME/kernix/kconfig-probes, made if missing; NULL when there is no place. Owned.
char *kconfig_cache_path(void);

// Sets all values from a base: allnoconfig allyesconfig allmodconfig alldefconfig defconfig tinyconfig
// randconfig (trees since 6.11) olddefconfig NAME_defconfig (a path below arch/SRCARCH/configs), or the path
// of a .config file. fragments (strv, may be NULL) are merged as merge_config.sh merges.
int kconfig_base(struct kconfig *k, const char *base, char *const *fragments, struct err *e);
// olddefconfig with the text of a .config; name is for messages.
int kconfig_read_text(struct kconfig *k, const char *text, size_t len, const char *name, struct err *e);

// The .config as conf writes it. Each appends to b.
void kconfig_write(struct kconfig *k, struct buf *b);
void kconfig_write_minimal(struct kconfig *k, struct buf *b); // savedefconfig
void kconfig_list_new(struct kconfig *k, struct buf *b);      // listnewconfig
// Evaluates what writing the .config did not, for the warnings of conf's last step.
void kconfig_settle(struct kconfig *k);

// Symbols. A name is without CONFIG_. NULL when no Kconfig file defines it.
struct ksym *kconfig_find(struct kconfig *k, const char *name);
const char *kconfig_sym_name(const struct ksym *s);
enum kconfig_type kconfig_sym_type(const struct ksym *s);
// Final value: "y" "m" "n", a number, or a string without quotes. Valid until the next change.
const char *kconfig_value(struct kconfig *k, struct ksym *s);
// The same by name; NULL for an unknown name or one that is not written to .config.
const char *kconfig_get(struct kconfig *k, const char *name);
// Calls f for each defined symbol in menu order, once each.
void kconfig_each(struct kconfig *k, void (*f)(void *ctx, struct ksym *s), void *ctx);

// Names like the given one, nearest first, at most max; the strings are borrowed, the strv array is not: free
// with mem_free.
const char **kconfig_nearest(struct kconfig *k, const char *name, size_t max);

// What a run of the commands cost: how many $(shell) results came from the cache and how many were run.
void kconfig_probe_counts(const struct kconfig *k, size_t *ret_known, size_t *ret_run);
const char *kconfig_version(const struct kconfig *k); // KERNELVERSION of the environment, "" when unset
