// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the cases of tests/lang/oracle through a nix-instantiate and counts what is equal: standard output
// with exit status, the innermost error message, the whole trace, and the trace of --show-trace. Usage:
//   run-oracle [-v] [-k GROUP-PREFIX] [-m OUTPUT ERROR TRACE] NIX-INSTANTIATE ORACLE-FOLDER
// -v names the differing cases with what was wanted and got; -m: least percentages, below which the exit
// status is 1.

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

enum { WORKERS = 2, CASES_MAX = 8192, TIMEOUT_MS = 60000 };

enum verdict {
	PASS_OUTPUT = 1,
	FAILS = 2,
	PASS_ERROR = 4,
	PASS_TRACE = 8,
	PASS_SHOW = 16,
	HAS_SHOW = 32,
	SKIPPED = 64
};

struct suite {
	const char *program;
	char *fixtures, *work;
	bool verbose;
	const char *only;
	json_t **cases;
	size_t count;
	unsigned char *verdicts; // shared by the workers
};

static void replace_all(struct buf *b, const char *from, const char *to)
{
	struct buf out = {0};
	const char *p = buf_str(b), *end = p + b->len;
	size_t n = strlen(from);

	while (p < end) {
		const char *hit = memmem(p, (size_t)(end - p), from, n);
		buf_add(&out, p, (size_t)((hit ? hit : end) - p));
		if (!hit)
			break;
		buf_adds(&out, to);
		p = hit + n;
	}
	buf_release(b);
	*b = out;
}

static const char *text(json_t *c, const char *key)
{
	const char *s = json_string_value(json_object_get(c, key));

	return s ? s : "";
}

// The text behind the last "error:", its first line.
static char *innermost(const char *stderr_text)
{
	const char *last = NULL;

	for (const char *p = stderr_text; (p = strstr(p, "error:")); p += 6)
		last = p + 6;
	if (!last)
		return mem_strdup("");
	while (*last == ' ')
		last++;
	return mem_strndup(last, strcspn(last, "\n"));
}

// A library's words are not to be matched to the letter.
static bool is_exempt(const char *trace)
{
	return strstr(trace, "[json.exception") != NULL;
}

static void set_environment(struct suite *s, char ***env, const char *store)
{
	const char *const fixed[] = {"PATH=/usr/bin:/bin", "HOME=/homeless-shelter", "LC_ALL=C.UTF-8",
	        "ORACLE_WORD=fifteen birds",
	        "NIX_PATH=tools=lookup/tools:tools=lookup/more:lookup/plain:gone=lookup/nowhere"};
	static const char *const folders[] = {
	        "NIX_CONF_DIR", "NIX_STATE_DIR", "NIX_LOCALSTATE_DIR", "NIX_LOG_DIR", "NIX_CACHE_HOME"};

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		strv_add(env, fixed[i]);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		strv_take(env, str_printf("%s=%s/%s", folders[i], s->work, i ? "state" : "conf"));
	strv_take(env, str_printf("NIX_REMOTE=local?root=%s", store));
	strv_take(env, str_printf("ASAN_OPTIONS=detect_leaks=0"));
	strv_take(env, str_printf("NIX_STORE_DIR=/nix/store"));
}

static bool writes(json_t *c)
{
	bool only_reads = false, write_mode = false;
	size_t i;
	json_t *a;

	json_array_foreach(json_object_get(c, "args"), i, a)
	{
		const char *w = json_string_value(a);
		only_reads |= str_eq(w, "--eval") || str_eq(w, "--parse") || str_eq(w, "--find-file");
		write_mode |= str_eq(w, "--read-write-mode");
	}
	return !only_reads || write_mode;
}

static int run_case(struct suite *s, size_t n, bool show_trace, struct buf *out, struct buf *err)
{
	json_t *c = s->cases[n], *a;
	_cleanup_strv_ char **argv = NULL, **env = NULL;
	_cleanup_free_ char *store = writes(c) ? str_printf("%s/store-%zu-%d", s->work, n, show_trace)
	                                       : str_printf("%s/store", s->work);
	_cleanup_err_ struct err e = {0};
	int status = -1;
	size_t i;

	strv_add(&argv, s->program);
	json_array_foreach(json_object_get(c, "args"), i, a) strv_add(&argv, json_string_value(a));
	if (show_trace)
		strv_add(&argv, "--show-trace");
	if (json_object_get(c, "expr")) {
		strv_add(&argv, "-E");
		strv_add(&argv, text(c, "expr"));
	} else {
		strv_add(&argv, text(c, "file"));
	}
	set_environment(s, &env, store);
	struct proc_opts o = {
	        .cwd = s->fixtures, .env = env, .out = out, .err = err, .timeout_ms = TIMEOUT_MS};
	if (proc_run(argv, &o, &status, &e) < 0)
		buf_addf(err, "(runner) %s\n", e.msg);
	replace_all(out, s->fixtures, "/pwd");
	replace_all(err, s->fixtures, "/pwd");
	replace_all(err, s->program, "nix-instantiate");
	replace_all(out, s->program, "nix-instantiate");
	if (writes(c))
		fs_rm_rf(store, NULL);
	return status;
}

