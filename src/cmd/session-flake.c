// SPDX-License-Identifier: GPL-2.0-or-later
// References of flakes as words of a command: REF#ATTRIBUTE^OUTPUTS, and the options of their lock files.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/session.h"
#include "expr/builtin-util.h"
#include "glue/glue.h"

enum {
	ID_FLAKE = SESSION_FLAKE,
	ID_OVERRIDE,
	ID_UPDATE,
	ID_RECREATE,
	ID_NO_WRITE,
	ID_NO_UPDATE,
	ID_NOT_BUILT,
	ID_NOTHING,
};

const struct opt_row session_flake_rows[] = {
        {"--flake", NULL, 0, ID_FLAKE, NULL, "the words are flakes: REFERENCE#ATTRIBUTE"},
        {"--override-input", NULL, 2, ID_OVERRIDE, "INPUT REFERENCE",
                "another flake for an input (a/b: of an input)"},
        {"--update-input", NULL, 1, ID_UPDATE, "INPUT", "locks an input anew"},
        {"--recreate-lock-file", NULL, 0, ID_RECREATE, NULL, "locks all inputs anew"},
        {"--no-write-lock-file", NULL, 0, ID_NO_WRITE, NULL, "leaves flake.lock as it is"},
        {"--no-update-lock-file", NULL, 0, ID_NO_UPDATE, NULL, "an incomplete flake.lock is an error"},
        {"--commit-lock-file", NULL, 0, ID_NOT_BUILT, NULL,
                "commit flake.lock yourself: git commit flake.lock"},
        {"--output-lock-file", NULL, 1, ID_NOT_BUILT, NULL, "copy flake.lock yourself"},
        {"--reference-lock-file", NULL, 1, ID_NOT_BUILT, NULL, "copy the file to flake.lock yourself"},
        {"--override-flake", NULL, 2, ID_NOT_BUILT, NULL, "--override-input INPUT REFERENCE"},
        {"--inputs-from", NULL, 1, ID_NOT_BUILT, NULL, "name the input's own reference"},
        {"--no-registries", NULL, 0, ID_NOTHING, NULL, NULL},
        {NULL, NULL, 0, 0, NULL, NULL},
};

int session_flake_option(struct session *s, const struct opt_row *row, char **args, struct err *e)
{
	switch (row->id) {
	case ID_FLAKE:
		s->flakes = true;
		break;
	case ID_OVERRIDE:
		strv_add(&s->flake.overrides, args[0]);
		strv_add(&s->flake.overrides, args[1]);
		s->flake.no_write = true; // as in Nix: what is tried once is not what is kept
		break;
	case ID_UPDATE:
		strv_add(&s->flake.updates, args[0]);
		break;
	case ID_RECREATE:
		s->flake.recreate = true;
		break;
	case ID_NO_WRITE:
		s->flake.no_write = true;
		break;
	case ID_NO_UPDATE:
		s->flake.no_update = true;
		break;
	case ID_NOT_BUILT:
		err_set(e, -ENOSYS, "%s is not built", row->name);
		return err_hint(e, "Instead: %s.", row->help);
	}
	return 0;
}

// ---- the word

bool session_is_flake_word(const char *word)
{
	static const char *const schemes[] = {
	        "path:", "git+", "git:", "github:", "gitlab:", "sourcehut:", "flake:", "tarball+", "hg+"};
	_cleanup_free_ char *file = fs_join(word, "flake.nix"), *plain = fs_join(word, "default.nix");

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (str_has_prefix(word, schemes[i]))
			return true;
	if (fs_exists(word))
		return str_eq(str_basename(word), "flake.nix") || (fs_exists(file) && !fs_exists(plain));
	return strchr(word, '#') != NULL;
}

struct word {
	struct ref *ref;
	const char *attr;    // "" : the default
	const char *outputs; // behind '^'; NULL: not said
};

// As for inputs, kernix's own package set stands for nixpkgs ("nixpkgs#linux", github:NixOS/nixpkgs).
static struct ref *own_set(struct session *s, struct ref *ref)
{
	struct fetched set;

	if (s->flake.own_nixpkgs || !nixpkgs_is(registry_resolve(s->ev, ref)))
		return ref;
	if (!s->own_set) {
		nixpkgs_fetch(s->ev, "nixpkgs", ref, &set);
		ref_set(s->ev, set.locked, "dir", NIXPKGS_DIR);
		s->own_set = set.locked;
	}
	return s->own_set;
}

