// SPDX-License-Identifier: GPL-2.0-or-later
// Bases: what allnoconfig, defconfig, a .config file and the like make of a tree, in the steps of conf and
// merge_config.sh. To add a base: a row in base_rows.
#include <errno.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/base.h"
#include "kconfig/dotconfig.h"
#include "kconfig/solve.h"

enum fill { FILL_DEFAULT, FILL_NO, FILL_MOD, FILL_YES, FILL_RANDOM };

static const uint8_t fill_tri[] = {[FILL_NO] = KCONFIG_N, [FILL_MOD] = KCONFIG_M, [FILL_YES] = KCONFIG_Y};

// New style: entries with a prompt, in menu order.
static void fill_new(struct kconfig *k, enum fill fill)
{
	for (struct kmenu *m = kmenu_next(&k->root, &k->root); m && fill != FILL_DEFAULT;
	        m = kmenu_next(m, &k->root)) {
		struct ksym *s = m->sym;
		if (!s || !m->prompt || ksym_has_user(s) || !ktype_is_tri(s->type) || ksym_is_choice(s) ||
		        s->in_list)
			continue;
		s->user_tri = fill_tri[fill];
		s->flags |= KS_USER;
	}
	ksolve_clear(k);
}

// Old style: all symbols, with or without a prompt; then choices, whose members are n where nothing was said.
static void fill_old(struct kconfig *k, enum fill fill)
{
	for (struct ksym **p = k->walk; *p; p++) {
		struct ksym *s = *p;
		if (ksym_has_user(s) || s->valid == k->epoch || !ktype_is_tri(ksym_acting_type(k, s)) ||
		        fill == FILL_DEFAULT)
			continue;
		s->user_tri = fill_tri[fill];
		s->flags |= KS_USER;
	}
	ksolve_clear(k);
	for (struct ksym **p = k->walk; *p; p++)
		if ((ksym_is_choice(*p) && !ksym_has_user(*p)) || ((*p)->flags & KS_MEMBER))
			(*p)->flags |= KS_FILL;
	for (struct ksym **p = k->walk; *p; p++) {
		if (ksym_has_user(*p) || !ksym_is_choice(*p))
			continue;
		ksym_calc(k, *p);
		kchoice_fill_old(k, *p);
	}
}

static void fill_all(struct kconfig *k, enum fill fill)
{
	if (k->dialect.new_choice)
		fill_new(k, fill);
	else
		fill_old(k, fill);
}

static const char *env_get(const struct kconfig *k, const char *name)
{
	const char *v = hmap_get(&k->env, name);

	return v ? v : "";
}

