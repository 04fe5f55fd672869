// SPDX-License-Identifier: GPL-2.0-or-later
// The environment that kbuild hands to conf: what the top Makefile and the architecture's Makefile export and
// Kconfig files read.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/home.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/macro.h"

extern char **environ;

struct maker {
	char **vars;
	char *srctree;
	const char *arch, *srcarch;
	const struct kconfig_place *place;
	struct buf makefile, arch_makefile;
};

static const struct pair {
	const char *from, *to;
} srcarch_map[] = {
        {"i386", "x86"},
        {"x86_64", "x86"},
        {"sparc32", "sparc"},
        {"sparc64", "sparc"},
        {"parisc64", "parisc"},
        {"sh64", "sh"},
};

const char *kconfig_srcarch(const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(srcarch_map); i++)
		if (!strcmp(srcarch_map[i].from, arch))
			return srcarch_map[i].to;
	return arch;
}

static const char *get(const struct maker *m, const char *name)
{
	size_t n = strlen(name);

	strv_for_each (v, m->vars)
		if (!strncmp(v, name, n) && v[n] == '=')
			return v + n + 1;
	return NULL;
}

static void put(struct maker *m, const char *name, const char *value)
{
	if (!get(m, name))
		strv_take(&m->vars, str_printf("%s=%s", name, value));
}

// What the Makefile assigns to NAME at the start of a line; owned, NULL when it does not.
static char *assigned(const struct buf *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = text->data; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL) {
		const char *q = p + strspn(p, " \t");
		if (strncmp(q, name, n))
			continue;
		q += n + strspn(q + n, " \t");
		if (*q == ':' || *q == '?')
			q++;
		if (*q++ != '=')
			continue;
		q += strspn(q, " \t");
		size_t len = strcspn(q, "\n#");
		while (len && isspace((unsigned char)q[len - 1]))
			len--;
		return mem_strndup(q, len);
	}
	return NULL;
}

static void put_version(struct maker *m)
{
	_cleanup_free_ char *v = assigned(&m->makefile, "VERSION"), *p = assigned(&m->makefile, "PATCHLEVEL");
	_cleanup_free_ char *s = assigned(&m->makefile, "SUBLEVEL"),
	                    *x = assigned(&m->makefile, "EXTRAVERSION");
	_cleanup_free_ char *all = NULL;

	if (!v || !*v)
		return;
	bool has_p = p && *p, has_s = has_p && s && *s;
	all = str_printf("%s%s%s%s%s%s", v, has_p ? "." : "", has_p ? p : "", has_s ? "." : "",
	        has_s ? s : "", x ? x : "");
	put(m, "KERNELVERSION", all);
}

// As scripts/subarch.include maps the machine.
static const char *subarch(void)
{
	static const struct pair map[] = {
	        {"x86_64", "x86"},
	        {"i386", "x86"},
	        {"i486", "x86"},
	        {"i586", "x86"},
	        {"i686", "x86"},
	        {"s390x", "s390"},
	        {"aarch64", "arm64"},
	        {"ppc", "powerpc"},
	        {"mips", "mips"},
	        {"riscv", "riscv"},
	        {"loongarch", "loongarch"},
	        {"arm64", "arm64"},
	        {"arm", "arm"},
	};
	static _Thread_local struct utsname u;

	uname(&u);
	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (str_has_prefix(u.machine, map[i].from))
			return map[i].to;
	return u.machine;
}

static bool in_path(const struct maker *m, const char *program)
{
	const char *path = get(m, "PATH");
	_cleanup_strv_ char **dirs = strv_split(path ? path : "/usr/local/bin:/usr/bin:/bin", ":");

	strv_for_each (d, dirs) {
		_cleanup_free_ char *full = fs_join(d, program);
		if (access(full, X_OK) == 0)
			return true;
	}
	return false;
}

