// SPDX-License-Identifier: GPL-2.0-or-later
// Type 2 entries. All images have the same IMAGE_ID and no version, so the loader sorts them by file name,
// the greatest first; what starts by itself is a digit there. A change of roles is a rename, without a key,
// while the image stays the same:
//   kernix-3-7+1.efi  the trial: the loader renames it to kernix-3-7+0-1.efi before it starts it
//   kernix-2-6.efi    normal
//   kernix-1-5.efi    another that has come up
//   kernix-1-4+0.efi  not proven, not to be tried: after all others
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/pe.h"
#include "boot/uki-entry.h"

#define PREFIX "kernix-"
#define SUFFIX ".efi"

enum { RANK_OTHER = 1, RANK_NORMAL, RANK_TRIAL };

static char *images_dir(const struct boot_place *p)
{
	_cleanup_free_ char *dir = str_printf("%s/EFI/Linux", p->dir);

	return beneath_again(p->root, dir);
}

// "kernix-3-7+0-1.efi" of the entry "kernix-7": *ret_tries is -1 where there is no count. NULL: not ours.
static char *id_of(const char *file, int *ret_rank, int *ret_tries)
{
	const char *rest = str_after(file, PREFIX);

	if (!rest || *rest < '1' || *rest > '3' || rest[1] != '-' || !str_has_suffix(rest, SUFFIX))
		return NULL;
	size_t len = strlen(rest) - strlen(SUFFIX) - 2, plus = len;
	*ret_rank = *rest - '0';
	rest += 2;
	while (plus > 0 && strchr("0123456789-", rest[plus - 1]))
		plus--;
	*ret_tries = -1;
	if (plus > 0 && rest[plus - 1] == '+') {
		*ret_tries = 0;
		for (const char *c = rest + plus; *c >= '0' && *c <= '9' && *ret_tries < 1000; c++)
			*ret_tries = *ret_tries * 10 + (*c - '0');
		len = plus - 1;
	}
	return len ? str_printf(PREFIX "%.*s", (int)len, rest) : NULL;
}

static int our_files(const struct boot_place *p, char ***ret, struct err *e)
{
	_cleanup_free_ char *dir = images_dir(p);
	_cleanup_strv_ char **names = NULL;
	int r = fs_list_maybe(dir, &names, e), rank, tries;

	*ret = NULL;
	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *id = id_of(names[i], &rank, &tries);
		if (id)
			strv_add(ret, names[i]);
	}
	return r;
}

int uki_entries_read(const struct boot_place *p, struct boot_choice *c, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = our_files(p, &names, e), rank, tries;

	// Sorted names: of two normal ones, which only a cut in between leaves, the last is what starts.
	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		char *id = id_of(names[i], &rank, &tries);
		char **at = rank == RANK_TRIAL ? &c->trial : rank == RANK_NORMAL ? &c->normal : &id;
		if (at != &id)
			mem_free(*at);
		if (rank == RANK_TRIAL)
			c->tries = tries < 0 ? 1 : (unsigned)tries;
		if (at == &id)
			mem_free(id);
		else
			*at = id;
	}
	return r;
}

static int text_of(const struct boot_place *p, const char *name, struct buf *b, struct err *e)
{
	_cleanup_free_ char *dir = images_dir(p), *file = fs_join(dir, name),
	                    *real = beneath_again(p->root, file);
	_cleanup_err_ struct err why = {0};
	int r = pe_read_section(real, ".osrel", 1 << 16, b, &why);

	for (size_t i = 0; i < b->len; i++) // what follows of other images must be seen
		b->data[i] = b->data[i] ? b->data[i] : ' ';
	if (r == -EFBIG)
		log_warn("%s; what it is for is not looked at", why.msg);
	// One that is not an image at all, or not one of ours, names nothing.
	return r >= 0 || r == -EINVAL || r == -EFBIG ? 0 : err_move(e, &why);
}

int uki_entries_text(const struct boot_place *p, struct buf *b, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = our_files(p, &names, e);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		r = text_of(p, names[i], b, e);
	}
	return r;
}