// A file by its name in the current folder, else below the tree.
static int read_file(struct kconfig *k, const char *name, struct buf *b, struct err *e)
{
	_cleanup_free_ char *below = name[0] == '/' ? NULL : fs_join(k->srctree, name);
	const char *path = below && !fs_exists(name) ? below : name;

	return fs_read(path, (size_t)256 << 20, b, e);
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The line of text that sets NAME, NULL when there is none; the first one.
static const char *find_line(const struct buf *text, const char *name, size_t len, size_t *ret_len)
{
	const char *p = text->data, *end = p + text->len, *n, *v;
	size_t n_len, v_len;

	for (; p && p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		enum kdot_kind kind = kdot_line(p, (size_t)(stop - p), &n, &n_len, &v, &v_len);
		if (kind != KDOT_OTHER && n_len == len && !memcmp(n, name, len)) {
			*ret_len = (size_t)(stop - p);
			return p;
		}
		p = nl ? nl + 1 : end;
	}
	return NULL;
}

// A text, and where each of its lines comes from.
struct merged {
	struct buf text;
	struct kdot_origin *from;
	size_t len, cap;
};

static void merged_release(struct merged *m)
{
	buf_release(&m->text);
	mem_free(m->from);
}
#define _cleanup_merged_ _cleanup_(merged_release)

static size_t count_lines(const char *p, size_t len)
{
	size_t n = 0;

	for (const char *end = p + len; p < end; n++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		p = nl ? nl + 1 : end;
	}
	return n;
}

// Adds the origins of a file's text, which the caller adds.
static void add_origins(struct kconfig *k, struct merged *m, const struct buf *b, const char *name)
{
	size_t n = count_lines(b->data, b->len);
	const char *file = arena_strdup(&k->arena, name);

	mem_grow(&m->from, &m->cap, m->len + n, sizeof(*m->from));
	for (size_t i = 0; i < n; i++)
		m->from[m->len++] = (struct kdot_origin){file, (int)i + 1};
}

// The first text of a merge.
static void merged_begin(struct kconfig *k, struct merged *m, const char *name)
{
	buf_str(&m->text);
	m->len = 0;
	add_origins(k, m, &m->text, name);
}

// All lines of text that set NAME go.
static void drop_lines(struct merged *m, const char *name, size_t len)
{
	struct buf *text = &m->text;
	size_t line_len;
	const char *line;

	while ((line = find_line(text, name, len, &line_len))) {
		size_t at = (size_t)(line - text->data), n = line_len + (at + line_len < text->len);
		size_t number = count_lines(text->data, at);
		memmove(text->data + at, text->data + at + n, text->len - at - n + 1);
		text->len -= n;
		m->len--;
		memmove(&m->from[number], &m->from[number + 1], (m->len - number) * sizeof(*m->from));
	}
}

static bool plain_name(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_word_char(s[i]))
			return false;
	return len > 0;
}

static void merge_text(struct kconfig *k, struct merged *m, const struct buf *fragment, const char *name)
{
	const char *p = fragment->data, *end = p + fragment->len, *n, *v;
	size_t n_len, v_len, before_len;
	struct buf *into = &m->text;
	struct hmap done = {};

	for (; p && p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end, *before;
		size_t len = (size_t)(stop - p);
		enum kdot_kind kind = kdot_line(p, len, &n, &n_len, &v, &v_len);
		if (kind != KDOT_OTHER && plain_name(n, n_len) && (kind == KDOT_SET || v_len == 0) &&
		        !hmap_getn(&done, n, n_len)) {
			hmap_putn(&done, n, n_len, k);
			before = into->len ? find_line(into, n, n_len, &before_len) : NULL;
			if (before && (before_len != len || memcmp(before, p, len)))
				kwarn(k,
				        "Value of CONFIG_%.*s is redefined by fragment %s:\nPrevious value: "
				        "%.*s\nNew value:      %.*s\n",
				        (int)n_len, n, name, (int)before_len, before, (int)len, p);
			if (before)
				drop_lines(m, n, n_len);
		}
		p = nl ? nl + 1 : end;
	}
	hmap_release(&done);
	if (!into->len || into->data[into->len - 1] == '\n') // else it ends the last line
		add_origins(k, m, &(struct buf){.data = (char *)"\n", .len = 1}, name);
	buf_addc(into, '\n');
	add_origins(k, m, fragment, name);
	buf_add(into, fragment->data, fragment->len);
}

static int merge_files(struct kconfig *k, struct merged *into, char *const *fragments, struct err *e)
{
	strv_for_each (f, fragments) {
		_cleanup_buf_ struct buf b = {};
		int r = read_file(k, f, &b, e);
		if (r < 0)
			return err_wrap(e, "fragment");
		buf_str(&b);
		merge_text(k, into, &b, f);
	}
	return 0;
}

