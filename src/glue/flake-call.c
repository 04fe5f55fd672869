// SPDX-License-Identifier: GPL-2.0-or-later
// A flake with its lock becomes a value: 'outputs' is called with the inputs, each of which is a flake that
// was called the same way, or a source tree.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"
#include "glue/flake.h"
#include "glue/git.h"
#include "glue/glue.h"
#include "store/store.h"

// What is done with the nodes of a lock: known has the sources that are not fetched by what the lock says of
// them (the flake itself, the package set), fetch gives the others.
static const char call_text[] =
        "lock: known: paths: fetch:\n"
        "let\n"
        "  node = key: lock.nodes.${key};\n"
        "  # An input is a node's name, or the way to one from the root.\n"
        "  keyOf = spec: if builtins.isList spec then builtins.foldl' (key: id: keyOf (node "
        "key).inputs.${id}) lock.root spec else spec;\n"
        "  make = key: spec:\n"
        "    let\n"
        "      isRelative = ! known ? ${key} && spec.locked.type == \"path\" && builtins.substring 0 1 "
        "spec.locked.path != \"/\";\n"
        "      parent = all.${keyOf spec.parent};\n"
        "      sourceInfo = if known ? ${key} then known.${key}.sourceInfo else if isRelative then "
        "parent.sourceInfo\n"
        "        else fetch paths.${key} (builtins.removeAttrs spec.locked [ \"dir\" ]);\n"
        "      dir = if known ? ${key} then known.${key}.dir else if isRelative then spec.locked.path else "
        "spec.locked.dir or \"\";\n"
        "      outPath = (if isRelative then parent.outPath else sourceInfo.outPath) + (if dir == \"\" then "
        "\"\" else \"/\" + dir);\n"
        "      flake = import (outPath + \"/flake.nix\");\n"
        "      inputs = builtins.mapAttrs (_: input: all.${keyOf input}.result) (spec.inputs or { });\n"
        "      outputs = flake.outputs (inputs // { self = result; });\n"
        "      result = outputs // sourceInfo // { inherit outPath inputs outputs sourceInfo; _type = "
        "\"flake\"; };\n"
        "    in {\n"
        "      inherit outPath sourceInfo;\n"
        "      result = if spec.flake or true then assert builtins.isFunction flake.outputs; result\n"
        "        else sourceInfo // { inherit sourceInfo outPath; };\n"
        "    };\n"
        "  all = builtins.mapAttrs make lock.nodes;\n"
        "in all.${lock.root}.result\n";

// fetch PATH LOCKED: the path of inputs is what people know it by
static void b_fetch_input(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const char *name = eval_string_plain(ev, &args[0], 0, NULL)->data;
	struct fetched f;

	tree_fetch(ev, ref_of_attrs(ev, eval_attrs(ev, &args[1], 0, NULL)), name, &f);
	*ret = tree_value(ev, &f, false);
}

static const struct builtin fetch_row = {
        "fetchInput", 2, 0, false, b_fetch_input, "name locked", "The source of a locked input.", true};

static void push_known(struct eval *ev, struct attrs *known, const char *key, const struct fetched *f,
        const char *dir, bool dirty)
{
	struct attrs *a = attrs_new(ev, 2);

	*attrs_push(a, symbol_of(&ev->symbols, "sourceInfo"), 0) = tree_value(ev, f, dirty);
	*attrs_push(a, symbol_of(&ev->symbols, "dir"), 0) = eval_str(ev, dir ? dir : "");
	attrs_finish(a);
	*attrs_push(known, symbol_of(&ev->symbols, key), 0) = value_attrs(a);
}

// The nodes of a tree, each once.
static void count_nodes(struct lock_node *n, size_t *count)
{
	(*count)++;
	for (size_t i = 0; i < n->len; i++)
		if (n->edges[i].node)
			count_nodes(n->edges[i].node, count);
}

struct known {
	struct attrs *set;
	struct fetched embedded; // path NULL: not asked for yet
};

static void push_embedded(struct eval *ev, struct known *k, struct lock_node *n)
{
	for (size_t i = 0; i < n->len; i++) {
		struct lock_node *child = n->edges[i].node;
		if (!child)
			continue;
		if (child->embedded && !attrs_get(k->set, symbol_of(&ev->symbols, child->key))) {
			if (!k->embedded.path)
				nixpkgs_fetch(ev, child->key, child->locked ? child->locked : child->original,
				        &k->embedded);
			push_known(ev, k->set, child->key, &k->embedded, NIXPKGS_DIR, false);
		}
		push_embedded(ev, k, child);
	}
}

// The first way to each node.
static void push_paths(struct eval *ev, struct attrs *paths, struct lock_node *n, const struct input_path *at)
{
	for (size_t i = 0; i < n->len; i++) {
		struct lock_node *child = n->edges[i].node;
		if (!child)
			continue;
		const struct input_path *path = input_path_add(ev, at, n->edges[i].id);
		*attrs_push(paths, symbol_of(&ev->symbols, child->key), 0) =
		        eval_str(ev, input_path_show(ev, path));
		push_paths(ev, paths, child, path);
	}
}

