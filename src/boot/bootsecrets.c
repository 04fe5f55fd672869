// SPDX-License-Identifier: GPL-2.0-or-later
// The secrets of each entry's initrd. Those of the generation that is made now are read from the machine's
// files; every other generation keeps the archive that was written with it, so that going back brings back
// the old keys, too.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootentry-impl.h"
#include "boot/bootspec.h"

// What was written before: its name and size, and whether it is what would be written now.
struct before {
	char *name;
	uint64_t size_bytes;
	bool is_same;
};

static int find_before(struct boot_plan *p, const char *system, struct before *ret, struct err *e)
{
	int r = bootfiles_find_secrets(&p->files, system, buf_str(&p->text), &ret->name, e);
	_cleanup_free_ char *file = r == 0 && ret->name ? fs_join(p->files.dir, ret->name) : NULL;
	struct stat st;

	if (r < 0 || !file)
		return r;
	r = fs_lstat_maybe(file, &st, e);
	if (r > 0)
		ret->size_bytes = (uint64_t)st.st_size;
	return MIN(r, 0);
}

static void wipe(struct buf *b)
{
	if (b->len)
		explicit_bzero(b->data, b->len);
	buf_release(b);
}

static int compare(struct boot_plan *p, struct before *before, const struct buf *now, struct err *e)
{
	_cleanup_(wipe) struct buf old = {0};
	_cleanup_free_ char *file = before->name ? fs_join(p->files.dir, before->name) : NULL;
	int r = file && before->size_bytes == now->len ? fs_read(file, 0, &old, e) : 0;

	before->is_same = file && r == 0 && old.len == now->len && memcmp(old.data, now->data, old.len) == 0;
	return r;
}

// The archive; after a copy of the initrd for loaders that hand on one file only.
static int pack(struct boot_plan *p, const struct bootspec *spec, struct buf *ret, struct err *e)
{
	int r = p->b->loader->one_initrd ? fs_read(spec->initrd, 0, ret, e) : 0;

	if (ret->len)
		buf_addn(ret, 0, -ret->len & 511);
	return r < 0 ? r : secrets_pack(&spec->secrets, p->b->place.root, ret, e);
}

static int make(struct boot_plan *p, const struct bootspec *spec, const char *system, struct before *before,
        const struct bootfile **ret, struct err *e)
{
	_cleanup_(wipe) struct buf data = {0};
	int r = pack(p, spec, &data, e);

	if (r == 0)
		r = compare(p, before, &data, e);
	if (r < 0)
		return r;
	*ret = before->is_same ? bootfiles_keep_secrets(&p->files, before->name, before->size_bytes)
	                       : bootfiles_add_secrets(&p->files, system, &data);
	return 0;
}

// The entry of an older generation whose files are gone stays, for it may start without them.
static int choose(struct boot_plan *p, const struct bootspec *spec, const char *system, bool anew,
        const struct boot_item *item, bool wanted, const struct bootfile **ret, struct err *e)
{
	_cleanup_err_ struct err why = {0};
	struct before before = {0};
	int r = find_before(p, system, &before, e);
	_cleanup_free_ char *name = before.name;

	if (r < 0)
		return r;
	if (name && !anew) {
		*ret = bootfiles_keep_secrets(&p->files, name, before.size_bytes);
		return 0;
	}
	if (make(p, spec, system, &before, ret, &why) == 0)
		return 0;
	if (wanted || anew)
		return err_move(e, &why);
	log_warn("the boot entry %s goes without its secrets: %s", item->id, why.msg);
	return 0;
}

int plan_secrets(struct boot_plan *p, const struct sysgen *g, const struct bootspec *spec, bool wanted,
        struct boot_item *item, struct err *e)
{
	_cleanup_free_ char *dir = spec->secrets.len && spec->initrd ? str_dirname(spec->init) : NULL;
	_cleanup_free_ char *system = dir ? bootfiles_system(dir) : NULL;
	const struct bootfile *file = NULL;

	if (!dir)
		return 0;
	if (!system)
		return err_set(e, -EINVAL,
		        "the system '%s' has secrets, and its init '%s' is not in the store", spec->toplevel,
		        spec->init);
	int r = choose(p, spec, system, str_eq(g->id, p->b->renewed), item, wanted, &file, e);
	if (r < 0 || !file)
		return r;
	char **where = p->b->loader->one_initrd ? &item->initrd : &item->secrets;
	mem_free(*where);
	*where = mem_strdup(file->name);
	return 0;
}