static struct word read_word(struct session *s, const char *text)
{
	struct eval *ev = s->ev;
	const char *hash = strchr(text, '#'), *hat = strrchr(hash ? hash : text, '^');
	struct word w = {.outputs = hat ? hat + 1 : NULL};

	if (hat)
		text = arena_strndup(&ev->heap, text, (size_t)(hat - text));
	if (*text == '#')
		text = arena_printf(&ev->heap, ".%s", text);
	w.ref = own_set(s, ref_parse(ev, *text ? text : ".", REF_HERE | REF_FLAKE, &w.attr));
	return w;
}

void session_flake(struct session *s, const char *word, struct flake *ret_flake, struct value *ret)
{
	flake_get(s->ev, read_word(s, word).ref, &s->flake, ret_flake, ret);
}

void session_flake_ref(struct session *s, const char *word, struct flake *ret)
{
	static const struct input_path top = {NULL, 0};

	flake_fetch(s->ev, read_word(s, word).ref, &top, ret);
}

// ---- attributes

// What each kind of use looks for: defaults without an attribute, prefixes before one. '@' is the system.
static const struct {
	const char *defaults[5], *prefixes[5];
} kinds[] = {
        [FLAKE_BUILD] = {{"packages.@.default", "defaultPackage.@"},
                {"packages.@.", "legacyPackages.@.", ""}},
        [FLAKE_DEVELOP] = {{"devShells.@.default", "devShell.@", "packages.@.default", "defaultPackage.@"},
                {"devShells.@.", "packages.@.", "legacyPackages.@.", ""}},
        [FLAKE_REPL] = {{""}, {""}},
};

static const char *with_system(struct session *s, const char *pattern, const char *rest)
{
	const char *at = strchr(pattern, '@'), *system = s->glue->system;

	return at ? arena_printf(
	                    &s->ev->heap, "%.*s%s%s%s", (int)(at - pattern), pattern, system, at + 1, rest)
	          : arena_printf(&s->ev->heap, "%s%s", pattern, rest);
}

// The next name of an attribute path, which may be quoted; NULL at its end.
static const char *next_name(struct eval *ev, const char **path)
{
	const char *p = *path;
	struct scratch s;

	if (!*p)
		return NULL;
	scratch_begin(ev, &s);
	for (bool quoted = false; *p && (quoted || *p != '.'); p++)
		if (*p == '"')
			quoted = !quoted;
		else
			buf_addc(&s.buf, *p);
	*path = *p == '.' ? p + 1 : p;
	return scratch_string(ev, &s, NULL)->data;
}

// What was looked for in vain: names that could have been meant, and what the innermost set has.
struct missing {
	const char *name;
	uint32_t *names;
	size_t len;
	struct attrs *innermost;
	unsigned depth;
};

static void note_missing(
        struct eval *ev, struct missing *m, const char *name, struct attrs *among, unsigned depth, bool last)
{
	if (!m->innermost || depth > m->depth) {
		m->innermost = among;
		m->depth = depth;
	}
	if (!last)
		return;
	uint32_t *names = eval_alloc(ev, (m->len + among->len + 1) * sizeof(*names));
	if (m->len)
		memcpy(names, m->names, m->len * sizeof(*names));
	for (size_t i = 0; i < among->len; i++)
		names[m->len + i] = among->entries[i].name;
	m->names = names;
	m->len += among->len;
	m->name = name;
}

static bool select_path(
        struct eval *ev, struct value *root, const char *path, struct value *ret, struct missing *m)
{
	struct value v = *root;
	const char *name;

	for (unsigned depth = 0; (name = next_name(ev, &path)); depth++) {
		eval_force(ev, &v, 0);
		struct attrs *set = value_type(&v) == VALUE_ATTRS ? attrs_flat(ev, v.attrs) : NULL;
		struct attr *at = set ? attrs_get(set, symbol_of(&ev->symbols, name)) : NULL;
		if (!at) {
			if (set)
				note_missing(ev, m, name, set, depth, !*path);
			return false;
		}
		v = value_share(&at->value);
	}
	eval_force(ev, &v, 0);
	*ret = v;
	return true;
}

static const char *list_of(struct eval *ev, const char *const *names, size_t n)
{
	struct scratch s;

	scratch_begin(ev, &s);
	for (size_t i = 0; i < n; i++)
		buf_addf(&s.buf, "%s'%s'", i == 0 ? "" : i + 1 == n ? " or " : ", ", names[i]);
	return scratch_string(ev, &s, NULL)->data;
}