// What was asked for and did not come out, in the words of merge_config.sh.
static void check_merged(struct kconfig *k, const struct buf *text)
{
	const char *p = text->data, *end = p + text->len, *n, *v;
	size_t n_len, v_len;

	for (; p && p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		enum kdot_kind kind = kdot_line(p, (size_t)(stop - p), &n, &n_len, &v, &v_len);
		if (kind != KDOT_OTHER && plain_name(n, n_len)) {
			struct ksym *s = ksym_find_n(k, n, n_len);
			_cleanup_buf_ struct buf now = {};
			if (s && s->menus) {
				ksym_calc(k, s);
				if (s->flags & KS_WRITE)
					kdot_print(k, s, false, &now);
			}
			size_t len = (size_t)(stop - p);
			if (now.len != len + 1 || memcmp(now.data, p, len))
				kwarn(k,
				        "Value requested for CONFIG_%.*s not in final .config\nRequested "
				        "value:  %.*s\nActual value:     %s%s",
				        (int)n_len, n, (int)len, p, buf_str(&now), now.len ? "" : "\n");
		}
		p = nl ? nl + 1 : end;
	}
}

// Warnings name the line of the file that it stands in.
static void read_merged(struct kconfig *k, const struct merged *m, const char *name,
        void (*read)(struct kconfig *k, const char *text, size_t len, const char *name))
{
	k->conf_origins = m->from;
	read(k, m->text.data, m->text.len, name);
	k->conf_origins = NULL;
}

// The seed of all*config: KCONFIG_ALLCONFIG as conf reads it, then fragments.
static int read_seed(struct kconfig *k, const char *special, char *const *fragments, struct merged *m,
        bool *ret_any, struct err *e)
{
	const char *name = hmap_get(&k->env, "KCONFIG_ALLCONFIG"), *from = special;
	struct buf *b = &m->text;
	int r;

	*ret_any = name != NULL || (fragments && *fragments);
	if (name && *name && strcmp(name, "1")) {
		from = name;
		r = read_file(k, name, b, e);
		if (r < 0)
			return err_wrap(e, "KCONFIG_ALLCONFIG");
	} else if (name) {
		_cleanup_err_ struct err first = {};
		if (read_file(k, special, b, &first) < 0) {
			from = "all.config";
			if (read_file(k, from, b, e) < 0)
				return err_wrap(e, "KCONFIG_ALLCONFIG is set, but there is neither %s nor %s",
				        special, from);
		}
	}
	merged_begin(k, m, from);
	return merge_files(k, m, fragments, e);
}

// The tree may have had another base before.
static void forget(struct kconfig *k)
{
	kdot_reset(k);
	for (size_t i = 0; i < k->syms_len; i++)
		k->syms[i]->flags &= ~KS_USER;
}

static int fill_base(
        struct kconfig *k, enum fill fill, const char *special, char *const *fragments, struct err *e)
{
	_cleanup_merged_ struct merged seed = {};
	bool any;
	int r = read_seed(k, special, fragments, &seed, &any, e);

	if (r < 0)
		return r;
	if (!any)
		forget(k);
	else
		read_merged(k, &seed, env_get(k, "KCONFIG_ALLCONFIG"), kdot_read_simple);
	if (fill == FILL_RANDOM)
		r = kbase_random(k, e);
	else
		fill_all(k, fill);
	if (r >= 0 && fragments && *fragments)
		check_merged(k, &seed.text);
	return r < 0 ? r : 0;
}

// A .config or defconfig: alone as olddefconfig or defconfig read it; with fragments as merge_config.sh does
// it.
static int file_base(
        struct kconfig *k, const char *path, char *const *fragments, bool defconfig, struct err *e)
{
	_cleanup_merged_ struct merged m = {};
	int r = read_file(k, path, &m.text, e);

	if (r < 0)
		return r;
	merged_begin(k, &m, path);
	if (!fragments || !*fragments) {
		kdot_read(k, m.text.data, m.text.len, path);
		if (defconfig)
			fill_all(k, FILL_DEFAULT);
		return 0;
	}
	r = merge_files(k, &m, fragments, e);
	if (r < 0)
		return r;
	read_merged(k, &m, path, kdot_read_simple);
	fill_all(k, FILL_DEFAULT);
	check_merged(k, &m.text);
	return 0;
}

static int base_allno(struct kconfig *k, char *const *fragments, struct err *e)
{
	return fill_base(k, FILL_NO, "allno.config", fragments, e);
}

