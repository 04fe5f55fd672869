// SPDX-License-Identifier: GPL-2.0-or-later
// kernix config: what Kconfig says about a kernel before anything is compiled.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "kconfig/request.h"

enum { O_SOURCE, O_ARCH, O_BASE, O_FRAGMENT, O_REQUEST, O_OUT, O_JSON, O_AUTO, O_BUILTIN, O_IGNORE };

struct args {
	const char *source, *arch, *base, *out;
	char **fragments, **requests, **words;
	struct kpolicy policy;
	bool json;
};

static const struct opt_row solve_opts[] = {
        {"--source", NULL, 1, O_SOURCE, "DIR", "the kernel source tree"},
        {"--arch", NULL, 1, O_ARCH, "ARCH", "as in make ARCH= (default: this machine's)"},
        {"--base", NULL, 1, O_BASE, "BASE", "allnoconfig, defconfig, ..., NAME_defconfig, or a .config file"},
        {"--fragment", NULL, 1, O_FRAGMENT, "FILE", "merged as merge_config.sh merges; may be repeated"},
        {"--request", NULL, 1, O_REQUEST, "FILE.json", "options that must come out; may be repeated"},
        {"--json", NULL, 0, O_JSON, NULL, "what came out, as JSON on standard output"},
        {"--auto-modules", NULL, 0, O_AUTO, NULL, "what nobody asked for becomes a module where it can"},
        {"--prefer-builtin", NULL, 0, O_BUILTIN, NULL, "but what is built in stays so"},
        {"--ignore-config-errors", NULL, 0, O_IGNORE, NULL, "requests that do not hold are warnings"},
        {"--output", "-o", 1, O_OUT, "OUT", "where to write the .config (default: standard output)"},
        {NULL},
};

static int take_opt(void *ctx, const struct opt_row *row, char **words, struct err *e)
{
	struct args *a = ctx;

	if (!row) {
		strv_add(&a->words, words[0]);
		return 0;
	}
	switch (row->id) {
	case O_SOURCE:
		a->source = words[0];
		break;
	case O_ARCH:
		a->arch = words[0];
		break;
	case O_BASE:
		a->base = words[0];
		break;
	case O_FRAGMENT:
		strv_add(&a->fragments, words[0]);
		break;
	case O_REQUEST:
		strv_add(&a->requests, words[0]);
		break;
	case O_OUT:
		a->out = words[0];
		break;
	case O_AUTO:
		a->policy.auto_modules = true;
		break;
	case O_BUILTIN:
		a->policy.prefer_builtin = true;
		break;
	case O_IGNORE:
		a->policy.ignore_errors = true;
		break;
	default:
		a->json = true;
		break;
	}
	return 0;
}

static void print_warning(void *ctx, const char *text)
{
	fputs(text, stderr);
}

static int load(const struct args *a, struct kconfig **ret, struct err *e)
{
	_cleanup_free_ char *cache = kconfig_cache_path();
	_cleanup_strv_ char **vars = NULL;
	int r = kconfig_env_make(&vars, a->source, a->arch ? a->arch : "x86_64", NULL, cache, e);

	if (r < 0)
		return r;
	struct kconfig_env env = {
	        .srctree = a->source, .vars = vars, .cache_path = cache, .warn = print_warning};
	return kconfig_load(ret, &env, e);
}

static int write_out(const struct args *a, const struct buf *b, struct err *e)
{
	if (a->out && strcmp(a->out, "-"))
		return fs_write_atomic(a->out, b->data, b->len, 0644, e);
	return fs_write_all(1, b->data, b->len, "standard output", e);
}

// Reads all request files, applies them and says what does not hold. -EINVAL when a request that counts does
// not.
static int apply(struct args *a, struct kconfig *k, struct err *e)
{
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	_cleanup_buf_ struct buf text = {};
	int r = 0;

	strv_for_each (f, a->requests) {
		_cleanup_buf_ struct buf json = {};
		r = fs_read(f, (size_t)64 << 20, &json, e);
		if (r >= 0)
			r = krequests_parse(&req, buf_str(&json), json.len, f, e);
		if (r < 0)
			return r;
	}
	r = krequests_apply(k, &req, &a->policy, &rep, e);
	if (r < 0)
		return r;
	if (a->json) {
		kreport_json(&rep, &text);
		fputs(buf_str(&text), stdout);
		fflush(stdout);
	}
	if (rep.fatal == 0) {
		buf_clear(&text);
		kreport_text(&rep, false, &text);
		if (rep.len)
			fprintf(stderr, "warning: options that do not come out as asked:\n\n%s",
			        buf_str(&text));
		return 0;
	}
	buf_clear(&text);
	kreport_text(&rep, false, &text);
	return err_set(e, -EINVAL, "%zu option%s cannot be as asked:\n\n%s", rep.fatal,
	        rep.fatal == 1 ? "" : "s", buf_str(&text));
}

static int solve(struct args *a, struct err *e)
{
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_buf_ struct buf b = {};
	int r;

	if (!a->source || !a->base)
		return err_set(e, -EINVAL, "kernix config solve needs --source DIR and --base BASE");
	r = load(a, &k, e);
	if (r >= 0)
		r = kconfig_base(k, a->base, a->fragments, e);
	if (r >= 0 && a->requests)
		r = apply(a, k, e);
	if (r < 0)
		return r;
	if (!strcmp(a->base, "savedefconfig")) {
		kconfig_write_minimal(k, &b);
	} else if (!strcmp(a->base, "listnewconfig")) {
		kconfig_list_new(k, &b);
	} else {
		kconfig_write(k, &b);
		kconfig_settle(k);
	}
	return write_out(a, &b, e);
}

int cmd_config(int argc, char **argv)
{
	struct args a = {};
	_cleanup_err_ struct err e = {};
	int r;

	if (argc < 2)
		return 1;
	r = opt_parse(solve_opts, argc - 1, argv + 1, take_opt, &a, &e);
	if (r >= 0)
		r = solve(&a, &e);
	strv_free(a.fragments);
	strv_free(a.requests);
	strv_free(a.words);
	return r < 0 ? cmd_fail(&e) : 0;
}
