// SPDX-License-Identifier: GPL-2.0-or-later
// The grammar of Kconfig files. One loop over statements: blocks (menu, if, choice) are the parent links of
// the menu tree, not recursion. To add a keyword: lex.c has the table of words, option_rows or statement
// below what follows it.
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "kconfig/kexpr.h"
#include "kconfig/lex.h"
#include "kconfig/tree.h"

#define NEST_MAX   500  // blocks, and parentheses of one expression
#define TERMS_MAX  1000 // operators of one expression: simplifying is quadratic
#define ERRORS_MAX 30

struct parser {
	struct klex x;
	struct kconfig *k;
	struct err *err;
	struct kmenu *menu, *entry, **last;
	struct kmenu *choice;
	unsigned blocks, terms;
	bool skip; // an error was reported: go on with the next line
	bool fatal;
};

void kconfig_complain(struct kconfig *k, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	if (++k->errors > ERRORS_MAX)
		return;
	buf_addf(&k->error_text, "%s%s:%d: ", k->error_text.len ? "\n" : "", file, line);
	va_start(ap, fmt);
	buf_vaddf(&k->error_text, fmt, ap);
	va_end(ap);
}

int kconfig_complaints(struct kconfig *k, struct err *e)
{
	if (!k->errors)
		return 0;
	if (k->errors > ERRORS_MAX)
		buf_addf(&k->error_text, "\n(%zu more)", k->errors - ERRORS_MAX);
	return err_set(e, -EINVAL, "%s", buf_str(&k->error_text));
}

#define complain(p, ...) kconfig_complain((p)->k, __VA_ARGS__)
#define syntax(p, ...)   complain(p, klex_file(&(p)->x), (p)->x.stmt_line, __VA_ARGS__), (p)->skip = true

static enum ktoken next(struct parser *p)
{
	enum ktoken t = klex_next(&p->x);

	if (t == KT_FATAL)
		p->fatal = true;
	return t;
}

static bool at_end(const struct parser *p)
{
	return p->fatal || p->x.tok == KT_END;
}

// The statement must end here; does not read on, so that the caller can act before the next line is lexed.
static bool want_eol(struct parser *p)
{
	if (p->fatal || p->skip)
		return false;
	if (p->x.tok == KT_EOL || p->x.tok == KT_END)
		return true;
	syntax(p, "syntax error: '%.*s' is not expected here", (int)MIN(p->x.len, 80u),
	        p->x.tok == KT_WORD || p->x.tok == KT_QUOTED ? p->x.text : "this");
	return false;
}

static const char *take_text(struct parser *p)
{
	const char *s = arena_strndup(&p->k->arena, p->x.text, p->x.len);

	next(p);
	return s;
}

static struct ksym *take_symbol(struct parser *p, bool quoted_too)
{
	struct ksym *s = NULL;

	if (p->fatal || p->skip)
		return NULL;
	if (p->x.tok == KT_WORD || (quoted_too && p->x.tok == KT_QUOTED)) {
		s = ksym_lookup(p->k, p->x.text, p->x.len, p->x.tok == KT_QUOTED);
		next(p);
	} else {
		syntax(p, "syntax error: a symbol is expected here");
	}
	return s;
}

static struct kexpr *parse_or(struct parser *p, unsigned depth);

static bool counted(struct parser *p)
{
	if (++p->terms <= TERMS_MAX)
		return true;
	syntax(p, "expression with more than %d operators", TERMS_MAX);
	return false;
}

static struct kexpr *parse_primary(struct parser *p, unsigned depth)
{
	static const uint8_t comp[] = {[KT_EQ] = KE_EQ,
	        [KT_NE] = KE_NE,
	        [KT_LT] = KE_LT,
	        [KT_LE] = KE_LE,
	        [KT_GT] = KE_GT,
	        [KT_GE] = KE_GE,
	        [KT_PLUS_EQ] = 0};

