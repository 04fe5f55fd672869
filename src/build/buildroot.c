// SPDX-License-Identifier: GPL-2.0-or-later
// Which tree a derivation is built in, and whether it is one.
#include "build/buildroot.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "build/env.h"

int buildroot_of(const struct store *s, const struct drv *d, char **ret, struct err *e)
{
	_cleanup_free_ char *path = env_text(d, BUILDROOT_VARIABLE);

	if (path && *path && !store_path_inside(store_dir(s), path))
		return err_set(e, -EINVAL,
		        "the variable '" BUILDROOT_VARIABLE "' of '%s' names '%s', which is no store path",
		        d->name, path);
	*ret = path && *path ? TAKE_PTR(path) : NULL;
	return 0;
}

static int buildroot_is_input(
        struct store *s, const struct drv *d, const char *path, bool *ret, struct err *e)
{
	*ret = strv_has(d->srcs, path);
	for (size_t i = 0; !*ret && i < d->n_inputs; i++) {
		_cleanup_drv_ struct drv *in = NULL;
		int r = drv_read(s, d->inputs[i].path, &in, e);
		if (r < 0)
			return r;
		strv_for_each (name, d->inputs[i].outputs) {
			const struct drv_output *o = drv_output(in, name);
			*ret = *ret || (o && str_eq(o->path, path));
		}
	}
	return 0;
}

// A link would lead the mounts, which are made with the caller's rights, to where the tree's maker wants.
static int buildroot_folder(const char *real, const char *name, bool needed, const char *path, struct err *e)
{
	_cleanup_free_ char *full = fs_join(real, name);
	struct stat st;

	if (lstat(full, &st) < 0)
		return errno == ENOENT && !needed
		               ? 0
		               : err_set(e, -errno, "'%s' is not a build root: it has no folder '%s'", path,
		                         name);
	return S_ISDIR(st.st_mode)
	               ? 0
	               : err_set(e, -ENOTDIR, "'%s' is not a build root: its '%s' is no folder", path, name);
}

static int buildroot_check(const char *real, const char *path, struct err *e)
{
	_cleanup_free_ char *bin = fs_join(real, "bin");
	struct stat st;

	if (lstat(real, &st) < 0)
		return err_sys(e, errno, "the build root '%s'", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, -ENOTDIR, "'%s' is not a build root: it is no folder", path);
	int r = buildroot_folder(real, "usr", true, path, e);
	if (r == 0)
		r = buildroot_folder(real, "etc", false, path, e);
	if (r == 0)
		r = buildroot_folder(real, "etc/alternatives", false, path, e);
	if (r == 0 && lstat(bin, &st) < 0)
		r = err_set(e, -errno, "'%s' is not a build root: it has no 'bin'", path);
	return r;
}

int buildroot_find(struct store *s, const struct drv *d, const char *path, char **ret, struct err *e)
{
	bool is_input = false;
	int r = buildroot_is_input(s, d, path, &is_input, e);

	if (r < 0)
		return r;
	if (!is_input)
		return err_set(e, -EINVAL,
		        "the build root '%s' of '%s' is none of its inputs: '" BUILDROOT_VARIABLE
		        "' has to be a derivation or a path that is in the store, with its context",
		        path, d->name);
	_cleanup_free_ char *real = store_real_path(s, path);
	r = buildroot_check(real, path, e);
	if (r == 0)
		*ret = TAKE_PTR(real);
	return r;
}

bool buildroot_entry(const char *name)
{
	return str_eq(name, "usr") || str_eq(name, "bin") || str_eq(name, "sbin") ||
	       (str_has_prefix(name, "lib") && !str_eq(name, "lib.usr-is-merged"));
}