// What a set of at most so many names has.
static const char *names_in(struct eval *ev, struct attrs *set)
{
	struct attr **sorted = attrs_sorted(ev, set);
	struct scratch s;

	scratch_begin(ev, &s);
	for (size_t i = 0; i < set->len && set->len <= 20; i++)
		buf_addf(&s.buf, "%s%s", i ? ", " : "", symbol_text(&ev->symbols, sorted[i]->name));
	return scratch_string(ev, &s, NULL)->data;
}

_noreturn_ static void throw_missing(
        struct session *s, const struct flake *f, const char *const *tried, size_t n, const struct missing *m)
{
	struct eval *ev = s->ev;
	const char *has = m->innermost ? names_in(ev, m->innermost) : "";
	const char *hint =
	        m->len ? eval_did_you_mean(ev, symbol_of(&ev->symbols, m->name), m->names, m->len) : NULL;

	if (!hint && *has)
		hint = arena_printf(&ev->heap, "What is there: %s", has);
	eval_throw_hint(ev, THROW_MISSING, 0, hint, "flake '%s' does not provide attribute %s",
	        ref_show(ev, f->resolved), list_of(ev, tried, n));
}

static void select_attr(struct session *s, enum flake_kind kind, const struct word *w, const struct flake *f,
        struct value *root, struct value *ret)
{
	const char *const *patterns = *w->attr ? kinds[kind].prefixes : kinds[kind].defaults;
	const char *tried[5];
	struct missing m = {NULL};
	size_t n = 0;

	if (*w->attr == '.') {
		tried[n++] = w->attr + 1;
		if (select_path(s->ev, root, w->attr + 1, ret, &m))
			return;
	}
	for (; *w->attr != '.' && n < 5 && patterns[n]; n++) {
		tried[n] = with_system(s, patterns[n], w->attr);
		if (select_path(s->ev, root, tried[n], ret, &m))
			return;
	}
	throw_missing(s, f, tried, n, &m);
}

void session_flake_value(struct session *s, const char *word, enum flake_kind kind, struct value *ret)
{
	struct word w = read_word(s, word);
	struct flake f;
	struct value root;

	flake_get(s->ev, w.ref, &s->flake, &f, &root);
	struct attr *outputs =
	        attrs_get(attrs_flat(s->ev, root.attrs), symbol_of(&s->ev->symbols, "outputs"));
	if (kind == FLAKE_REPL && !*w.attr) { // with what a flake is told of itself
		*ret = root;
		return;
	}
	root = value_share(&outputs->value);
	select_attr(s, kind, &w, &f, &root, ret);
}

// Outputs behind '^' are chosen by name; '*' is all.
static void choose_outputs(struct session *s, struct value *drv, const char *outputs, struct found_drvs *ret)
{
	struct eval *ev = s->ev;
	struct value list;

	for (const char *p = outputs; *p; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ',')) {
		const char *name = arena_strndup(&ev->heap, p, strcspn(p, ","));
		struct value v;
		if (str_eq(name, "*")) {
			struct attr *all = attr_need(ev, attrs_flat(ev, drv->attrs), ev->sym.outputs, NULL);
			list = value_share(&all->value);
			eval_list(ev, &list, 0, NULL);
			for (size_t i = 0; i < list_len(&list); i++)
				choose_outputs(
				        s, drv, eval_string_plain(ev, &list.elems[i], 0, NULL)->data, ret);
			continue;
		}
		struct attr *at = attrs_get(attrs_flat(ev, drv->attrs), symbol_of(&ev->symbols, name));
		if (!at)
			eval_throw(ev, THROW_MISSING, 0, "the derivation has no output '%s'", name);
		v = value_share(&at->value);
		session_find_drvs(s, &v, name, ret);
	}
}

void session_find_flake_word(struct session *s, const char *word, struct found_drvs *ret)
{
	struct word w = read_word(s, word);
	struct eval *ev = s->ev;
	struct value v;

	session_flake_value(s, word, s->flake_kind, &v);
	if (!eval_is_derivation(ev, &v))
		eval_throw(ev, THROW_TYPE, 0,
		        "expected flake output attribute '%s' to be a derivation or path but found %s: %s",
		        w.attr, eval_phrase(ev, &v), eval_show(ev, &v));
	if (w.outputs)
		choose_outputs(s, &v, w.outputs, ret);
	else
		session_find_drvs(s, &v, w.attr, ret);
}
