// SPDX-License-Identifier: GPL-2.0-or-later
// $(shell): running commands, and keeping their results. A result is known again when the command text, the
// environment that compilers look at, the tools that are named in it, the scripts of the tree that it calls
// and the set of installed packages are the same.
//
// The cache file: a line "kernix-probes 1", then for each entry "KEY LENGTH\n", LENGTH bytes, "\n". KEY is a
// hash in base32.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/macro.h"

#define MAGIC       "kernix-probes 1\n"
#define RESULT_MAX  4095u // what conf reads of a command's output
#define CACHE_MAX   ((size_t)64 << 20)
#define ENTRIES_MAX 20000

struct kprobe_cache {
	char *path;        // NULL: not kept
	struct hmap known; // key -> result, owned
	struct hmap run;   // command text -> result, borrowed from known
	struct hash base;  // of all that does not depend on the command
	char *dir;         // where commands run; made when the first one does
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

static void mix_environment(const struct kconfig *k, struct hash_ctx *c)
{
	const char *path = hmap_get(&k->env, "PATH"), *cross = hmap_get(&k->env, "CROSS_COMPILE");
	_cleanup_free_ char *as = str_printf("%sas", cross ? cross : "");

	for (size_t i = 0; i < ARRAY_SIZE(env_names); i++) {
		const char *v = hmap_get(&k->env, env_names[i]);
		mix(c, env_names[i]);
		mix(c, v ? v : "\1");
	}
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

// Scripts of the tree that the command names count by their own state, the place of the tree does not.
static char *command_key(const struct kconfig *k, const char *cmd)
{
	struct hash_ctx *c = hash_begin(HASH_SHA256);
	size_t src_len = strlen(k->srctree);
	struct hash h;

	hash_update(c, k->probes->base.bytes, hash_size(HASH_SHA256));
	mix(c, cmd);
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
		if (*after != '\n' || n > RESULT_MAX || (size_t)(end - after) < n + 2 || after[1 + n] != '\n')
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
	hmap_release(&p->run);
	mem_free(p->dir);
	mem_free(p->path);
	mem_free(p);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Reads until the end of the output or the deadline. Beyond RESULT_MAX the rest is dropped.
static int drain(int fd, struct buf *out, int timeout_ms)
{
	int64_t deadline = now_ms() + timeout_ms;
	char chunk[8192];

	for (;;) {
		int64_t left = deadline - now_ms();
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		if (left <= 0)
			return -ETIMEDOUT;
		int r = poll(&pfd, 1, (int)left);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r <= 0)
			continue;
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		if (n > 0 && out->len < RESULT_MAX)
			buf_add(out, chunk, MIN((size_t)n, RESULT_MAX - out->len));
	}
}

static int reap(pid_t pid, bool kill_it)
{
	int status;

	if (kill_it)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int spawn_shell(const struct kconfig *k, const char *cmd, int out_fd, pid_t *ret)
{
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)cmd, NULL};
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, out_fd, 1);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	if (k->probes->dir)
		posix_spawn_file_actions_addchdir_np(&fa, k->probes->dir);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&attr, 0);
	int r = posix_spawn(ret, "/bin/sh", &fa, &attr, argv, k->env_list ? k->env_list : (char *[]){NULL});
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return -r;
}

static int run_shell(struct kconfig *k, const char *cmd, struct buf *out, struct err *e)
{
	_cleanup_close_ int rd = -1, wr = -1;
	int fds[2], r;
	pid_t pid;

	if (!k->probes->dir) {
		const char *tmp = hmap_get(&k->env, "TMPDIR");
		r = fs_mkdtemp(tmp && *tmp ? tmp : "/tmp", "kernix-probe", &k->probes->dir, e);
		if (r < 0)
			return r;
	}
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(e, errno, "pipe");
	rd = fds[0];
	wr = fds[1];
	r = spawn_shell(k, cmd, wr, &pid);
	if (r < 0)
		return err_sys(e, -r, "cannot run sh");
	close(TAKE_FD(wr));
	r = drain(rd, out, k->probe_timeout_ms);
	reap(pid, r < 0);
	if (r == -ETIMEDOUT)
		return err_set(e, r, "the command did not end within %d s", k->probe_timeout_ms / 1000);
	return r < 0 ? err_sys(e, -r, "cannot read from the command") : 0;
}

// As conf does: newlines at the end away, others become spaces.
static char *tidy_output(struct buf *out)
{
	size_t n = MIN(out->len, (size_t)RESULT_MAX);
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
		int r = k->run ? k->run(k->run_ctx, cmd, &out, e) : run_shell(k, cmd, &out, e);
		if (r < 0)
			return r;
		p->misses++;
		p->dirty = true;
		have = tidy_output(&out);
		hmap_put(&p->known, key, (void *)have);
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
