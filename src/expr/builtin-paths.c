// SPDX-License-Identifier: GPL-2.0-or-later
// Paths and files: baseNameOf, dirOf, readFile, readDir, pathExists, findFile, ...
#include <errno.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "expr/builtin-util.h"

enum { LINKS_MAX = 1024 };

static const char realising[] = "while realising the context of a path";

_noreturn_ static void throw_loop(struct eval *ev, const char *path)
{
	struct frame f;
	const char *line = arena_printf(&ev->heap, "while realising the context of path '%s'", path);

	text_push(ev, &f, line);
	eval_throw(ev, THROW_HOST, 0, "infinite symlink recursion in path '%s'", path);
}

static enum host_file file_type(struct eval *ev, const char *path, bool follow)
{
	enum host_file type = HOST_MISSING;
	struct err e = {0};

	int r = ev->host.file_type(ev->host.ctx, path, follow, &type, &e);
	if (r == -ELOOP) {
		err_release(&e);
		throw_loop(ev, path);
	}
	if (r < 0)
		eval_throw_err(ev, 0, &e);
	return type;
}

static const char *read_link(struct eval *ev, const char *path)
{
	struct err e = {0};
	char *target = NULL;

	if (ev->host.read_link(ev->host.ctx, path, &target, &e))
		eval_throw_err(ev, 0, &e);
	const char *s = eval_string(ev, target, strlen(target), NULL)->data;
	mem_free(target);
	return s;
}

// One step of the way: appends the component to done, or what a link there says to the components that are
// left.
struct walk {
	struct eval *ev;
	const char *whole;
	struct scratch done; // canonical, without '/' at its end
	const char *left;
	unsigned links;
};

static void walk_up(struct walk *w)
{
	struct buf *b = &w->done.buf;

	while (b->len && b->data[b->len - 1] != '/')
		b->len--;
	if (b->len)
		b->len--;
	if (b->data)
		b->data[b->len] = 0;
}

// The folder of the store is a name: where it is on the host (a link, another root) is the host's affair.
static bool leads_to_store(const struct eval *ev, const struct buf *b)
{
	const char *dir = ev->host.store_dir;

	return dir && strncmp(dir, b->data, b->len) == 0 && (dir[b->len] == '/' || !dir[b->len]);
}

static void walk_into(struct walk *w, const char *name, size_t len, bool is_last, bool last)
{
	struct buf *b = &w->done.buf;
	size_t before = b->len;

	buf_addc(b, '/');
	buf_add(b, name, len);
	if ((is_last && !last) || leads_to_store(w->ev, b) ||
	        file_type(w->ev, b->data, false) != HOST_SYMLINK)
		return;
	if (++w->links > LINKS_MAX)
		throw_loop(w->ev, w->whole);
	const char *target = read_link(w->ev, b->data);
	b->len = *target == '/' ? 0 : before;
	b->data[b->len] = 0;
	w->left = arena_printf(&w->ev->heap, "%s/%s", target, w->left);
}

const char *resolve_links(struct eval *ev, const char *path, bool last)
{
	struct walk w = {.ev = ev, .whole = path, .left = path};

	scratch_begin(ev, &w.done);
	for (;;) {
		while (*w.left == '/')
			w.left++;
		if (!*w.left)
			break;
		const char *name = w.left;
		size_t len = strcspn(name, "/");
		w.left = name + len;
		bool is_last = !w.left[strspn(w.left, "/")];
		if (len == 2 && !memcmp(name, "..", 2))
			walk_up(&w);
		else if (len != 1 || *name != '.')
			walk_into(&w, name, len, is_last, last);
	}
	if (!w.done.buf.len)
		buf_addc(&w.done.buf, '/');
	return scratch_string(ev, &w.done, NULL)->data;
}

static void b_base_name_of(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {.what = "while evaluating the first argument passed to builtins.baseNameOf"};
	const struct string *s = eval_coerce(ev, &args[0], 0, &how);
	size_t end = s->len, from;

	if (end > 1 && s->data[end - 1] == '/')
		end--;
	for (from = end; from && s->data[from - 1] != '/';)
		from--;
	*ret = value_string(eval_string(ev, s->data + from, end - from, s->context));
}

