// SPDX-License-Identifier: GPL-2.0-or-later
// Store path names: validity, and how the path of each kind of object is computed from its hash.
#include "store/path.h"

#include <errno.h>
#include <string.h>
#include "base/buf.h"
#include "base/codec.h"
#include "base/mem.h"
#include "base/str.h"

static bool name_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("+-._?=", c));
}

static bool hash_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z' && !strchr("eotu", c));
}

int store_name_check(const char *name, struct err *e)
{
	size_t len = strlen(name);

	if (len == 0)
		return err_set(e, -EINVAL, "name must not be empty");
	if (len > STORE_NAME_MAX)
		return err_set(
		        e, -EINVAL, "name '%s' must be no longer than %d characters", name, STORE_NAME_MAX);
	if (str_eq(name, ".") || str_eq(name, ".."))
		return err_set(e, -EINVAL, "name '%s' is not valid", name);
	for (int dots = 1; dots <= 2; dots++)
		if (strncmp(name, "..", (size_t)dots) == 0 && name[dots] == '-')
			return err_set(e, -EINVAL,
			        "name '%s' is not valid: first dash-separated component must not be '%.*s'",
			        name, dots, "..");
	for (const char *p = name; *p; p++)
		if (!name_char((unsigned char)*p))
			return err_set(e, -EINVAL, "name '%s' contains illegal character '%c'", name, *p);
	return 0;
}

int store_base_check(const char *base, struct err *e)
{
	if (strlen(base) < STORE_HASH_CHARS + 1)
		return err_set(e, -EINVAL, "'%s' is too short to be a valid store path", base);
	for (int i = 0; i < STORE_HASH_CHARS; i++)
		if (!hash_char((unsigned char)base[i]))
			return err_set(e, -EINVAL, "store path '%s' contains illegal base-32 character '%c'",
			        base, base[i]);
	if (base[STORE_HASH_CHARS] != '-')
		return err_set(
		        e, -EINVAL, "path '%s' is not a valid store path: no '-' after the hash", base);
	if (store_name_check(base + STORE_HASH_CHARS + 1, e) < 0)
		return err_wrap(e, "path '%s' is not a valid store path", base);
	return 0;
}

bool store_base_valid(const char *base)
{
	size_t len = strlen(base);

	if (len < STORE_HASH_CHARS + 2 || base[STORE_HASH_CHARS] != '-')
		return false;
	_cleanup_err_ struct err e = {0};
	return store_base_check(base, &e) == 0;
}

// What follows "STORE_DIR/" in path, or NULL.
static const char *below_store(const char *store_dir, const char *path)
{
	const char *rest = str_after(path, store_dir);

	if (!rest || rest[0] != '/')
		return NULL;
	while (*rest == '/')
		rest++;
	return rest;
}

int store_path_check(const char *store_dir, const char *path, struct err *e)
{
	const char *base = str_after(path, store_dir);

	// One slash only: a path that is registered has one spelling.
	if (!base || base[0] != '/' || !base[1] || strchr(base + 1, '/'))
		return err_set(e, -EINVAL, "path '%s' is not in the Nix store", path);
	return store_base_check(base + 1, e);
}

bool store_path_valid(const char *store_dir, const char *path)
{
	const char *base = str_after(path, store_dir);

	return base && base[0] == '/' && store_base_valid(base + 1);
}

bool store_path_inside(const char *store_dir, const char *path)
{
	const char *rest = below_store(store_dir, path);

	return rest && *rest;
}

int store_path_of(const char *store_dir, const char *path, char **ret, const char **ret_rest, struct err *e)
{
	const char *base = below_store(store_dir, path);

	if (!base || !*base)
		return err_set(e, -EINVAL, "path '%s' is not in the Nix store", path);
	_cleanup_free_ char *name = mem_strndup(base, strcspn(base, "/"));
	int r = store_base_check(name, e);
	if (r < 0)
		return r;
	*ret = str_printf("%s/%s", store_dir, name);
	if (ret_rest)
		*ret_rest = base + strlen(name);
	return 0;
}

