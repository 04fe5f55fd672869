// SPDX-License-Identifier: GPL-2.0-or-later
// A finished .config by any word that people have for one: a row of finders tries each meaning in turn.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "build/fetch.h"
#include "build/unpack.h"
#include "cmd/config.h"
#include "store/store.h"

#define CONFIG_MAX ((size_t)64 << 20)

// Programs that unpack a file by the end of its name.
static const char *const packers[][2] = {{".xz", "xz"}, {".gz", "gzip"}, {".zst", "zstd"}, {".bz2", "bzip2"}};

static const char *packer_of(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++)
		if (str_has_suffix(path, packers[i][0]))
			return packers[i][1];
	return NULL;
}

static int read_file(const char *path, struct buf *b, struct err *e)
{
	const char *program = packer_of(path);
	char *argv[] = {(char *)program, (char *)"-dc", (char *)path, NULL};
	struct proc_opts o = {.out = b, .limit_bytes = CONFIG_MAX};

	return program ? proc_run_ok(argv, &o, e) : fs_read(path, CONFIG_MAX, b, e);
}

// Follows links, also those into a private store, whose files are not where their names say. Owned.
static char *follow(const char *path)
{
	char *at = mem_strdup(path);

	for (int i = 0; i < 20; i++) {
		_cleanup_err_ struct err skip = {};
		_cleanup_free_ char *target = NULL, *dir = str_dirname(at);
		if (fs_readlink(at, &target, &skip) < 0)
			break;
		mem_free(at);
		at = target[0] == '/' ? config_real_path(target) : fs_join(dir, target);
	}
	return at;
}

// A folder that holds one: a build folder, a kernel, a system with its link to a kernel.
static int read_folder(const char *path, struct buf *b, struct err *e)
{
	static const char *const inside[] = {".config", "config"};
	_cleanup_free_ char *link = fs_join(path, "kernel"), *image = follow(link), *dir = str_dirname(image);
	const char *folders[] = {path, fs_exists(link) ? dir : NULL};

	for (size_t f = 0; f < ARRAY_SIZE(folders) && folders[f]; f++) {
		for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
			_cleanup_free_ char *full = fs_join(folders[f], inside[i]), *real = follow(full);
			if (fs_exists(real) && !fs_is_dir(real))
				return read_file(real, b, e);
		}
	}
	return err_set(e, -ENOENT, "%s: there is no .config in that folder", path);
}

// Each finder: 1 and b filled, 0: the word does not mean that, or a negative errno.
typedef int finder_fn(const struct config_args *a, const char *word, struct buf *b, struct err *e);

static int by_file(const struct config_args *a, const char *word, struct buf *b, struct err *e)
{
	_cleanup_free_ char *real = follow(word), *in_store = config_real_path(real);
	int r;

	if (str_eq(word, "-")) {
		r = fs_read_fd(0, "standard input", CONFIG_MAX, b, e);
		return r < 0 ? r : 1;
	}
	if (!fs_exists(in_store))
		return 0;
	r = fs_is_dir(in_store) ? read_folder(in_store, b, e) : read_file(in_store, b, e);
	return r < 0 ? r : 1;
}

static int by_url(const struct config_args *a, const char *word, struct buf *b, struct err *e)
{
	_cleanup_free_ char *dir = NULL, *path = NULL;
	_cleanup_err_ struct err skip = {};
	char *urls[] = {(char *)word, NULL};
	struct fetch_opts o = {.urls = urls, .limit_bytes = CONFIG_MAX};
	int r;

	if (!strstr(word, "://") || !fetch_knows(word))
		return 0;
	r = fs_mkdtemp(temporary_dir(), "kernix-config", &dir, e);
	if (r < 0)
		return r;
	path = fs_join(dir, str_basename(word));
	r = fetch_to_file(&o, path, NULL, e);
	if (r >= 0)
		r = read_file(path, b, e);
	fs_rm_rf(dir, &skip);
	return r < 0 ? r : 1;
}

static int by_generation(const struct config_args *a, const char *word, struct buf *b, struct err *e)
{
	_cleanup_free_ char *link = NULL, *real = NULL;
	_cleanup_err_ struct err skip = {};
	struct store *s = NULL;

	if (!*word || word[strspn(word, "0123456789")])
		return 0;
	if (store_open(NULL, STORE_READ_ONLY, &s, &skip) < 0)
		return 0;
	link = str_printf("%s/profiles/system-%s-link", store_state_dir(s), word);
	store_close(s);
	if (!fs_exists(link))
		return err_set(e, -ENOENT, "generation %s of the system: there is no %s", word, link);
	real = follow(link);
	int r = read_folder(real, b, e);
	return r < 0 ? r : 1;
}