	if (depth > NEST_MAX) {
		syntax(p, "expression nested more than %d deep", NEST_MAX);
		return NULL;
	}
	if (p->x.tok == KT_NOT) {
		next(p);
		struct kexpr *e = counted(p) ? parse_primary(p, depth + 1) : NULL;
		return e ? kexpr_one(p->k, KE_NOT, e) : NULL;
	}
	if (p->x.tok == KT_OPEN) {
		next(p);
		struct kexpr *e = parse_or(p, depth + 1);
		if (!e)
			return NULL;
		if (p->x.tok != KT_CLOSE) {
			syntax(p, "syntax error: ')' is missing");
			return NULL;
		}
		next(p);
		return e;
	}
	struct ksym *a = take_symbol(p, true);
	if (!a)
		return NULL;
	uint8_t op = p->x.tok < ARRAY_SIZE(comp) ? comp[p->x.tok] : 0;
	if (!op)
		return kexpr_sym(p->k, a);
	next(p);
	struct ksym *b = counted(p) ? take_symbol(p, true) : NULL;
	return b ? kexpr_comp(p->k, op, a, b) : NULL;
}

static struct kexpr *parse_and(struct parser *p, unsigned depth)
{
	struct kexpr *e = parse_primary(p, depth);

	while (e && p->x.tok == KT_AND) {
		next(p);
		struct kexpr *r = counted(p) ? parse_primary(p, depth) : NULL;
		e = r ? kexpr_two(p->k, KE_AND, e, r) : NULL;
	}
	return e;
}

static struct kexpr *parse_or(struct parser *p, unsigned depth)
{
	struct kexpr *e = parse_and(p, depth);

	while (e && p->x.tok == KT_OR) {
		next(p);
		struct kexpr *r = counted(p) ? parse_and(p, depth) : NULL;
		e = r ? kexpr_two(p->k, KE_OR, e, r) : NULL;
	}
	return e;
}

static struct kexpr *parse_expr(struct parser *p)
{
	p->terms = 0;
	return p->fatal || p->skip ? NULL : parse_or(p, 0);
}

static struct kexpr *parse_if(struct parser *p)
{
	if (p->fatal || p->skip || p->x.tok != KT_IF)
		return NULL;
	next(p);
	return parse_expr(p);
}

static struct kprop *add_prop(struct parser *p, enum kprop_type type, struct kexpr *expr, struct kexpr *cond)
{
	struct kprop *prop = ktree_add_prop(p->k, p->entry, type, klex_file(&p->x), p->x.stmt_line);

	prop->expr = expr;
	prop->cond = prop->own = cond;
	return prop;
}

static void add_prompt(struct parser *p, enum kprop_type type, const char *text, struct kexpr *cond)
{
	struct kprop *prop = add_prop(p, type, NULL, cond);

	if (isspace((unsigned char)*text)) {
		kwarn(p->k, "%s:%d:warning: leading whitespace ignored\n", prop->file, prop->line);
		while (isspace((unsigned char)*text))
			text++;
	}
	if (p->entry->prompt)
		kwarn(p->k, "%s:%d:warning: prompt redefined\n", prop->file, prop->line);
	if (type == KP_PROMPT)
		for (struct kmenu *m = p->entry->parent; m; m = m->parent)
			prop->cond = kexpr_and(p->k, prop->cond, m->visibility);
	p->entry->prompt = prop;
	prop->text = text;
}

static struct kmenu *add_entry(struct parser *p, struct ksym *s)
{
	struct kmenu *m = arena_alloc(&p->k->arena, sizeof(*m));

	m->sym = s;
	m->parent = p->menu;
	m->file = klex_file(&p->x);
	m->line = p->x.stmt_line;
	*p->last = m;
	p->last = &m->next;
	p->entry = m;
	if (s) {
		if (s->menus_last)
			s->menus_last->same = m;
		else
			s->menus = m;
		s->menus_last = m;
	}
	return m;
}

