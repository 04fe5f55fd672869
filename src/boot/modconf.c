// SPDX-License-Identifier: GPL-2.0-or-later
// modprobe.d configuration text.
#include "boot/modconf.h"

#include <errno.h>
#include <string.h>
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

char *modconf_normalise(char *s)
{
	bool bracket = false;

	for (char *p = s; *p; p++) {
		if (*p == '[')
			bracket = true;
		else if (*p == ']')
			bracket = false;
		else if (*p == '-' && !bracket)
			*p = '_';
	}
	return s;
}

// The rest of the line after the first n words, borrowed.
static const char *rest(const char *line, int n)
{
	line += strspn(line, " \t");
	for (; n > 0; n--) {
		line += strcspn(line, " \t");
		line += strspn(line, " \t");
	}
	return line;
}

static void do_options(struct modconf *c, char **words, const char *line)
{
	strv_add(&c->options, modconf_normalise(words[1]));
	strv_add(&c->options, rest(line, 2));
}

static void do_blacklist(struct modconf *c, char **words, const char *line)
{
	strv_add(&c->blacklist, modconf_normalise(words[1]));
}

static void do_install(struct modconf *c, char **words, const char *line)
{
	strv_add(&c->install, modconf_normalise(words[1]));
	strv_add(&c->install, rest(line, 2));
}

static void do_alias(struct modconf *c, char **words, const char *line)
{
	mem_grow(&c->aliases, &c->alias_cap, c->alias_count + 1, sizeof(*c->aliases));
	c->aliases[c->alias_count++] = (struct modconf_alias){
	        mem_strdup(modconf_normalise(words[1])), mem_strdup(modconf_normalise(words[2]))};
}

static void do_softdep(struct modconf *c, char **words, const char *line)
{
	struct modconf_softdep d = {.module = mem_strdup(modconf_normalise(words[1]))};
	char ***into = NULL;

	for (char **w = words + 2; *w; w++) {
		if (str_eq(*w, "pre:"))
			into = &d.pre;
		else if (str_eq(*w, "post:"))
			into = &d.post;
		else if (into)
			strv_add(into, modconf_normalise(*w));
	}
	mem_grow(&c->softdeps, &c->softdep_cap, c->softdep_count + 1, sizeof(*c->softdeps));
	c->softdeps[c->softdep_count++] = d;
}

static void do_nothing(struct modconf *c, char **words, const char *line)
{
}

static const struct {
	const char *word;
	size_t words_min;
	void (*f)(struct modconf *c, char **words, const char *line);
	const char *form;
} command_rows[] = {
        {"options", 3, do_options, "options MODULE NAME=VALUE ..."},
        {"blacklist", 2, do_blacklist, "blacklist MODULE"},
        {"install", 3, do_install, "install MODULE COMMAND"},
        {"alias", 3, do_alias, "alias PATTERN MODULE"},
        {"softdep", 3, do_softdep, "softdep MODULE pre: MODULE... post: MODULE..."},
        {"remove", 3, do_nothing, "remove MODULE COMMAND"},
        {"config", 1, do_nothing, "config"},
        {"include", 2, do_nothing, "include FILE"},
};

static int parse_line(struct modconf *c, const char *line, const char *name, unsigned number, struct err *e)
{
	_cleanup_strv_ char **words = strv_split(line, " \t\r");

	if (!words || words[0][0] == '#')
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(command_rows); i++) {
		if (!str_eq(words[0], command_rows[i].word))
			continue;
		if (strv_len(words) < command_rows[i].words_min)
			return err_set(e, -EINVAL, "%s, line %u: '%s' is not complete; its form is: %s", name,
			        number, line, command_rows[i].form);
		command_rows[i].f(c, words, line);
		return 0;
	}
	return err_set(e, -EINVAL,
	        "%s, line %u: '%s' is not a command of modprobe.d (options, blacklist, alias, softdep, "
	        "install, remove)",
	        name, number, words[0]);
}

int modconf_parse(struct modconf *c, const char *text, const char *name, struct err *e)
{
	_cleanup_buf_ struct buf line = {0};
	unsigned number = 0, first = 1;

	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");
		bool goes_on = n > 0 && p[n - 1] == '\\' && p[n] == '\n';

		number++;
		buf_add(&line, p, goes_on ? n - 1 : n);
		p += n + (p[n] == '\n');
		if (goes_on)
			continue;
		int r = parse_line(c, buf_str(&line), name, first, e);
		if (r < 0)
			return r;
		buf_clear(&line);
		first = number + 1;
	}
	return 0;
}

void modconf_release(struct modconf *c)
{
	for (size_t i = 0; i < c->alias_count; i++) {
		mem_free(c->aliases[i].pattern);
		mem_free(c->aliases[i].module);
	}
	for (size_t i = 0; i < c->softdep_count; i++) {
		mem_free(c->softdeps[i].module);
		strv_free(c->softdeps[i].pre);
		strv_free(c->softdeps[i].post);
	}
	mem_free(c->aliases);
	mem_free(c->softdeps);
	strv_free(c->options);
	strv_free(c->blacklist);
	strv_free(c->install);
	*c = (struct modconf){0};
}

static bool names_module(const struct modconf *c, const char *name, const char *module)
{
	if (str_eq(name, module))
		return true;
	for (size_t i = 0; i < c->alias_count; i++)
		if (str_eq(c->aliases[i].pattern, name) && str_eq(c->aliases[i].module, module))
			return true;
	return false;
}

char *modconf_options(const struct modconf *c, const char *module)
{
	_cleanup_buf_ struct buf b = {0};

	for (char **p = c->options; p && *p; p += 2)
		if (names_module(c, p[0], module))
			buf_addf(&b, "%s%s", b.len ? " " : "", p[1]);
	return buf_steal(&b);
}

const char *modconf_install(const struct modconf *c, const char *module)
{
	for (char **p = c->install; p && *p; p += 2)
		if (str_eq(p[0], module))
			return p[1];
	return NULL;
}