static int by_running(const struct config_args *a, const char *word, struct buf *b, struct err *e)
{
	struct utsname u;
	int r;

	if (!str_eq(word, "running"))
		return 0;
	uname(&u);
	_cleanup_free_ char *boot = str_printf("/boot/config-%s", u.release),
	                    *lib = str_printf("/lib/modules/%s/config", u.release);
	const char *const paths[] = {"/proc/config.gz", boot, lib};
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		if (!fs_exists(paths[i]))
			continue;
		r = read_file(paths[i], b, e);
		return r < 0 ? r : 1;
	}
	return err_set(e, -ENOENT,
	        "the running kernel %s shows no configuration: neither /proc/config.gz, %s nor %s is there",
	        u.release, boot, lib);
}

// "6.12" of the tree that is configured.
static char *series(const struct config_args *a)
{
	_cleanup_free_ char *path = a->source ? fs_join(a->source, "Makefile") : NULL;
	_cleanup_buf_ struct buf b = {};
	_cleanup_err_ struct err skip = {};
	unsigned v, p;
	const char *at;

	if (path && fs_read(path, CONFIG_MAX, &b, &skip) >= 0 && (at = strstr(buf_str(&b), "VERSION = ")) &&
	        sscanf(at, "VERSION = %u PATCHLEVEL = %u", &v, &p) == 2)
		return str_printf("%u.%u", v, p);
	return mem_strdup("6.12");
}

static const char *debian_arch(const struct config_args *a)
{
	static const char *const names[][2] = {{"x86_64", "amd64"}, {"i386", "i386"}, {"aarch64", "arm64"},
	        {"arm", "armhf"}, {"mips", "mips64el"}, {"powerpc", "ppc64el"}, {"s390", "s390x"},
	        {"riscv", "riscv64"}, {"loongarch", "loong64"}};
	struct utsname u;

	uname(&u);
	const char *arch = a->arch ? a->arch : u.machine;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(names[i][0], arch))
			return names[i][1];
	return a->arch ? a->arch : "amd64";
}

// The package that apt left in dir becomes its tree, below dir/tree.
static int debian_unpack(const char *dir, const char *tree, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = fs_list(dir, &names, e);

	if (r < 0)
		return r;
	strv_for_each (name, names) {
		_cleanup_free_ char *file = fs_join(dir, name);
		if (str_has_suffix(name, ".deb"))
			return unpack_archive(file, tree, 0, e);
	}
	return err_set(e, -ENOENT, "apt-get has not downloaded a package");
}

// The configurations of Debian's kernels: package linux-config-SERIES, installed or fetched through apt;
// unpacked below dir.
static int debian_folder(const char *package, const char *dir, char **ret, struct err *e)
{
	_cleanup_free_ char *installed = str_printf("/usr/src/%s", package), *tree = fs_join(dir, "tree"),
	                    *below = str_printf("%s/usr/src/%s", tree, package),
	                    *script = str_printf("cd '%s' && apt-get -q download '%s'", dir, package);
	char *argv[] = {(char *)"sh", (char *)"-c", script, NULL};
	_cleanup_buf_ struct buf said = {};
	struct proc_opts o = {.out = &said, .err = &said, .timeout_ms = 300000};
	int r;

	if (fs_is_dir(installed)) {
		*ret = TAKE_PTR(installed);
		return 0;
	}
	r = proc_run_ok(argv, &o, e);
	if (r == 0)
		r = debian_unpack(dir, tree, e);
	if (r < 0) {
		err_wrap(e, "Debian's package %s is not installed and cannot be fetched", package);
		return err_hint(e, "any other file or URL with its configuration does: /boot/config-*");
	}
	*ret = TAKE_PTR(below);
	return 0;
}

