// SPDX-License-Identifier: GPL-2.0-or-later
// Reading a set of packages.

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "build/debname.h"
#include "build/debroot.h"

#define SET_PACKAGES_MAX  10000
#define SET_PACKAGE_BYTES (4ull << 30)

static int set_text(const json_t *o, const char *key, const char **ret, struct err *e)
{
	*ret = json_string_value(json_object_get(o, key));
	return *ret ? 0 : err_set(e, -EINVAL, "it has no '%s'", key);
}

static int package_hash(const json_t *o, struct debroot_package *p, struct err *e)
{
	const char *text = json_string_value(json_object_get(o, "sha256"));

	if (!text || !*text)
		return err_set(e, -EINVAL,
		        "it has no 'sha256': without it nobody can tell whether what comes is the package");
	return hash_parse(text, HASH_SHA256, &p->sha256, e);
}

static int package_size(const json_t *o, struct debroot_package *p, struct err *e)
{
	const json_t *size = json_object_get(o, "size");
	json_int_t n = json_integer_value(size);

	if (!json_is_integer(size) || n <= 0 || (uint64_t)n > SET_PACKAGE_BYTES)
		return err_set(e, -EINVAL, "it has no 'size', or one that no package has");
	p->size_bytes = (uint64_t)n;
	return 0;
}

static int package_parse(const json_t *o, struct debroot_package *p, struct err *e)
{
	const char *name, *version, *arch, *pool;
	int r;

	if ((r = set_text(o, "name", &name, e)) < 0 || (r = debname_check_package(name, e)) < 0)
		return r;
	p->name = mem_strdup(name);
	if ((r = set_text(o, "version", &version, e)) < 0 || (r = debname_check_version(version, e)) < 0 ||
	        (r = set_text(o, "arch", &arch, e)) < 0 || (r = debname_check_arch(arch, e)) < 0 ||
	        (r = set_text(o, "filename", &pool, e)) < 0 || (r = debname_check_pool(pool, e)) < 0 ||
	        (r = package_hash(o, p, e)) < 0 || (r = package_size(o, p, e)) < 0)
		return r;
	p->version = mem_strdup(version);
	p->arch = mem_strdup(arch);
	p->pool = mem_strdup(pool);
	return 0;
}

static int set_packages(const json_t *top, struct debroot_set *s, struct err *e)
{
	const json_t *list = json_object_get(top, "packages");
	size_t n = json_array_size(list);
	_cleanup_hmap_ struct hmap seen = {0};

	if (n == 0 || n > SET_PACKAGES_MAX)
		return err_set(e, -EINVAL, "it has no 'packages', or too many");
	s->packages = mem_array(n, sizeof(*s->packages));
	for (; s->n_packages < n; s->n_packages++) {
		struct debroot_package *p = &s->packages[s->n_packages];
		int r = package_parse(json_array_get(list, s->n_packages), p, e);
		if (r < 0) {
			err_wrap(e, "package %zu%s%s", s->n_packages + 1, p->name ? ", " : "",
			        p->name ? p->name : "");
			s->n_packages++; // what there is of it is released
			return r;
		}
		if (hmap_put(&seen, p->pool, p)) {
			s->n_packages++;
			return err_set(e, -EINVAL, "it has the file '%s' twice", p->pool);
		}
		s->size_bytes += p->size_bytes;
	}
	return 0;
}

static int set_link(const char *path, const json_t *value, struct debroot_link *l, struct err *e)
{
	const char *target = json_string_value(value);
	_cleanup_free_ char *at = NULL, *to = NULL;
	int r = debroot_path(path, &at, e);

	if (r < 0)
		return r;
	if (!*at || !target)
		return err_set(e, -EINVAL, "the link '%s' has no target", path);
	r = debroot_target(path, target, &to, e);
	if (r < 0)
		return r;
	if (!to)
		return err_set(e, -EINVAL, "the link '%s' leads to itself", path);
	l->path = TAKE_PTR(at);
	l->target = TAKE_PTR(to);
	return 0;
}

static int set_links(json_t *top, struct debroot_set *s, struct err *e)
{
	json_t *links = json_object_get(top, "links");
	const char *path;
	json_t *value;

	s->links = mem_array(json_object_size(links) + 1, sizeof(*s->links));
	json_object_foreach(links, path, value)
	{
		int r = set_link(path, value, &s->links[s->n_links], e);
		if (r < 0)
			return r;
		s->n_links++;
	}
	return 0;
}

static int set_without(const json_t *top, struct debroot_set *s, struct err *e)
{
	const json_t *list = json_object_get(top, "without");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *path = json_string_value(json_array_get(list, i));
		_cleanup_free_ char *at = NULL;
		int r = path ? debroot_path(path, &at, e)
		             : err_set(e, -EINVAL, "'without' is no list of paths");
		if (r < 0)
			return r;
		strv_add(&s->without, at);
	}
	return 0;
}

static int set_fill(json_t *top, struct debroot_set *s, struct err *e)
{
	const char *suite, *arch;
	int r;

	if ((r = set_text(top, "suite", &suite, e)) < 0 || (r = set_text(top, "arch", &arch, e)) < 0 ||
	        (r = debname_check_arch(arch, e)) < 0)
		return r;
	s->suite = mem_strdup(suite);
	s->arch = mem_strdup(arch);
	if ((r = set_packages(top, s, e)) < 0 || (r = set_links(top, s, e)) < 0)
		return r;
	return set_without(top, s, e);
}

int debroot_set_parse(const char *json, struct debroot_set *ret, struct err *e)
{
	json_error_t why;
	json_t *top = json_loads(json, JSON_REJECT_DUPLICATES, &why);
	struct debroot_set s = {0};

	if (!top)
		return err_set(e, -EINVAL, "the set of packages is no JSON: line %d: %s", why.line, why.text);
	int r = set_fill(top, &s, e);
	json_decref(top);
	if (r < 0) {
		debroot_set_release(&s);
		return err_wrap(e, "the set of packages");
	}
	*ret = s;
	return 0;
}

void debroot_set_release(struct debroot_set *s)
{
	for (size_t i = 0; i < s->n_packages; i++) {
		mem_free(s->packages[i].name);
		mem_free(s->packages[i].version);
		mem_free(s->packages[i].arch);
		mem_free(s->packages[i].pool);
	}
	for (size_t i = 0; i < s->n_links; i++) {
		mem_free(s->links[i].path);
		mem_free(s->links[i].target);
	}
	mem_free(s->packages);
	mem_free(s->links);
	mem_free(s->suite);
	mem_free(s->arch);
	strv_free(s->without);
	*s = (struct debroot_set){0};
}
