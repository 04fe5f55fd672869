// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of requests, and reading them from JSON in any of the forms in which people and lib.kernel write
// them.
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/dotconfig.h"
#include "kconfig/request.h"

void krequests_add(struct krequests *r, const char *name, const char *value, bool optional, const char *why)
{
	const char *bare = str_after(name, "CONFIG_");

	mem_grow(&r->v, &r->cap, r->len + 1, sizeof(*r->v));
	r->v[r->len++] = (struct krequest){
	        .name = arena_strdup(&r->arena, bare && *bare ? bare : name),
	        .value = value ? arena_strdup(&r->arena, value) : NULL,
	        .optional = optional,
	        .why = why ? arena_strdup(&r->arena, why) : NULL,
	};
}

void krequests_release(struct krequests *r)
{
	mem_free(r->v);
	arena_release(&r->arena);
	*r = (struct krequests){};
}

struct reader {
	struct krequests *r;
	const char *file;
	struct err *err;
};

static int wrong(struct reader *x, const char *name, const char *what)
{
	return err_set(x->err, -EINVAL, "%s: request %s: %s", x->file, name, what);
}

// One word for yes, no, module in the ways that people write it; else the text itself.
static const char *word(const char *s)
{
	static const char *const words[][2] = {
	        {"yes", "y"}, {"no", "n"}, {"module", "m"}, {"Y", "y"}, {"N", "n"}, {"M", "m"}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i][0], s))
			return words[i][1];
	return s;
}

// Text of a scalar, owned; NULL for null.
static int scalar(struct reader *x, const char *name, const json_t *v, char **ret)
{
	if (!v || json_is_null(v))
		*ret = NULL;
	else if (json_is_string(v))
		*ret = mem_strdup(json_string_value(v));
	else if (json_is_boolean(v))
		*ret = mem_strdup(json_is_true(v) ? "y" : "n");
	else if (json_is_integer(v))
		*ret = str_printf("%lld", (long long)json_integer_value(v));
	else
		return wrong(x, name, "its value is neither text, a whole number, a bool nor null");
	return 0;
}

static bool is_quoted(const char *s)
{
	size_t n = strlen(s);

	return n >= 2 && s[0] == '"' && s[n - 1] == '"';
}

static void add(
        struct reader *x, const char *name, const char *value, bool freeform, bool optional, const char *why)
{
	_cleanup_free_ char *bare = NULL;

	if (value && is_quoted(value)) {
		bare = mem_strndup(value + 1, strlen(value) - 2);
		value = bare;
		freeform = true;
	}
	krequests_add(x->r, name, value && !freeform ? word(value) : value, optional, why);
	x->r->v[x->r->len - 1].freeform = freeform;
}

// What else lib.kernel's answers and the modules of NixOS have in them is taken and not looked at.
static const char *const known_keys[] = {"name", "value", "tristate", "freeform", "optional", "why", "kind",
        "definitions", "_type", "override", "content", "priority"};

static int check_keys(struct reader *x, const char *name, const json_t *o)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)o, key, v)
	{
		struct str_near near = {.below = str_near_limit(strlen(key))};
		bool known = false;
		for (size_t i = 0; i < ARRAY_SIZE(known_keys) && !known; i++) {
			known = !strcmp(known_keys[i], key);
			str_near_offer(&near, key, known_keys[i]);
		}
		if (known)
			continue;
		err_set(x->err, -EINVAL, "%s: request %s: it has no key '%s'", x->file, name, key);
		if (near.name)
			err_hint(x->err, "Did you mean '%s'?", near.name);
		return err_hint(x->err,
		        "keys are value, or tristate or freeform; optional, why, kind (and name in a list)");
	}
	return 0;
}

// {tristate, freeform, value, optional, why, definitions...}: tristate or freeform is set.
static int read_object(struct reader *x, const char *name, const json_t *o)
{
	const json_t *tri = json_object_get(o, "tristate"), *free_form = json_object_get(o, "freeform"),
	             *value = json_object_get(o, "value");
	const json_t *optional = json_object_get(o, "optional"), *why = json_object_get(o, "why"),
	             *kind = json_object_get(o, "kind");
	_cleanup_free_ char *text = NULL;
	bool is_free = free_form && !json_is_null(free_form);
	bool unset = json_is_string(kind) && !strcmp(json_string_value(kind), "unset");
	int r = check_keys(x, name, o);

	if (r < 0)
		return r;
	if (!tri && !free_form && !value && !unset)
		return wrong(x, name, "it has no value: \"value\": \"y\", \"m\", \"n\", text or a number");
	if (json_is_object(value))
		return read_object(x, name, value);
	if (is_free)
		r = scalar(x, name, free_form, &text);
	else if (tri && !json_is_null(tri))
		r = scalar(x, name, tri, &text);
	else
		r = scalar(x, name, value, &text);
	if (r < 0)
		return r;
	if (json_is_string(kind) && !strcmp(json_string_value(kind), "freeform"))
		is_free = true;
	if (unset)
		return 0;
	add(x, name, text, is_free, json_is_true(optional), json_string_value(why));
	return 0;
}