static void b_dir_of(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	struct coerce how = {.what = "while evaluating the first argument passed to 'builtins.dirOf'"};

	eval_force(ev, &args[0], 0);
	bool is_path = value_type(&args[0]) == VALUE_PATH;
	const struct string *s = is_path ? args[0].string : eval_coerce(ev, &args[0], 0, &how), *dir;
	const char *slash = memrchr(s->data, '/', s->len);
	if (!slash)
		dir = eval_string(ev, ".", 1, s->context);
	else
		dir = eval_string(ev, s->data, slash == s->data ? 1 : (size_t)(slash - s->data), s->context);
	*ret = is_path ? value_path(dir) : value_string(dir);
}

static void b_to_path(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	*ret = value_string(
	        eval_path(ev, &args[0], 0, "while evaluating the first argument passed to builtins.toPath"));
}

static void b_path_exists(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_force(ev, &args[0], 0);
	const char *text = value_type(&args[0]) == VALUE_STRING ? args[0].string->data : "";
	bool must_be_dir = str_has_suffix(text, "/") || str_has_suffix(text, "/.");
	const char *path = eval_realise_unchecked(ev, &args[0], 0, realising);
	enum host_file type = eval_may_read(ev, path) ? file_type(ev, path, must_be_dir) : HOST_MISSING;

	*ret = value_bool(must_be_dir ? type == HOST_DIRECTORY : type != HOST_MISSING);
}

static const char *file_type_name(enum host_file type)
{
	static const char *const names[] = {[HOST_REGULAR] = "regular",
	        [HOST_DIRECTORY] = "directory",
	        [HOST_SYMLINK] = "symlink",
	        [HOST_OTHER] = "unknown"};

	return type == HOST_MISSING ? "unknown" : names[type];
}

_noreturn_ static void throw_missing(struct eval *ev, const char *path)
{
	// A link is named by where it leads.
	eval_throw(ev, THROW_HOST, 0, "path '%s' does not exist", resolve_links(ev, path, true));
}

static void b_read_file_type(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const char *path = eval_realise_path(ev, &args[0], 0, realising);
	enum host_file type = file_type(ev, path, false);

	if (type == HOST_MISSING)
		throw_missing(ev, path);
	*ret = eval_str(ev, file_type_name(type));
}

void read_regular(struct eval *ev, const char *path, struct buf *ret)
{
	enum host_file type = file_type(ev, path, true);
	struct err e = {0};

	if (type == HOST_MISSING)
		throw_missing(ev, path);
	if (type != HOST_REGULAR)
		eval_throw(
		        ev, THROW_HOST, 0, "file '%s' is not a regular file", resolve_links(ev, path, true));
	if (ev->host.read_file(ev->host.ctx, path, ret, &e))
		eval_throw_err(ev, 0, &e);
	buf_str(ret);
}

// What of the references of a store path occurs in a text: a string that is read from the store depends on
// it.
static const struct context *scan_refs(struct eval *ev, const char *path, const struct buf *text)
{
	enum { HASH_CHARS = 32 };
	size_t dir = ev->host.store_dir ? strlen(ev->host.store_dir) : 0;
	const struct context *context = NULL;

	if (!ev->host.store_refs || !dir || strncmp(path, ev->host.store_dir, dir) || path[dir] != '/')
		return NULL;
	struct err e = {0};
	char **refs = NULL;
	if (ev->host.store_refs(ev->host.ctx, path, &refs, &e) < 0)
		eval_throw_err(ev, 0, &e);
	for (char **r = refs; r && *r; r++) {
		if (strlen(*r) < dir + 1 + HASH_CHARS ||
		        !memmem(text->data, text->len, *r + dir + 1, HASH_CHARS))
			continue;
		const struct string *s = eval_string(ev, *r, strlen(*r), NULL);
		context = context_join(ev, context, context_one(ev, CONTEXT_OPAQUE, s, NULL));
	}
	strv_free(refs);
	return context;
}

static void b_read_file(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const char *path = eval_realise_path(ev, &args[0], 0, realising);
	struct scratch s;

	scratch_begin(ev, &s);
	read_regular(ev, path, &s.buf);
	if (s.buf.len && memchr(s.buf.data, 0, s.buf.len))
		eval_throw(ev, THROW_EVAL, 0,
		        "the contents of the file '%s' cannot be represented as a Nix string", path);
	*ret = value_string(scratch_string(ev, &s, scan_refs(ev, path, &s.buf)));
}

