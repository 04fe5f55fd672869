// SPDX-License-Identifier: GPL-2.0-or-later
// Reading and writing .config files. What conf accepts in silence is accepted in silence, what it warns about
// is warned about.
#include <string.h>
#include "base/mem.h"
#include "kconfig/dotconfig.h"
#include "kconfig/kexpr.h"
#include "kconfig/solve.h"
#include "kconfig/tree.h"

#define PREFIX     "CONFIG_"
#define PREFIX_LEN (sizeof(PREFIX) - 1)

_printf_(2, 3) static void conf_warn(struct kconfig *k, const char *fmt, ...)
{
	_cleanup_buf_ struct buf b = {};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	kwarn(k, "%s:%d:warning: %s\n", k->conf_file, k->conf_line, buf_str(&b));
	k->conf_warnings++;
}

enum kdot_kind kdot_line(const char *line, size_t len, const char **name, size_t *name_len,
        const char **value, size_t *value_len)
{
	static const char unset[] = " is not set";
	const char *end = line + len, *q;

	if (len > PREFIX_LEN + 2 && !memcmp(line, "# " PREFIX, PREFIX_LEN + 2)) {
		*name = line + PREFIX_LEN + 2;
		q = memchr(*name, ' ', (size_t)(end - *name));
		if (!q || (size_t)(end - q) < sizeof(unset) - 1 || memcmp(q, unset, sizeof(unset) - 1))
			return KDOT_OTHER;
		*name_len = (size_t)(q - *name);
		*value = q + sizeof(unset) - 1;
		*value_len = (size_t)(end - *value);
		return KDOT_UNSET;
	}
	if (len < PREFIX_LEN || memcmp(line, PREFIX, PREFIX_LEN))
		return KDOT_OTHER;
	*name = line + PREFIX_LEN;
	q = memchr(*name, '=', (size_t)(end - *name));
	if (!q)
		return KDOT_OTHER;
	*name_len = (size_t)(q - *name);
	*value = q + 1;
	*value_len = (size_t)(end - *value);
	return KDOT_SET;
}

void kdot_reset(struct kconfig *k)
{
	for (size_t i = 0; i < k->syms_len; i++) {
		struct ksym *s = k->syms[i];
		s->flags &= ~KS_USER;
		if (!k->dialect.new_choice && ksym_is_choice(s))
			s->flags |= KS_USER;
		s->user_tri = KCONFIG_N;
		s->user_str = NULL;
		s->user_pick = NULL;
	}
	ksolve_forget(k);
}

// Takes the quotes off; false when there is no closing one.
static bool unquote(const char *v, size_t len, struct buf *b)
{
	for (size_t i = 0; i < len; i++) {
		if (v[i] == '"')
			return true;
		if (v[i] == '\\' && ++i >= len)
			return false;
		buf_addc(b, v[i]);
	}
	return false;
}

// False: the value is none for this symbol, and was warned about.
static bool set_value(struct kconfig *k, struct ksym *s, const char *v, size_t len)
{
	_cleanup_buf_ struct buf b = {};
	char c = len ? v[0] : '\0';

	if (ktype_is_tri(s->type)) {
		bool m_ok = s->type == KCONFIG_TRISTATE && c == 'm';
		if (c != 'y' && c != 'n' && !m_ok) {
			conf_warn(k, "symbol value '%.*s' invalid for %s", (int)len, v, s->name);
			return false;
		}
		s->user_tri = c == 'y' ? KCONFIG_Y : c == 'm' ? KCONFIG_M : KCONFIG_N;
		s->flags |= KS_USER;
		return true;
	}
	if (s->type == KCONFIG_UNKNOWN || (s->type == KCONFIG_STRING && c != '"'))
		return true;
	if (s->type != KCONFIG_STRING) {
		buf_add(&b, v, len);
	} else if (!unquote(v + 1, len - 1, &b)) {
		conf_warn(k, "invalid string found");
		return false;
	}
	if (!ksym_text_valid(s, buf_str(&b))) {
		conf_warn(k, "symbol value '%s' invalid for %s", buf_str(&b), s->name);
		return false;
	}
	s->user_str = arena_strndup(&k->arena, buf_str(&b), strlen(buf_str(&b)));
	s->flags |= KS_USER;
	return true;
}

