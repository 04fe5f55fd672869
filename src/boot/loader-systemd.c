// SPDX-License-Identifier: GPL-2.0-or-later
// systemd-boot: one file an entry in loader/entries (Boot Loader Specification, type 1). The loader takes the
// first entry of its order: entries whose tries are used up come last, and then the sort-key decides. So the
// roles are sort-keys: the trial is before the normal entry, and both are before everything of the
// distribution's; nothing has to be changed when a trial fails. That order only holds while loader.conf names
// no default: its `default` line is kept as a comment until we are gone.
//   kernix-7+1.conf    not proven, one try left: the loader renames it to kernix-7+0-1.conf before it starts
//   it kernix-6+0.conf    not proven, not to be tried: last in the menu kernix-5.conf      has come up
// A version that miscounts is told by an EFI variable what to start at the next boot only (efi-oneshot.h):
// the trial is last in the menu then, as one whose tries are used up, and has a comment that says what it is.
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/hmap.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/efi-oneshot.h"
#include "boot/loader.h"
#include "boot/systemd-version.h"
#include "boot/uki-entry.h"

#define TRIAL_MARK "# kernix-trial"

static const char *const role_keys[] = {"!kernix-1-trial", "!kernix-2-normal", "kernix", "kernix"};

static int systemd_find(const char *root, struct boot_place *ret, struct err *e)
{
	// Where the loader and its loader.conf may be, and where entries go: the extended boot partition when
	// there is one.
	static const char *const partitions[] = {"/efi", "/boot/efi", "/boot"};
	_cleanup_free_ char *boot = beneath_path(root, "/boot"),
	                    *shared = beneath_path(root, "/boot/loader/entries");

	for (size_t i = 0; i < ARRAY_SIZE(partitions); i++) {
		_cleanup_free_ char *esp = beneath_path(root, partitions[i]),
		                    *program = beneath_printf(root, "%s/EFI/systemd", partitions[i]),
		                    *loader = beneath_printf(root, "%s/loader", partitions[i]),
		                    *config = fs_join(loader, "loader.conf");
		int r = fs_lstat_maybe(config, NULL, e);
		if (r == 0)
			r = fs_is_dir_maybe(program, e);
		int entries = r > 0 ? fs_is_dir_maybe(shared, e) : 0;
		if (r < 0 || entries < 0)
			return MIN(r, entries);
		if (r == 0)
			continue;
		*ret = (struct boot_place){
		        .root = mem_strdup(root),
		        .dir = mem_strdup(entries ? boot : esp),
		        .seen = mem_strdup(""),
		        .config = TAKE_PTR(config),
		};
		return 1;
	}
	return 0;
}

// Is a trial the variable's? Only the running machine's variables can be seen.
static int uses_oneshot(const struct boot_place *p, bool *ret, struct err *e)
{
	unsigned version;
	int r = systemd_boot_version(p, &version, e);

	*ret = r == 0 && systemd_boot_miscounts(version);
	return r;
}

static int systemd_can_try(const struct boot_place *p, struct err *e)
{
	bool oneshot;
	int r = uses_oneshot(p, &oneshot, e);

	if (r < 0 || !oneshot || (!*p->root && efi_oneshot_is_usable(EFIVARS_DIR)))
		return r;
	err_set(e, -EOPNOTSUPP,
	        "systemd-boot 258 starts entries again whose tries are used up, and EFI variables, by which "
	        "one "
	        "could be tried, cannot be written here");
	return err_hint(e,
	        "A newer systemd-boot counts (bootctl update). With --permanent the new generation "
	        "is the default at once, without the net of a try.");
}

static int systemd_most_tries(const struct boot_place *p, unsigned *ret, struct err *e)
{
	bool oneshot;
	int r = uses_oneshot(p, &oneshot, e);

	*ret = oneshot ? 1 : 3;
	return r;
}

static int systemd_check(const struct boot_place *p, struct err *e)
{
	static const char chosen[] =
	        "/sys/firmware/efi/efivars/LoaderEntryDefault-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

	int r = *p->root ? 0 : fs_lstat_maybe(chosen, NULL, e);

	if (r <= 0)
		return r;
	err_set(e, -EEXIST,
	        "an EFI variable names the default entry of systemd-boot, and it wins over every entry's "
	        "order");
	return err_hint(e, "Take it away: bootctl set-default ''");
}

