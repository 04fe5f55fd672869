// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: Kconfig files: any text is loaded or refused with a message, in bounded time and memory; what
// was loaded is solved, explained and written.
// $(shell) runs nothing here.
#include "scratch.h"
#include "kconfig/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(void *ctx, const char *cmd, struct buf *out, struct err *e)
{
	buf_adds(out, strlen(cmd) % 2 ? "y" : "n");
	return 0;
}

static void drop(void *ctx, const char *text)
{
}

static void solve(struct kconfig *k)
{
	static const char *const bases[] = {"allnoconfig", "allyesconfig", "allmodconfig", "alldefconfig"};
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	const struct kpolicy policy = {.auto_modules = true};
	_cleanup_err_ struct err e = {};

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		_cleanup_buf_ struct buf b = {};
		if (kconfig_base(k, bases[i], NULL, &e) < 0)
			return;
		kconfig_write(k, &b);
		kconfig_write_minimal(k, &b);
		kconfig_list_new(k, &b);
	}
	krequests_add(&req, "A", "y", false, NULL);
	krequests_add(&req, "B", "m", false, NULL);
	krequests_add(&req, "C", "5", true, NULL);
	krequests_apply(k, &req, &policy, &rep, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const versions[] = {
	        "KERNELVERSION=6.12", "KERNELVERSION=6.1", "KERNELVERSION=6.18"};
	_cleanup_err_ struct err e = {};
	struct kconfig *k = NULL;
	char *vars[] = {(char *)"SRCARCH=none", (char *)versions[size % 3], NULL};

	_cleanup_free_ char *path = fs_join(scratch_dir(), "Kconfig");
	scratch_write(path, (const char *)data, size);
	struct kconfig_env env = {.srctree = scratch_dir(), .vars = vars, .run = run, .warn = drop};
	if (kconfig_load(&k, &env, &e) >= 0)
		solve(k);
	else if (!e.msg || !*e.msg)
		abort();
	kconfig_free(k);
	return 0;
}
