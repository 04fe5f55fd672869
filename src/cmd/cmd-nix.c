// SPDX-License-Identifier: GPL-2.0-or-later
// 'nix build', 'nix develop', 'nix repl': the commands of the nix-* family with flakes as words,
// and with the few options that are called differently there.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/session.h"

static bool is_word(const char *s, const char *name, const char *alias)
{
	return str_eq(s, name) || str_eq(s, alias);
}

// -f FILE and --expr EXPR: the words are attributes of that.
static bool names_expression(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (is_word(argv[i], "--file", "-f") || is_word(argv[i], "--expr", "-E"))
			return true;
	return false;
}

// As Nix has it an expression on the command line of 'nix' is evaluated like a flake, a file is not. With
// --impure neither is.
bool nix_words_are_pure(int argc, char **argv)
{
	bool pure = false;

	for (int i = 1; i < argc; i++) {
		if (is_word(argv[i], "--file", "-f") || str_eq(argv[i], "--impure"))
			return false;
		if (is_word(argv[i], "--expr", "-E")) {
			pure = true;
			i++; // what follows is the expression, whatever it looks like
		}
	}
	return pure;
}

// The words of a nix-* command for those of a 'nix' command.
static char **translate(const char *program, int argc, char **argv)
{
	bool flakes = !names_expression(argc, argv);
	char **words = NULL;

	strv_add(&words, program);
	if (flakes)
		strv_add(&words, "--flake");
	if (nix_words_are_pure(argc, argv))
		strv_add(&words, "--pure-eval");
	for (int i = 1; i < argc; i++) {
		if (is_word(argv[i], "--file", "-f") && i + 1 < argc) {
			strv_add(&words, argv[++i]);
		} else if (is_word(argv[i], "--expr", "-E") && i + 1 < argc) {
			strv_add(&words, "-E");
			strv_add(&words, argv[++i]);
		} else if (*argv[i] != '-' && !flakes) {
			strv_add(&words, "-A");
			strv_add(&words, argv[i]);
		} else {
			strv_add(&words, argv[i]);
		}
	}
	return words;
}

int cmd_nix_build(int argc, char **argv)
{
	_cleanup_strv_ char **words = translate("nix-build", argc, argv), **all = NULL;
	bool print = false;

	strv_for_each (w, words)
		if (str_eq(w, "--print-out-paths"))
			print = true;
		else
			strv_add(&all, w);
	if (!print)
		strv_add(&all, "--no-print-out-paths");
	return cmd_build((int)strv_len(all), all);
}

// A command and its arguments as one line for the shell.
static char *shell_line(char *const *words)
{
	_cleanup_buf_ struct buf b = {0};

	strv_for_each (w, words) {
		buf_adds(&b, b.len ? " '" : "'");
		for (const char *p = w; *p; p++)
			if (*p == '\'')
				buf_adds(&b, "'\\''");
			else
				buf_addc(&b, *p);
		buf_addc(&b, '\'');
	}
	return buf_steal(&b);
}

int cmd_nix_develop(int argc, char **argv)
{
	static const char *const not_built[] = {"--profile", "--redirect", "--phase", "--unpack",
	        "--configure", "--build", "--check", "--install", "--installcheck"};
	int n = 1;

	while (n < argc && !is_word(argv[n], "--command", "-c"))
		n++;
	_cleanup_strv_ char **words = translate("nix-shell", n, argv), **all = NULL;
	strv_for_each (w, words) {
		for (size_t i = 0; i < ARRAY_SIZE(not_built); i++)
			if (str_eq(w, not_built[i])) {
				_cleanup_err_ struct err e = {0};
				err_set(&e, -ENOSYS, "nix develop %s is not built", w);
				err_hint(&e, "Instead: nix develop -c COMMAND, as in -c make.");
				return cmd_fail(&e);
			}
		strv_add(&all,
		        is_word(w, "--ignore-env", "--ignore-environment") || str_eq(w, "-i") ? "--pure" : w);
	}
	if (n < argc) {
		strv_add(&all, "--run");
		strv_take(&all, shell_line(argv + n + 1));
	}
	return cmd_shell((int)strv_len(all), all);
}

int cmd_nix_repl(int argc, char **argv)
{
	_cleanup_strv_ char **words = NULL;
	bool flakes = false;

	for (int i = 1; i < argc; i++)
		if (is_word(argv[i], "--help", "-h"))
			return cmd_repl(2, (char *[]){argv[0], argv[i], NULL});
	for (int i = 1; i < argc; i++)
		flakes |= *argv[i] != '-' && session_is_flake_word(argv[i]);
	if (names_expression(argc, argv))
		flakes = false;
	strv_add(&words, "repl");
	strv_add(&words, "--extra-experimental-features");
	strv_add(&words, "nix-command flakes");
	if (flakes)
		strv_add(&words, "--flake");
	for (int i = 1; i < argc; i++)
		if (!is_word(argv[i], "--file", "-f"))
			strv_add(&words, argv[i]);
	return cmd_repl((int)strv_len(words), words);
}