void flake_call(struct eval *ev, const struct flake *f, struct lock_node *root, struct value *ret)
{
	static const struct input_path top = {NULL, 0};
	struct value lock = lock_value(ev, root, false), fn, args[4], step;
	struct known k = {NULL, {NULL}};
	size_t count = 0;

	count_nodes(root, &count);
	k.set = attrs_new(ev, count + 1);
	push_known(ev, k.set, root->key, &f->source, ref_text(f->locked, "dir"), f->dirty);
	push_embedded(ev, &k, root);
	attrs_finish_unique(k.set);
	struct attrs *paths = attrs_new(ev, count);
	push_paths(ev, paths, root, &top);
	attrs_finish_unique(paths);
	eval_top(ev, eval_parse_text(ev, call_text, sizeof(call_text) - 1, "/", SOURCE_STRING), &fn);
	args[0] = *eval_cell(ev, lock);
	args[1] = *eval_cell(ev, value_attrs(k.set));
	args[2] = *eval_cell(ev, value_attrs(paths));
	args[3] = *eval_cell(ev, value_builtin(&fetch_row));
	eval_call(ev, &fn, 4, args, &step, 0);
	*ret = step;
}

// ---- the lock file

static void say(struct eval *ev, const char *line)
{
	ev->host.say(ev->host.ctx, line);
}

static const char *unlocked_in(struct eval *ev, struct lock_node *n)
{
	for (size_t i = 0; i < n->len; i++) {
		struct lock_node *child = n->edges[i].node;
		if (!child)
			continue;
		bool fixed = !child->locked || ref_is_relative(child->locked) ||
		             (ref_is(child->locked, "git") ? ref_get(child->locked, "rev") != NULL
		                                           : ref_is_locked(child->locked));
		const char *found = fixed ? unlocked_in(ev, child) : ref_show(ev, child->locked);
		if (found)
			return found;
	}
	return NULL;
}

static void write_lock(struct eval *ev, const struct flake *f, struct lock_node *root, const char *diff)
{
	const char *file = arena_printf(&ev->heap, "%s/flake.lock", f->place.path);
	struct value lock = lock_value(ev, root, true);
	const char *text = lock_text(ev, &lock);
	bool is_new = !fs_exists(file);
	struct err e = {0};
	char *written = NULL;

	if (is_new)
		say(ev, arena_printf(&ev->heap, "warning: creating lock file \"%s\": \n%s", file, diff));
	else
		say(ev, arena_printf(&ev->heap, "warning: updating lock file \"%s\"%s%s", file,
		                *diff ? ":\n" : "", diff));
	int r = flake_place_write(&f->place, text, &written, &e);
	if (r == 0 && ref_is(f->resolved, "git"))
		r = git_intend_to_add(written, &e);
	mem_free(written);
	if (r < 0) {
		err_hint(&e, "--no-write-lock-file leaves the lock file as it is.");
		eval_throw_err(ev, 0, &e);
	}
}

static void offer_lock(struct eval *ev, struct flake *f, const struct flake_options *options,
        struct lock_node *old, struct lock_node *root)
{
	const char *diff = lock_diff(ev, old, root), *unlocked;

	if (options->no_write) {
		say(ev, arena_printf(&ev->heap, "warning: not writing modified lock file of flake '%s':\n%s",
		                ref_show(ev, f->original), diff));
		f->dirty = true;
		return;
	}
	if (!f->place.path)
		eval_throw(ev, THROW_EVAL, 0,
		        "cannot write modified lock file of flake '%s' (use '--no-write-lock-file' to "
		        "ignore)",
		        ref_show(ev, f->original));
	unlocked = unlocked_in(ev, root);
	if (unlocked) {
		say(ev, arena_printf(&ev->heap,
		                "warning: not writing lock file of flake '%s' because it has an unlocked "
		                "input ('%s')",
		                ref_show(ev, f->original), unlocked));
		return;
	}
	if (options->no_update)
		eval_throw(ev, THROW_EVAL, 0,
		        "flake '%s' requires lock file changes but they're not allowed due to "
		        "'--no-update-lock-file'",
		        ref_show(ev, f->original));
	write_lock(ev, f, root, diff);
}

// Nothing of it is in a lock file: the flake has no inputs, or the package set stands for all of them.
static bool is_empty(struct eval *ev, struct lock_node *root)
{
	struct value lock = lock_value(ev, root, true);

	return strstr(lock_text(ev, &lock), "\"locked\"") == NULL;
}

struct lock_node *flake_lock(struct eval *ev, struct flake *f, const struct flake_options *options)
{
	const char *file = arena_printf(&ev->heap, "%s/flake.lock", f->folder);
	struct lock_node *old = lock_read(ev, file), *root;
	struct frame frame;

	text_push(ev, &frame,
	        arena_printf(
	                &ev->heap, "while updating the lock file of flake '%s'", ref_show(ev, f->locked)));
	root = flake_lock_make(ev, f, options, old);
	bool nothing = is_empty(ev, root) && is_empty(ev, old);
	if (!nothing && !lock_equal(ev, old, root))
		offer_lock(ev, f, options, old, root);
	text_pop(ev, &frame);
	return root;
}

void flake_get(struct eval *ev, const struct ref *want, const struct flake_options *options,
        struct flake *ret_flake, struct value *ret)
{
	static const struct input_path top = {NULL, 0};

	flake_fetch(ev, want, &top, ret_flake);
	flake_call(ev, ret_flake, flake_lock(ev, ret_flake, options), ret);
}