// '+' in a file's name is where the loader counts.
static int systemd_item(const struct boot_item *item, struct err *e)
{
	return strchr(item->id, '+')
	               ? err_set(e, -EINVAL, "systemd-boot cannot have the entry '%s': it has a '+'",
	                         item->id)
	               : 0;
}

static char *entries_dir(const struct boot_place *p)
{
	_cleanup_free_ char *dir = str_printf("%s/loader/entries", p->dir);

	return beneath_again(p->root, dir);
}

// Names of our files in loader/entries; NULL when there are none.
static int our_files(const struct boot_place *p, char ***ret, struct err *e)
{
	_cleanup_free_ char *dir = entries_dir(p);
	_cleanup_strv_ char **names = NULL;
	int r = fs_list_maybe(dir, &names, e);

	*ret = NULL;
	for (size_t i = 0; r == 0 && names && names[i]; i++)
		if (str_has_prefix(names[i], "kernix-") && str_has_suffix(names[i], ".conf"))
			strv_add(ret, names[i]);
	return r;
}

// "kernix-7+0-1.conf": its id; *ret_tries the number after '+', -1 when there is none.
static char *id_of(const char *file, int *ret_tries)
{
	size_t len = strlen(file) - strlen(".conf"), plus = len;

	while (plus > 0 && file[plus - 1] && strchr("0123456789-", file[plus - 1]))
		plus--;
	*ret_tries = -1;
	if (plus == 0 || file[plus - 1] != '+')
		return mem_strndup(file, len);
	*ret_tries = 0;
	for (const char *c = file + plus; *c >= '0' && *c <= '9' && *ret_tries < 1000; c++)
		*ret_tries = *ret_tries * 10 + (*c - '0');
	return mem_strndup(file, plus - 1);
}

static int read_file(const struct boot_place *p, const char *name, struct buf *b, struct err *e)
{
	_cleanup_free_ char *dir = entries_dir(p), *file = fs_join(dir, name);

	return place_read(p, file, 1 << 20, b, e);
}

// One of the files of the trial. Where there are two, it is the counted one that counts.
static void take_trial(struct boot_choice *c, const char *file)
{
	int tries;
	_cleanup_free_ char *id = id_of(file, &tries);
	bool known = str_eq(id, c->trial);

	if (known && tries < 0)
		return;
	mem_free(c->trial);
	c->trial = TAKE_PTR(id);
	c->tries = tries < 0 ? 1 : (unsigned)tries;
}

// Is the variable still set?
static int take_oneshot(const struct boot_place *p, struct boot_choice *c, const char *file, struct err *e)
{
	_cleanup_free_ char *once = NULL, *want = NULL;
	int r = *p->root ? 0 : efi_oneshot_read(EFIVARS_DIR, &once, e);

	take_trial(c, file);
	want = str_printf("%s.conf", c->trial);
	c->tries = str_eq(once, want);
	return r;
}

static int systemd_read(const struct boot_place *p, struct boot_choice *ret, struct err *e)
{
	_cleanup_choice_ struct boot_choice c = {0};
	_cleanup_strv_ char **names = NULL;
	int r = our_files(p, &names, e);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_buf_ struct buf text = {0};
		int tries;
		r = read_file(p, names[i], &text, e);
		if (strstr(buf_str(&text), "\nsort-key !kernix-2-normal\n")) {
			mem_free(c.normal);
			c.normal = id_of(names[i], &tries);
		} else if (strstr(buf_str(&text), "\nsort-key !kernix-1-trial\n")) {
			take_trial(&c, names[i]);
		} else if (r == 0 && strstr(buf_str(&text), "\n" TRIAL_MARK "\n")) {
			r = take_oneshot(p, &c, names[i], e);
		}
	}
	if (r == 0)
		r = uki_entries_read(p, &c, e);
	if (r < 0)
		return r;
	*ret = c;
	c = (struct boot_choice){0};
	return 0;
}

static int systemd_text(const struct boot_place *p, struct buf *b, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = our_files(p, &names, e);

	for (size_t i = 0; r == 0 && names && names[i]; i++)
		r = read_file(p, names[i], b, e);
	return r == 0 ? uki_entries_text(p, b, e) : r;
}