// Some architectures look for a cross compiler by themselves: the first prefix of cc-cross-prefix that is
// installed.
static char *cross_prefix(const struct maker *m)
{
	const char *p = m->arch_makefile.data
	                        ? strstr(m->arch_makefile.data, "\tCROSS_COMPILE := $(call cc-cross-prefix,")
	                        : NULL;

	if (!p && m->arch_makefile.data)
		p = strstr(m->arch_makefile.data, "CROSS_COMPILE := $(call cc-cross-prefix,");
	if (!p || !strcmp(m->srcarch, subarch()))
		return NULL;
	p = strchr(p, ',') + 1;
	_cleanup_free_ char *list = mem_strndup(p, strcspn(p, ")$"));
	_cleanup_strv_ char **words = strv_split(list, " \t\n\\");
	strv_for_each (w, words) {
		_cleanup_free_ char *cc = str_printf("%sgcc", w);
		if (in_path(m, cc))
			return mem_strdup(w);
	}
	return NULL;
}

static void put_tools(struct maker *m)
{
	static const struct {
		const char *name, *gnu, *llvm;
	} tools[] = {
	        {"CC", "gcc", "clang"},
	        {"LD", "ld", "ld.lld"},
	        {"AR", "ar", "llvm-ar"},
	        {"NM", "nm", "llvm-nm"},
	        {"OBJCOPY", "objcopy", "llvm-objcopy"},
	        {"OBJDUMP", "objdump", "llvm-objdump"},
	        {"READELF", "readelf", "llvm-readelf"},
	        {"STRIP", "strip", "llvm-strip"},
	};
	static const char *const plain[][2] = {
	        {"HOSTCC", "gcc"},
	        {"HOSTCXX", "g++"},
	        {"RUSTC", "rustc"},
	        {"BINDGEN", "bindgen"},
	        {"PAHOLE", "pahole"},
	        {"PYTHON3", "python3"},
	        {"PERL", "perl"},
	        {"AWK", "awk"},
	        {"LEX", "flex"},
	        {"YACC", "bison"},
	        {"BASH", "bash"},
	        {"CONFIG_SHELL", "sh"},
	};
	const char *llvm = get(m, "LLVM"), *cross = get(m, "CROSS_COMPILE");
	bool is_llvm = llvm && *llvm;
	bool llvm_path = is_llvm && llvm[strlen(llvm) - 1] == '/', llvm_suffix = is_llvm && llvm[0] == '-';

	if (is_llvm)
		put(m, "HOSTCC", llvm_suffix ? "clang" : "clang");
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		_cleanup_free_ char *v = is_llvm ? str_printf("%s%s%s", llvm_path ? llvm : "", tools[i].llvm,
		                                           llvm_suffix ? llvm : "")
		                                 : str_printf("%s%s", cross ? cross : "", tools[i].gnu);
		put(m, tools[i].name, v);
	}
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		put(m, plain[i][0], plain[i][1]);
}

// What a tool says about itself, as kbuild keeps it; "" when it cannot be run. Known from the last run like
// any probe.
static char *version_text(const struct maker *m, const char *cmd, const char *cache_path)
{
	struct kconfig k = {
	        .srctree = m->srctree, .env_list = m->vars, .place = m->place, .probe_timeout_ms = 20000};
	_cleanup_err_ struct err e = {};
	const char *text = "";

	strv_for_each (v, m->vars) {
		const char *eq = strchr(v, '=');
		if (eq)
			hmap_putn(&k.env, v, (size_t)(eq - v), (void *)(eq + 1));
	}
	k.probes = kprobe_open(&k, cache_path);
	if (kprobe_get(&k, cmd, &text, &e) < 0)
		text = "";
	char *own = mem_strdup(text), *to = own;
	for (char *p = own; *p; p++)
		if (*p != '#')
			*to++ = *p;
	*to = '\0';
	kprobe_save(k.probes);
	kprobe_free(k.probes);
	hmap_release(&k.env);
	return own;
}

