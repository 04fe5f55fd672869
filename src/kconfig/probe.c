// SPDX-License-Identifier: GPL-2.0-or-later
// $(shell): running commands, and keeping their results. A result is known again when the command text, the
// environment that compilers look at and that is named in it, the tools that are named in it, the scripts of
// the tree that it calls and the set of installed packages (of a build root: its path) are the same.
//
// The cache file: a line "kernix-probes 1", then for each entry "KEY LENGTH\n", LENGTH bytes, "\n". KEY is a
// hash in base32.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/macro.h"
#include "kconfig/probe-run.h"

#define MAGIC       "kernix-probes 1\n"
#define CACHE_MAX   ((size_t)64 << 20)
#define ENTRIES_MAX 20000

struct kprobe_cache {
	char *path;        // NULL: not kept
	struct hmap known; // key -> result, owned
	struct hmap
	        unsure;  // command text -> result, owned: of commands that did not run to their end; not kept
	struct hmap run; // command text -> result, borrowed from those
	struct hash base; // of all that does not depend on the command
	char *dir;        // where commands run; made when the first one does
	size_t hits, misses;
	bool dirty;
};

// What of the environment can change the result of a probe.
static const char *const env_names[] = {
        "PATH",
        "ARCH",
        "SRCARCH",
        "SUBARCH",
        "CC",
        "LD",
        "AR",
        "NM",
        "AS",
        "OBJCOPY",
        "OBJDUMP",
        "READELF",
        "STRIP",
        "HOSTCC",
        "HOSTCXX",
        "RUSTC",
        "BINDGEN",
        "PAHOLE",
        "PYTHON3",
        "PERL",
        "CONFIG_SHELL",
        "CLANG_FLAGS",
        "CROSS_COMPILE",
        "CROSS_COMPILE_COMPAT",
        "CC_VERSION_TEXT",
        "RUSTC_VERSION_TEXT",
        "LLVM",
        "LLVM_IAS",
        "KERNELVERSION",
        "USERCFLAGS",
        "USERLDFLAGS",
        "LC_ALL",
        "LANG",
        "CPATH",
        "C_INCLUDE_PATH",
        "LIBRARY_PATH",
        "COMPILER_PATH",
        "GCC_EXEC_PREFIX",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "PKG_CONFIG_PATH",
        "CCACHE_DISABLE",
        "RUSTC_BOOTSTRAP",
        "RUST_LIB_SRC",
        "RUSTUP_TOOLCHAIN",
        "GCC_COLORS",
        "KBUILD_USERCFLAGS",
        "TMPDIR",
};

// Which of those name programs.
static const char *const tool_names[] = {
        "CC",
        "LD",
        "AR",
        "NM",
        "OBJCOPY",
        "HOSTCC",
        "RUSTC",
        "BINDGEN",
        "PAHOLE",
        "PYTHON3",
};

// Where package managers write when anything is installed or removed: headers and libraries come and go with
// that.
static const char *const package_states[] = {
        "/var/lib/dpkg/status",
        "/var/lib/rpm/rpmdb.sqlite",
        "/var/lib/pacman/local",
        "/lib/apk/db/installed",
        "/nix/var/nix/profiles",
};

static void mix(struct hash_ctx *c, const char *s)
{
	hash_update(c, s, strlen(s) + 1);
}

static void mix_stat(struct hash_ctx *c, const char *path)
{
	struct stat st;
	char text[160] = "-";

	if (!stat(path, &st))
		snprintf(text, sizeof(text), "%jd.%09ld %jd %jd", (intmax_t)st.st_mtim.tv_sec,
		        st.st_mtim.tv_nsec, (intmax_t)st.st_size, (intmax_t)st.st_ino);
	mix(c, path);
	mix(c, text);
}

// The file that the first word of a tool variable runs, looked up in PATH.
static void mix_tool(struct hash_ctx *c, const char *word, const char *path)
{
	_cleanup_free_ char *name = mem_strndup(word, strcspn(word, " \t"));

	if (strchr(name, '/')) {
		mix_stat(c, name);
		return;
	}
	_cleanup_strv_ char **dirs = strv_split(path, ":");
	strv_for_each (d, dirs) {
		_cleanup_free_ char *full = fs_join(d, name);
		if (access(full, X_OK) == 0) {
			mix_stat(c, full);
			return;
		}
	}
	mix(c, "missing");
}