static int read_debian(
        const struct config_args *a, const char *folder, const char *flavour, struct buf *b, struct err *e)
{
	const char *arch = debian_arch(a);
	_cleanup_free_ char *plain = str_printf("config.%s_none_%s.xz", arch, flavour ? flavour : arch),
	                    *named = str_printf(
	                            "config.%s_none_%s-%s.xz", arch, flavour ? flavour : arch, arch),
	                    *one = fs_join(folder, plain), *two = fs_join(folder, named);
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err skip = {};

	if (fs_exists(one) || fs_exists(two))
		return read_file(fs_exists(one) ? one : two, b, e);
	fs_list(folder, &names, &skip);
	_cleanup_free_ char *all = strv_join(names, " ");
	return err_set(e, -ENOENT, "the package has neither %s nor %s; it has %s", plain, named,
	        all ? all : "nothing");
}

static int by_debian(const struct config_args *a, const char *word, struct buf *b, struct err *e)
{
	const char *rest = str_after(word, "debian"), *flavour = rest && *rest == ':' ? rest + 1 : NULL;
	_cleanup_free_ char *dir = NULL, *version = NULL, *package = NULL, *folder = NULL;
	_cleanup_err_ struct err skip = {};

	if (!rest || (*rest && *rest != ':'))
		return 0;
	version = series(a);
	package = str_printf("linux-config-%s", version);
	int r = fs_mkdtemp(temporary_dir(), "kernix-config", &dir, e);
	if (r < 0)
		return r;
	r = debian_folder(package, dir, &folder, e);
	if (r >= 0)
		r = read_debian(a, folder, flavour, b, e);
	fs_rm_rf(dir, &skip);
	return r < 0 ? r : 1;
}

static int read_built(const struct config_args *a, const char *expr, struct buf *b, struct err *e)
{
	_cleanup_free_ char *path = NULL;
	int r = config_build_path(a, expr, &path, e);

	if (r >= 0)
		r = read_file(path, b, e);
	return r < 0 ? r : 1;
}

// A configuration.nix: the .config of its kernel.
static int by_configuration(const struct config_args *a, const char *word, struct buf *b, struct err *e)
{
	_cleanup_free_ char *path = NULL, *expr = NULL;
	int r;

	if (!str_has_suffix(word, ".nix") || !fs_exists(word))
		return 0;
	r = fs_absolute(word, &path, e);
	if (r < 0)
		return r;
	expr = str_printf("(import <nixpkgs/nixos> { configuration = /. + \"%s\"; "
	                  "}).config.boot.kernelPackages.kernel.builtConfig",
	        path);
	return read_built(a, expr, b, e);
}

static int by_attribute(const struct config_args *a, const char *word, struct buf *b, struct err *e)
{
	_cleanup_free_ char *is = str_printf("(import <nixpkgs> { }) ? %s", word),
	                    *expr = str_printf("let p = (import <nixpkgs> { }).%s; in (if p ? "
	                                       "configfile then p else p.kernel).builtConfig",
	                            word);
	char *words[] = {(char *)"nix-instantiate", (char *)"--eval", (char *)"-E", is, NULL};
	_cleanup_buf_ struct buf out = {};

	if (!*word ||
	        word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-'\"")])
		return 0;
	if (!str_has_prefix(word, "linux") && !strchr(word, '.'))
		return 0; // every kernel's name begins so
	int r = config_run_self(a, words, &out, e);
	if (r < 0)
		return r;
	return str_has_prefix(buf_str(&out), "true") ? read_built(a, expr, b, e) : 0;
}

static bool has_option(const char *text)
{
	return str_has_prefix(text, "CONFIG_") || strstr(text, "\nCONFIG_") || strstr(text, "# CONFIG_");
}

int config_find(const struct config_args *a, const char *word, struct buf *b, struct err *e)
{
	static finder_fn *const finders[] = {
	        by_configuration, by_file, by_url, by_generation, by_running, by_debian, by_attribute};

	for (size_t i = 0; i < ARRAY_SIZE(finders); i++) {
		int r = finders[i](a, word, b, e);
		if (r < 0)
			return r;
		if (r && !has_option(buf_str(b)))
			return err_set(e, -EINVAL,
			        "%s is no .config: it has no line CONFIG_NAME=VALUE or '# CONFIG_NAME is not "
			        "set'",
			        word);
		if (r)
			return 0;
	}
	return err_set(e, -ENOENT,
	        "%s: neither a file or folder, a URL, a generation of the system, 'running', 'debian', a "
	        "configuration.nix, nor an attribute of <nixpkgs> "
	        "that is or has a kernel",
	        word);
}
