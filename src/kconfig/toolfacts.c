// SPDX-License-Identifier: GPL-2.0-or-later
// What of the toolchain keeps an option off, in the words of whoever has to install something: which program,
// which version this tree needs, and which one is here. Kconfig only knows CLANG_VERSION=0.
//
// The unmet dependencies of the option are followed to symbols that stand for programs. Least versions come
// from the tree's own scripts/min-tool-version.sh, what is wrong with Rust from its rust_is_available.sh.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/kexpr.h"
#include "kconfig/macro.h"
#include "kconfig/solve.h"
#include "kconfig/toolfacts.h"
#include "kconfig/tree.h"

#define DEPTH_MAX 12

struct facts {
	struct kconfig *k;
	char **lines;
	bool maybe; // below an || : there are other ways
	unsigned depth;
	struct hmap seen;
};

static const char *variable(const struct kconfig *k, const char *name)
{
	const char *v = hmap_get(&k->env, name);

	return v ? v : "";
}

// What a command prints, errors included; NULL: it cannot be run. Borrowed.
static const char *ask(struct kconfig *k, const char *cmd)
{
	_cleanup_err_ struct err skip = {};
	const char *text = NULL;

	return kprobe_get(k, cmd, &text, &skip) < 0 ? NULL : text;
}

static const char *least(struct kconfig *k, const char *tool)
{
	_cleanup_free_ char *cmd =
	        str_printf("%s/scripts/min-tool-version.sh %s 2>/dev/null", k->srctree, tool);
	const char *v = ask(k, cmd);

	return v && *v ? v : NULL;
}

static const char *first_line(struct kconfig *k, const char *tool)
{
	_cleanup_free_ char *cmd = str_printf("LC_ALL=C %s --version 2>/dev/null | head -n 1", tool);
	const char *v = ask(k, cmd);

	return v && *v ? v : "not installed";
}

static void add(struct facts *x, char *line) // owned
{
	char *full = x->maybe ? str_printf("one way: %s", line) : mem_strdup(line);

	if (strv_has(x->lines, full))
		mem_free(full);
	else
		strv_take(&x->lines, full);
	mem_free(line);
}

static void say_clang(struct facts *x, const struct ksym *s)
{
	const char *v = least(x->k, "llvm"), *cc = variable(x->k, "CC");

	add(x, str_printf("%s: the compiler has to be clang%s%s%s; CC=%s is %s. For make: LLVM=1 (packages "
	                  "clang, "
	                  "lld, llvm); in Nix: stdenv = pkgs.clangStdenv of the kernel",
	               s->name, v ? " " : "", v ? v : "", v ? " or newer" : "", cc, first_line(x->k, cc)));
}

static void say_gcc(struct facts *x, const struct ksym *s)
{
	const char *v = least(x->k, "gcc"), *cc = variable(x->k, "CC");

	add(x, str_printf("%s: the compiler has to be gcc%s%s%s; CC=%s is %s", s->name, v ? " " : "",
	               v ? v : "", v ? " or newer" : "", cc, first_line(x->k, cc)));
}

static void say_lld(struct facts *x, const struct ksym *s)
{
	const char *v = least(x->k, "llvm"), *ld = variable(x->k, "LD");

	add(x, str_printf("%s: the linker has to be ld.lld%s%s%s (package lld); LD=%s is %s", s->name,
	               v ? " " : "", v ? v : "", v ? " or newer" : "", ld, first_line(x->k, ld)));
}

static void say_llvm_as(struct facts *x, const struct ksym *s)
{
	add(x, str_printf("%s: the assembler has to be clang's own, which is taken when clang compiles and "
	                  "LLVM_IAS is not 0; CC=%s is %s",
	               s->name, variable(x->k, "CC"), first_line(x->k, variable(x->k, "CC"))));
}

// The script says it in blocks between stars; the last one points to the documentation.
static void say_rust(struct facts *x, const struct ksym *s)
{
	_cleanup_free_ char *cmd =
	        str_printf("%s/scripts/rust_is_available.sh 2>&1 >/dev/null", x->k->srctree);
	const char *said = ask(x->k, cmd), *rustc = least(x->k, "rustc"), *bindgen = least(x->k, "bindgen");
	_cleanup_buf_ struct buf b = {};

	for (const char *p = said; p && *p;) {
		p += strspn(p, "* ");
		const char *end = strstr(p, "***");
		size_t n = end ? (size_t)(end - p) : strlen(p);
		while (n && p[n - 1] == ' ')
			n--;
		if (str_has_prefix(p, "Please see"))
			break;
		if (n && b.len)
			buf_addc(&b, ' ');
		for (size_t i = 0; i < n; i++)
			if (p[i] != ' ' || p[i + 1] != ' ')
				buf_addc(&b, p[i]);
		p = end ? end : p + strlen(p);
	}
	add(x, str_printf("%s: Rust needs rustc%s%s, bindgen%s%s and the sources of Rust's library (packages "
	                  "rustc, bindgen, rust-src)%s%s",
	               s->name, rustc ? " " : "", rustc ? rustc : "", bindgen ? " " : "",
	               bindgen ? bindgen : "", b.len ? "; the tree's script says: " : "", buf_str(&b)));
}

