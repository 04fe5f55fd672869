// SPDX-License-Identifier: GPL-2.0-or-later
// nix-store --query --tree, --graph and --graphml: references as pictures.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "cmd/store-cmd.h"

#define DEPTH_MAX 4000

struct tree {
	struct store *s;
	struct hmap done;
	struct buf pad; // what stands before the children of the path at hand
	struct err *e;
};

static int tree_node(struct tree *t, const char *path, int depth)
{
	_cleanup_strv_ char **refs = NULL, **sorted = NULL;

	if (depth > DEPTH_MAX)
		return err_set(t->e, -ELOOP, "the tree is deeper than %d", DEPTH_MAX);
	if (hmap_has(&t->done, path)) {
		printf("%s [...]\n", path);
		return 0;
	}
	hmap_put(&t->done, path, t);
	puts(path);
	int r = store_query_refs(t->s, path, &refs, t->e);
	if (r == 0)
		r = store_topo_sort(t->s, refs, &sorted, t->e);
	size_t pad = t->pad.len;
	for (size_t i = 0; r == 0 && sorted[i]; i++) {
		printf("%s%s", buf_str(&t->pad), sorted[i + 1] ? "├───" : "└───");
		buf_adds(&t->pad, sorted[i + 1] ? "│   " : "    ");
		r = tree_node(t, sorted[i], depth + 1);
		t->pad.len = pad;
		t->pad.data[pad] = '\0';
	}
	return r;
}

int store_print_tree(struct store *s, const char *path, struct err *e)
{
	struct tree t = {.s = s, .e = e};
	int r = tree_node(&t, path, 0);

	hmap_release(&t.done);
	buf_release(&t.pad);
	return r;
}

static void print_node(const struct store_info *i, bool graphml)
{
	const char *base = str_basename(i->path), *name = store_path_name(i->path);

	if (graphml)
		printf("  <node id=\"%s\">\n    <data key=\"narSize\">%llu</data>\n    <data "
		       "key=\"name\">%s</data>\n"
		       "    <data key=\"type\">%s</data>\n  </node>\n",
		        base, (unsigned long long)i->nar_size_bytes, name,
		        store_path_is_drv(i->path) ? "derivation" : "output-path");
	else
		printf("\"%s\" [label = \"%s\", shape = box, style = filled, fillcolor = \"#ff0000\"];\n",
		        base, name);
}

static void print_edge(const char *from, const char *to, bool graphml, size_t *edges)
{
	static const char *const colours[] = {"black", "red", "green", "blue", "magenta", "burlywood"};

	if (graphml)
		printf("  <edge source=\"%s\" target=\"%s\"/>\n", str_basename(from), str_basename(to));
	else
		printf("\"%s\" -> \"%s\" [color = \"%s\"];\n", str_basename(to), str_basename(from),
		        colours[(*edges)++ % ARRAY_SIZE(colours)]);
}

// Prints one path and adds its references to what is waiting.
static int graph_node(
        struct store *s, const char *path, bool graphml, char ***waiting, size_t *edges, struct err *e)
{
	_cleanup_store_info_ struct store_info *i = NULL;
	int r = store_query_info(s, path, &i, e);

	if (r < 0)
		return r;
	print_node(i, graphml);
	strv_for_each (ref, i->refs) {
		if (str_eq(ref, path))
			continue;
		print_edge(path, ref, graphml, edges);
		strv_add(waiting, ref);
	}
	return 0;
}

// The path that comes first by name leaves the list.
static char *take_first(char **waiting)
{
	size_t first = 0, n = strv_len(waiting);

	for (size_t i = 1; i < n; i++)
		if (strcmp(waiting[i], waiting[first]) < 0)
			first = i;
	char *path = waiting[first];
	waiting[first] = waiting[n - 1];
	waiting[n - 1] = NULL;
	return path;
}

int store_print_graph(struct store *s, char *const *paths, bool graphml, struct err *e)
{
	_cleanup_strv_ char **waiting = NULL;
	_cleanup_hmap_ struct hmap done = {0};
	size_t edges = 0;
	int r = 0;

	strv_for_each (p, paths)
		strv_add(&waiting, p);
	if (graphml)
		puts("<?xml version='1.0' encoding='utf-8'?>\n<graphml "
		     "xmlns='http://graphml.graphdrawing.org/xmlns'\n"
		     "    xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'\n"
		     "    xsi:schemaLocation='http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd'>\n"
		     "<key id='narSize' for='node' attr.name='narSize' attr.type='int'/>"
		     "<key id='name' for='node' attr.name='name' attr.type='string'/>"
		     "<key id='type' for='node' attr.name='type' attr.type='string'/>"
		     "<graph id='G' edgedefault='directed'>");
	else
		puts("digraph G {");
	while (r == 0 && waiting && *waiting) {
		_cleanup_free_ char *path = take_first(waiting);
		if (hmap_has(&done, path))
			continue;
		hmap_put(&done, path, s);
		r = graph_node(s, path, graphml, &waiting, &edges, e);
	}
	if (r == 0)
		puts(graphml ? "</graph>\n</graphml>" : "}");
	return r;
}