// The programs of the host: what they are, and what is installed beside them.
static void mix_host(const struct kconfig *k, struct hash_ctx *c)
{
	const char *path = hmap_get(&k->env, "PATH"), *cross = hmap_get(&k->env, "CROSS_COMPILE");
	_cleanup_free_ char *as = str_printf("%sas", cross ? cross : "");

	for (size_t i = 0; i < ARRAY_SIZE(tool_names); i++) {
		const char *v = hmap_get(&k->env, tool_names[i]);
		if (v)
			mix_tool(c, v, path ? path : "");
	}
	mix_tool(c, as, path ? path : "");
	mix_tool(c, "sh", path ? path : "");
	for (size_t i = 0; i < ARRAY_SIZE(package_states); i++)
		mix_stat(c, package_states[i]);
}

// A build root is a store path: its name says all of its programs, whatever the host has.
static void mix_environment(const struct kconfig *k, struct hash_ctx *c)
{
	const char *root = hmap_get(&k->env, "buildRoot");

	for (size_t i = 0; i < ARRAY_SIZE(env_names); i++) {
		const char *v = hmap_get(&k->env, env_names[i]);
		mix(c, env_names[i]);
		mix(c, v ? v : "\1");
	}
	if (root && *root && k->place)
		mix(c, root);
	else
		mix_host(k, c);
}

// Variables that the command itself names: $NAME and ${NAME.
static void mix_named(const struct kconfig *k, const char *cmd, struct hash_ctx *c)
{
	for (const char *p = cmd; (p = strchr(p, '$'));) {
		p += 1 + (p[1] == '{');
		size_t n = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
		_cleanup_free_ char *name = mem_strndup(p, n);
		const char *value = n ? hmap_get(&k->env, name) : NULL;
		if (n)
			mix(c, value ? value : "\1");
		p += n;
	}
}

// Scripts of the tree that the command names count by their own state, the place of the tree does not.
static char *command_key(const struct kconfig *k, const char *cmd)
{
	struct hash_ctx *c = hash_begin(HASH_SHA256);
	size_t src_len = strlen(k->srctree);
	struct hash h;

	hash_update(c, k->probes->base.bytes, hash_size(HASH_SHA256));
	mix(c, cmd);
	mix_named(k, cmd, c);
	for (const char *p = cmd; (p = strstr(p, k->srctree)); p += src_len) {
		_cleanup_free_ char *word = mem_strndup(p, strcspn(p, " \t\n;|&<>()'\""));
		mix_stat(c, word);
	}
	hash_end(c, &h);
	return hash_format(&h, HASH_NIX32, false);
}

static void cache_parse(struct kprobe_cache *p, const char *text, size_t len)
{
	const char *end = text + len;

	if (len < strlen(MAGIC) || memcmp(text, MAGIC, strlen(MAGIC)))
		return;
	text += strlen(MAGIC);
	while (text < end) {
		const char *space = memchr(text, ' ', (size_t)(end - text));
		if (!space || space - text != 52)
			return;
		char *after;
		size_t n = strtoul(space + 1, &after, 10);
		if (*after != '\n' || n > PROBE_RESULT_MAX || (size_t)(end - after) < n + 2 ||
		        after[1 + n] != '\n')
			return;
		if (!hmap_getn(&p->known, text, 52))
			hmap_putn(&p->known, text, 52, mem_strndup(after + 1, n));
		text = after + n + 2;
	}
}

struct kprobe_cache *kprobe_open(const struct kconfig *k, const char *path)
{
	struct kprobe_cache *p = NEW(struct kprobe_cache);
	struct hash_ctx *c = hash_begin(HASH_SHA256);
	_cleanup_buf_ struct buf b = {};
	_cleanup_err_ struct err e = {};

	mix_environment(k, c);
	hash_end(c, &p->base);
	if (path) {
		p->path = mem_strdup(path);
		if (fs_read(path, CACHE_MAX, &b, &e) >= 0 && b.len)
			cache_parse(p, b.data, b.len);
	}
	return p;
}