static void say_plugins(struct facts *x, const struct ksym *s)
{
	const char *cc = variable(x->k, "CC");
	_cleanup_free_ char *cmd =
	        str_printf("test -e $(%s -print-file-name=plugin)/include/plugin-version.h || echo none", cc);
	const char *said = ask(x->k, cmd);

	if (said && *said)
		add(x, str_printf("%s: the headers of gcc's plugins are not there (plugin-version.h of "
		                  "CC=%s; Debian: "
		                  "gcc-N-plugin-dev for gcc N)",
		               s->name, cc));
}

// Symbols that stand for a program.
static const struct {
	const char *name;
	void (*say)(struct facts *x, const struct ksym *s);
} programs[] = {
        {"CC_IS_CLANG", say_clang},
        {"CC_IS_GCC", say_gcc},
        {"LD_IS_LLD", say_lld},
        {"AS_IS_LLVM", say_llvm_as},
        {"RUST_IS_AVAILABLE", say_rust},
        {"HAS_RUST", say_rust},
        {"GCC_PLUGINS", say_plugins},
};

// Symbols that hold a version: MAJOR * major + MINOR * minor + patch.
static const struct version {
	const char *name, *program, *package;
	long major, minor;
} versions[] = {
        {"GCC_VERSION", "gcc", "gcc", 10000, 100},
        {"CLANG_VERSION", "clang", "clang", 10000, 100},
        {"LD_VERSION", "the linker of binutils", "binutils", 10000, 100},
        {"AS_VERSION", "the assembler", "binutils", 10000, 100},
        {"LLD_VERSION", "ld.lld", "lld", 10000, 100},
        {"RUSTC_VERSION", "rustc", "rustc", 100000, 100},
        {"RUSTC_LLVM_VERSION", "the LLVM of rustc", "rustc", 10000, 100},
        {"PAHOLE_VERSION", "pahole", "dwarves", 100, 1},
};

static const struct version *version_of(const struct ksym *s)
{
	for (size_t i = 0; s && s->name && i < ARRAY_SIZE(versions); i++)
		if (!strcmp(s->name, versions[i].name))
			return &versions[i];
	return NULL;
}

// 120200 is 12.2, 121 of pahole is 1.21. Owned.
static char *shown(const struct version *v, long n)
{
	long major = n / v->major, minor = n % v->major / v->minor, patch = v->minor > 1 ? n % v->minor : 0;

	return patch ? str_printf("%ld.%ld.%ld", major, minor, patch) : str_printf("%ld.%ld", major, minor);
}

// A comparison of a version that does not hold; type is that of an expression.
static void compared(struct facts *x, struct ksym *s, uint8_t type, long wanted)
{
	const struct version *v = version_of(s);
	const char *words = type == KE_GE   ? "or newer"
	                    : type == KE_GT ? "is too old, a newer one"
	                    : type == KE_LT ? "is too new, an older one"
	                                    : "or older";

	ksym_calc(x->k, s);
	long is = strtol(ksym_text(s), NULL, 10);
	bool holds = type == KE_GE   ? is >= wanted
	             : type == KE_GT ? is > wanted
	             : type == KE_LT ? is < wanted
	                             : is <= wanted;
	if (!v || holds || (!is && x->maybe)) // what is missing altogether is said by its own symbol
		return;
	_cleanup_free_ char *need = shown(v, wanted), *have = shown(v, is);
	add(x, str_printf("%s: %s %s %s is needed (package %s); %s%s", v->name, v->program, need, words,
	               v->package, is ? "here it is " : "there is none", is ? have : ""));
}

static void follow(struct facts *x, struct kexpr *e);
static void read_entry(struct facts *x, const struct kmenu *m);

static void follow_symbol(struct facts *x, struct ksym *s)
{
	if (!s->name || (s->flags & KS_CONST) || hmap_get(&x->seen, s->name) || x->depth > DEPTH_MAX)
		return;
	hmap_put(&x->seen, s->name, s);
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (!strcmp(s->name, programs[i].name) && s->menus) {
			programs[i].say(x, s);
			if (strcmp(s->name, "GCC_PLUGINS"))
				return;
		}
	x->depth++;
	if (s->dir_dep && s->dir_dep->type == KE_SYM && s->dir_dep->l.s == x->k->no)
		for (const struct kmenu *m = s->menus; m; m = m->same)
			read_entry(x, m);
	follow(x, s->dir_dep);
	for (struct kprop *p = s->props; p; p = p->next) {
		if (p->text && s->visible == KCONFIG_N)
			follow(x, p->own ? p->own : p->cond);
		if (p->type == KP_DEFAULT && !s->rev_dep)
			follow(x, p->expr); // def_bool PAHOLE_VERSION >= 121
	}
	x->depth--;
}