static void put_versions(struct maker *m, const char *cache_path)
{
	const char *src = m->srctree;
	const struct pair texts[] = {
	        {"CC_VERSION_TEXT",
	                str_printf("LC_ALL=C %s --version 2>/dev/null | head -n 1", get(m, "CC"))},
	        {"RUSTC_VERSION_TEXT", str_printf("LC_ALL=C %s --version 2>/dev/null", get(m, "RUSTC"))},
	        {"PAHOLE_VERSION", str_printf("%s/scripts/pahole-version.sh %s", src, get(m, "PAHOLE"))},
	};
	// The last is new in 7.0: until then Kconfig asked the script itself.
	_cleanup_free_ char *pahole = assigned(&m->makefile, "PAHOLE_VERSION");

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		bool wanted = i < ARRAY_SIZE(texts) - 1 || pahole;
		_cleanup_free_ char *text =
		        wanted && !get(m, texts[i].from) ? version_text(m, texts[i].to, cache_path) : NULL;
		if (wanted)
			put(m, texts[i].from, text ? text : "");
		mem_free((char *)texts[i].to);
	}
}

static void put_clang_flags(struct maker *m)
{
	const char *text = get(m, "CC_VERSION_TEXT"), *ias = get(m, "LLVM_IAS");
	_cleanup_free_ char *path = fs_join(m->srctree, "scripts/Makefile.clang"), *name = NULL,
	                    *target = NULL, *flags = NULL;
	_cleanup_buf_ struct buf mk = {};
	_cleanup_err_ struct err e = {};

	if (!text || !strstr(text, "clang") || get(m, "CLANG_FLAGS")) {
		put(m, "CLANG_FLAGS", "");
		return;
	}
	if (fs_read(path, (size_t)1 << 20, &mk, &e) >= 0) {
		buf_str(&mk);
		name = str_printf("CLANG_TARGET_FLAGS_%s", strcmp(m->srcarch, "um") ? m->srcarch : subarch());
		target = assigned(&mk, name);
	}
	flags = str_printf("%s%s%s-Werror=unknown-warning-option -Werror=ignored-optimization-argument "
	                   "-Werror=option-ignored "
	                   "-Werror=unused-command-line-argument",
	        target && *target ? "--target=" : "", target && *target ? target : "",
	        ias && !strcmp(ias, "0") ? " -fno-integrated-as " : " -fintegrated-as ");
	put(m, "CLANG_FLAGS", flags[0] == ' ' ? flags + 1 : flags);
}

// What make defconfig takes where the user names none.
static char *default_defconfig(const struct maker *m)
{
	struct utsname u;

	uname(&u);
	if (!strcmp(m->srcarch, "x86"))
		return mem_strdup(!strcmp(m->arch, "i386") ? "i386_defconfig" : "x86_64_defconfig");
	if (!strcmp(m->srcarch, "um") && !strcmp(subarch(), "x86"))
		return mem_strdup(!strcmp(u.machine, "x86_64") ? "x86_64_defconfig" : "i386_defconfig");
	if (!strcmp(m->srcarch, "um"))
		return str_printf("%s_defconfig", subarch());
	if (!strcmp(m->srcarch, "sparc"))
		return mem_strdup(!strcmp(m->arch, "sparc64") || !strcmp(u.machine, "sparc64")
		                          ? "sparc64_defconfig"
		                          : "sparc32_defconfig");
	if (!strcmp(m->srcarch, "parisc"))
		return mem_strdup(
		        !strcmp(m->arch, "parisc64") ? "generic-64bit_defconfig" : "generic-32bit_defconfig");
	if (!strcmp(m->srcarch, "powerpc")) {
		bool le = m->arch_makefile.data && strstr(m->arch_makefile.data, "ppc64le)_defconfig");
		return str_printf("%s_defconfig", str_has_prefix(u.machine, "ppc") ? u.machine
		                                  : le                             ? "ppc64le"
		                                                                   : "ppc64");
	}
	char *v = m->arch_makefile.data ? assigned(&m->arch_makefile, "KBUILD_DEFCONFIG") : NULL;
	if (!v || strchr(v, '$')) {
		mem_free(v);
		v = mem_strdup("defconfig");
	}
	return v;
}

// What others call an architecture: how their names begin.
static const char *const other_names[][2] = {
        {"aarch64", "arm64"},
        {"amd64", "x86_64"},
        {"armhf", "arm"},
        {"armv", "arm"},
        {"i686", "i386"},
        {"ppc", "powerpc"},
        {"s390x", "s390"},
        {"x64", "x86_64"},
};