static void open_block(struct parser *p, enum kblock block)
{
	p->entry->block = block;
	p->last = &p->entry->list;
	p->menu = p->entry;
	if (++p->blocks > NEST_MAX) {
		complain(p, klex_file(&p->x), p->x.stmt_line, "blocks nested more than %d deep", NEST_MAX);
		p->fatal = true;
	}
}

static void opt_type(struct parser *p, uint8_t type)
{
	const char *text = NULL;
	struct kexpr *cond = NULL;

	if (p->x.tok == KT_QUOTED) {
		text = take_text(p);
		cond = parse_if(p);
	}
	if (!want_eol(p))
		return;
	if (text)
		add_prompt(p, KP_PROMPT, text, cond);
	if (p->entry->block != KB_CHOICE || type != KCONFIG_BOOL || !p->k->dialect.new_choice)
		ktree_set_type(p->k, p->entry, type);
}

static void opt_prompt(struct parser *p, uint8_t unused)
{
	if (p->x.tok != KT_QUOTED) {
		syntax(p, "syntax error: 'prompt' needs a quoted text");
		return;
	}
	const char *text = take_text(p);
	struct kexpr *cond = parse_if(p);
	if (want_eol(p))
		add_prompt(p, KP_PROMPT, text, cond);
}

static void opt_default(struct parser *p, uint8_t type)
{
	struct kexpr *v = parse_expr(p), *cond = parse_if(p);

	if (!want_eol(p))
		return;
	add_prop(p, KP_DEFAULT, v, cond);
	if (type != KCONFIG_UNKNOWN)
		ktree_set_type(p->k, p->entry, type);
}

static void opt_select(struct parser *p, uint8_t type)
{
	struct ksym *s = take_symbol(p, false);
	struct kexpr *cond = parse_if(p);

	if (want_eol(p))
		add_prop(p, type, kexpr_sym(p->k, s), cond);
}

static void opt_range(struct parser *p, uint8_t unused)
{
	struct ksym *a = take_symbol(p, true), *b = take_symbol(p, true);
	struct kexpr *cond = parse_if(p);

	if (want_eol(p))
		add_prop(p, KP_RANGE, kexpr_comp(p->k, KE_RANGE, a, b), cond);
}

static void opt_modules(struct parser *p, uint8_t unused)
{
	if (!want_eol(p))
		return;
	if (p->k->modules) {
		syntax(p, "symbol '%s' redefines option 'modules' already defined by symbol '%s'",
		        kconfig_sym_name(p->entry->sym), kconfig_sym_name(p->k->modules));
	}
	p->k->modules = p->entry->sym;
}

static void opt_flag(struct parser *p, uint8_t which)
{
	if (want_eol(p))
		p->entry->sym->flags |= which ? KS_TRANSITIONAL : KS_OPTIONAL;
}

static void opt_depends(struct parser *p, uint8_t unused)
{
	if (p->x.tok != KT_ON) {
		syntax(p, "syntax error: 'depends' is followed by 'on'");
		return;
	}
	next(p);
	struct kexpr *e = parse_expr(p);
	// 'A if B' holds where A does, and where B is n.
	struct kexpr *cond = p->k->dialect.depends_if ? parse_if(p) : NULL;
	if (!want_eol(p))
		return;
	if (cond)
		e = kexpr_or(p->k, e, kexpr_equals_no(p->k, cond));
	p->entry->dep = kexpr_and(p->k, p->entry->dep, e);
}

static void opt_visible(struct parser *p, uint8_t unused)
{
	struct kexpr *e = parse_if(p);

	if (want_eol(p))
		p->entry->visibility = kexpr_and(p->k, p->entry->visibility, e);
}

// What newer trees refuse and older ones only warn of.
static void help_fault(struct parser *p, const char *what, const char *older)
{
	const char *name = p->entry->sym ? kconfig_sym_name(p->entry->sym) : "<choice>";

	if (p->k->dialect.strict_entries)
		complain(p, klex_file(&p->x), klex_line(&p->x), "'%s' defined with %s", name, what);
	else
		kwarn(p->k, "%s:%d: warning: '%s' defined with %s%s\n", klex_file(&p->x), klex_line(&p->x),
		        name, what, older);
}

