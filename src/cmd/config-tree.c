// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config in a kernel tree, as a kernel developer calls it: without options the tree is where one
// stands, and the base its .config. A folder that make O= built in counts, too: it has a link to its source.
//
// A .config says for which architecture it is in its first lines ("# Linux/arm64 6.12.1 Kernel
// Configuration"), and what compiled it in CC_VERSION_TEXT; make is told both again each time. Here they are
// taken from the file where neither an option nor the environment says them.
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/config.h"
#include "kconfig/kconfig.h"

extern char **environ;

static bool has(const char *dir, const char *name)
{
	_cleanup_free_ char *path = fs_join(dir, name);

	return fs_exists(path);
}

static bool is_tree(const char *dir)
{
	return has(dir, "Kconfig") && has(dir, "Kbuild") && has(dir, "Makefile");
}

// Where the .config of a tree or build folder is, by the rules of make; owned, NULL: there is none.
static char *config_of(const char *dir)
{
	const char *name = getenv("KCONFIG_CONFIG"), *out = getenv("KBUILD_OUTPUT");
	const char *file = name && *name ? name : ".config";
	char *path = out && *out        ? fs_join(out, file)
	             : str_eq(dir, ".") ? mem_strdup(file)
	                                : fs_join(dir, file);

	if (fs_exists(path) && !fs_is_dir(path))
		return path;
	mem_free(path);
	return NULL;
}

// CONFIG_NAME="TEXT" of a .config: TEXT up to the quote; owned, NULL: not there.
static char *text_of(const char *config, const char *name)
{
	_cleanup_free_ char *start = str_printf("\nCONFIG_%s=\"", name);
	const char *at = strstr(config, start);

	return at ? mem_strndup(at + strlen(start), strcspn(at + strlen(start), "\"\n")) : NULL;
}

// ARCH of make: the head of a .config names it.
static char *arch_of(const char *config)
{
	const char *at = strstr(config, "# Linux/");
	size_t n;

	if (!at || at - config > 400)
		return NULL;
	at += strlen("# Linux/");
	n = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return n && at[n] == ' ' ? mem_strndup(at, n) : NULL;
}

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	_cleanup_strv_ char **dirs = strv_split(path ? path : "/usr/bin:/bin", ":");

	strv_for_each (d, dirs) {
		_cleanup_free_ char *full = fs_join(d, program);
		if (access(full, X_OK) == 0)
			return true;
	}
	return false;
}

static bool says_tools(const struct config_args *a)
{
	static const char *const names[] = {"CC", "CROSS_COMPILE", "LLVM"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!a->finished && getenv(names[i]))
			return true;
	return false;
}

// The variable with which make took the compiler that the .config names, when that is here; owned.
static char *tools_of(const struct config_args *a, const char *config)
{
	_cleanup_free_ char *text = text_of(config, "CC_VERSION_TEXT");
	size_t n = text ? strcspn(text, " ") : 0;

	if (!text || says_tools(a))
		return NULL;
	text[n] = '\0';
	if (str_has_suffix(text, "-gcc") && in_path(text))
		return str_printf("CROSS_COMPILE=%.*s", (int)(n - strlen("gcc")), text);
	if (strstr(text, "gcc-") && in_path(text))
		return str_printf("CC=%s", text);
	if (strstr(config, "\nCONFIG_CC_IS_CLANG=y") && in_path("clang"))
		return mem_strdup(
		        strstr(config, "\nCONFIG_LD_IS_LLD=y") && in_path("ld.lld") ? "LLVM=1" : "CC=clang");
	return NULL;
}

static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return !strncmp(a, b, n + 1);
}

// An environment with another tool; what is asked for on the command line wins over its ARCH.
static char **environment_with(char *const *old, const char *tools, bool no_arch)
{
	char **env = NULL;

	if (tools)
		strv_add(&env, tools);
	strv_for_each (v, old)
		if (!(tools && same_name(tools, v)) && !(no_arch && same_name("ARCH=", v)) &&
		        !(no_arch && same_name("SRCARCH=", v)))
			strv_add(&env, v);
	return env;
}

void config_take_file(struct config_args *a)
{
	_cleanup_buf_ struct buf b = {};
	_cleanup_err_ struct err skip = {};
	_cleanup_free_ char *tools = NULL;
	_cleanup_strv_ char **old = a->env;
	const char *set = getenv("ARCH");
	bool asked = a->arch != NULL;

	a->env = NULL;
	if (a->base && !fs_is_dir(a->base) && fs_exists(a->base) &&
	        fs_read(a->base, (size_t)64 << 20, &b, &skip) >= 0) {
		if (!asked && (a->finished || !(set && *set)))
			a->arch = a->own_arch = arch_of(buf_str(&b));
		tools = tools_of(a, buf_str(&b));
	}
	if (old || tools || asked)
		a->env = environment_with(old ? old : environ, tools, asked);
	if (a->in_tree)
		term_printf(stderr, "kernix config: %s of %s%s%s%s%s\n", a->base,
		        str_eq(a->source, ".") ? "this tree" : a->source, a->own_arch ? ", ARCH=" : "",
		        a->own_arch ? a->own_arch : "", tools ? ", " : "", tools ? tools : "");
}

// The source that a build folder was made from.
static char *source_of(const char *dir)
{
	_cleanup_free_ char *link = fs_join(dir, "source"), *real = realpath(link, NULL);

	return real && is_tree(real) ? TAKE_PTR(real) : NULL;
}

void config_take_tree(struct config_args *a)
{
	if (!a->source && is_tree("."))
		a->source = a->own_source = mem_strdup(".");
	else if (!a->source)
		a->source = a->own_source = source_of(".");
	if (!a->source)
		return;
	if (!a->base) {
		const char *dir = str_eq(a->source, a->own_source) && !is_tree(".") ? "." : a->source;
		a->base = a->own_base = config_of(dir);
		a->in_tree = a->base != NULL;
	}
	if (a->own_source && !a->base) { // then it may be another kernel that is meant
		mem_free(a->own_source);
		a->source = a->own_source = NULL;
		return;
	}
	config_take_file(a);
}
