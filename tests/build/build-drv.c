// SPDX-License-Identifier: GPL-2.0-or-later
// A thin program over src/build for its tests: builds outputs of .drv files of a store.
//   build-drv [OPTION]... DRV[!OUT,OUT]...      prints the output paths
//   build-drv --read-log PATH                   prints a build log
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "build/log.h"
#include "build/plan.h"

enum {
	OPT_STORE,
	OPT_JOBS,
	OPT_CORES,
	OPT_TIMEOUT,
	OPT_SILENT,
	OPT_LINES,
	OPT_CHECK,
	OPT_KEEP_FAILED,
	OPT_KEEP_GOING,
	OPT_DRY,
	OPT_PREFIX,
	OPT_STATUS,
	OPT_READ_LOG
};

static const struct opt_row rows[] = {
        {"--store", NULL, 1, OPT_STORE, "URI", "the store; else $NIX_REMOTE"},
        {"--max-jobs", "-j", 1, OPT_JOBS, "N", "builds at a time"},
        {"--cores", NULL, 1, OPT_CORES, "N", "NIX_BUILD_CORES"},
        {"--timeout", NULL, 1, OPT_TIMEOUT, "SECONDS", "of a build"},
        {"--max-silent-time", NULL, 1, OPT_SILENT, "SECONDS", "without output"},
        {"--log-lines", NULL, 1, OPT_LINES, "N", "of a failed build"},
        {"--check", NULL, 0, OPT_CHECK, NULL, "build again and compare"},
        {"--keep-failed", "-K", 0, OPT_KEEP_FAILED, NULL, "keep build directories"},
        {"--keep-going", "-k", 0, OPT_KEEP_GOING, NULL, "do not stop at a failure"},
        {"--dry-run", NULL, 0, OPT_DRY, NULL, "say what would be built"},
        {"--prefix", "-L", 0, OPT_PREFIX, NULL, "names before log lines"},
        {"--status", NULL, 0, OPT_STATUS, NULL, "a status line"},
        {"--read-log", "-l", 1, OPT_READ_LOG, "PATH", "print a log"},
        {NULL},
};

struct args {
	struct plan_opts plan;
	const char *store, *read_log;
	bool dry_run;
	int progress_flags;
	char **words;
};

static unsigned number(const char *s)
{
	return (unsigned)strtoul(s, NULL, 10);
}

static int on_option(void *ctx, const struct opt_row *row, char **words, struct err *e)
{
	struct args *a = ctx;
	struct builder_opts *b = &a->plan.build;

	if (!row) {
		strv_add(&a->words, words[0]);
		return 0;
	}
	switch (row->id) {
	case OPT_STORE:
		a->store = words[0];
		break;
	case OPT_JOBS:
		a->plan.max_jobs = number(words[0]);
		break;
	case OPT_CORES:
		b->cores = number(words[0]);
		break;
	case OPT_TIMEOUT:
		b->timeout_s = number(words[0]);
		break;
	case OPT_SILENT:
		b->max_silent_s = number(words[0]);
		break;
	case OPT_LINES:
		b->log_lines = number(words[0]);
		break;
	case OPT_CHECK:
		a->plan.check = true;
		break;
	case OPT_KEEP_FAILED:
		b->keep_failed = true;
		break;
	case OPT_KEEP_GOING:
		a->plan.keep_going = true;
		break;
	case OPT_DRY:
		a->dry_run = true;
		break;
	case OPT_PREFIX:
		a->progress_flags |= PROGRESS_PREFIX;
		break;
	case OPT_STATUS:
		a->progress_flags |= PROGRESS_STATUS;
		break;
	case OPT_READ_LOG:
		a->read_log = words[0];
		break;
	}
	return 0;
}

static int add_word(struct plan *p, const char *word, struct err *e)
{
	_cleanup_free_ char *path = mem_strdup(word);
	char *bang = strchr(path, '!');
	_cleanup_strv_ char **outputs = NULL;

	if (bang) {
		*bang = '\0';
		outputs = strv_split(bang + 1, ",");
	}
	return plan_add_drv(p, path, outputs, e);
}

static void print_outputs(struct store *s, const struct args *a)
{
	_cleanup_err_ struct err e = {0};

	strv_for_each (word, a->words) {
		_cleanup_drv_ struct drv *d = NULL;
		_cleanup_free_ char *path = mem_strndup(word, strcspn(word, "!"));
		if (drv_read(s, path, &d, &e) < 0)
			return;
		for (size_t i = 0; i < d->n_outputs; i++)
			printf("%s\n", d->outputs[i].path);
	}
}

static int print_errors(const struct plan *p, const struct err *e)
{
	size_t n = 0;

	strv_for_each (msg, plan_errors(p)) {
		fprintf(stderr, "error: %s\n", msg);
		n++;
	}
	if (n == 0)
		fprintf(stderr, "error: %s\n", e->msg);
	return n ? plan_exit_code(p) : 1;
}

static int build(struct store *s, struct args *a, struct progress *progress)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf text = {0};
	struct plan *p = NULL;
	int r = plan_new(s, &a->plan, progress, &p, &e), status = 0;

	strv_for_each (word, a->words) {
		if (r == 0)
			r = add_word(p, word, &e);
	}
	if (r < 0) {
		fprintf(stderr, "error: %s\n", e.msg);
		plan_free(p);
		return 1;
	}
	plan_print(p, &text);
	fputs(buf_str(&text), stderr);
	if (!a->dry_run && plan_run(p, &e) < 0)
		status = print_errors(p, &e);
	plan_free(p);
	if (status == 0 && !a->dry_run)
		print_outputs(s, a);
	return status;
}

static int read_log(struct store *s, const char *path)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf text = {0};

	if (build_log_read(s, path, &text, &e) < 0) {
		fprintf(stderr, "error: %s\n", e.msg);
		return 1;
	}
	fwrite(text.data, 1, text.len, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	struct args a = {.plan.max_jobs = plan_jobs_auto()};
	struct store *s = NULL;

	if (opt_parse(rows, argc, argv, on_option, &a, &e) < 0 || store_open(a.store, 0, &s, &e) < 0) {
		fprintf(stderr, "error: %s\n", e.msg);
		return 1;
	}
	struct progress *progress = progress_new(2, a.progress_flags);
	int status = a.read_log ? read_log(s, a.read_log) : build(s, &a, progress);
	progress_free(progress);
	store_close(s);
	strv_free(a.words);
	return status;
}