static void opt_help(struct parser *p, uint8_t unused)
{
	bool again = p->entry->help != NULL, blank;

	if (!want_eol(p))
		return;
	klex_help(&p->x, &p->entry->help, &p->entry->help_len, &blank);
	if (again)
		help_fault(p, "more than one help text", " -- only the last one will be used");
	if (blank)
		help_fault(p, "blank help text", "");
}

enum { IN_CONFIG = 1, IN_CHOICE = 2, IN_MENU = 4, IN_COMMENT = 8 };

static const struct option_row {
	enum ktoken tok;
	unsigned where;
	void (*f)(struct parser *p, uint8_t arg);
	uint8_t arg;
} option_rows[] = {
        {KT_BOOL, IN_CONFIG | IN_CHOICE, opt_type, KCONFIG_BOOL},
        {KT_TRISTATE, IN_CONFIG | IN_CHOICE, opt_type, KCONFIG_TRISTATE},
        {KT_INT, IN_CONFIG, opt_type, KCONFIG_INT},
        {KT_HEX, IN_CONFIG, opt_type, KCONFIG_HEX},
        {KT_STRING, IN_CONFIG, opt_type, KCONFIG_STRING},
        {KT_PROMPT, IN_CONFIG | IN_CHOICE, opt_prompt, 0},
        {KT_DEFAULT, IN_CONFIG | IN_CHOICE, opt_default, KCONFIG_UNKNOWN},
        {KT_DEF_BOOL, IN_CONFIG, opt_default, KCONFIG_BOOL},
        {KT_DEF_TRISTATE, IN_CONFIG, opt_default, KCONFIG_TRISTATE},
        {KT_SELECT, IN_CONFIG, opt_select, KP_SELECT},
        {KT_IMPLY, IN_CONFIG, opt_select, KP_IMPLY},
        {KT_RANGE, IN_CONFIG, opt_range, 0},
        {KT_MODULES, IN_CONFIG, opt_modules, 0},
        {KT_TRANSITIONAL, IN_CONFIG, opt_flag, 1},
        {KT_OPTIONAL, IN_CHOICE, opt_flag, 0},
        {KT_DEPENDS, IN_CONFIG | IN_CHOICE | IN_MENU | IN_COMMENT, opt_depends, 0},
        {KT_VISIBLE, IN_MENU, opt_visible, 0},
        {KT_HELP, IN_CONFIG | IN_CHOICE, opt_help, 0},
};

static void skip_line(struct parser *p)
{
	while (!at_end(p) && p->x.tok != KT_EOL)
		next(p);
	p->skip = false;
}

// All lines that belong to the entry; ends at the first token of something else. The current token is the end
// of the entry's line.
static void parse_options(struct parser *p, unsigned where)
{
	for (;;) {
		if (p->skip)
			skip_line(p);
		if (at_end(p))
			return;
		next(p);
		const struct option_row *row = NULL;
		for (size_t i = 0; i < ARRAY_SIZE(option_rows) && !row; i++)
			if (option_rows[i].tok == p->x.tok && (option_rows[i].where & where))
				row = &option_rows[i];
		bool typed = row && row->f == opt_type && where == IN_CHOICE;
		if (!row || (typed && !p->k->dialect.choice_typed))
			return;
		next(p);
		row->f(p, row->arg);
	}
}

static void choice_member(struct parser *p)
{
	struct kmenu *m = p->entry;

	if (!p->choice || !p->k->dialect.new_choice)
		return;
	if (!m->prompt)
		complain(p, m->file, m->line, "error: choice member must have a prompt");
	if (m->sym->type != KCONFIG_BOOL)
		complain(p, m->file, m->line, "error: choice member must be bool");
	if (m->sym->in_list)
		return;
	m->sym->in_list = p->choice;
	m->sym->prev = p->choice->last;
	if (p->choice->last)
		p->choice->last->next = m->sym;
	else
		p->choice->first = m->sym;
	p->choice->last = m->sym;
}