static int base_allyes(struct kconfig *k, char *const *fragments, struct err *e)
{
	return fill_base(k, FILL_YES, "allyes.config", fragments, e);
}

static int base_allmod(struct kconfig *k, char *const *fragments, struct err *e)
{
	return fill_base(k, FILL_MOD, "allmod.config", fragments, e);
}

static int base_alldef(struct kconfig *k, char *const *fragments, struct err *e)
{
	return fill_base(k, FILL_DEFAULT, "alldef.config", fragments, e);
}

static int base_random(struct kconfig *k, char *const *fragments, struct err *e)
{
	return fill_base(k, FILL_RANDOM, "allrandom.config", fragments, e);
}

// powerpc's default is no file: its Makefile merges it from ppc64_defconfig and le.config.
static int base_ppc64le(struct kconfig *k, char *const *fragments, struct err *e)
{
	_cleanup_strv_ char **all = NULL;

	strv_take(&all, fs_join(k->srctree, "arch/powerpc/configs/le.config"));
	strv_for_each (f, fragments)
		strv_add(&all, f);
	bool quiet = k->quiet;
	k->quiet = quiet || !fragments || !*fragments; // make says nothing of what its own parts lose
	int r = file_base(k, "arch/powerpc/configs/ppc64_defconfig", all, true, e);
	k->quiet = quiet;
	return r;
}

static int base_defconfig(struct kconfig *k, char *const *fragments, struct err *e)
{
	const char *names[] = {"defconfig", env_get(k, "KBUILD_DEFCONFIG")};

	// A file of that very name, else the one that the architecture names as its default.
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = str_printf("arch/%s/configs/%s", env_get(k, "SRCARCH"), names[i]);
		_cleanup_free_ char *full = fs_join(k->srctree, path);
		if (*names[i] && fs_exists(full))
			return file_base(k, path, fragments, true, e);
	}
	if (!strcmp(names[1], "ppc64le_defconfig"))
		return base_ppc64le(k, fragments, e);
	return err_set(e, -ENOENT, "defconfig: this tree has no arch/%s/configs/%s", env_get(k, "SRCARCH"),
	        *names[1] ? names[1] : "defconfig");
}

static int base_olddef(struct kconfig *k, char *const *fragments, struct err *e)
{
	const char *name = env_get(k, "KCONFIG_CONFIG");
	_cleanup_strv_ char **defaults = strv_split(env_get(k, "KCONFIG_DEFCONFIG_LIST"), " \t\n");

	name = *name ? name : ".config";
	if (fs_exists(name) || (fragments && *fragments))
		return file_base(k, name, fragments, false, e);
	strv_for_each (d, defaults) {
		_cleanup_err_ struct err skip = {};
		if (file_base(k, d, NULL, false, &skip) >= 0)
			return 0;
	}
	ksym_calc(k, k->modules);
	return 0;
}

// The text of .config so far, taken as the base of the next step, as when make runs conf again.
static void again(struct kconfig *k, struct merged *m)
{
	buf_clear(&m->text);
	kconfig_write(k, &m->text);
	kconfig_settle(k);
	merged_begin(k, m, ".config");
}

static int base_tiny(struct kconfig *k, char *const *fragments, struct err *e)
{
	static const char *const steps[] = {"kernel/configs/tiny.config", "arch/%s/configs/tiny.config"};
	_cleanup_buf_ struct buf seed = {};
	_cleanup_merged_ struct merged m = {};
	_cleanup_strv_ char **files = NULL;
	int r = read_file(k, "kernel/configs/tiny-base.config", &seed, e);

	if (r < 0)
		return err_wrap(e, "tinyconfig");
	kdot_read_simple(k, buf_str(&seed), seed.len, "kernel/configs/tiny-base.config");
	fill_all(k, FILL_NO);
	again(k, &m);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		_cleanup_free_ char *rel =
		        i ? str_printf("arch/%s/configs/tiny.config", env_get(k, "SRCARCH"))
		          : mem_strdup(steps[0]);
		_cleanup_free_ char *full = fs_join(k->srctree, rel);
		if (fs_exists(full))
			strv_add(&files, full);
	}
	r = merge_files(k, &m, files, e);
	if (r < 0)
		return r;
	read_merged(k, &m, ".config", kdot_read);
	if (!fragments || !*fragments)
		return 0;
	again(k, &m);
	r = merge_files(k, &m, fragments, e);
	if (r < 0)
		return r;
	read_merged(k, &m, ".config", kdot_read);
	check_merged(k, &m.text);
	return 0;
}