enum role { ROLE_TRIAL, ROLE_NORMAL, ROLE_OTHER, ROLE_ONESHOT };

static enum role role_of(const struct boot_menu *m, const struct boot_item *item)
{
	return str_eq(item->id, m->choice.trial)    ? m->oneshot ? ROLE_ONESHOT : ROLE_TRIAL
	       : str_eq(item->id, m->choice.normal) ? ROLE_NORMAL
	                                            : ROLE_OTHER;
}

static char *entry_text(const struct boot_place *p, const struct boot_menu *m, const struct boot_item *item)
{
	_cleanup_free_ char *seen = place_seen(p);
	struct buf b = {0};

	buf_addf(&b, "# kernix-entry %s\n# Written by kernix (nixos-rebuild): changes are lost.\n", item->id);
	if (role_of(m, item) == ROLE_ONESHOT)
		buf_adds(&b, TRIAL_MARK "\n");
	buf_addf(&b, "title %s\nversion %s\nsort-key %s\nlinux %s/%s\n", item->title, item->version,
	        role_keys[role_of(m, item)], seen, item->kernel);
	if (item->initrd)
		buf_addf(&b, "initrd %s/%s\n", seen, item->initrd);
	if (item->initrd && item->secrets)
		buf_addf(&b, "initrd %s/%s\n", seen, item->secrets);
	buf_addf(&b, "options %s\n", item->params);
	return buf_steal(&b);
}

static char *entry_file(const struct boot_menu *m, const struct boot_item *item)
{
	enum role role = role_of(m, item);

	if (role == ROLE_ONESHOT)
		return str_printf("%s+0-1.conf", item->id);
	if (role == ROLE_TRIAL)
		return m->choice.tries ? str_printf("%s+%u.conf", item->id, m->choice.tries)
		                       : str_printf("%s+0-1.conf", item->id);
	return str_printf("%s%s.conf", item->id, item->good || role == ROLE_NORMAL ? "" : "+0");
}

// Writes one entry; other files of the same entry (with another count) go after it is in place.
static int write_entry(const struct boot_place *p, const struct boot_menu *m, const struct boot_item *item,
        char *const *before, struct err *e)
{
	_cleanup_free_ char *dir = entries_dir(p), *name = entry_file(m, item), *file = fs_join(dir, name),
	                    *text = entry_text(p, m, item);
	_cleanup_buf_ struct buf old = {0};
	int r = place_read_maybe(p, file, 1 << 20, &old, e);

	r = MIN(r, 0);
	if (r == 0 && !str_eq(buf_str(&old), text))
		r = fs_write_atomic(file, text, strlen(text), 0644, e);
	for (size_t i = 0; r == 0 && before && before[i]; i++) {
		int tries;
		_cleanup_free_ char *id = id_of(before[i], &tries), *other = fs_join(dir, before[i]);
		if (str_eq(id, item->id) && !str_eq(before[i], name) && unlink(other) < 0 && errno != ENOENT)
			r = err_sys(e, errno, "removing '%s'", other);
	}
	return r;
}

static int remove_files(const struct boot_place *p, const struct boot_menu *keep, struct err *e)
{
	_cleanup_free_ char *dir = entries_dir(p);
	_cleanup_hmap_ struct hmap kept = {0};
	_cleanup_strv_ char **names = NULL;
	int r = our_files(p, &names, e);

	for (size_t i = 0; keep && i < keep->len; i++) {
		if (keep->items[i].uki)
			continue;
		_cleanup_free_ char *name = entry_file(keep, &keep->items[i]);
		hmap_put(&kept, name, dir);
	}
	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		_cleanup_free_ char *file = fs_join(dir, names[i]);
		if (!hmap_has(&kept, names[i]) && unlink(file) < 0 && errno != ENOENT)
			r = err_sys(e, errno, "removing '%s'", file);
	}
	return r == 0 ? uki_entries_remove(p, keep, e) : r;
}

