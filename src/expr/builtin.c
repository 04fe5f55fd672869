// SPDX-License-Identifier: GPL-2.0-or-later
// Registration of builtins: rows become global names and attributes of the set 'builtins'.

#include <string.h>
#include "base/mem.h"
#include "expr/eval-private.h"

enum { BASE_SLOTS = 512 };

static uint32_t scope_index(const struct scope *sc, uint32_t name, bool *found)
{
	uint32_t i = 0;

	while (i < sc->len && sc->names[i] < name)
		i++;
	*found = i < sc->len && sc->names[i] == name;
	return i;
}

void builtin_set_global(struct eval *ev, const char *name, struct value v)
{
	struct scope *sc = ev->priv->base_scope;
	uint32_t sym = symbol_of(&ev->symbols, name), *names = (uint32_t *)sc->names,
	         *slots = (uint32_t *)sc->slots;
	bool found;
	uint32_t at = scope_index(sc, sym, &found);

	if (!found) {
		if (sc->len >= BASE_SLOTS)
			eval_throw(ev, THROW_EVAL, 0, "too many global names");
		memmove(&names[at + 1], &names[at], (sc->len - at) * sizeof(*names));
		memmove(&slots[at + 1], &slots[at], (sc->len - at) * sizeof(*slots));
		names[at] = sym;
		slots[at] = sc->len++;
	}
	ev->base_env->slots[slots[at]] = v;
}

// Sets builtins.NAME. The set grows by replacement while tables are added, before anything is evaluated.
void builtin_set_attr(struct eval *ev, const char *name, struct value v)
{
	uint32_t sym = symbol_of(&ev->symbols, name);
	struct attr *have = attrs_get(ev->builtins, sym);

	if (have) {
		have->value = v;
		return;
	}
	if (ev->builtins->len == ev->priv->builtins_cap) {
		struct attrs *more = attrs_new(ev, ev->priv->builtins_cap *= 2);
		more->len = ev->builtins->len;
		memcpy(more->entries, ev->builtins->entries, ev->builtins->len * sizeof(struct attr));
		struct attrs *old = ev->builtins;
		*old = *more; // everybody keeps the same set
	}
	*attrs_push(ev->builtins, sym, 0) = v;
	attrs_finish(ev->builtins);
}

static void add_row(struct eval *ev, const struct builtin *b)
{
	struct builtin_list *l = &ev->priv->builtins;
	struct value v;

	if (ev->settings.pure &&
	        (strcmp(b->name, "currentSystem") == 0 || strcmp(b->name, "currentTime") == 0))
		return; // pure evaluation knows neither

	for (size_t i = 0; i < l->len; i++)
		if (strcmp(l->rows[i]->name, b->name) == 0) {
			l->rows[i] = b;
			goto known;
		}
	mem_grow(&l->rows, &l->cap, l->len + 1, sizeof(*l->rows));
	l->rows[l->len++] = b;
known:
	if (b->arity)
		v = value_builtin(b);
	else
		b->fn(ev, NULL, &v, 0);
	builtin_set_attr(ev, b->name, v);
	if (b->global) {
		builtin_set_global(ev, b->name, v);
	} else {
		const char *global = arena_printf(&ev->code, "__%s", b->name);
		builtin_set_global(ev, global, v);
	}
}

// What depends on the machine or the hour is not there in pure evaluation.
static bool impure(const struct builtin *b)
{
	return strcmp(b->name, "currentSystem") == 0 || strcmp(b->name, "currentTime") == 0;
}

void builtin_add_table(struct eval *ev, const struct builtin *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!ev->settings.pure || !impure(&rows[i]))
			add_row(ev, &rows[i]);
}

size_t builtin_count(const struct eval *ev)
{
	return ev->priv->builtins.len;
}

const struct builtin *builtin_at(const struct eval *ev, size_t i)
{
	return ev->priv->builtins.rows[i];
}

void builtin_init(struct eval *ev)
{
	struct scope *sc = arena_alloc(&ev->code, sizeof(*sc));

	sc->names = arena_alloc(&ev->code, (BASE_SLOTS + 1) * sizeof(uint32_t));
	sc->slots = arena_alloc(&ev->code, (BASE_SLOTS + 1) * sizeof(uint32_t));
	ev->priv->base_scope = sc;
	ev->base_env = env_new(ev, NULL, BASE_SLOTS);
	ev->priv->builtins_cap = 256;
	ev->builtins = attrs_new(ev, ev->priv->builtins_cap);
	builtin_set_global(ev, "builtins", value_attrs(ev->builtins));
	builtin_set_global(ev, "true", value_bool(true));
	builtin_set_global(ev, "false", value_bool(false));
	builtin_set_global(ev, "null", value_null());
	builtin_set_attr(ev, "builtins", value_attrs(ev->builtins));
	builtin_set_attr(ev, "true", value_bool(true));
	builtin_set_attr(ev, "false", value_bool(false));
	builtin_set_attr(ev, "null", value_null());
}
