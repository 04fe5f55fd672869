// SPDX-License-Identifier: GPL-2.0-or-later
// The environment of a builder and the files that come with it.
#include "build/env.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/codec.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/attrs.h"

// vars: name -> owned value.
struct env_build {
	const struct env_spec *spec;
	struct hmap vars;
};

static void env_set(struct env_build *b, const char *name, char *value)
{
	mem_free(hmap_put(&b->vars, name, value));
}

// s with the placeholder of every output replaced by its path; owned.
static char *env_rewrite(const struct drv *d, const char *s)
{
	char *text = mem_strdup(s);

	for (size_t i = 0; i < d->n_outputs; i++) {
		if (!strchr(text, '/'))
			break;
		_cleanup_free_ char *from = store_placeholder(d->outputs[i].name);
		const char *hit = strstr(text, from);
		if (!hit)
			continue;
		_cleanup_buf_ struct buf out = {0};
		const char *rest = text;
		for (; hit; hit = strstr(rest, from)) {
			buf_add(&out, rest, (size_t)(hit - rest));
			buf_adds(&out, d->outputs[i].path);
			rest = hit + strlen(from);
		}
		buf_adds(&out, rest);
		mem_free(text);
		text = buf_steal(&out);
	}
	return text;
}

int env_write_file(const struct env_spec *spec, const char *name, const void *data, size_t len, struct err *e)
{
	_cleanup_free_ char *path = fs_join(spec->build_dir, name);
	_cleanup_close_ int fd = fs_open(path, O_WRONLY | O_CREAT | O_EXCL, 0644, e);

	if (fd < 0)
		return fd;
	int r = fs_write_all(fd, data, len, path, e);
	if (r == 0 && !spec->ids.own && fchown(fd, spec->ids.uid, spec->ids.gid) < 0)
		r = err_sys(e, errno, "chown '%s'", path);
	return r;
}

static json_t *env_json(const struct drv *d)
{
	const char *text = drv_env(d, "__json");

	return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
}

char **env_list(const struct drv *d, const char *name, bool *ret_there)
{
	json_t *json = env_json(d);
	const char *words = json ? NULL : drv_env(d, name);
	char **list = words ? strv_split(words, " \t\n\r") : NULL;
	json_t *value = json ? json_object_get(json, name) : NULL;
	size_t n = 0;

	if (json_array_size(value))
		list = mem_array(json_array_size(value) + 1, sizeof(*list));
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *s = json_string_value(json_array_get(value, i));
		if (s)
			list[n++] = mem_strdup(s);
	}
	*ret_there = words || value;
	json_decref(json);
	return list;
}

char *env_text(const struct drv *d, const char *name)
{
	json_t *json = env_json(d);
	const char *text = json ? json_string_value(json_object_get(json, name)) : drv_env(d, name);
	char *own = text ? mem_strdup(text) : NULL;

	json_decref(json);
	return own;
}

bool env_flag(const struct drv *d, const char *name)
{
	json_t *json = env_json(d);
	const char *text = drv_env(d, name);
	bool flag = json ? json_is_true(json_object_get(json, name)) : text && str_eq(text, "1");

	json_decref(json);
	return flag;
}

// The closure of paths; derivations in it bring the closure of their outputs.
static int env_graph(struct store *s, char *const *paths, char ***ret, struct err *e)
{
	_cleanup_strv_ char **all = NULL, **more = NULL;
	int r = store_closure(s, paths, 0, &all, e);

	if (r < 0)
		return r;
	strv_for_each (p, all) {
		strv_add(&more, p);
		if (!store_path_is_drv(p))
			continue;
		_cleanup_drv_ struct drv *d = NULL;
		r = drv_read(s, p, &d, e);
		if (r < 0)
			return r;
		for (size_t i = 0; i < d->n_outputs; i++)
			strv_add(&more, d->outputs[i].path);
	}
	if (strv_len(more) == strv_len(all)) {
		*ret = TAKE_PTR(all);
		strv_sort(*ret);
		return 0;
	}
	char **closure = NULL;
	r = store_closure(s, more, 0, &closure, e);
	if (r < 0)
		return r;
	strv_sort(closure);
	*ret = closure;
	return 0;
}

// One name of exportReferencesGraph without structured attributes: path, deriver (left empty), references.
static int env_export_graph(const struct env_spec *spec, const char *file, const char *path, struct err *e)
{
	_cleanup_strv_ char **one = NULL, **graph = NULL;
	_cleanup_buf_ struct buf out = {0};

	strv_add(&one, path);
	int r = env_graph(spec->store, one, &graph, e);
	if (r < 0)
		return r;
	strv_for_each (p, graph) {
		_cleanup_strv_ char **refs = NULL;
		r = store_query_refs(spec->store, p, &refs, e);
		if (r < 0)
			return r;
		buf_addf(&out, "%s\n\n%zu\n", p, strv_len(refs));
		strv_for_each (ref, refs)
			buf_addf(&out, "%s\n", ref);
	}
	return env_write_file(spec, file, buf_str(&out), out.len, e);
}

