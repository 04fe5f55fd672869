// SPDX-License-Identifier: GPL-2.0-or-later
// .config files and requests as JSON, against one small tree: any bytes are read or refused, and what is
// written is read again as itself.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/request.h"
#include "kconfig/tools.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char tree[] = "config MODULES\n\tbool \"modules\"\n\tdefault y\n\tmodules\n"
                           "config A\n\tbool \"a\"\n"
                           "config T\n\ttristate \"t\"\n\tdepends on A\n\tselect S\n"
                           "config S\n\ttristate\n\tdepends on N > 3\n"
                           "config N\n\tint \"n\"\n\trange 1 9\n\tdefault 3\n"
                           "config H\n\thex \"h\"\n\tdefault 0x10\n"
                           "config TEXT\n\tstring \"text\"\n\tdefault \"x\"\n"
                           "choice\n\tprompt \"c\"\nconfig C1\n\tbool \"c1\"\nconfig C2\n\tbool "
                           "\"c2\"\n\tdepends on A\nconfig C3\n\tbool \"c3\"\nendchoice\n";

static struct kconfig *load(void)
{
	_cleanup_free_ char *dir = NULL;
	_cleanup_err_ struct err e = {};
	struct kconfig *k = NULL;
	char *vars[] = {(char *)"KERNELVERSION=6.12", (char *)"SRCARCH=none", NULL};

	if (fs_mkdtemp("/tmp", "fuzz-dotconfig", &dir, &e) < 0)
		abort();
	_cleanup_free_ char *path = fs_join(dir, "Kconfig");
	struct kconfig_env env = {.srctree = dir, .vars = vars};
	if (fs_write_atomic(path, tree, sizeof(tree) - 1, 0644, &e) < 0 || kconfig_load(&k, &env, &e) < 0)
		abort();
	fs_rm_rf(dir, &e);
	return k;
}

static void requests(struct kconfig *k, const char *text, size_t len)
{
	_cleanup_krequests_ struct krequests req = {};
	_cleanup_kreport_ struct kreport rep = {};
	_cleanup_buf_ struct buf b = {};
	const struct kpolicy policy = {};
	_cleanup_err_ struct err e = {};

	if (krequests_parse(&req, text, len, "fuzz", &e) < 0)
		return;
	krequests_apply(k, &req, &policy, &rep, &e);
	kreport_text(&rep, false, &b);
	kreport_json(&rep, &b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_kconfig_ struct kconfig *k = load();
	_cleanup_buf_ struct buf first = {}, second = {};
	_cleanup_kdiffs_ struct kdiffs d = {};
	_cleanup_err_ struct err e = {};
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);

	if (kconfig_read_text(k, text, size, "fuzz", &e) < 0)
		return 0;
	kconfig_write(k, &first);
	if (kconfig_read_text(k, first.data, first.len, "again", &e) < 0)
		abort();
	kconfig_write(k, &second);
	if (first.len != second.len || memcmp(first.data, second.data, first.len))
		abort();
	kconfig_diff(text, size, first.data, first.len, true, &d);
	requests(k, text, size);
	return 0;
}