// Old style: a member's value moves the mode of its choice and who is wanted in it.
static void member_value_old(struct kconfig *k, struct ksym *s)
{
	struct ksym *c = s->choice;

	if (s->user_tri == KCONFIG_M && c->user_tri == KCONFIG_Y) {
		conf_warn(k, "%s creates inconsistent choice state", s->name);
		c->flags &= ~KS_USER;
	} else if (s->user_tri == KCONFIG_Y) {
		if (c->user_tri != KCONFIG_N)
			conf_warn(k, "override: %s changes choice state", s->name);
		c->user_pick = s;
	}
	c->user_tri = tri_or(c->user_tri, s->user_tri);
}

static void read_line(struct kconfig *k, const char *line, size_t len)
{
	const char *name, *value;
	size_t name_len, value_len;
	bool strict = k->dialect.strict_lines;
	enum kdot_kind kind = kdot_line(line, len, &name, &name_len, &value, &value_len);

	if (kind == KDOT_OTHER) {
		bool assignment = len >= PREFIX_LEN && !memcmp(line, PREFIX, PREFIX_LEN);
		if (line[0] != '#' && (strict || !assignment))
			conf_warn(k, "unexpected data: %.*s", (int)MIN(len, 2000u), line);
		return;
	}
	if (kind == KDOT_UNSET) {
		if (strict && value_len)
			return;
		value = "n";
		value_len = 1;
	}
	struct ksym *s = ksym_find_n(k, name, name_len);
	if (!s || (s->flags & KS_FIXED)) {
		if (hmap_has(&k->env, "KCONFIG_WARN_UNKNOWN_SYMBOLS"))
			conf_warn(k, "unknown symbol: %.*s", (int)name_len, name);
		k->changed = true;
		return;
	}
	if (ksym_has_user(s))
		conf_warn(k, "override: reassigning to symbol %s", s->name);
	if (!set_value(k, s, value, value_len))
		return;
	if (!k->dialect.new_choice && (s->flags & KS_MEMBER))
		member_value_old(k, s);
	struct kmenu *choice = k->dialect.new_choice ? ksym_choice_menu(k, s) : NULL;
	if (choice)
		kchoice_promote(choice, s);
}

void kdot_read_simple(struct kconfig *k, const char *text, size_t len, const char *name)
{
	const char *p = text, *end = text + len;
	const struct kdot_origin *from = k->conf_origins;

	kdot_reset(k);
	k->conf_file = arena_strdup(&k->arena, name);
	k->conf_line = 0;
	k->conf_warnings = 0;
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		size_t n = strnlen(p, (size_t)(stop - p));
		k->conf_line++;
		if (from) {
			k->conf_file = from->file;
			k->conf_line = from++->line;
		}
		if (n && nl && p[n - 1] == '\r')
			n--;
		if (n)
			read_line(k, p, n);
		p = nl ? nl + 1 : end;
	}
}

// Does the value that came out differ from what the user gave, or is it new?
static bool differs(const struct ksym *s)
{
	if (!ksym_has_user(s) || !(s->flags & KS_WRITE))
		return ksym_has_user(s) || (s->flags & KS_WRITE);
	if (ktype_is_tri(s->type))
		return s->user_tri != s->tri;
	return strcmp(ksym_text(s), s->user_str ? s->user_str : "") != 0;
}

