// SPDX-License-Identifier: GPL-2.0-or-later
// Which tool is behind a test of the toolchain, the oldest version that the tree takes, and what was found.
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/reason.h"

#define MIN_TOOLS "scripts/min-tool-version.sh"

// The version that min-tool-version.sh prints for a tool: the last echo of its case, which is the one for
// most architectures. Owned; NULL: it says nothing.
static char *oldest_version(struct kconfig *k, const char *tool)
{
	_cleanup_close_ int fd = openat(k->src_fd, MIN_TOOLS, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *head = str_printf("\n%s)\n", tool);
	_cleanup_err_ struct err skip = {};
	_cleanup_buf_ struct buf text = {};
	const char *last = NULL;

	if (fd < 0 || fs_read_fd(fd, MIN_TOOLS, (size_t)1 << 20, &text, &skip) < 0)
		return NULL;
	const char *p = strstr(buf_str(&text), head), *end = p ? strstr(p, ";;") : NULL;
	while (end && (p = strstr(p, "echo ")) && p < end)
		last = p += strlen("echo ");
	return last ? mem_strndup(last, strcspn(last, "\n \t")) : NULL;
}

static void say_wanted(struct kconfig *k, const char *what, const char *tool, struct buf *b)
{
	_cleanup_free_ char *oldest = oldest_version(k, tool);

	buf_addf(b, "%s%s%s", what, oldest ? " " : "", oldest ? oldest : "");
	buf_adds(b, oldest ? " or newer" : "");
}

static void say_found(struct kconfig *k, const char *what, const char *var, struct buf *b)
{
	const char *v = hmap_get(&k->env, var);

	buf_addf(b, "%s%s", what, v && *v ? v : "none");
}

void kreason_tools(struct kconfig *k, const char *name, struct buf *b)
{
	static const char *const llvm[] = {
	        "CC_IS_CLANG", "LD_IS_LLD", "AS_IS_LLVM", "HAS_LTO_CLANG", "CC_HAS_KCFI"};
	bool rust = !strcmp(name, "RUST_IS_AVAILABLE") || str_has_prefix(name, "RUSTC_HAS");

	for (size_t i = 0; i < ARRAY_SIZE(llvm); i++) {
		if (strcmp(llvm[i], name))
			continue;
		say_wanted(k, "it takes clang and LLVM's tools (make LLVM=1)", "llvm", b);
		say_found(k, ", the compiler here is ", "CC_VERSION_TEXT", b);
	}
	if (rust) {
		say_wanted(k, "it takes rustc", "rustc", b);
		say_wanted(k, " and bindgen", "bindgen", b);
		say_found(k, ", the rustc here: ", "RUSTC_VERSION_TEXT", b);
	}
	if (str_has_prefix(name, "PAHOLE_HAS_"))
		say_found(k, "pahole here: ", "PAHOLE_VERSION", b);
	if (!strcmp(name, "CC_IS_GCC"))
		say_found(k, "the compiler here is ", "CC_VERSION_TEXT", b);
}