static int read_value(struct reader *x, const char *name, const json_t *v)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (!*name)
		return wrong(x, "\"\"", "it has no name");
	if (json_is_object(v))
		return read_object(x, name, v);
	r = scalar(x, name, v, &text);
	if (r >= 0)
		add(x, name, text, json_is_integer(v), false, NULL);
	return r;
}

static int read_list(struct reader *x, const json_t *list)
{
	size_t i;
	json_t *item;
	int r = 0;

	json_array_foreach(list, i, item)
	{
		const char *name = json_string_value(json_object_get(item, "name"));
		if (!name || !*name)
			return err_set(
			        x->err, -EINVAL, "%s: request %zu of the list has no name", x->file, i + 1);
		r = read_object(x, name, item);
		if (r < 0)
			return r;
	}
	return r;
}

static int read_root(struct reader *x, json_t *root)
{
	const char *name;
	json_t *v;
	int r = 0;

	if (json_is_array(root))
		return read_list(x, root);
	if (!json_is_object(root))
		return err_set(
		        x->err, -EINVAL, "%s: requests are an object NAME -> value, or a list", x->file);
	if (json_object_size(root) == 1 && json_is_array(json_object_get(root, "requests")))
		return read_list(x, json_object_get(root, "requests"));
	json_object_foreach(root, name, v)
	{
		r = read_value(x, name, v);
		if (r < 0)
			break;
	}
	return r;
}

int krequests_parse(struct krequests *r, const char *json, size_t len, const char *name, struct err *e)
{
	struct reader x = {.r = r, .file = name, .err = e};
	json_error_t je;
	json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &je);

	if (!root)
		return err_set(e, -EINVAL, "%s:%d:%d: %s", name, je.line, je.column, je.text);
	int ret = read_root(&x, root);
	json_decref(root);
	return ret;
}

// Without quotes and their backslashes.
static void bare_text(const char *v, size_t len, struct buf *b)
{
	bool quoted = len >= 2 && v[0] == '"' && v[len - 1] == '"';

	for (size_t i = quoted; i < len - quoted; i++) {
		if (quoted && v[i] == '\\' && i + 1 < len - 1)
			i++;
		buf_addc(b, v[i]);
	}
}

static int fragment_line(struct krequests *r, const char *line, size_t len, const char *where, struct err *e)
{
	_cleanup_buf_ struct buf text = {};
	_cleanup_free_ char *bare = NULL;
	const char *name, *v = "n";
	size_t name_len, v_len = 1;
	enum kdot_kind kind = kdot_line(line, len, &name, &name_len, &v, &v_len);
	size_t blank = 0;

	while (blank < len && (line[blank] == ' ' || line[blank] == '\t'))
		blank++;
	if (kind == KDOT_OTHER && (blank == len || line[blank] == '#'))
		return 0;
	if (kind == KDOT_OTHER)
		return err_set(e, -EINVAL,
		        "%s: neither CONFIG_NAME=VALUE nor '# CONFIG_NAME is not set' nor a comment: %.*s",
		        where, (int)MIN(len, (size_t)60), line);
	if (memchr(line, '\0', len))
		return err_set(e, -EINVAL, "%s: a NUL byte in a name or value", where);
	bare = mem_strndup(name, name_len);
	if (kind == KDOT_SET)
		bare_text(v, v_len, &text);
	krequests_add(r, bare, kind == KDOT_SET ? buf_str(&text) : "n", false, where);
	r->v[r->len - 1].freeform = kind == KDOT_SET && v_len && v[0] == '"';
	return 0;
}

int krequests_parse_fragment(
        struct krequests *r, const char *text, size_t len, const char *name, struct err *e)
{
	const char *end = text + len;
	int ret = 0, number = 0;

	for (const char *p = text; p < end && ret >= 0;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;
		_cleanup_free_ char *where = str_printf("%s:%d", name, ++number);
		ret = fragment_line(r, p, (size_t)(stop - p) - (stop > p && stop[-1] == '\r'), where, e);
		p = nl ? nl + 1 : end;
	}
	return ret;
}
