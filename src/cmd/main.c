// SPDX-License-Identifier: GPL-2.0-or-later
// Entry of the one binary: finds the command by the name that it was called with, or by its first word.

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/macro.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/cmd.h"
#include "cmd/streams.h"

int cmd_fail(struct err *e)
{
	if (e->code == -EPIPE && streams_broken()) {
		err_release(e);
		return STATUS_PIPE;
	}
	const char *on = term_flags(2) ? "\033[31;1m" : "", *off = *on ? "\033[0m" : "";

	_cleanup_free_ char *safe = term_clean_str(e->msg ? e->msg : "unknown error", term_flags(2));

	fprintf(stderr, "%serror:%s %s\n", on, off, safe);
	err_release(e);
	return 1;
}

int cmd_wait(int pid, int *ret_status)
{
	int ws;

	while (waitpid(pid, &ws, 0) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_status = WIFEXITED(ws) ? WEXITSTATUS(ws) : 128 + WTERMSIG(ws);
	return 0;
}

int cmd_first_line(int (*cmd)(int argc, char **argv), char **argv, char **ret)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf said = {0};
	_cleanup_close_ int memory = memfd_create(argv[0], MFD_CLOEXEC), saved = dup(STDOUT_FILENO);

	fflush(stdout);
	dup2(memory, STDOUT_FILENO);
	int status = cmd((int)strv_len(argv), argv);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	lseek(memory, 0, SEEK_SET);
	if (status == 0 && fs_read_fd(memory, argv[0], 1 << 20, &said, &e) < 0)
		return cmd_fail(&e);
	*ret = mem_strndup(buf_str(&said), strcspn(buf_str(&said), "\n"));
	return status;
}

// 'nix log PATH' is 'nix-store --read-log PATH'.
int cmd_log(int argc, char **argv)
{
	_cleanup_strv_ char **words = NULL;

	if (argc < 2) {
		fprintf(stderr,
		        "error: 'log' needs a store path, a derivation or a link to one\n"
		        "For example: %s ./result\n",
		        argv[0]);
		return 1;
	}
	strv_add(&words, "nix-store");
	strv_add(&words, "--read-log");
	for (int i = 1; i < argc; i++)
		strv_add(&words, argv[i]);
	return cmd_store((int)strv_len(words), words);
}

int cmd_help(int argc, char **argv)
{
	printf("kernix %s: NixOS's way with Linux kernels, on any Linux distribution.\n\nUsage: kernix "
	       "COMMAND ...\n\n",
	        KERNIX_VERSION);
	for (const struct command *c = commands; c->name; c++)
		if (c->flags & COMMAND_WORD)
			printf("  %-16s %s\n", c->name, c->help);
	printf("\nCommands that are known by their own names (links to kernix):\n\n");
	for (const struct command *c = commands; c->name; c++)
		if (c->flags & COMMAND_LINK)
			printf("  %-22s %s\n", c->name, c->help);
	return 0;
}

static int command_links(void)
{
	for (const struct command *c = commands; c->name; c++)
		if (c->flags & COMMAND_LINK)
			puts(c->name);
	puts("nix");
	return 0;
}

// The command that the word is most like, among those that could stand there; NULL when none is.
static const char *similar(const char *word, unsigned flags)
{
	struct str_near near = {.below = str_near_limit(strlen(word))};

	for (const struct command *c = commands; c->name; c++)
		if (c->flags & flags)
			str_near_offer(&near, word, c->name);
	return near.name;
}

static int unknown(const char *program, const char *word, unsigned flags)
{
	const char *near = similar(word, flags | COMMAND_LINK);
	const char *instead = flags & COMMAND_NIX ? command_instead(word) : NULL;

	if (instead) {
		fprintf(stderr, "error: 'nix %s' is not built; what does it here: %s\n", word, instead);
		return 1;
	}
	fprintf(stderr, "error: '%s' is not a command of %s\n", word, program);
	if (near)
		fprintf(stderr, "Did you mean '%s'?\n", near);
	fprintf(stderr, "Try '%s help' for a list.\n", program);
	return 1;
}

// The words before the command: 'nix --extra-experimental-features X repl' and the like are passed over.
static int skip_global(int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-') {
		if (str_eq(argv[i], "--option"))
			i += 3;
		else if (str_eq(argv[i], "--extra-experimental-features") ||
		         str_eq(argv[i], "--experimental-features"))
			i += 2;
		else
			break;
	}
	return i;
}

static int run(const struct command *c, int argc, char **argv)
{
	if ((c->flags & COMMAND_LINK) && argc > 1 && str_eq(argv[1], "--version")) {
		printf("%s (kernix) %s\n", c->name, KERNIX_VERSION);
		return 0;
	}
	return c->fn(argc, argv);
}

static int dispatch_word(const char *program, unsigned flags, int argc, char **argv)
{
	int i = skip_global(argc, argv);

	if (i >= argc || str_eq(argv[i], "--help") || str_eq(argv[i], "-h"))
		return cmd_help(0, NULL);
	if (str_eq(argv[i], "--version")) {
		printf("%s (kernix) %s\n", program, KERNIX_VERSION);
		return 0;
	}
	if (str_eq(argv[i], "--command-links"))
		return command_links();
	const struct command *c = command_find(argv[i], flags);
	if (!c)
		c = command_find(argv[i], COMMAND_LINK); // 'kernix nix-build ...'
	return c ? run(c, argc - i, argv + i) : unknown(program, argv[i], flags);
}

static int dispatch(int argc, char **argv)
{
	const char *name = argc ? str_basename(argv[0]) : "kernix";

	if (str_eq(name, "nix"))
		return dispatch_word(name, COMMAND_NIX, argc, argv);
	const struct command *c = command_find(name, COMMAND_LINK);
	return c ? run(c, argc, argv) : dispatch_word("kernix", COMMAND_WORD, argc, argv);
}

int main(int argc, char **argv)
{
	streams_open();
	mallopt(M_ARENA_MAX, 1); // evaluation has a thread of its own, but one thread at a time works
	mallopt(M_TOP_PAD, 1 << 20);
	return streams_close(dispatch(argc, argv));
}
