// SPDX-License-Identifier: GPL-2.0-or-later
// The table of options that make kernels differ, and how each is met. Kernels are built with a fixed user,
// host, version and time, in a fixed folder, from a source at a path of the store (nixpkgs/linux/build.nix);
// what that settles is handled, the rest is named.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/str.h"
#include "kconfig/model.h"
#include "kconfig/repro.h"
#include "kconfig/solve.h"

#define FILE_MAX ((size_t)1 << 20)

struct rule {
	const char *option;
	bool (*differs)(struct kconfig *k, const char *value); // NULL: always, where it is not handled
	bool handled;
	const char *why, *advice;
};

// Has a file of the tree this text? No file has none.
static bool tree_says(struct kconfig *k, const char *path, const char *text)
{
	_cleanup_close_ int fd = openat(k->src_fd, path, O_RDONLY | O_CLOEXEC);
	_cleanup_buf_ struct buf b = {};
	_cleanup_err_ struct err skip = {};

	return fd >= 0 && fs_read_fd(fd, path, FILE_MAX, &b, &skip) >= 0 && strstr(buf_str(&b), text);
}

// Only the kernel's own place is filled with a new key.
static bool key_is_made(struct kconfig *k, const char *value)
{
	return str_eq(value, "certs/signing_key.pem");
}

static bool seed_is_drawn(struct kconfig *k, const char *value)
{
	return tree_says(k, "scripts/gen-randstruct-seed.sh", "/dev/urandom") ||
	       tree_says(k, "scripts/gcc-plugins/gen-random-seed.sh", "/dev/urandom");
}

// pahole writes types in the order in which its threads come to them: from 1.22 on kernels ask for several,
// from 1.27 on it can do that in one order, where the tree knows of it.
static bool btf_is_parallel(struct kconfig *k, const char *value)
{
	struct ksym *s = kconfig_find(k, "PAHOLE_VERSION");

	if (!s)
		return false;
	ksym_calc(k, s);
	long version = strtol(ksym_text(s), NULL, 10);
	if (tree_says(k, "scripts/Makefile.btf", "reproducible_build"))
		return version == 126;
	return version >= 122 &&
	       (tree_says(k, "scripts/pahole-flags.sh", " -j") || tree_says(k, "scripts/Makefile.btf", "-j"));
}

static const char seed[] =
        "give a seed: boot.kernel.randstructSeed = \"...\"; (randstructSeed of the kernel's function)";
static const char drawn[] = "the layout of structures follows a seed that is drawn in each build";

static const struct rule rules[] = {
        {"MODULE_SIG_KEY", key_is_made, false,
                "a new key for signing modules is made in each build, and its certificate is in the kernel",
                "MODULE_SIG = no, or MODULE_SIG_KEY = the path of a key of your own"},
        {"RANDSTRUCT_FULL", seed_is_drawn, false, drawn, seed},
        {"RANDSTRUCT_PERFORMANCE", seed_is_drawn, false, drawn, seed},
        {"GCC_PLUGIN_RANDSTRUCT", seed_is_drawn, false, drawn, seed},
        {"GCC_PLUGIN_LATENT_ENTROPY", NULL, false,
                "constants are drawn from the builder's entropy for each function",
                "GCC_PLUGIN_LATENT_ENTROPY = no, or extraMakeFlags = [ \"KCFLAGS=-frandom-seed=SEED\" ]"},
        {"DEBUG_INFO_BTF", btf_is_parallel, false,
                "this pahole writes the types in the order in which its threads find them",
                "DEBUG_INFO_BTF = no, or a toolchain with pahole 1.27 or newer"},
        {"X86_NATIVE_CPU", NULL, false, "the code is made for the processor that the build happens to run on",
                "X86_NATIVE_CPU = no, and a processor type by name where the tree has one"},
        {"GCOV_KERNEL", NULL, false, "gcc stamps each object's coverage data with a number of its own",
                "GCOV_KERNEL = no, or extraMakeFlags = [ \"KCFLAGS=-frandom-seed=SEED\" ]"},
        {"DEBUG_INFO", NULL, true,
                "paths in debug information are those of the store and of the build's fixed folder", NULL},
        {"DEBUG_INFO_SPLIT", NULL, true, "names of .dwo files are below the build's fixed folder", NULL},
        {"IKHEADERS", NULL, true, "times in the archive of headers are KBUILD_BUILD_TIMESTAMP", NULL},
        {"IKCONFIG", NULL, true, "gzip writes no time and no name", NULL},
        {"LOCALVERSION_AUTO", NULL, true, "a source in the store has no version control that could be asked",
                NULL},
        {"INITRAMFS_SOURCE", NULL, true, "times in the built-in initrd are KBUILD_BUILD_TIMESTAMP", NULL},
        {"GENERIC_GETTIMEOFDAY", NULL, true, "build-ids of the vDSO follow its contents and fixed paths",
                NULL},
        {"MODULE_COMPRESS_GZIP", NULL, true, "gzip writes no time and no name", NULL},
};

_Static_assert(ARRAY_SIZE(rules) <= KREPRO_MAX, "krepro_find gives all of them");

static bool is_set(struct kconfig *k, const char *option, const char **value)
{
	struct ksym *s = kconfig_find(k, option);

	if (!s)
		return false;
	ksym_calc(k, s);
	*value = ksym_text(s);
	return (s->flags & KS_WRITE) && **value && !str_eq(*value, "n");
}

size_t krepro_find(struct kconfig *k, struct krepro *ret)
{
	const char *value;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct rule *r = &rules[i];
		if (is_set(k, r->option, &value) && (!r->differs || r->differs(k, value)))
			ret[n++] = (struct krepro){
			        r->option, r->handled ? KREPRO_HANDLED : KREPRO_NAMED, r->why, r->advice};
	}
	return n;
}

void krepro_text(struct kconfig *k, bool all, struct buf *b)
{
	struct krepro v[KREPRO_MAX];
	size_t n = krepro_find(k, v);
	bool headed = false;

	for (size_t i = 0; i < n; i++) {
		if (v[i].how != KREPRO_NAMED)
			continue;
		if (!headed)
			buf_adds(b, "warning: two builds of this kernel differ:\n");
		headed = true;
		buf_addf(b, "  %s: %s.\n    Remedy: %s.\n", v[i].option, v[i].why, v[i].advice);
	}
	for (size_t i = 0; all && i < n; i++)
		if (v[i].how == KREPRO_HANDLED)
			buf_addf(b, "reproducible: %s: %s\n", v[i].option, v[i].why);
}

json_t *krepro_json(struct kconfig *k)
{
	struct krepro v[KREPRO_MAX];
	size_t n = krepro_find(k, v);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
		        list, json_pack("{s:s, s:b, s:s, s:s?}", "option", v[i].option, "handled",
		                      v[i].how == KREPRO_HANDLED, "why", v[i].why, "advice", v[i].advice));
	return list;
}