// Older trees: numbers out of their range are forgotten, and hidden values when the file is otherwise as it
// would be written.
static void forget_values(struct kconfig *k, bool unsaved)
{
	for (struct ksym **p = k->walk; *p; p++) {
		struct ksym *s = *p;
		if (!ksym_has_user(s) || ksym_is_member(k, s))
			continue;
		if (s->visible == KCONFIG_N && !unsaved)
			s->flags &= ~KS_USER;
		if (ktype_is_tri(s->type) || s->type == KCONFIG_UNKNOWN || !s->user_str ||
		        ksym_text_allowed(k, s, s->user_str))
			continue;
		s->flags &= ~KS_USER;
		s->valid = 0;
		unsaved = true;
	}
	if (unsaved)
		k->changed = true;
}

void kdot_read(struct kconfig *k, const char *text, size_t len, const char *name)
{
	bool unsaved = false;

	k->changed = false;
	kdot_read_simple(k, text, len, name);
	ksym_calc(k, k->modules);
	for (struct ksym **p = k->walk; *p; p++) {
		ksym_calc(k, *p);
		if (!ksym_is_choice(*p) && differs(*p))
			unsaved = true;
	}
	if (k->dialect.reset_range)
		forget_values(k, unsaved);
	if (unsaved || k->conf_warnings)
		k->changed = true;
}

void kdot_print(struct kconfig *k, struct ksym *s, bool plain_n, struct buf *b)
{
	const char *v = ksym_text(s);

	if (s->type == KCONFIG_UNKNOWN)
		return;
	if (ktype_is_tri(s->type) && s->tri == KCONFIG_N && !plain_n) {
		buf_adds(b, "# " PREFIX);
		buf_add(b, s->name, s->name_len);
		buf_adds(b, " is not set\n");
		return;
	}
	buf_adds(b, PREFIX);
	buf_add(b, s->name, s->name_len);
	buf_addc(b, '=');
	if (s->type == KCONFIG_STRING)
		buf_addc(b, '"');
	for (; *v; v++) {
		if (s->type == KCONFIG_STRING && (*v == '"' || *v == '\\'))
			buf_addc(b, '\\');
		buf_addc(b, *v);
	}
	buf_adds(b, s->type == KCONFIG_STRING ? "\"\n" : "\n");
}

static const char *menu_title(const struct kmenu *m)
{
	return m->prompt && m->prompt->text ? m->prompt->text : "";
}

static const char *user_text(const struct ksym *s)
{
	static const char *const tri[] = {"n", "m", "y"};

	return ktype_is_tri(s->type) ? tri[s->user_tri] : s->user_str ? s->user_str : "";
}

// Since 7.2, where KCONFIG_WARN_CHANGED_INPUT is set: which of the user's values did not come out as they
// were given. The lines are collected in `changed` (NULL: nobody asked).
static void note_changed(struct ksym *s, struct buf *changed)
{
	if (!changed || !ksym_has_user(s) || s->type == KCONFIG_UNKNOWN ||
	        !strcmp(user_text(s), ksym_text(s)))
		return;
	buf_addf(changed, "  " PREFIX "%s: %s -> %s\n", s->name, user_text(s), ksym_text(s));
}

static bool wants_changed(const struct kconfig *k)
{
	const char *value = k->dialect.changed_input ? hmap_get(&k->env, "KCONFIG_WARN_CHANGED_INPUT") : NULL;

	return value && *value;
}

static void tell_changed(struct kconfig *k, const struct buf *changed)
{
	if (changed->len)
		kwarn(k, "warning: user-provided values changed by Kconfig:\n%s", changed->data);
}

static void clear_written(struct kconfig *k)
{
	for (size_t i = 0; i < k->syms_len; i++)
		k->syms[i]->flags &= ~KS_WRITTEN;
}

static void write_entry(struct kconfig *k, struct kmenu *m, bool *gap, struct buf *b, struct buf *changed)
{
	if (!m->sym) {
		if (!kmenu_visible(k, m))
			return;
		buf_addf(b, "\n#\n# %s\n#\n", menu_title(m));
		*gap = false;
		return;
	}
	if (ksym_is_choice(m->sym) || (m->sym->flags & KS_WRITTEN))
		return;
	ksym_calc(k, m->sym);
	note_changed(m->sym, changed);
	m->sym->flags |= KS_WRITTEN;
	if (!(m->sym->flags & KS_WRITE))
		return;
	if (*gap)
		buf_addc(b, '\n');
	*gap = false;
	kdot_print(k, m->sym, false, b);
}