// What read_dir gave, freed by a throw too.
struct dir_list {
	struct frame frame;
	char **names;
	enum host_file *types;
};

static void dir_list_release(void *arg)
{
	struct dir_list *d = arg;

	strv_free(d->names);
	mem_free(d->types);
}

static void b_read_dir(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	const char *path = eval_realise_path(ev, &args[0], 0, realising);
	enum host_file type = file_type(ev, path, true);
	struct dir_list d = {0};
	struct err e = {0};

	if (type == HOST_MISSING)
		throw_missing(ev, path);
	if (type != HOST_DIRECTORY)
		eval_throw(ev, THROW_HOST, 0, "'%s' is not a directory", resolve_links(ev, path, true));
	if (ev->host.read_dir(ev->host.ctx, path, &d.names, &d.types, &e))
		eval_throw_err(ev, 0, &e);
	d.frame = (struct frame){
	        .up = ev->frames, .kind = FRAME_CLEANUP, .a = (const void *)dir_list_release, .b = &d};
	ev->frames = &d.frame;
	size_t n = strv_len(d.names);
	struct attrs *a = attrs_new(ev, n);
	for (size_t i = 0; i < n; i++)
		*attrs_push(a, symbol_of(&ev->symbols, d.names[i]), 0) =
		        eval_str(ev, file_type_name(d.types[i]));
	attrs_finish(a);
	ev->frames = d.frame.up;
	dir_list_release(&d);
	*ret = value_attrs(a);
}

// One entry of a search path that is given as a list of sets.
static struct search_entry search_entry(struct eval *ev, struct value *elem)
{
	struct coerce how = {.what = "while evaluating the `path` attribute of an element of the list passed "
	                             "to builtins.findFile"};
	struct attrs *a = eval_attrs(
	        ev, elem, 0, "while evaluating an element of the list passed to builtins.findFile");
	struct attr *at = attrs_get(a, ev->sym.prefix);
	struct search_entry e = {.prefix = ""};

	if (at)
		e.prefix = eval_string_plain(ev, &at->value, at->pos,
		        "while evaluating the `prefix` attribute of an element of the list passed to "
		        "builtins.findFile")
		                   ->data;
	at = attr_need(ev, a, ev->sym.path, "in an element of the __nixPath");
	const struct string *path = eval_coerce(ev, &at->value, 0, &how);
	if (path->context)
		eval_realise_context(ev, path->context, 0);
	e.path = path->data;
	return e;
}

static void b_find_file(struct eval *ev, struct value *args, struct value *ret, uint32_t pos)
{
	eval_list(ev, &args[0], 0, "while evaluating the first argument passed to builtins.findFile");
	size_t n = list_len(&args[0]);
	struct search_entry *entries = eval_alloc(ev, n * sizeof(*entries));
	for (size_t i = 0; i < n; i++)
		entries[i] = search_entry(ev, &args[0].elems[i]);
	const struct string *name = eval_string_plain(
	        ev, &args[1], 0, "while evaluating the second argument passed to builtins.findFile");

	*ret = value_path(eval_find_in_path(ev, entries, n, name->data, 0));
}

static const struct builtin rows[] = {
        {"baseNameOf", 1, 1, true, b_base_name_of, "x", "The last component of a path or string."},
        {"dirOf", 1, 1, true, b_dir_of, "s", "Everything before the last slash of a path or string."},
        {"toPath", 1, 1, false, b_to_path, "s",
                "A string that is an absolute path, made canonical. (Use ./. + \"/path\" instead.)"},
        {"pathExists", 1, 1, false, b_path_exists, "path", "Is there a file at this path?"},
        {"readFile", 1, 1, false, b_read_file, "path", "The contents of a file."},
        {"readFileType", 1, 1, false, b_read_file_type, "p",
                "\"regular\", \"directory\", \"symlink\" or \"unknown\"."},
        {"readDir", 1, 1, false, b_read_dir, "path",
                "The names in a folder with their types, as readFileType gives them."},
        {"findFile", 2, 3, false, b_find_file, "search-path lookup-path",
                "What <lookup-path> means with this search path."},
};

const struct builtin_table builtin_paths = {rows, ARRAY_SIZE(rows)};