static int write_cache(const struct kprobe_cache *p, struct err *e)
{
	_cleanup_buf_ struct buf b = {};

	buf_adds(&b, MAGIC);
	hmap_for_each (en, &p->known) {
		buf_addf(&b, "%s %zu\n", en->key, strlen(en->value));
		buf_adds(&b, en->value);
		buf_addc(&b, '\n');
	}
	_cleanup_free_ char *dir = str_dirname(p->path);
	int r = fs_mkdir_p(dir, 0755, e);
	return r < 0 ? r : fs_write_atomic(p->path, b.data, b.len, 0644, e);
}

void kprobe_save(struct kprobe_cache *p)
{
	_cleanup_err_ struct err e = {};

	if (!p->path || !p->dirty || p->known.live > ENTRIES_MAX)
		return;
	write_cache(p, &e);
	p->dirty = false;
}

void kprobe_free(struct kprobe_cache *p)
{
	_cleanup_err_ struct err e = {};

	if (!p)
		return;
	if (p->dir)
		fs_rm_rf(p->dir, &e);
	hmap_release_with(&p->known, mem_free);
	hmap_release_with(&p->unsure, mem_free);
	hmap_release(&p->run);
	mem_free(p->dir);
	mem_free(p->path);
	mem_free(p);
}

static int make_dir(struct kconfig *k, struct err *e)
{
	const char *tmp = hmap_get(&k->env, "TMPDIR");

	return k->probes->dir ? 0
	                      : fs_mkdtemp(tmp && *tmp ? tmp : "/tmp", "kernix-probe", &k->probes->dir, e);
}

// The same compiler dies of the same question where it has a fault: then conf takes what the shell says. But
// what somebody else killed (for want of memory, mostly) said nothing.
static bool is_own_fault(int signal)
{
	return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGILL ||
	       signal == SIGFPE || signal == SIGTRAP || signal == SIGSYS;
}

// Once more where a process of the command died. ret_whole: all of them ran to their end.
static int run_shell(struct kconfig *k, const char *cmd, struct buf *out, bool *ret_whole, struct err *e)
{
	char *const none[] = {NULL};
	struct probe_end end = {0};
	int r = make_dir(k, e);

	for (unsigned i = 0; r == 0 && i < 2 && (i == 0 || end.signal); i++) {
		buf_clear(out);
		r = probe_run(cmd, k->env_list ? k->env_list : none, k->place, k->probes->dir,
		        k->probe_timeout_ms, out, &end, e);
	}
	if (r < 0)
		return r;
	if (end.signal && !is_own_fault(end.signal))
		return err_set(e, -ECHILD,
		        "a program of the command was killed twice (%s): what it would have answered is not "
		        "known; is there too little memory?",
		        strsignal(end.signal));
	*ret_whole = end.signal == 0;
	return 0;
}

// As conf does: newlines at the end away, others become spaces.
static char *tidy_output(struct buf *out)
{
	size_t n = MIN(out->len, (size_t)PROBE_RESULT_MAX);
	char *s = buf_steal(out);

	s[n] = '\0';
	n = strlen(s);
	while (n && s[n - 1] == '\n')
		s[--n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (s[i] == '\n')
			s[i] = ' ';
	return s;
}

int kprobe_get(struct kconfig *k, const char *cmd, const char **ret, struct err *e)
{
	struct kprobe_cache *p = k->probes;
	const char *have = hmap_get(&p->run, cmd);
	_cleanup_buf_ struct buf out = {};

	if (have) {
		*ret = have;
		return 0;
	}
	_cleanup_free_ char *key = command_key(k, cmd);
	have = hmap_get(&p->known, key);
	if (have) {
		p->hits++;
	} else {
		bool whole = true;
		int r = k->run ? k->run(k->run_ctx, cmd, &out, e) : run_shell(k, cmd, &out, &whole, e);
		if (r < 0)
			return r;
		p->misses++;
		have = tidy_output(&out);
		p->dirty = p->dirty || whole;
		hmap_put(whole ? &p->known : &p->unsure, whole ? key : cmd, (void *)have);
	}
	hmap_put(&p->run, cmd, (void *)have);
	*ret = have;
	return 0;
}

void kconfig_probe_counts(const struct kconfig *k, size_t *ret_known, size_t *ret_run)
{
	*ret_known = k->probes->hits;
	*ret_run = k->probes->misses;
}