static void stmt_config(struct parser *p, bool is_menu)
{
	next(p);
	struct ksym *s = take_symbol(p, false);
	if (!want_eol(p))
		return;
	s->flags |= KS_OPTIONAL;
	add_entry(p, s);
	parse_options(p, IN_CONFIG);
	if (is_menu && p->entry->prompt)
		p->entry->prompt->type = KP_MENU;
	else if (is_menu && p->k->dialect.strict_entries)
		complain(p, klex_file(&p->x), p->x.stmt_line, "menuconfig statement without prompt");
	else if (is_menu)
		kwarn(p->k, "%s:%d: warning: menuconfig statement without prompt\n", klex_file(&p->x),
		        p->x.stmt_line);
	else
		choice_member(p);
}

static void stmt_choice(struct parser *p)
{
	struct ksym *s;

	next(p);
	if (p->x.tok == KT_WORD) {
		s = ksym_new_choice(p->k, p->x.text, p->x.len);
		next(p);
	} else {
		s = ksym_new_choice(p->k, NULL, 0);
	}
	if (!want_eol(p))
		return;
	struct kmenu *m = add_entry(p, s);
	m->block = KB_CHOICE;
	if (p->k->dialect.new_choice)
		s->type = KCONFIG_BOOL;
	parse_options(p, IN_CHOICE);
	if (p->k->dialect.new_choice && !m->prompt)
		complain(p, m->file, m->line, "error: choice must have a prompt");
	open_block(p, KB_CHOICE);
	p->choice = m;
}

static void stmt_if(struct parser *p)
{
	next(p);
	struct kexpr *e = parse_expr(p);
	if (!want_eol(p))
		return;
	struct kmenu *m = add_entry(p, NULL);
	m->dep = e;
	open_block(p, KB_IF);
	next(p);
}

static void stmt_menu(struct parser *p, bool comment)
{
	next(p);
	if (p->x.tok != KT_QUOTED) {
		syntax(p, "syntax error: '%s' needs a quoted text", comment ? "comment" : "menu");
		return;
	}
	const char *text = take_text(p);
	if (!want_eol(p))
		return;
	add_entry(p, NULL);
	add_prompt(p, comment ? KP_COMMENT : KP_MENU, text, NULL);
	parse_options(p, comment ? IN_COMMENT : IN_MENU);
	if (!comment)
		open_block(p, KB_MENU);
}

static void stmt_source(struct parser *p)
{
	next(p);
	if (p->x.tok != KT_QUOTED) {
		syntax(p, "syntax error: 'source' needs a quoted file name");
		return;
	}
	const char *name = take_text(p);
	if (!want_eol(p))
		return;
	if (klex_source(&p->x, name, strlen(name)) < 0)
		p->fatal = true;
	else
		next(p);
}

static void stmt_end(struct parser *p, enum kblock block)
{
	static const char *const names[] = {[KB_MENU] = "menu", [KB_IF] = "if", [KB_CHOICE] = "choice"};
	struct kmenu *m = p->menu;

	next(p);
	if (!want_eol(p))
		return;
	if (m->block != block) {
		syntax(p, "unexpected 'end%s'%s%s%s", names[block], m->block ? " within " : "",
		        m->block ? names[m->block] : "", m->block ? " block" : "");
		return;
	}
	if (strcmp(m->file, klex_file(&p->x))) {
		syntax(p, "'end%s' in different file than '%s'\n%s:%d: location of the '%s'", names[block],
		        names[block], m->file, m->line, names[block]);
		return;
	}
	if (block == KB_CHOICE)
		p->choice = NULL;
	p->last = &m->next;
	p->menu = m->parent;
	p->blocks--;
	next(p);
}