// loader.conf as it was before us, or, with a menu, with its default line as a comment, and its timeout line
// if the menu has one of its own: that is in a marked block.
static char *config_for(const char *text, const struct boot_menu *m)
{
	_cleanup_free_ char *bare =
	        marked_block_is_in(text) ? marked_block(text, NULL, false) : mem_strdup(text);
	struct boot_menu shown = m ? *m : (struct boot_menu){0};

	if (shown.oneshot)
		shown.choice.trial = NULL; // the default is what it would be without
	char *kept = hide_options(bare, m ? &shown : NULL, false);

	if (!m || !m->has_timeout)
		return kept;
	_cleanup_free_ char *want = kept;
	_cleanup_free_ char *block = m->timeout_s < 0 ? mem_strdup("timeout menu-force\n")
	                                              : str_printf("timeout %d\n", m->timeout_s);
	return marked_block(want, block, false);
}

static int edit_config(const struct boot_place *p, const struct boot_menu *m, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = place_read_maybe(p, p->config, 1 << 20, &text, e);

	if (r < 0)
		return r;
	_cleanup_free_ char *want = config_for(buf_str(&text), m);
	return str_eq(want, buf_str(&text)) ? 0 : fs_write_atomic(p->config, want, strlen(want), 0644, e);
}

// The normal entry first and the trial last: its appearance is what makes the new state. Between them an old
// trial loses its role.
static int write_files(const struct boot_place *p, const struct boot_menu *m, struct err *e)
{
	static const enum role order[] = {ROLE_NORMAL, ROLE_OTHER, ROLE_ONESHOT, ROLE_TRIAL};
	_cleanup_free_ char *dir = entries_dir(p);
	_cleanup_strv_ char **before = NULL;
	int r = our_files(p, &before, e);

	if (r == 0)
		r = fs_mkdir_p(dir, 0755, e);
	for (size_t k = 0; r == 0 && k < ARRAY_SIZE(order); k++)
		for (size_t i = 0; r == 0 && i < m->len; i++)
			if (role_of(m, &m->items[i]) == order[k])
				r = m->items[i].uki ? uki_entry_write(p, m, &m->items[i], e)
				                    : write_entry(p, m, &m->items[i], before, e);
	if (r == 0)
		r = remove_files(p, m, e);
	// What is gone must not come back with the power: the kernels that only it named go next.
	if (r == 0)
		r = fs_sync(dir, e);
	return r == 0 ? edit_config(p, m, e) : r;
}

static bool has_images(const struct boot_menu *m)
{
	for (size_t i = 0; i < m->len; i++)
		if (m->items[i].uki)
			return true;
	return false;
}

// The variable names nothing that may be gone, and the trial when that is there.
static int systemd_write(const struct boot_place *p, const struct boot_menu *m, struct err *e)
{
	_cleanup_free_ char *once = NULL, *want = m->choice.trial && m->choice.tries
	                                                  ? str_printf("%s.conf", m->choice.trial)
	                                                  : NULL;
	struct boot_menu mine = *m;
	int r = uses_oneshot(p, &mine.oneshot, e);

	if (r == 0 && mine.oneshot && want && has_images(m)) {
		err_set(e, -EOPNOTSUPP,
		        "systemd-boot 258 starts unified kernel images again whose tries are used up");
		return err_hint(e, "A newer systemd-boot counts (bootctl update). With --permanent the new "
		                   "generation is "
		                   "the default at once, without the net of a try.");
	}
	if (r == 0 && !*p->root)
		r = efi_oneshot_read(EFIVARS_DIR, &once, e);
	if (r == 0 && once && str_has_prefix(once, "kernix-") && !(mine.oneshot && str_eq(once, want)))
		r = efi_oneshot_write(EFIVARS_DIR, NULL, e);
	if (r == 0)
		r = write_files(p, &mine, e);
	return r == 0 && mine.oneshot && want ? efi_oneshot_write(EFIVARS_DIR, want, e) : r;
}

static int systemd_remove(const struct boot_place *p, struct err *e)
{
	int r = edit_config(p, NULL, e);

	return r == 0 ? remove_files(p, NULL, e) : r;
}

const struct loader loader_systemd = {
        .name = "systemd-boot",
        .looks = "loader/loader.conf or EFI/systemd in /efi, /boot/efi or /boot",
        .find = systemd_find,
        .can_try = systemd_can_try,
        .most_tries = systemd_most_tries,
        .check = systemd_check,
        .item = systemd_item,
        .read = systemd_read,
        .text = systemd_text,
        .write = systemd_write,
        .remove = systemd_remove,
};