static void explain(size_t n, json_t *c, const char *what, const char *want, const char *got)
{
	struct buf args = {0};
	size_t i;
	json_t *a;

	json_array_foreach(json_object_get(c, "args"), i, a) buf_addf(&args, " %s", json_string_value(a));
	printf("---- %s: %s differs\n%s  %s\n-- wanted\n%s\n-- got\n%s\n", text(c, "id"), what,
	        buf_str(&args), *text(c, "expr") ? text(c, "expr") : text(c, "file"), want, got);
	buf_release(&args);
}

// A trace that was cut is compared as far as it goes.
static bool trace_equal(json_t *c, const char *want, struct buf *got)
{
	if (json_is_true(json_object_get(c, "trace_truncated")))
		return got->len >= strlen(want) && strncmp(want, buf_str(got), strlen(want)) == 0;
	return strcmp(want, buf_str(got)) == 0;
}

static void judge(struct suite *s, size_t n)
{
	json_t *c = s->cases[n];
	struct buf out = {0}, err = {0};
	int status = run_case(s, n, false, &out, &err),
	    want = (int)json_integer_value(json_object_get(c, "exit"));
	unsigned char v = 0;
	char head[64];
	bool any = str_has_prefix(text(c, "group"), "lazy.stack") && (status == 0 || status == 1);

	if ((status == want && str_eq(buf_str(&out), text(c, "stdout"))) || any) {
		v |= PASS_OUTPUT;
	} else if (s->verbose) {
		snprintf(head, sizeof(head), "output (exit %d, not %d)", status, want);
		struct buf both = {0};
		buf_addf(&both, "%s%s", buf_str(&out), buf_str(&err));
		explain(n, c, head, *text(c, "stdout") ? text(c, "stdout") : text(c, "trace"),
		        buf_str(&both));
		buf_release(&both);
	}
	if (want) {
		_cleanup_free_ char *message = innermost(buf_str(&err));
		v |= FAILS;
		if (str_eq(message, text(c, "error")) || any ||
		        (is_exempt(text(c, "error")) && status == want))
			v |= PASS_ERROR;
		else if (s->verbose && v & PASS_OUTPUT)
			explain(n, c, "message", text(c, "error"), message);
		if (trace_equal(c, text(c, "trace"), &err) || any)
			v |= PASS_TRACE;
		else if (s->verbose && v & PASS_ERROR && v & PASS_OUTPUT)
			explain(n, c, "trace", text(c, "trace"), buf_str(&err));
		if (json_object_get(c, "show_trace")) {
			buf_clear(&out);
			buf_clear(&err);
			run_case(s, n, true, &out, &err);
			v |= HAS_SHOW;
			if (trace_equal(c, text(c, "show_trace"), &err) || any)
				v |= PASS_SHOW;
			else if (s->verbose && v & PASS_TRACE)
				explain(n, c, "--show-trace", text(c, "show_trace"), buf_str(&err));
		}
	} else if (!str_eq(buf_str(&err), text(c, "trace")) && s->verbose && v & PASS_OUTPUT) {
		explain(n, c, "stderr of a success", text(c, "trace"), buf_str(&err));
	}
	s->verdicts[n] = v;
	buf_release(&out);
	buf_release(&err);
}

static void worker(struct suite *s, size_t first)
{
	for (size_t n = first; n < s->count; n += WORKERS)
		if (!s->only || str_has_prefix(text(s->cases[n], "id"), s->only))
			judge(s, n);
		else
			s->verdicts[n] = SKIPPED;
	fflush(stdout);
}

struct tally {
	size_t cases, output, fails, error, trace, shows, show;
};

static void add(struct tally *t, unsigned char v)
{
	t->cases++;
	t->output += !!(v & PASS_OUTPUT);
	t->fails += !!(v & FAILS);
	t->error += !!(v & PASS_ERROR);
	t->trace += !!(v & PASS_TRACE);
	t->shows += !!(v & HAS_SHOW);
	t->show += !!(v & PASS_SHOW);
}

static double percent(size_t n, size_t of)
{
	return of ? 100.0 * (double)n / (double)of : 100.0;
}

static void print_tally(const char *name, const struct tally *t)
{
	printf("%-20s %5zu/%-5zu output   %4zu/%-4zu message  %4zu/%-4zu trace  %4zu/%-4zu show-trace\n",
	        name, t->output, t->cases, t->error, t->fails, t->trace, t->fails, t->show, t->shows);
}

// Files of this name hold the cases of one version of Nix each.
static const char *const case_files[] = {"cases.jsonl", "cases-2.34.jsonl"};

static struct tally report(struct suite *s)
{
	struct tally all = {0}, group = {0};