static int check_arch(const struct maker *m, struct err *e)
{
	_cleanup_free_ char *dir = str_printf("%s/arch/%s", m->srctree, m->srcarch),
	                    *arch_dir = fs_join(m->srctree, "arch");

	if (!fs_is_dir(arch_dir) || fs_is_dir(dir))
		return 0;
	_cleanup_strv_ char **names = NULL;
	_cleanup_err_ struct err skip = {};
	fs_list(arch_dir, &names, &skip);
	_cleanup_buf_ struct buf all = {};
	strv_for_each (name, names) {
		_cleanup_free_ char *kconfig = str_printf("%s/%s/Kconfig", arch_dir, name);
		if (fs_exists(kconfig))
			buf_addf(&all, " %s", name);
	}
	err_set(e, -EINVAL, "architecture '%s': the tree %s has no arch/%s", m->arch, m->srctree, m->srcarch);
	for (size_t i = 0; i < ARRAY_SIZE(other_names); i++)
		if (str_has_prefix(m->arch, other_names[i][0]))
			return err_hint(e, "Linux calls it %s; it has:%s", other_names[i][1], buf_str(&all));
	return err_hint(e, "it has:%s", buf_str(&all));
}

int kconfig_env_make(char ***ret, const char *srctree, const char *arch, char *const *base_env,
        const char *cache_path, struct err *e)
{
	return kconfig_env_make_in(ret, srctree, arch, base_env, cache_path, NULL, e);
}

int kconfig_env_make_in(char ***ret, const char *srctree, const char *arch, char *const *base_env,
        const char *cache_path, const struct kconfig_place *place, struct err *e)
{
	struct maker m = {.place = place};
	_cleanup_free_ char *own_src = NULL, *mk = NULL;
	_cleanup_err_ struct err skip = {};
	int r = fs_absolute(srctree, &own_src, e);

	if (r < 0)
		return r;
	m.srctree = own_src;
	mk = fs_join(own_src, "Makefile");
	for (char *const *v = base_env ? base_env : environ; *v; v++)
		strv_add(&m.vars, *v);
	put(&m, "ARCH", arch);
	m.arch = get(&m, "ARCH");
	put(&m, "SRCARCH", kconfig_srcarch(m.arch));
	m.srcarch = get(&m, "SRCARCH");
	r = check_arch(&m, e);
	if (r < 0) {
		strv_free(m.vars);
		return r;
	}
	_cleanup_free_ char *amk = str_printf("%s/arch/%s/Makefile", m.srctree, m.srcarch);
	fs_read(mk, (size_t)4 << 20, &m.makefile, &skip);
	fs_read(amk, (size_t)4 << 20, &m.arch_makefile, &skip);
	put(&m, "srctree", m.srctree);
	put_version(&m);
	put(&m, "SUBARCH", subarch());
	if (!strcmp(m.srcarch, "um"))
		put(&m, "HEADER_ARCH", subarch());
	_cleanup_free_ char *cross = get(&m, "CROSS_COMPILE") ? NULL : cross_prefix(&m);
	if (cross)
		put(&m, "CROSS_COMPILE", cross);
	put_tools(&m);
	put_versions(&m, cache_path);
	put_clang_flags(&m);
	_cleanup_free_ char *def = default_defconfig(&m);
	put(&m, "KBUILD_DEFCONFIG", def);
	put(&m, "RUSTC_BOOTSTRAP", "1");
	buf_release(&m.makefile);
	buf_release(&m.arch_makefile);
	*ret = m.vars;
	return 0;
}

char *kconfig_cache_path(void)
{
	const char *xdg = getenv("XDG_CACHE_HOME");

	if (xdg && xdg[0] == '/')
		return fs_join(xdg, "kernix/kconfig-probes");
	_cleanup_free_ char *home = home_dir();
	return home ? fs_join(home, ".cache/kernix/kconfig-probes") : NULL;
}
