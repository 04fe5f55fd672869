// SPDX-License-Identifier: GPL-2.0-or-later
// What a derivation says its outputs may and must not refer to (Nix manual, 'Advanced Attributes':
// allowedReferences, allowedRequisites, disallowedReferences, disallowedRequisites, outputChecks).
#include "build/output.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include "base/hmap.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/env.h"

struct ref_rule {
	const char *name;
	bool allowed;   // else disallowed
	bool recursive; // of the closure
};

static const struct ref_rule ref_rules[] = {
        {"allowedReferences", true, false},
        {"allowedRequisites", true, true},
        {"disallowedReferences", false, false},
        {"disallowedRequisites", false, true},
};

static const struct output *ref_output(const struct output_set *set, const char *path)
{
	for (size_t i = 0; i < set->n_outputs; i++) {
		if (str_eq(set->outputs[i].path, path))
			return &set->outputs[i];
	}
	return NULL;
}

// Everything that o reaches, itself included; the new outputs are not registered yet.
static int ref_closure(const struct output_set *set, const struct output *o, char ***ret, struct err *e)
{
	_cleanup_hmap_ struct hmap seen = {0};
	_cleanup_strv_ char **all = NULL;

	strv_add(&all, o->path);
	hmap_put(&seen, o->path, (void *)o);
	for (size_t i = 0; i < strv_len(all); i++) {
		_cleanup_strv_ char **refs = NULL;
		const struct output *own = ref_output(set, all[i]);
		int r = own ? 0 : store_query_refs(set->store, all[i], &refs, e);
		if (r < 0)
			return r;
		strv_for_each (ref, own ? own->refs : refs) {
			if (hmap_put(&seen, ref, (void *)o) == NULL)
				strv_add(&all, ref);
		}
	}
	*ret = TAKE_PTR(all);
	return 0;
}

// The names of outputs in a list become their paths.
static int ref_resolve(const struct output_set *set, char *const *words, char ***ret, struct err *e)
{
	_cleanup_strv_ char **paths = NULL;

	strv_for_each (w, words) {
		const struct drv_output *o = drv_output(set->drv, w);
		if (store_path_valid(store_dir(set->store), w))
			strv_add(&paths, w);
		else if (o)
			strv_add(&paths, o->path);
		else
			return err_set(
			        e, -EINVAL, "derivation contains an illegal reference specifier '%s'", w);
	}
	*ret = TAKE_PTR(paths);
	return 0;
}

static int ref_check_rule(const struct output_set *set, const struct output *o, const struct ref_rule *rule,
        char *const *words, bool ignore_self, struct err *e)
{
	_cleanup_strv_ char **listed = NULL, **closure = NULL, **bad = NULL;
	int r = ref_resolve(set, words, &listed, e);

	if (r == 0 && rule->recursive)
		r = ref_closure(set, o, &closure, e);
	if (r < 0)
		return r;
	strv_for_each (p, rule->recursive ? closure : o->refs) {
		if (rule->recursive && ignore_self && str_eq(p, o->path))
			continue;
		if (strv_has(listed, p) != rule->allowed)
			strv_add(&bad, p);
	}
	if (!bad)
		return 0;
	strv_sort(bad);
	_cleanup_free_ char *list = strv_join(bad, "\n  ");
	return err_set(e, -EPERM, "output '%s' is not allowed to refer to the following paths:\n  %s",
	        o->path, list);
}

static int ref_check_plain(const struct output_set *set, const struct output *o, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(ref_rules); i++) {
		bool there;
		_cleanup_strv_ char **words = env_list(set->drv, ref_rules[i].name, &there);
		int r = there ? ref_check_rule(set, o, &ref_rules[i], words, true, e) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int ref_check_sizes(
        const struct output_set *set, const struct output *o, const json_t *check, struct err *e)
{
	const json_t *max = json_object_get(check, "maxSize");
	const json_t *max_closure = json_object_get(check, "maxClosureSize");
	_cleanup_strv_ char **closure = NULL;
	uint64_t size = 0;

	if (json_is_integer(max) && o->nar_size_bytes > (uint64_t)json_integer_value(max))
		return err_set(e, -EFBIG, "path '%s' is too large at %llu bytes; limit is %lld bytes",
		        o->path, (unsigned long long)o->nar_size_bytes, (long long)json_integer_value(max));
	if (!json_is_integer(max_closure))
		return 0;
	int r = ref_closure(set, o, &closure, e);
	if (r < 0)
		return r;
	strv_for_each (p, closure) {
		_cleanup_store_info_ struct store_info *info = NULL;
		const struct output *own = ref_output(set, p);
		r = own ? 0 : store_query_info(set->store, p, &info, e);
		if (r < 0)
			return r;
		size += own ? own->nar_size_bytes : info->nar_size_bytes;
	}
	if (size > (uint64_t)json_integer_value(max_closure))
		return err_set(e, -EFBIG,
		        "closure of path '%s' is too large at %llu bytes; limit is %lld bytes", o->path,
		        (unsigned long long)size, (long long)json_integer_value(max_closure));
	return 0;
}

static int ref_check_structured(
        const struct output_set *set, const struct output *o, const json_t *check, struct err *e)
{
	bool ignore_self = json_is_true(json_object_get(check, "ignoreSelfRefs"));

	for (size_t i = 0; i < ARRAY_SIZE(ref_rules); i++) {
		const json_t *list = json_object_get(check, ref_rules[i].name);
		_cleanup_strv_ char **words = NULL;
		if (!list)
			continue;
		if (!json_is_array(list))
			return err_set(e, -EINVAL, "attribute '%s' of outputChecks must be a list of strings",
			        ref_rules[i].name);
		for (size_t k = 0; k < json_array_size(list); k++) {
			const char *w = json_string_value(json_array_get(list, k));
			strv_add(&words, w ? w : "");
		}
		int r = ref_check_rule(set, o, &ref_rules[i], words, ignore_self, e);
		if (r < 0)
			return r;
	}
	return ref_check_sizes(set, o, check, e);
}

int output_check_refs(const struct output_set *set, struct err *e)
{
	const char *text = drv_env(set->drv, "__json");
	json_t *json = text ? json_loads(text, 0, NULL) : NULL;
	const json_t *checks = json_object_get(json, "outputChecks");
	int r = 0;

	for (size_t i = 0; r == 0 && i < set->n_outputs; i++) {
		const struct output *o = &set->outputs[i];
		const json_t *check = json_object_get(checks, o->name);
		if (!json)
			r = ref_check_plain(set, o, e);
		else if (check)
			r = ref_check_structured(set, o, check, e);
	}
	json_decref(json);
	return r;
}
