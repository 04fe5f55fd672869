// SPDX-License-Identifier: GPL-2.0-or-later
// Building a .config. Everything that one needs to look at after a failure is left in the build's folder.
#include <errno.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/build.h"
#include "kconfig/repro.h"
#include "kconfig/toolfacts.h"
#include "kconfig/trim.h"

extern char **environ;

static bool given(const char *s)
{
	return s && *s;
}

static void leave(const struct kconfig_build *a, const char *name, const char *text, size_t len)
{
	_cleanup_err_ struct err e = {};
	_cleanup_free_ char *path = given(a->dir) ? fs_join(a->dir, name) : NULL;

	if (path)
		fs_write_atomic(path, text, len, 0644, &e);
}

static void leave_buf(const struct kconfig_build *a, const char *name, struct buf *b)
{
	leave(a, name, buf_str(b), b->len);
}

static const char *variable(char *const *env, const char *name)
{
	size_t n = strlen(name);

	strv_for_each (v, env)
		if (!strncmp(v, name, n) && v[n] == '=')
			return v + n + 1;
	return NULL;
}

int kconfig_build_read(struct kconfig_build *ret, char *const *env, struct err *e)
{
	const struct {
		const char *name, **text;
		bool needed;
	} texts[] = {
	        {"src", &ret->src, true},
	        {"arch", &ret->arch, true},
	        {"base", &ret->base, true},
	        {"requests", &ret->requests, false},
	        {"kernelVersion", &ret->kernel_version, false},
	        {"trim", &ret->policy.trim, false},
	};
	const struct {
		const char *name;
		bool *on;
	} flags[] = {
	        {"autoModules", &ret->policy.auto_modules},
	        {"preferBuiltin", &ret->policy.prefer_builtin},
	        {"ignoreConfigErrors", &ret->policy.ignore_errors},
	        {"finished", &ret->finished},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].needed && !variable(env, texts[i].name))
			return err_set(e, -EINVAL,
			        "the derivation has no variable '%s', which its builder needs",
			        texts[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*texts[i].text = variable(env, texts[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		*flags[i].on = given(variable(env, flags[i].name));
	return 0;
}

char **kconfig_build_env(char *const *env)
{
	const char *tools = variable(env, "toolPath");
	char **own = NULL;

	strv_for_each (v, env)
		if (!str_has_prefix(v, "PATH="))
			strv_add(&own, v);
	strv_take(&own, str_printf("PATH=%s%s/usr/sbin:/usr/bin:/sbin:/bin", tools ? tools : "",
	                        given(tools) ? ":" : ""));
	return own;
}

int kconfig_build_tree(const struct kconfig_build *a, struct kconfig **ret, struct err *e)
{
	_cleanup_strv_ char **base = NULL, **vars = NULL;
	int r;

	if (given(a->kernel_version))
		strv_take(&base, str_printf("KERNELVERSION=%s", a->kernel_version));
	for (char *const *v = a->env ? a->env : environ; *v; v++)
		if (!given(a->kernel_version) || !str_has_prefix(*v, "KERNELVERSION="))
			strv_add(&base, *v);
	r = kconfig_env_make_in(&vars, a->src, a->arch, base, a->cache_path, a->place, e);
	if (r < 0)
		return r;
	struct kconfig_env env = {.srctree = a->src,
	        .vars = vars,
	        .cache_path = a->cache_path,
	        .place = a->place,
	        .warn = a->warn,
	        .info = a->info,
	        .warn_ctx = a->warn_ctx};
	return kconfig_load(ret, &env, e);
}

static void say_warnings(const struct kconfig_build *a, struct buf *text)
{
	_cleanup_buf_ struct buf b = {};

	if (!a->warn || !text->len)
		return;
	buf_addf(&b, "warning: kernel options that do not come out as asked:\n\n%s", buf_str(text));
	a->warn(a->warn_ctx, buf_str(&b));
}

static int check(const struct kconfig_build *a, struct kconfig *k, const struct kreport *rep, struct err *e)
{
	_cleanup_buf_ struct buf all = {}, fatal = {};

	kreport_text(rep, false, &all);
	kreport_tools(k, rep, &all);
	if (all.len)
		leave_buf(a, "report.txt", &all);
	if (!rep->fatal) {
		say_warnings(a, &all);
		return 0;
	}
	kreport_text(rep, true, &fatal);
	kreport_tools(k, rep, &fatal);
	err_set(e, -EINVAL, "%zu kernel option%s cannot be as asked:\n\n%s", rep->fatal,
	        rep->fatal == 1 ? "" : "s", buf_str(&fatal));
	return err_hint(e, "note: with 'ignoreConfigErrors = true;' these would be warnings, and the options "
	                   "stay as they "
	                   "are");
}

// What trimming did is left beside the requests, a line for each module.
static void say_trimmed(const struct kconfig_build *a, const struct ktrim *t)
{
	_cleanup_buf_ struct buf all = {}, said = {};

	for (size_t i = 0; i < t->stay.len; i++)
		buf_addf(&all, "stays %s: %s\n", t->stay.v[i].name, t->stay.v[i].why);
	for (size_t i = 0; i < t->go.len; i++)
		buf_addf(&all, "goes %s: %s\n", t->go.v[i].name, t->go.v[i].why);
	leave_buf(a, "trim.txt", &all);
	buf_addf(&said, "trimmed: %zu modules stay, %zu go ('kernix config trim' says why of each)\n",
	        t->stay.len, t->go.len);
	if (a->info)
		a->info(a->warn_ctx, buf_str(&said));
	else if (a->warn)
		a->warn(a->warn_ctx, buf_str(&said));
}

static int apply(const struct kconfig_build *a, struct kconfig *k, const struct krequests *req,
        struct kreport *rep, struct err *e)
{
	struct kpolicy policy = a->policy;
	struct ktrim t = {};

	policy.trimmed = &t;
	int r = krequests_apply(k, req, &policy, rep, e);
	if (r >= 0 && given(policy.trim))
		say_trimmed(a, &t);
	ktrim_release(&t);
	return r;
}

static void say_differs(const struct kconfig_build *a, struct kconfig *k)
{
	_cleanup_buf_ struct buf b = {};

	krepro_text(k, false, &b);
	if (b.len && a->warn)
		a->warn(a->warn_ctx, buf_str(&b));
}

int kconfig_build(const struct kconfig_build *a, struct err *e)
{
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	_cleanup_kconfig_ struct kconfig *k = NULL;
	_cleanup_buf_ struct buf b = {};
	int r = 0;

	if (a->finished) {
		r = fs_read(a->base, 0, &b, e);
		return r < 0 ? r : fs_write_atomic(a->out, b.data, b.len, 0644, e);
	}
	if (given(a->requests)) {
		leave(a, "requests.json", a->requests, strlen(a->requests));
		r = krequests_parse(&req, a->requests, strlen(a->requests), "requests", e);
	}
	if (r >= 0)
		r = kconfig_build_tree(a, &k, e);
	if (r >= 0)
		r = kconfig_base(k, given(a->base) ? a->base : "defconfig", a->fragments, e);
	if (r >= 0)
		r = apply(a, k, &req, &rep, e);
	if (r < 0)
		return r;
	kconfig_write(k, &b);
	kconfig_settle(k);
	leave_buf(a, "config-so-far", &b);
	r = check(a, k, &rep, e);
	if (r >= 0)
		say_differs(a, k);
	return r < 0 ? r : fs_write_atomic(a->out, b.data, b.len, 0644, e);
}
