// SPDX-License-Identifier: GPL-2.0-or-later
// extlinux.conf, as U-Boot and SYSLINUX read it: a marked block with our labels at its beginning. There is no
// counting: the choice is the DEFAULT line; that of the distribution is kept as a comment until we are gone.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/loader.h"

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

static int extlinux_can_try(const struct boot_place *p, struct err *e)
{
	err_set(e, -EOPNOTSUPP,
	        "extlinux.conf knows no entry for the next boot only: the loader cannot count tries");
	return err_hint(e,
	        "With --permanent the new generation is the default at once; the others stay in the menu.");
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

static int extlinux_read(const struct boot_place *p, struct boot_choice *ret, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = extlinux_text(p, &text, e);
	const char *line = strstr(buf_str(&text), "\nDEFAULT ");

	if (r == 0)
		*ret = (struct boot_choice){
		        .normal = line ? mem_strndup(line + strlen("\nDEFAULT "),
		                                 strcspn(line + strlen("\nDEFAULT "), "\n"))
		                       : NULL};
	return r;
}

static char *block_of(const struct boot_place *p, const struct boot_menu *m)
{
	_cleanup_free_ char *seen = place_seen(p);
	const char *first = m->choice.normal ? m->choice.normal : m->choice.trial;
	struct buf b = {0};

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
		buf_addf(&b, "\tAPPEND %s\n", item->params);
	}
	return buf_steal(&b);
}

static int rewrite(const struct boot_place *p, const char *block, const struct boot_menu *m, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = place_read(p, p->config, 4 << 20, &text, e);

	if (r < 0)
		return r;
	_cleanup_free_ char *bare = marked_block(buf_str(&text), NULL, true),
	                    *rest = hide_options(bare, m, true);
	_cleanup_free_ char *want = marked_block(rest, block, true);
	return str_eq(want, buf_str(&text)) ? 0 : fs_write_atomic(p->config, want, strlen(want), 0644, e);
}

static int extlinux_write(const struct boot_place *p, const struct boot_menu *m, struct err *e)
{
	_cleanup_free_ char *block = block_of(p, m);

	return rewrite(p, block, m, e);
}

static int extlinux_remove(const struct boot_place *p, struct err *e)
{
	return rewrite(p, NULL, NULL, e);
}

const struct loader loader_extlinux = {
        .name = "extlinux",
        .looks = "/boot/extlinux/extlinux.conf",
        .one_initrd = true, // U-Boot reads no list of them
        .find = extlinux_find,
        .can_try = extlinux_can_try,
        .check = extlinux_check,
        .item = extlinux_item,
        .read = extlinux_read,
        .text = extlinux_text,
        .write = extlinux_write,
        .remove = extlinux_remove,
};