const char *store_path_hash(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *store_path_name(const char *path)
{
	return store_path_hash(path) + STORE_HASH_CHARS + 1;
}

bool store_path_is_drv(const char *path)
{
	return str_has_suffix(path, STORE_DRV_SUFFIX);
}

char *store_drv_name(const char *drv_path)
{
	const char *name = store_path_name(drv_path);
	size_t len = strlen(name);

	if (store_path_is_drv(name))
		len -= strlen(STORE_DRV_SUFFIX);
	return mem_strndup(name, len);
}

int store_path_make(const char *store_dir, const char *type, const struct hash *h, const char *name,
        char **ret, struct err *e)
{
	_cleanup_free_ char *digest = hash_format(h, HASH_BASE16, true);
	_cleanup_free_ char *text = str_cat(type, ":", digest, ":", store_dir, ":", name, NULL);
	struct hash outer;
	uint8_t part[STORE_HASH_BYTES];

	hash_bytes(HASH_SHA256, text, strlen(text), &outer);
	hash_compress(&outer, part, sizeof(part));
	_cleanup_free_ char *part32 = codec_nix32(part, sizeof(part));
	_cleanup_free_ char *base = str_cat(part32, "-", name, NULL);
	if (store_name_check(name, e) < 0)
		return err_wrap(e, "path '%s' is not a valid store path", base);
	*ret = str_cat(store_dir, "/", base, NULL);
	return 0;
}

char *store_output_name(const char *name, const char *output)
{
	return str_eq(output, "out") ? mem_strdup(name) : str_printf("%s-%s", name, output);
}

int store_path_output(const char *store_dir, const char *output, const struct hash *drv_hash,
        const char *name, char **ret, struct err *e)
{
	_cleanup_free_ char *full = store_output_name(name, output);
	_cleanup_free_ char *type = str_printf("output:%s", output);

	return store_path_make(store_dir, type, drv_hash, full, ret, e);
}

static const char *const ca_prefix[] = {[CA_FLAT] = "", [CA_NAR] = "r:", [CA_TEXT] = "text:"};

char *ca_format(const struct ca *ca)
{
	_cleanup_free_ char *digest = hash_format(&ca->hash, HASH_NIX32, true);

	return str_printf("%s%s%s", ca->method == CA_TEXT ? "" : "fixed:", ca_prefix[ca->method], digest);
}

int ca_parse(const char *s, struct ca *ret, struct err *e)
{
	struct ca ca = {.method = CA_FLAT};
	const char *rest = str_after(s, "text:");

	if (rest) {
		ca.method = CA_TEXT;
	} else if ((rest = str_after(s, "fixed:"))) {
		const char *after = str_after(rest, "r:");
		if (after) {
			ca.method = CA_NAR;
			rest = after;
		}
	} else {
		return err_set(e, -EINVAL,
		        "not a content address because it is not in the form '<prefix>:<rest>': %s", s);
	}
	int r = hash_parse(rest, HASH_NONE, &ca.hash, e);
	if (r < 0)
		return err_wrap(e, "in content address '%s'", s);
	*ret = ca;
	return 0;
}

char *ca_method_algo(enum ca_method m, enum hash_algo a)
{
	return str_printf("%s%s", ca_prefix[m], hash_algo_name(a));
}

int ca_parse_method_algo(const char *s, enum ca_method *ret_m, enum hash_algo *ret_a, struct err *e)
{
	enum ca_method m = CA_FLAT;
	const char *rest = s, *after;

	if ((after = str_after(s, "r:")))
		m = CA_NAR, rest = after;
	else if ((after = str_after(s, "text:")))
		m = CA_TEXT, rest = after;
	enum hash_algo a = hash_algo_parse(rest);
	if (a == HASH_NONE)
		return err_set(e, -EINVAL, "unknown hash algorithm '%s'", rest);
	*ret_m = m;
	*ret_a = a;
	return 0;
}

// "TYPE:REF:REF[:self]"
static char *type_with_refs(const char *type, char *const *refs, bool self_ref)
{
	struct buf b = {0};

	buf_adds(&b, type);
	strv_for_each (ref, refs) {
		buf_addc(&b, ':');
		buf_adds(&b, ref);
	}
	if (self_ref)
		buf_adds(&b, ":self");
	return buf_steal(&b);
}

int store_path_from_ca(const char *store_dir, const struct ca *ca, const char *name, char *const *refs,
        bool self_ref, char **ret, struct err *e)
{
	_cleanup_free_ char *type = NULL;
	bool source = ca->method == CA_NAR && ca->hash.algo == HASH_SHA256;

	if (ca->method == CA_TEXT && ca->hash.algo != HASH_SHA256)
		return err_set(e, -EINVAL, "text '%s' must be hashed with sha256", name);
	if (ca->method == CA_TEXT || source) {
		if (self_ref && !source)
			return err_set(e, -EINVAL, "text '%s' cannot refer to itself", name);
		type = type_with_refs(source ? "source" : "text", refs, self_ref);
		return store_path_make(store_dir, type, &ca->hash, name, ret, e);
	}
	if (strv_len(refs) || self_ref)
		return err_set(e, -EINVAL,
		        "fixed output derivation '%s' is not allowed to refer to other store paths", name);
	_cleanup_free_ char *digest = hash_format(&ca->hash, HASH_BASE16, true);
	_cleanup_free_ char *inner = str_printf("fixed:out:%s%s:", ca_prefix[ca->method], digest);
	struct hash h;
	hash_bytes(HASH_SHA256, inner, strlen(inner), &h);
	return store_path_make(store_dir, "output:out", &h, name, ret, e);
}

static char *slash_nix32_sha256(const char *text)
{
	struct hash h;

	hash_bytes(HASH_SHA256, text, strlen(text), &h);
	_cleanup_free_ char *digest = hash_format(&h, HASH_NIX32, false);
	return str_printf("/%s", digest);
}

char *store_placeholder(const char *output)
{
	_cleanup_free_ char *text = str_printf("nix-output:%s", output);

	return slash_nix32_sha256(text);
}

char *store_downstream_placeholder(const char *drv_path, const char *output)
{
	_cleanup_free_ char *name = store_drv_name(drv_path);
	_cleanup_free_ char *full = store_output_name(name, output);
	_cleanup_free_ char *text =
	        str_printf("nix-upstream-output:%.*s:%s", STORE_HASH_CHARS, store_path_hash(drv_path), full);

	return slash_nix32_sha256(text);
}