static void stmt_assign(struct parser *p)
{
	static const uint8_t how[] = {
	        [KT_EQ] = KASSIGN_RECURSIVE, [KT_COLON_EQ] = KASSIGN_SIMPLE, [KT_PLUS_EQ] = KASSIGN_APPEND};
	const char *name = arena_strndup(&p->k->arena, p->x.text, p->x.len);
	enum ktoken t = next(p);

	if (t != KT_EQ && t != KT_COLON_EQ && t != KT_PLUS_EQ) {
		if (!p->fatal)
			syntax(p, "unknown statement \"%s\"", name);
		return;
	}
	next(p);
	const char *value = p->x.tok == KT_VALUE ? p->x.text : "";
	size_t len = p->x.tok == KT_VALUE ? p->x.len : 0;
	if (p->x.tok == KT_VALUE)
		next(p);
	p->x.macro.file = klex_file(&p->x);
	p->x.macro.line = p->x.stmt_line;
	if (p->fatal || kmacro_assign(&p->x.macro, name, strlen(name), how[t], value, len) < 0)
		p->fatal = true;
	else
		next(p);
}

static void statement(struct parser *p)
{
	bool in_choice = p->choice && p->k->dialect.new_choice;

	switch (p->x.tok) {
	case KT_CONFIG:
		stmt_config(p, false);
		return;
	case KT_COMMENT:
		stmt_menu(p, true);
		return;
	case KT_IF:
		stmt_if(p);
		return;
	case KT_ENDIF:
		stmt_end(p, KB_IF);
		return;
	case KT_ENDCHOICE:
		stmt_end(p, KB_CHOICE);
		return;
	case KT_ENDMENU:
		stmt_end(p, KB_MENU);
		return;
	case KT_EOL:
		next(p);
		return;
	default:
		break;
	}
	if (in_choice || p->choice)
		syntax(p, "invalid statement in a choice");
	else if (p->x.tok == KT_MENUCONFIG)
		stmt_config(p, true);
	else if (p->x.tok == KT_MENU)
		stmt_menu(p, false);
	else if (p->x.tok == KT_CHOICE)
		stmt_choice(p);
	else if (p->x.tok == KT_SOURCE)
		stmt_source(p);
	else if (p->x.tok == KT_WORD)
		stmt_assign(p);
	else
		syntax(p, "invalid statement");
}

static void parse_mainmenu(struct parser *p)
{
	next(p);
	if (p->x.tok != KT_MAINMENU)
		return;
	next(p);
	if (p->x.tok != KT_QUOTED) {
		syntax(p, "syntax error: 'mainmenu' needs a quoted text");
		return;
	}
	const char *text = take_text(p);
	if (want_eol(p)) {
		add_prompt(p, KP_MENU, text, NULL);
		next(p);
	}
}

static int finish(struct parser *p)
{
	struct kconfig *k = p->k;

	for (struct kmenu *m = p->menu; m != &k->root && !p->fatal; m = m->parent)
		complain(p, m->file, m->line, "missing end statement for this entry");
	if (p->err->code && k->errors) {
		_cleanup_buf_ struct buf b = {};
		buf_adds(&b, p->err->msg);
		return err_set(p->err, p->err->code, "%s\n%s", buf_str(&k->error_text), buf_str(&b));
	}
	if (p->err->code)
		return p->err->code;
	return kconfig_complaints(k, p->err);
}

int kparse(struct kconfig *k, const char *name, struct err *e)
{
	struct err own = {};
	struct parser p = {.k = k, .err = &own, .menu = &k->root, .entry = &k->root, .last = &k->root.list};
	int r = klex_begin(&p.x, k, name, &own);

	if (r >= 0) {
		k->root.file = klex_file(&p.x);
		parse_mainmenu(&p);
		while (!at_end(&p)) {
			statement(&p);
			if (p.skip)
				skip_line(&p);
		}
		r = finish(&p);
		if (!k->root.prompt) {
			p.entry = &k->root;
			add_prompt(&p, KP_MENU, "Main menu", NULL);
		}
	}
	klex_end(&p.x);
	kmacro_forget(k);
	if (!k->modules)
		k->modules = k->no;
	if (r < 0)
		err_move(e, &own);
	return r;
}
