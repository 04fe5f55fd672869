// SPDX-License-Identifier: GPL-2.0-or-later
// What kbuild cannot see, so that a kernel is built clean: options whose rules do not say all that they read,
// generated files that stay when their option is turned off, and tools of the source that changed.
#include "build/keep-impl.h"

#include <ctype.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tree.h"

struct rule_option {
	const char *line; // begins with it
	const char *why;
};

static const struct rule_option rule_options[] = {
        {"CONFIG_LTO_CLANG=y", "LTO_CLANG: the linker compiles, and has a cache of its own"},
        {"CONFIG_RUST=y", "RUST: crates do not say all that they are made of"},
        {"CONFIG_GCC_PLUGINS=y", "GCC_PLUGINS: objects do not say which plugin made them"},
        {"CONFIG_RANDSTRUCT=y", "RANDSTRUCT: objects do not say which seed they have"},
        {"CONFIG_IKHEADERS=", "IKHEADERS: it packs whatever headers lie in the object tree"},
        {"CONFIG_TRIM_UNUSED_KSYMS=y", "TRIM_UNUSED_KSYMS: the lists of symbols that are used grow"},
        {"CONFIG_MODULE_SIG_KEY=\"certs/signing_key.pem\"", "MODULE_SIG_KEY: the key is generated"},
        {"CONFIG_GCOV_KERNEL=y", "GCOV_KERNEL: notes lie beside the objects"},
};

char *keep_rule_options(const char *text)
{
	for (const char *line = text; line && *line;
	        line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		for (size_t i = 0; i < ARRAY_SIZE(rule_options); i++) {
			if (str_has_prefix(line, rule_options[i].line))
				return mem_strdup(rule_options[i].why);
		}
	}
	return NULL;
}

// fnmatch(3) patterns; a first '!' takes out what a later one would have. %: the architecture.
static const char *const rule_sources[] = {"!scripts/checkpatch.pl", "!scripts/coccinelle/*",
        "!scripts/package/*", "!scripts/gdb/*", "!scripts/get_maintainer.pl", "!scripts/kernel-doc*",
        "!scripts/spelling.txt", "!scripts/const_structs.checkpatch", "!scripts/kconfig/tests/*",
        "!scripts/decode_stacktrace.sh", "scripts/*", "tools/build/*", "tools/include/*", "tools/lib/*",
        "tools/objtool/*", "tools/scripts/*", "tools/arch/*", "tools/bpf/resolve_btfids/*",
        "arch/%/Makefile*", "arch/%/tools/*", "arch/%/entry/syscalls/*", "arch/%/include/asm/Kbuild",
        "arch/%/include/uapi/asm/Kbuild", "include/asm-generic/Kbuild", "include/uapi/asm-generic/Kbuild",
        "Kbuild", "usr/*.sh", "kernel/gen_kheaders.sh", "init/Makefile", "certs/*"};

char *keep_rule_source(const char *path, const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(rule_sources); i++) {
		const char *row = rule_sources[i], *percent = strchr(row, '%');
		_cleanup_free_ char *pattern =
		        percent ? str_printf("%.*s%s%s", (int)(percent - row), row, arch, percent + 1)
		                : mem_strdup(row);
		if (fnmatch(pattern[0] == '!' ? pattern + 1 : pattern, path, 0) == 0)
			return pattern[0] == '!' ? NULL
			                         : str_printf("'%s' differs, which makes other files", path);
	}
	return NULL;
}

// Lines that only say which objects there are, or with what flags: nothing of them stays behind.
static bool rule_line_harmless(const char *line)
{
	static const char *const begins[] = {"obj-", "lib-", "CFLAGS_", "ccflags-", "asflags-", "KASAN_",
	        "KCSAN_", "KCOV_", "UBSAN_", "GCOV_", "OBJECT_FILES_", "#"};

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++) {
		if (str_has_prefix(line, begins[i]))
			return !strchr(line, '/') || begins[i][0] == '#';
	}
	return false;
}

static char *rule_makefile(int dir, const char *name, char *const *off)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_err_ struct err ignored = {0};

	if (fs_read_regular_at(dir, name, O_NOFOLLOW, 1 << 22, &b, &ignored) < 0)
		return NULL;
	_cleanup_strv_ char **lines = strv_split(buf_str(&b), "\n");
	strv_for_each (line, lines) {
		const char *begin = line + strspn(line, " \t");
		for (const char *at = begin; (at = strstr(at, "CONFIG_")) && !rule_line_harmless(begin);) {
			at += strlen("CONFIG_");
			size_t len = 0;
			while (isalnum((unsigned char)at[len]) || at[len] == '_')
				len++;
			_cleanup_free_ char *option = mem_strndup(at, len);
			if (strv_has(off, option))
				return str_printf(
				        "%s was turned off, which a %s names: what it made would stay",
				        option, name);
		}
	}
	return NULL;
}

static char *rule_folder(int dir, char *const *off, unsigned depth)
{
	_cleanup_strv_ char **names = NULL;
	char *why = NULL;

	if (depth > KEEP_DEPTH || tree_names(dir, &names) < 0)
		return mem_strdup("the makefiles of the source cannot be read");
	strv_for_each (name, names) {
		if (str_has_prefix(name, "Makefile") || str_eq(name, "Kbuild")) {
			why = rule_makefile(dir, name, off);
		} else if (!strchr(name, '.')) { // most are files with a dot
			_cleanup_close_ int fd =
			        openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			why = fd < 0 ? NULL : rule_folder(fd, off, depth + 1);
		}
		if (why)
			return why;
	}
	return NULL;
}

char *keep_rule_turned_off(const char *source_dir, const char *arch, char *const *off)
{
	_cleanup_free_ char *own = str_printf("arch/%s", arch);
	const char *const below[] = {"scripts", own, "include", "tools/objtool", "tools/bpf", "usr", "certs"};
	_cleanup_close_ int dir = open(source_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *why = NULL;

	if (!off)
		return NULL;
	if (dir < 0)
		return mem_strdup("the source cannot be read");
	why = rule_makefile(dir, "Makefile", off);
	if (!why)
		why = rule_makefile(dir, "Kbuild", off);
	for (size_t i = 0; !why && i < ARRAY_SIZE(below); i++) {
		_cleanup_close_ int fd =
		        openat(dir, below[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		why = fd < 0 ? NULL : rule_folder(fd, off, 0);
	}
	return why;
}