static int env_export_graphs(const struct env_spec *spec, struct err *e)
{
	const char *text = drv_env(spec->drv, "exportReferencesGraph");
	_cleanup_strv_ char **words = text ? strv_split(text, " \t\n\r") : NULL;
	size_t n = strv_len(words);

	if (n % 2)
		return err_set(e, -EINVAL, "odd number of tokens in 'exportReferencesGraph': '%s'", text);
	for (size_t i = 0; i < n; i += 2) {
		if (!store_path_inside(store_dir(spec->store), words[i + 1]))
			return err_set(e, -EINVAL, "'exportReferencesGraph' contains a non-store path '%s'",
			        words[i + 1]);
		if (strchr(words[i], '/') || words[i][0] == '.')
			return err_set(
			        e, -EINVAL, "invalid file name '%s' in 'exportReferencesGraph'", words[i]);
		_cleanup_free_ char *path = NULL;
		int r = store_path_of(store_dir(spec->store), words[i + 1], &path, NULL, e);
		if (r == 0)
			r = env_export_graph(spec, words[i], path, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int env_path_json(struct store *s, const char *path, json_t **ret, struct err *e)
{
	_cleanup_store_info_ struct store_info *info = NULL;
	_cleanup_strv_ char **one = NULL, **closure = NULL;
	json_int_t closure_size = 0;

	strv_add(&one, path);
	int r = store_query_info(s, path, &info, e);
	if (r == 0)
		r = store_closure(s, one, 0, &closure, e);
	if (r < 0)
		return r;
	strv_for_each (p, closure) {
		_cleanup_store_info_ struct store_info *i = NULL;
		r = store_query_info(s, p, &i, e);
		if (r < 0)
			return r;
		closure_size += (json_int_t)i->nar_size_bytes;
	}
	_cleanup_free_ char *hash = hash_format(&info->nar_hash, HASH_NIX32, true);
	json_t *refs = json_array();
	strv_for_each (ref, info->refs)
		json_array_append_new(refs, json_string(ref));
	json_t *o = json_object();
	json_object_set_new(o, "path", json_string(path));
	json_object_set_new(o, "narHash", json_string(hash));
	json_object_set_new(o, "narSize", json_integer((json_int_t)info->nar_size_bytes));
	json_object_set_new(o, "references", refs);
	if (info->ca)
		json_object_set_new(o, "ca", json_string(info->ca));
	json_object_set_new(o, "closureSize", json_integer(closure_size));
	json_object_set_new(o, "valid", json_true()); // as newer Nix has it; 2.8 does not
	*ret = o;
	return 0;
}

// value: a path or a list of paths. *ret: their graph, as an array of objects.
static int env_graph_json(struct store *s, const json_t *value, json_t **ret, struct err *e)
{
	_cleanup_strv_ char **paths = NULL, **graph = NULL;
	int r = 0;

	if (json_is_string(value))
		strv_add(&paths, json_string_value(value));
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *p = json_string_value(json_array_get(value, i));
		if (p)
			strv_add(&paths, p);
	}
	r = env_graph(s, paths, &graph, e);
	if (r < 0)
		return r;
	json_t *array = json_array();
	strv_for_each (p, graph) {
		json_t *o = NULL;
		r = env_path_json(s, p, &o, e);
		if (r < 0) {
			json_decref(array);
			return r;
		}
		json_array_append_new(array, o);
	}
	*ret = array;
	return 0;
}

static int env_add_graphs(struct store *s, json_t *attrs, struct err *e)
{
	json_t *graphs = json_incref(json_object_get(attrs, "exportReferencesGraph"));
	const char *name;
	json_t *value;
	int r = 0;

	json_object_foreach(graphs, name, value)
	{
		json_t *graph = NULL;
		r = env_graph_json(s, value, &graph, e);
		if (r < 0)
			break;
		json_object_set_new(attrs, name, graph);
	}
	json_decref(graphs);
	return r;
}

// A text file after its placeholders were replaced.
static int env_write_text(const struct env_spec *spec, const char *name, struct buf *text, struct err *e)
{
	_cleanup_free_ char *final = env_rewrite(spec->drv, buf_str(text));

	return env_write_file(spec, name, final, strlen(final), e);
}

static int env_structured(struct env_build *b, const char *text, struct err *e)
{
	const struct env_spec *spec = b->spec;
	json_error_t why;
	_cleanup_buf_ struct buf json = {0}, sh = {0};
	json_t *attrs = json_loads(text, 0, &why);

	if (!json_is_object(attrs)) {
		json_decref(attrs);
		return err_set(e, -EBADMSG, "cannot parse the structured attributes: %s", why.text);
	}
	json_t *outputs = json_object();
	for (size_t i = 0; i < spec->drv->n_outputs; i++)
		json_object_set_new(
		        outputs, spec->drv->outputs[i].name, json_string(spec->drv->outputs[i].path));
	json_object_set_new(attrs, "outputs", outputs);
	int r = env_add_graphs(spec->store, attrs, e);
	if (r == 0) {
		attrs_print_json(attrs, &json);
		attrs_print_sh(attrs, &sh);
		r = env_write_text(spec, ".attrs.json", &json, e);
	}
	if (r == 0)
		r = env_write_text(spec, ".attrs.sh", &sh, e);
	json_decref(attrs);
	env_set(b, "NIX_ATTRS_JSON_FILE", fs_join(spec->inside_dir, ".attrs.json"));
	env_set(b, "NIX_ATTRS_SH_FILE", fs_join(spec->inside_dir, ".attrs.sh"));
	return r;
}

static int env_pass_as_file(struct env_build *b, const char *name, const char *value, struct err *e)
{
	struct hash h;

	hash_bytes(HASH_SHA256, name, strlen(name), &h);
	_cleanup_free_ char *digest = codec_nix32(h.bytes, hash_size(HASH_SHA256));
	_cleanup_free_ char *file = str_printf(".attr-%s", digest);
	_cleanup_free_ char *var = str_printf("%sPath", name);
	env_set(b, var, fs_join(b->spec->inside_dir, file));
	return env_write_file(b->spec, file, value, strlen(value), e);
}

static int env_plain(struct env_build *b, struct err *e)
{
	const struct drv *d = b->spec->drv;
	const char *text = drv_env(d, "passAsFile");
	_cleanup_strv_ char **as_file = text ? strv_split(text, " \t\n\r") : NULL;

	for (size_t i = 0; i < d->n_env; i++) {
		char *value = env_rewrite(d, d->env[i].value);
		if (!strv_has(as_file, d->env[i].name)) {
			env_set(b, d->env[i].name, value);
			continue;
		}
		int r = env_pass_as_file(b, d->env[i].name, value, e);
		mem_free(value);
		if (r < 0)
			return r;
	}
	return env_export_graphs(b->spec, e);
}

static int env_add_impure(struct env_build *b, struct err *e)
{
	bool there;
	_cleanup_strv_ char **names = env_list(b->spec->drv, "impureEnvVars", &there);

	strv_for_each (name, names) {
		char *value = NULL;
		int r = env_fetch_value(b->spec, name, &value, e);
		if (r < 0)
			return r;
		env_set(b, name, value);
	}
	return 0;
}

static int env_fill(struct env_build *b, struct err *e)
{
	static const char *const dir_names[] = {"NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP", "PWD"};
	const struct env_spec *spec = b->spec;
	const char *json = drv_env(spec->drv, "__json");

	// What a derivation may override comes before its own variables, the rest after.
	env_set(b, "PATH", mem_strdup("/path-not-set"));
	env_set(b, "HOME", mem_strdup("/homeless-shelter"));
	env_set(b, "NIX_STORE", mem_strdup(store_dir(spec->store)));
	env_set(b, "NIX_BUILD_CORES", str_printf("%u", spec->cores));
	int r = json ? env_structured(b, json, e) : env_plain(b, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(dir_names); i++)
		env_set(b, dir_names[i], mem_strdup(spec->inside_dir));
	if (drv_is_fixed(spec->drv)) {
		env_set(b, "NIX_OUTPUT_CHECKED", mem_strdup("1"));
		r = env_add_impure(b, e);
		if (r < 0)
			return r;
	}
	env_set(b, "NIX_LOG_FD", mem_strdup("2"));
	env_set(b, "TERM", mem_strdup("xterm-256color"));
	return 0;
}

int env_make(const struct env_spec *spec, char ***ret_env, struct err *e)
{
	struct env_build b = {.spec = spec};
	int r = env_fill(&b, e);

	if (r == 0) {
		char **env = NULL;
		hmap_for_each (v, &b.vars)
			strv_take(&env, str_printf("%s=%s", v->key, (char *)v->value));
		strv_sort(env);
		*ret_env = env;
	}
	hmap_release_with(&b.vars, mem_free);
	return r;
}

char **env_argv(const struct drv *d)
{
	char **argv = NULL;

	strv_add(&argv, str_basename(d->builder));
	for (size_t i = 0; i < d->n_args; i++)
		strv_take(&argv, env_rewrite(d, d->args[i]));
	return argv;
}

const char *env_get(char *const *env, const char *name)
{
	size_t len = strlen(name);

	strv_for_each (v, env) {
		if (strncmp(v, name, len) == 0 && v[len] == '=')
			return v + len + 1;
	}
	return NULL;
}