	for (size_t n = 0; n < s->count; n++) {
		if (!(s->verdicts[n] & SKIPPED)) {
			add(&all, s->verdicts[n]);
			add(&group, s->verdicts[n]);
		}
		if (n + 1 == s->count || !str_eq(text(s->cases[n], "group"),
		                                 text(s->cases[n + 1], "group"))) { // groups come in runs
			if (group.cases)
				print_tally(text(s->cases[n], "group"), &group);
			group = (struct tally){0};
		}
	}
	print_tally("all", &all);
	return all;
}

static int load(struct suite *s, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;

	if (!f)
		return -errno;
	while (s->count < CASES_MAX && getline(&line, &cap, f) > 0) {
		json_error_t je;
		json_t *c = json_loads(line, JSON_ALLOW_NUL, &je);
		if (c)
			s->cases[s->count++] = c;
		else
			fprintf(stderr, "case %zu: %s\n", s->count + 1, je.text);
	}
	free(line);
	fclose(f);
	return 0;
}

// The cases run in a copy of the fixtures, beside the files that they bring.
static int copy_fixtures(struct suite *s, const char *from, struct err *e)
{
	_cleanup_strv_ char **argv = NULL;
	struct proc_opts o = {.timeout_ms = TIMEOUT_MS};
	int status = -1;

	s->fixtures = fs_join(s->work, "pwd");
	strv_add(&argv, "cp");
	strv_add(&argv, "-a");
	strv_add(&argv, from);
	strv_add(&argv, s->fixtures);
	int r = proc_run(argv, &o, &status, e);
	return r < 0 ? r : status ? err_set(e, -EIO, "cp: status %d", status) : 0;
}

static int write_texts(struct suite *s, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < s->count && r == 0; i++) {
		const char *t = text(s->cases[i], "text");
		_cleanup_free_ char *file = fs_join(s->fixtures, text(s->cases[i], "file"));
		if (*t)
			r = fs_write_atomic(file, t, strlen(t), 0644, e);
	}
	return r;
}

static int prepare(struct suite *s, const char *oracle)
{
	_cleanup_free_ char *fixtures = fs_join(oracle, "fixtures");
	_cleanup_err_ struct err e = {0};

	s->cases = mem_array(CASES_MAX, sizeof(*s->cases));
	for (size_t i = 0; i < ARRAY_SIZE(case_files); i++) {
		_cleanup_free_ char *file = fs_join(oracle, case_files[i]);
		if (load(s, file) < 0)
			return fprintf(stderr, "cannot read %s\n", file), -1;
	}
	if (fs_mkdtemp("/tmp", "kernix-oracle", &s->work, &e) < 0 || copy_fixtures(s, fixtures, &e) < 0 ||
	        write_texts(s, &e) < 0) {
		fprintf(stderr, "cannot prepare %s: %s\n", fixtures, e.msg ? e.msg : "");
		return -1;
	}
	_cleanup_free_ char *conf = fs_join(s->work, "conf"), *state = fs_join(s->work, "state"),
	                    *file = fs_join(conf, "nix.conf");
	static const char settings[] = "build-users-group =\nsubstitute = false\n";
	fs_mkdir_p(conf, 0755, &e);
	fs_mkdir_p(state, 0755, &e);
	fs_write_atomic(file, settings, sizeof(settings) - 1, 0644, &e);
	s->verdicts = mmap(NULL, CASES_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return 0;
}

static void release(struct suite *s)
{
	for (size_t i = 0; i < s->count; i++)
		json_decref(s->cases[i]);
	mem_free(s->cases);
	mem_free(s->fixtures);
	mem_free(s->work);
	munmap(s->verdicts, CASES_MAX);
}

int main(int argc, char **argv)
{
	struct suite s = {0};
	double least[3] = {0, 0, 0};
	int opt;

	while ((opt = getopt(argc, argv, "vk:m:")) != -1) {
		if (opt == 'v')
			s.verbose = true;
		else if (opt == 'k')
			s.only = optarg;
		else if (opt != 'm' || sscanf(optarg, "%lf,%lf,%lf", &least[0], &least[1], &least[2]) != 3)
			return 2;
	}
	if (argc - optind != 2)
		return 2;
	char *program = realpath(argv[optind], NULL);
	if (!program || prepare(&s, argv[optind + 1]) < 0)
		return fprintf(stderr, "no program %s\n", argv[optind]), 2;
	_cleanup_free_ char *link =
	        fs_join(s.work, "nix-instantiate"); // a multi-call program looks at its name
	if (symlink(program, link) < 0)
		return 2;
	free(program);
	s.program = link;
	fflush(stdout);
	for (size_t w = 0; w < WORKERS; w++)
		if (fork() == 0) {
			worker(&s, w);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	struct tally t = report(&s);
	fs_rm_rf(s.work, NULL);
	release(&s);
	double got[3] = {percent(t.output, t.cases), percent(t.error, t.fails), percent(t.trace, t.fails)};
	printf("output %.2f %%, messages %.2f %%, traces %.2f %%\n", got[0], got[1], got[2]);
	for (int i = 0; i < 3; i++)
		if (got[i] + 0.005 < least[i])
			return 1;
	return 0;
}
