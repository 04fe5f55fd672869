// SPDX-License-Identifier: GPL-2.0-or-later
// extlinux.conf, as U-Boot and SYSLINUX read it: a marked block with our labels at its beginning. The normal
// entry is the DEFAULT line; that of the distribution is kept as a comment until we are gone. A trial is
// tried
//   by EXTLINUX as its command for the next start only (extlinux-adv.h); DEFAULT stays the normal entry;
//   by U-Boot, where it counts (uboot-env.h), as DEFAULT, with the same file but for DEFAULT beside it, which
//   U-Boot takes when the tries are used up.
// The comment "# kernix-trial ID" says what is on trial.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/extlinux-adv.h"
#include "boot/loader.h"
#include "boot/settle.h"
#include "boot/uboot-env.h"

static int extlinux_find(const char *root, struct boot_place *ret, struct err *e)
{
	_cleanup_free_ char *boot = beneath_path(root, "/boot"), *dir = beneath_path(root, "/boot/extlinux"),
	                    *config = fs_join(dir, "extlinux.conf"), *top = str_printf("%s/", root);
	struct stat a, b;

	int r = fs_lstat_maybe(config, NULL, e);
	if (r > 0)
		r = fs_stat_maybe(boot, &a, e);
	if (r > 0)
		r = fs_stat_maybe(top, &b, e);
	if (r <= 0)
		return r;
	*ret = (struct boot_place){.root = mem_strdup(root),
	        .dir = TAKE_PTR(boot),
	        .seen = mem_strdup(a.st_dev == b.st_dev ? "/boot" : ""),
	        .config = TAKE_PTR(config)};
	return 1;
}

static char *beside_config(const struct boot_place *p, const char *name)
{
	_cleanup_free_ char *dir = str_dirname(p->config), *path = fs_join(dir, name);

	return beneath_again(p->root, path);
}

enum counter { COUNTER_NONE, COUNTER_ADV, COUNTER_UBOOT };

// Who counts. Only the running machine's U-Boot can be asked. *ret_why (borrowed): why nobody does.
static int counter_of(const struct boot_place *p, enum counter *ret, struct uboot_count *ret_uboot,
        const char **ret_why, struct err *e)
{
	_cleanup_free_ char *adv = beside_config(p, "ldlinux.sys");
	bool is_extlinux;
	int r = 0;

	*ret = extlinux_adv_is_usable(adv, &is_extlinux) ? COUNTER_ADV : COUNTER_NONE;
	*ret_uboot = (struct uboot_count){0};
	*ret_why = is_extlinux ? "EXTLINUX notes what is to be tried only on ext2, ext3, ext4 and FAT"
	                       : "only the running machine's U-Boot can be told to count";
	if (!is_extlinux && !*p->root)
		r = uboot_count_read(ret_uboot, ret_why, e);
	if (ret_uboot->ready)
		*ret = COUNTER_UBOOT;
	return r;
}

static int extlinux_can_try(const struct boot_place *p, struct err *e)
{
	enum counter counter;
	struct uboot_count uboot;
	const char *why;
	int r = counter_of(p, &counter, &uboot, &why, e);

	if (r < 0 || counter != COUNTER_NONE)
		return r;
	err_set(e, -EOPNOTSUPP, "the loader that reads '%s' cannot count tries: %s", p->config, why);
	return err_hint(e,
	        "With --permanent the new generation is the default at once; the others stay in the menu.\n"
	        "For U-Boot, doc/boot.md says how it can count.");
}

static int extlinux_most_tries(const struct boot_place *p, unsigned *ret, struct err *e)
{
	enum counter counter;
	struct uboot_count uboot;
	const char *why;
	int r = counter_of(p, &counter, &uboot, &why, e);

	*ret = counter == COUNTER_ADV ? 1 : 3;
	return r;
}

static int extlinux_check(const struct boot_place *p, struct err *e)
{
	return 0;
}