static void write_end(struct kconfig *k, struct kmenu *m, bool *gap, struct buf *b)
{
	if (m->sym || m == &k->root || !kmenu_visible(k, m) || m->prompt->type != KP_MENU)
		return;
	buf_addf(b, "# end of %s\n", menu_title(m));
	*gap = true;
}

void kconfig_write(struct kconfig *k, struct buf *b)
{
	_cleanup_buf_ struct buf changed = {0};
	struct buf *collect = wants_changed(k) ? &changed : NULL;
	bool gap = false;

	buf_reserve(b, (size_t)512 << 10);
	buf_addf(b, "#\n# Automatically generated file; DO NOT EDIT.\n# %s\n#\n", menu_title(&k->root));
	if (!k->changed)
		ksolve_clear(k);
	for (struct kmenu *m = k->root.list; m;) {
		write_entry(k, m, &gap, b, collect);
		if (m->list) {
			m = m->list;
			continue;
		}
		for (;;) {
			write_end(k, m, &gap, b);
			if (m->next) {
				m = m->next;
				break;
			}
			m = m->parent;
			if (!m)
				break;
		}
	}
	clear_written(k);
	tell_changed(k, &changed);
	k->changed = false;
}

void kconfig_settle(struct kconfig *k)
{
	for (struct ksym **p = k->walk; *p; p++)
		ksym_calc(k, *p);
}

// A choice member that is y because the choice would pick it anyway.
static bool is_default_member(struct kconfig *k, struct ksym *s)
{
	if (k->dialect.new_choice) {
		struct kmenu *c = ksym_choice_menu(k, s);
		return c && kchoice_default(k, c->sym) == s && s->tri == KCONFIG_Y;
	}
	if (!(s->flags & KS_MEMBER) || (s->choice->flags & KS_OPTIONAL))
		return false;
	return kchoice_default(k, s->choice) == s && s->type == KCONFIG_BOOL && s->tri == KCONFIG_Y;
}

void kconfig_write_minimal(struct kconfig *k, struct buf *b)
{
	_cleanup_buf_ struct buf changed = {0};
	struct buf *collect = wants_changed(k) ? &changed : NULL;

	ksolve_clear(k);
	for (struct kmenu *m = kmenu_next(&k->root, &k->root); m; m = kmenu_next(m, &k->root)) {
		struct ksym *s = m->sym;
		if (!s) {
			if (!k->dialect.new_choice)
				kmenu_visible(k, m);
			continue;
		}
		if (ksym_is_choice(s) || (s->flags & KS_WRITTEN))
			continue;
		ksym_calc(k, s);
		note_changed(s, collect);
		s->flags |= KS_WRITTEN;
		if (!(s->flags & KS_WRITE))
			continue;
		if (!ksym_changeable(k, s) || !strcmp(ksym_text(s), ksym_default_text(k, s)) ||
		        is_default_member(k, s))
			continue;
		kdot_print(k, s, false, b);
	}
	clear_written(k);
	tell_changed(k, &changed);
}

static void list_new(struct kconfig *k, struct kmenu *m, struct buf *b, unsigned depth)
{
	if (depth > KDEPTH_MAX / 4 || !kmenu_visible(k, m))
		return;
	if (m->sym && m->sym->name && !ksym_has_user(m->sym) && ksym_changeable(k, m->sym))
		kdot_print(k, m->sym, true, b);
	for (struct kmenu *c = m->list; c; c = c->next)
		list_new(k, c, b, depth + 1);
}

void kconfig_list_new(struct kconfig *k, struct buf *b)
{
	list_new(k, &k->root, b, 0);
}