static char *file_of(const struct boot_menu *m, const struct boot_item *item)
{
	const char *rest = str_after(item->id, PREFIX);
	bool trial = str_eq(item->id, m->choice.trial), normal = str_eq(item->id, m->choice.normal);

	rest = rest ? rest : item->id;
	if (trial && m->choice.tries)
		return str_printf(PREFIX "%d-%s+%u" SUFFIX, RANK_TRIAL, rest, m->choice.tries);
	if (trial)
		return str_printf(PREFIX "%d-%s+0-1" SUFFIX, RANK_TRIAL, rest);
	// Where the distribution's own is the default, nothing of ours comes before it.
	return str_printf(PREFIX "%d-%s%s" SUFFIX, normal ? RANK_NORMAL : RANK_OTHER, rest,
	        normal || (item->good && m->choice.normal) ? "" : "+0");
}

static int move(const char *from, const char *to, struct err *e)
{
	return rename(from, to) < 0 ? err_sys(e, errno, "renaming '%s' to '%s'", from, to) : 0;
}

// The file of this entry that has the image which is wanted; others of the entry are left for the end.
static int find_image(const struct boot_place *p, const struct boot_item *item, char **ret, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = our_files(p, &names, e), rank, tries;

	*ret = NULL;
	for (size_t i = 0; r == 0 && names && names[i] && !*ret; i++) {
		_cleanup_free_ char *id = id_of(names[i], &rank, &tries);
		_cleanup_buf_ struct buf text = {0};
		if (!str_eq(id, item->id))
			continue;
		r = text_of(p, names[i], &text, e);
		if (r == 0 && strstr(buf_str(&text), item->uki))
			*ret = mem_strdup(names[i]);
	}
	return r;
}

static int remove_others(const struct boot_place *p, const char *id, const char *name, struct err *e)
{
	_cleanup_free_ char *dir = images_dir(p);
	_cleanup_strv_ char **names = NULL;
	int r = our_files(p, &names, e), rank, tries;

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *other = id_of(names[i], &rank, &tries), *file = fs_join(dir, names[i]);
		if (str_eq(other, id) && !str_eq(names[i], name) && unlink(file) < 0 && errno != ENOENT)
			r = err_sys(e, errno, "removing '%s'", file);
	}
	return r;
}

int uki_entry_write(
        const struct boot_place *p, const struct boot_menu *m, const struct boot_item *item, struct err *e)
{
	_cleanup_free_ char *dir = images_dir(p), *name = file_of(m, item), *target = fs_join(dir, name),
	                    *made = place_file(p, item->uki), *there = NULL;
	int r = fs_mkdir_p(dir, 0755, e);

	if (r == 0)
		r = find_image(p, item, &there, e);
	if (r == 0 && !there)
		r = move(made, target, e);
	if (r == 0 && there && !str_eq(there, name)) {
		_cleanup_free_ char *from = fs_join(dir, there);
		r = move(from, target, e);
	}
	// One that was made for nothing: somebody was killed between the two.
	if (r == 0 && there && unlink(made) < 0 && errno != ENOENT)
		r = err_sys(e, errno, "removing '%s'", made);
	if (r == 0)
		r = fs_sync(dir, e);
	return r == 0 ? remove_others(p, item->id, name, e) : r;
}

static bool is_kept(const struct boot_menu *keep, const char *name)
{
	bool kept = false;

	for (size_t i = 0; keep && i < keep->len && !kept; i++) {
		_cleanup_free_ char *file = keep->items[i].uki ? file_of(keep, &keep->items[i]) : NULL;
		kept = str_eq(file, name);
	}
	return kept;
}

int uki_entries_remove(const struct boot_place *p, const struct boot_menu *keep, struct err *e)
{
	_cleanup_free_ char *dir = images_dir(p);
	_cleanup_strv_ char **names = NULL;
	int r = our_files(p, &names, e);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *file = fs_join(dir, names[i]);
		if (!is_kept(keep, names[i]) && unlink(file) < 0 && errno != ENOENT)
			r = err_sys(e, errno, "removing '%s'", file);
	}
	if (r < 0 || !names)
		return r;
	if (!keep)
		rmdir(dir); // ours if it is empty now
	return keep ? fs_sync(dir, e) : 0;
}