// One line of an entry as it is written: its names, and versions with what they are compared with.
static void read_line(struct facts *x, const char *line, size_t len)
{
	static const char *const signs[] = {"<=", ">=", "<", ">"};
	static const uint8_t types[] = {KE_LE, KE_GE, KE_LT, KE_GT};
	_cleanup_free_ char *text = mem_strndup(line, len);
	bool maybe = x->maybe;

	x->maybe |= strstr(text, "||") != NULL;
	for (const char *p = text; *p;) {
		size_t n = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		struct ksym *s = n && (p == text || p[-1] != '!') ? ksym_find_n(x->k, p, n) : NULL;
		p += n ? n : 1;
		if (s && s->menus && ktype_is_tri(s->type)) {
			ksym_calc(x->k, s);
			if (s->tri == KCONFIG_N)
				follow_symbol(x, s);
		}
		const char *sign = p + strspn(p, " ");
		for (size_t i = 0; s && version_of(s) && i < ARRAY_SIZE(signs); i++)
			if (str_has_prefix(sign, signs[i])) {
				compared(x, s, types[i], strtol(sign + strlen(signs[i]), NULL, 10));
				break;
			}
	}
	x->maybe = maybe;
}

static bool begins_with(const char *line, const char *const *words)
{
	line += strspn(line, " \t");
	for (; *words; words++)
		if (str_has_prefix(line, *words) && strchr(" \t\n", line[strlen(*words)]))
			return true;
	return false;
}

// Where a test of the toolchain failed, nothing but 'n' is left of a condition: then it is read as it stands
// in the Kconfig file.
static void read_entry(struct facts *x, const struct kmenu *m)
{
	static const char *const ends[] = {"config", "menuconfig", "choice", "endchoice", "menu", "endmenu",
	        "if", "endif", "comment", "source", "help", NULL};
	static const char *const conditions[] = {"depends", "default", "def_bool", "def_tristate", NULL};
	_cleanup_close_ int fd = openat(x->k->src_fd, m->file, O_RDONLY | O_CLOEXEC);
	_cleanup_err_ struct err skip = {};
	_cleanup_buf_ struct buf b = {};

	if (fd < 0 || fs_read_fd(fd, m->file, (size_t)4 << 20, &b, &skip) < 0)
		return;
	const char *p = buf_str(&b);
	for (int line = 1; *p; line++) {
		size_t n = strcspn(p, "\n");
		if (line > m->line && begins_with(p, ends))
			return;
		if (line > m->line && begins_with(p, conditions))
			read_line(x, p, n);
		p += n + (p[n] == '\n');
	}
}

// What keeps e from being y.
static void follow(struct facts *x, struct kexpr *e)
{
	if (!e || kexpr_calc(x->k, e) == KCONFIG_Y)
		return;
	bool maybe = x->maybe;
	switch (e->type) {
	case KE_AND:
		follow(x, e->l.e);
		follow(x, e->r.e);
		break;
	case KE_OR:
		x->maybe = true;
		follow(x, e->l.e);
		follow(x, e->r.e);
		x->maybe = maybe;
		break;
	case KE_SYM:
		follow_symbol(x, e->l.s);
		break;
	default:
		if (kexpr_is_comp(e) && e->type >= KE_LT && version_of(e->l.s)) {
			ksym_calc(x->k, e->r.s);
			compared(x, e->l.s, e->type, strtol(ksym_text(e->r.s), NULL, 10));
		}
	}
}

static void look(struct facts *x, const char *name)
{
	struct ksym *s = kconfig_find(x->k, name);

	if (!s || !ktype_is_tri(s->type))
		return;
	ksym_calc(x->k, s);
	if (s->tri == KCONFIG_N)
		follow_symbol(x, s);
}

static void finish(struct facts *x, const char *before, const char *indent, struct buf *b)
{
	if (x->lines)
		buf_adds(b, before);
	strv_for_each (line, x->lines)
		buf_addf(b, "%s%s\n", indent, line);
	strv_free(x->lines);
	hmap_release(&x->seen);
	kprobe_save(x->k->probes);
}

void kconfig_tool_facts(struct kconfig *k, const char *name, struct buf *b)
{
	struct facts x = {.k = k};

	look(&x, name);
	finish(&x, "", "  toolchain: ", b);
}

void kreport_tools(struct kconfig *k, const struct kreport *rep, struct buf *b)
{
	struct facts x = {.k = k};

	for (size_t i = 0; i < rep->len; i++)
		if (rep->v[i].kind != KFAIL_UNKNOWN && rep->v[i].kind != KFAIL_CONFLICT)
			look(&x, rep->v[i].request->name);
	finish(&x, "\nof the toolchain:\n", "  ", b);
}