// U-Boot replaces ${NAME} and $(NAME) and takes backslashes away; SYSLINUX does neither, so none can be
// escaped for both.
static int extlinux_item(const struct boot_item *item, struct err *e)
{
	if (strpbrk(item->params, "\\") || strstr(item->params, "${") || strstr(item->params, "$("))
		return err_set(e, -EINVAL,
		        "extlinux.conf cannot hold the kernel parameters of '%s': they have a backslash, ${ "
		        "or $(",
		        item->id);
	if (strchr(item->id, ' '))
		return err_set(
		        e, -EINVAL, "extlinux.conf cannot hold the label '%s': it has a space", item->id);
	return 0;
}

static int extlinux_text(const struct boot_place *p, struct buf *b, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = place_read(p, p->config, 4 << 20, &text, e);
	const char *begin = strstr(buf_str(&text), "# BEGIN kernix"),
	           *end = begin ? strstr(begin, "# END kernix") : NULL;

	if (r == 0 && begin) // a block without its end: nothing that it may name is taken for unused
		buf_add(b, begin, end ? (size_t)(end - begin) : strlen(begin));
	return r;
}

// The rest of the line of the block that begins with this word, owned; NULL: there is none.
static char *line_of(const char *text, const char *word)
{
	_cleanup_free_ char *mark = str_printf("\n%s ", word);
	const char *line = strstr(text, mark);

	return line ? mem_strndup(line + strlen(mark), strcspn(line + strlen(mark), "\n")) : NULL;
}

// How often the trial is still to be started.
static int tries_left(const struct boot_place *p, const char *trial, unsigned *ret, struct err *e)
{
	_cleanup_free_ char *adv = beside_config(p, "ldlinux.sys"), *once = NULL;
	enum counter counter;
	struct uboot_count uboot;
	const char *why;
	int r = counter_of(p, &counter, &uboot, &why, e);

	if (r == 0 && counter == COUNTER_ADV)
		r = extlinux_adv_read(adv, &once, e);
	*ret = counter == COUNTER_ADV ? str_eq(once, trial)
	       : counter == COUNTER_UBOOT
	               ? uboot.on && uboot.done < uboot.limit ? uboot.limit - uboot.done : 0
	               : 1;
	return r;
}

static int extlinux_read(const struct boot_place *p, struct boot_choice *ret, struct err *e)
{
	_cleanup_choice_ struct boot_choice c = {0};
	_cleanup_buf_ struct buf text = {0};
	int r = extlinux_text(p, &text, e);

	if (r < 0)
		return r;
	c.trial = line_of(buf_str(&text), "# kernix-trial");
	c.normal = line_of(buf_str(&text), c.trial ? "# kernix-normal" : "DEFAULT");
	r = c.trial ? tries_left(p, c.trial, &c.tries, e) : 0;
	if (r < 0)
		return r;
	*ret = c;
	c = (struct boot_choice){0};
	return 0;
}

static char *block_of(const struct boot_place *p, const struct boot_menu *m, const char *first)
{
	_cleanup_free_ char *seen = place_seen(p);
	struct buf b = {0};

	if (m->choice.trial)
		buf_addf(&b, "# kernix-trial %s\n", m->choice.trial);
	if (m->choice.trial && m->choice.normal)
		buf_addf(&b, "# kernix-normal %s\n", m->choice.normal);
	if (first)
		buf_addf(&b, "DEFAULT %s\n", first);
	if (m->has_timeout) // in tenths of a second; 0 is for ever
		buf_addf(&b, "TIMEOUT %d\n", m->timeout_s < 0 ? 0 : MAX(m->timeout_s * 10, 1));
	for (size_t i = 0; i < m->len; i++) {
		const struct boot_item *item = &m->items[i];
		buf_addf(&b, "# kernix-entry %s\nLABEL %s\n\tMENU LABEL %s\n\tLINUX %s/%s\n", item->id,
		        item->id, item->title, seen, item->kernel);
		if (item->initrd)
			buf_addf(&b, "\tINITRD %s/%s\n", seen, item->initrd);
		if (item->device_tree)
			buf_addf(&b, "\tFDT %s/%s\n", seen, item->device_tree);
		buf_addf(&b, "\tAPPEND %s\n", item->params);
	}
	return buf_steal(&b);
}