static int rewrite(struct kconfig *k, uint8_t from, uint8_t to, char *const *fragments, struct err *e)
{
	int r = base_olddef(k, fragments, e);

	if (r < 0)
		return r;
	for (struct ksym **p = k->walk; *p; p++)
		if (ksym_acting_type(k, *p) == KCONFIG_TRISTATE && (*p)->user_tri == from)
			(*p)->user_tri = to;
	ksolve_clear(k);
	return 0;
}

static int base_yes2mod(struct kconfig *k, char *const *fragments, struct err *e)
{
	return rewrite(k, KCONFIG_Y, KCONFIG_M, fragments, e);
}

static int base_mod2yes(struct kconfig *k, char *const *fragments, struct err *e)
{
	return rewrite(k, KCONFIG_M, KCONFIG_Y, fragments, e);
}

static int base_mod2no(struct kconfig *k, char *const *fragments, struct err *e)
{
	return rewrite(k, KCONFIG_M, KCONFIG_N, fragments, e);
}

static const struct base_row {
	const char *name;
	int (*f)(struct kconfig *k, char *const *fragments, struct err *e);
} base_rows[] = {
        {"allnoconfig", base_allno},
        {"allyesconfig", base_allyes},
        {"allmodconfig", base_allmod},
        {"alldefconfig", base_alldef},
        {"randconfig", base_random},
        {"defconfig", base_defconfig},
        {"tinyconfig", base_tiny},
        {"olddefconfig", base_olddef},
        {"savedefconfig", base_olddef},
        {"listnewconfig", base_olddef},
        {"yes2modconfig", base_yes2mod},
        {"mod2yesconfig", base_mod2yes},
        {"mod2noconfig", base_mod2no},
};

static int too_deep(struct kconfig *k, struct err *e)
{
	if (!k->too_deep)
		return 0;
	k->too_deep = false;
	return err_set(
	        e, -ELOOP, "%s: a chain of dependencies is longer than %d steps", k->srctree, KDEPTH_MAX);
}

static int unknown_base(struct kconfig *k, const char *base, struct err *e)
{
	err_set(e, -ENOENT,
	        "base '%s': neither a known name, nor a file below arch/%s/configs, nor the path of a "
	        ".config",
	        base, env_get(k, "SRCARCH"));
	return err_hint(e, "known names: allnoconfig allyesconfig allmodconfig alldefconfig defconfig "
	                   "tinyconfig randconfig olddefconfig "
	                   "savedefconfig listnewconfig NAME_defconfig");
}

int kconfig_base(struct kconfig *k, const char *base, char *const *fragments, struct err *e)
{
	_cleanup_free_ char *path = str_printf("arch/%s/configs/%s", env_get(k, "SRCARCH"), base);
	_cleanup_free_ char *full = fs_join(k->srctree, path);
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(base_rows); i++) {
		if (strcmp(base_rows[i].name, base))
			continue;
		r = base_rows[i].f(k, fragments, e);
		return r < 0 ? r : too_deep(k, e);
	}
	bool named = *base && base[0] != '/' && fs_exists(full) && !fs_is_dir(full);
	if (!named && (!*base || !fs_exists(base)))
		return unknown_base(k, base, e);
	r = file_base(k, named ? path : base, fragments, named, e);
	return r < 0 ? r : too_deep(k, e);
}

int kconfig_read_text(struct kconfig *k, const char *text, size_t len, const char *name, struct err *e)
{
	kdot_read(k, text, len, name);
	return too_deep(k, e);
}
