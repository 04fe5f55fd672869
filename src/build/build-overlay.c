// SPDX-License-Identifier: GPL-2.0-or-later
// An output that begins as another store path: a derivation with the variable overlayBase (an input of it)
// finds its output 'out' there already, with everything that the base has, and changes it. The builder works
// in an overlay, so nothing is copied, and what it did not change becomes hard links to the base's files
// (store/merge.c). Where there is no overlay to be had the output is not there, and the builder copies the
// base itself: the result is the same to the byte, which is why derivations may ask for it freely.
#include "build/builder-impl.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

static bool overlay_is_input(const struct build *bd, const char *base)
{
	strv_for_each (path, bd->inputs) {
		if (str_eq(path, base))
			return true;
	}
	return false;
}

int build_overlay_init(struct build *bd, struct err *e)
{
	const char *base = drv_env(bd->drv, "overlayBase");
	const struct drv_output *out = drv_output(bd->drv, "out");
	struct stat st;

	// What a builder with the network made is copied before it is looked at (output.h).
	if (!base || !out || drv_is_fixed(bd->drv) || !overlay_is_input(bd, base))
		return 0;
	_cleanup_free_ char *lower = store_real_path(bd->builder->store, base);
	int r = fs_lstat_maybe(lower, &st, e);
	if (r < 0)
		return r;
	if (r == 0 || !S_ISDIR(st.st_mode))
		return 0;
	bd->overlay.dir = fs_join(bd->scratch, "overlay");
	bd->overlay.upper = fs_join(bd->overlay.dir, "upper");
	bd->overlay.work = fs_join(bd->overlay.dir, "work");
	bd->overlay.lower = TAKE_PTR(lower);
	r = build_start_mkdir(bd, bd->overlay.dir, 0700, e);
	if (r == 0)
		r = build_start_mkdir(bd, bd->overlay.upper, 0755, e);
	return r == 0 ? build_start_mkdir(bd, bd->overlay.work, 0700, e) : r;
}

void build_overlay_spec(struct build *bd, struct sandbox_spec *spec)
{
	if (!bd->overlay.lower)
		return;
	bd->overlay.mount = (struct sandbox_overlay){
	        .lower = bd->overlay.lower,
	        .upper = bd->overlay.upper,
	        .work = bd->overlay.work,
	        .target = drv_output(bd->drv, "out")->path,
	};
	spec->overlays = &bd->overlay.mount;
	spec->n_overlays = 1;
	spec->writes_read_only = true;
}

void build_overlay_release(struct build *bd)
{
	mem_free(bd->overlay.lower);
	mem_free(bd->overlay.dir);
	mem_free(bd->overlay.upper);
	mem_free(bd->overlay.work);
	bd->overlay = (struct build_overlay){0};
}

int build_overlay_give_up(struct build *bd, struct err *e)
{
	_cleanup_free_ char *made = fs_join(bd->out_dir, str_basename(drv_output(bd->drv, "out")->path));

	if (rmdir(made) < 0 && errno != ENOENT)
		return err_sys(e, errno, "removing '%s'", made);
	int r = fs_rm_rf(bd->overlay.dir, e);
	build_overlay_release(bd);
	return r;
}