// The distribution's file with our block (NULL: without), of which `first` starts by itself (NULL: what the
// distribution says), as FILE; nothing is written when it is so already.
static int rewrite(const struct boot_place *p, const char *file, const struct boot_menu *m, const char *first,
        struct err *e)
{
	_cleanup_buf_ struct buf text = {0}, old = {0};
	_cleanup_free_ char *block = m ? block_of(p, m, first) : NULL;
	struct boot_menu shown = {0};
	int r = place_read(p, p->config, 4 << 20, &text, e);

	if (r == 0)
		r = MIN(place_read_maybe(p, file, 4 << 20, &old, e), 0);
	if (r < 0)
		return r;
	if (m)
		shown = (struct boot_menu){.has_timeout = m->has_timeout, .choice.normal = (char *)first};
	_cleanup_free_ char *bare = marked_block(buf_str(&text), NULL, true),
	                    *rest = hide_options(bare, m ? &shown : NULL, true);
	_cleanup_free_ char *want = marked_block(rest, block, true);
	return str_eq(want, buf_str(&old)) ? 0 : boot_replace(p, file, want, strlen(want), e);
}

// Whichever of the old and the new file is there when the power goes, what it names by DEFAULT is in it; the
// command of the next start is taken out before its label may go, and set when its label is there.
static int write_with_adv(const struct boot_place *p, const struct boot_menu *m, struct err *e)
{
	_cleanup_free_ char *adv = beside_config(p, "ldlinux.sys"), *once = NULL;
	const char *want = m->choice.trial && m->choice.tries ? m->choice.trial : NULL;
	int r = extlinux_adv_read(adv, &once, e);

	if (r == 0 && once && str_has_prefix(once, "kernix-") && !str_eq(once, want))
		r = extlinux_adv_write(adv, NULL, e);
	if (r == 0)
		r = rewrite(p, p->config, m, m->choice.normal, e);
	return r == 0 && want && !str_eq(once, want) ? extlinux_adv_write(adv, want, e) : r;
}

// U-Boot counts before there is something to try, and until there is nothing left.
static int write_with_uboot(
        const struct boot_place *p, const struct boot_menu *m, const struct uboot_count *count, struct err *e)
{
	_cleanup_free_ char *normal = beside_config(p, UBOOT_NORMAL_CONF);
	bool tries = m->choice.trial && m->choice.tries;
	int r = rewrite(p, normal, m, m->choice.normal, e);

	if (r == 0 && tries)
		r = uboot_count_write(m->choice.tries, e);
	if (r == 0)
		r = rewrite(p, p->config, m, tries ? m->choice.trial : m->choice.normal, e);
	return r == 0 && !tries && count->on ? uboot_count_write(0, e) : r;
}

static int extlinux_write(const struct boot_place *p, const struct boot_menu *m, struct err *e)
{
	enum counter counter;
	struct uboot_count uboot;
	const char *why;
	int r = counter_of(p, &counter, &uboot, &why, e);

	if (r < 0)
		return r;
	if (counter == COUNTER_ADV)
		return write_with_adv(p, m, e);
	return counter == COUNTER_UBOOT ? write_with_uboot(p, m, &uboot, e)
	                                : rewrite(p, p->config, m, m->choice.normal, e);
}

static int extlinux_remove(const struct boot_place *p, struct err *e)
{
	_cleanup_free_ char *normal = beside_config(p, UBOOT_NORMAL_CONF);
	struct boot_menu none = {0};
	int r = extlinux_write(p, &none, e);

	if (r == 0)
		r = rewrite(p, p->config, NULL, NULL, e);
	if (r == 0 && unlink(normal) < 0 && errno != ENOENT)
		r = err_sys(e, errno, "removing '%s'", normal);
	return r;
}

const struct loader loader_extlinux = {
        .name = "extlinux",
        .looks = "/boot/extlinux/extlinux.conf",
        .one_initrd = true, // U-Boot reads no list of them
        .find = extlinux_find,
        .can_try = extlinux_can_try,
        .most_tries = extlinux_most_tries,
        .check = extlinux_check,
        .item = extlinux_item,
        .read = extlinux_read,
        .text = extlinux_text,
        .write = extlinux_write,
        .remove = extlinux_remove,
};
