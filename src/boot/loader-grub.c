// SPDX-License-Identifier: GPL-2.0-or-later
// GRUB 2. The distribution's grub.cfg sources custom.cfg beside it (its script 41_custom); a marked block
// there sources our BOOT/kernix/grub.cfg, which has the entries. What starts by itself is in
// BOOT/kernix/grubenv, an environment block of our own: the distribution's is not touched. GRUB takes one of
// kernix_tries and saves the block before it starts the trial; if that fails, it starts the normal entry. All
// paths are made from GRUB's own ${prefix}, so no device has to be named.
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootspec.h"
#include "boot/loader.h"

#define ENV_SIZE 1024 // bytes; GRUB rewrites the block in place, so it never grows
#define ENV_HEAD "# GRUB Environment Block\n"

static const char block_text[] =
        "insmod regexp\n"
        "if regexp --set=1:kernix_boot '^(.*)/grub2?/?$' \"${prefix}\"; then\n"
        "  if [ -f \"${kernix_boot}/kernix/grub.cfg\" ]; then source \"${kernix_boot}/kernix/grub.cfg\"; fi\n"
        "fi\n";

// Sourced at the end of grub.cfg. `boot_once` is set when a person chose the next entry with grub-reboot:
// that wins.
static const char head_text[] =
        "# Written by kernix (nixos-rebuild): changes are lost. 'nixos-rebuild uninstall' takes it away.\n"
        "export kernix_boot\n"
        "set kernix_default=\n"
        "set kernix_try=\n"
        "set kernix_tries=0\n"
        "if [ -s \"${kernix_boot}/kernix/grubenv\" ]; then\n"
        "  load_env --file \"${kernix_boot}/kernix/grubenv\" kernix_default kernix_try kernix_tries\n"
        "fi\n"
        "if [ \"${boot_once}\" != true ]; then\n"
        "  if [ -n \"${kernix_default}\" ]; then set default=\"${kernix_default}\"; fi\n"
        "  if [ -n \"${kernix_try}\" -a \"${kernix_tries}\" != 0 ]; then\n"
        "    if [ \"${kernix_tries}\" = 3 ]; then set kernix_tries=2\n"
        "    elif [ \"${kernix_tries}\" = 2 ]; then set kernix_tries=1\n"
        "    else set kernix_tries=0; fi\n"
        "    if save_env --file \"${kernix_boot}/kernix/grubenv\" kernix_tries; then set "
        "default=\"${kernix_try}\"; fi\n"
        "  fi\n"
        "fi\n";

static int grub_find(const char *root, struct boot_place *ret, struct err *e)
{
	static const char *const dirs[] = {"grub", "grub2"};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		_cleanup_free_ char *dir = beneath_printf(root, "/boot/%s", dirs[i]),
		                    *config = fs_join(dir, "grub.cfg");
		int r = fs_lstat_maybe(config, NULL, e);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		*ret = (struct boot_place){.root = mem_strdup(root),
		        .dir = beneath_path(root, "/boot"),
		        .seen = mem_strdup("${kernix_boot}"),
		        .config = TAKE_PTR(config)};
		return 1;
	}
	return 0;
}

static char *beside_config(const struct boot_place *p, const char *name)
{
	_cleanup_free_ char *dir = str_dirname(p->config);

	return fs_join(dir, name);
}

// The whole file; empty when there is none.
static int read_if(const struct boot_place *p, const char *path, struct buf *b, struct err *e)
{
	return place_read_maybe(p, path, 16 << 20, b, e);
}

static int grub_check(const struct boot_place *p, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = place_read(p, p->config, 16 << 20, &text, e);

	if (r < 0 || strstr(buf_str(&text), "custom.cfg"))
		return r;
	err_set(e, -EINVAL, "'%s' does not read custom.cfg, so GRUB would not see an entry of ours",
	        p->config);
	return err_hint(e, "Make /etc/grub.d/41_custom executable and run update-grub (grub-mkconfig).");
}

// GRUB writes only where a file's blocks can be overwritten in place, and not through mapped devices.
static int grub_can_try(const struct boot_place *p, struct err *e)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} refused[] = {{0x9123683E, "btrfs"}, {0x2FC12FC1, "ZFS"}, {0x73717368, "squashfs"},
	        {0xCA451A4E, "bcachefs"}};
	const char *why = NULL;
	struct statfs fs;
	struct stat st;

	if (statfs(p->dir, &fs) < 0 || stat(p->dir, &st) < 0)
		return err_sys(e, errno, "reading about the file system of '%s'", p->dir);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if ((unsigned long)fs.f_type == refused[i].magic)
			why = refused[i].name;
	_cleanup_free_ char *dm = str_printf("/sys/dev/block/%u:%u/dm", major(st.st_dev), minor(st.st_dev)),
	                    *md = str_printf("/sys/dev/block/%u:%u/md", major(st.st_dev), minor(st.st_dev));
	const char *const mapped[] = {dm, md};
	for (size_t i = 0; !why && !*p->root && i < ARRAY_SIZE(mapped); i++) {
		int r = fs_lstat_maybe(mapped[i], NULL, e);
		if (r < 0)
			return r;
		why = r ? "LVM or RAID" : NULL;
	}
	if (!why)
		return 0;
	err_set(e, -EOPNOTSUPP, "GRUB cannot count tries: '%s' is on %s, where it cannot write", p->dir, why);
	return err_hint(
	        e, "With --permanent the new generation is the default at once, without the net of a try.");
}

static char *env_value(const char *text, const char *name)
{
	_cleanup_strv_ char **lines = strv_split(text, "\n");

	strv_for_each (line, lines) {
		const char *rest = str_after(line, name);
		if (rest && *rest == '=' && rest[1])
			return mem_strdup(rest + 1);
	}
	return NULL;
}

static int grub_read(const struct boot_place *p, struct boot_choice *ret, struct err *e)
{
	_cleanup_free_ char *file = place_file(p, "grubenv"), *tries = NULL;
	_cleanup_buf_ struct buf text = {0};
	uint64_t n = 0;
	int r = read_if(p, file, &text, e);

	if (r < 0)
		return r;
	tries = env_value(buf_str(&text), "kernix_tries");
	if (tries)
		str_to_u64(tries, &n);
	*ret = (struct boot_choice){.normal = env_value(buf_str(&text), "kernix_default"),
	        .trial = env_value(buf_str(&text), "kernix_try"),
	        .tries = (unsigned)n};
	return 0;
}

static int grub_text(const struct boot_place *p, struct buf *b, struct err *e)
{
	_cleanup_free_ char *file = place_file(p, "grub.cfg");

	return read_if(p, file, b, e);
}

// 'TEXT' for GRUB's script language.
static void add_quoted(struct buf *b, const char *text)
{
	buf_addc(b, '\'');
	for (; *text; text++)
		if (*text == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, *text);
	buf_addc(b, '\'');
}

// GRUB puts double quotes around a word with blanks by itself, so ours go.
static void add_params(struct buf *b, const char *params)
{
	_cleanup_strv_ char **words = cmdline_words(params);

	strv_for_each (w, words) {
		_cleanup_buf_ struct buf bare = {0};
		for (const char *c = w; *c; c++)
			if (*c != '"')
				buf_addc(&bare, *c);
		buf_addc(b, ' ');
		add_quoted(b, buf_str(&bare));
	}
}

// GRUB puts a backslash before these when it joins the words for the kernel, which does not take it away
// again; only \xNN goes through.
static int grub_item(const struct boot_item *item, struct err *e)
{
	for (const char *c = item->params; (c = strpbrk(c, "'\\")); c++)
		if (*c == '\'' || c[1] != 'x' || !isxdigit((unsigned char)c[2]) ||
		        !isxdigit((unsigned char)c[3]))
			return err_set(e, -EINVAL,
			        "GRUB cannot hand on the kernel parameters of the boot entry '%s': they have "
			        "a %c",
			        item->id, *c);
	return 0;
}

static void add_entry(struct buf *b, const struct boot_item *item, const char *tab)
{
	buf_addf(b, "# kernix-entry %s\n%smenuentry ", item->id, tab);
	add_quoted(b, item->title);
	buf_adds(b, " --class kernix --id ");
	add_quoted(b, item->id);
	buf_addf(b, " {\n%s\tlinux \"${kernix_boot}/kernix/%s\"", tab, item->kernel);
	add_params(b, item->params);
	if (item->initrd)
		buf_addf(b, "\n%s\tinitrd \"${kernix_boot}/kernix/%s\"", tab, item->initrd);
	if (item->initrd && item->secrets)
		buf_addf(b, " \"${kernix_boot}/kernix/%s\"", item->secrets);
	buf_addf(b, "\n%s}\n", tab);
}

// `set default=ID` finds an entry of the top level only, so those that may start by themselves are there.
static bool starts_by_itself(const struct boot_choice *c, const struct boot_item *item)
{
	return str_eq(item->id, c->normal) || str_eq(item->id, c->trial);
}

static char *menu_text(const struct boot_menu *m, const struct boot_choice *old)
{
	struct buf b = {0};
	bool others = false;

	buf_adds(&b, head_text);
	if (m->has_timeout)
		buf_addf(&b, "set timeout=%d\nset timeout_style=%s\n", m->timeout_s,
		        m->timeout_s ? "menu" : "hidden");
	for (size_t i = 0; i < m->len; i++)
		if (starts_by_itself(&m->choice, &m->items[i]) || starts_by_itself(old, &m->items[i]))
			add_entry(&b, &m->items[i], "");
		else
			others = true;
	if (others)
		buf_adds(&b, "submenu 'kernix: other generations' --class kernix --id 'kernix-others' {\n");
	for (size_t i = 0; i < m->len; i++)
		if (!starts_by_itself(&m->choice, &m->items[i]) && !starts_by_itself(old, &m->items[i]))
			add_entry(&b, &m->items[i], "\t");
	if (others)
		buf_adds(&b, "}\n");
	return buf_steal(&b);
}

static int write_env(const struct boot_place *p, const struct boot_choice *c, struct err *e)
{
	_cleanup_free_ char *file = place_file(p, "grubenv");
	_cleanup_buf_ struct buf b = {0};

	buf_adds(&b, ENV_HEAD);
	if (c->normal)
		buf_addf(&b, "kernix_default=%s\n", c->normal);
	if (c->trial)
		buf_addf(&b, "kernix_try=%s\n", c->trial);
	buf_addf(&b, "kernix_tries=%u\n", c->trial ? MIN(c->tries, 3u) : 0);
	if (b.len > ENV_SIZE)
		return err_set(e, -ENAMETOOLONG,
		        "the names of the profiles are too long for GRUB's environment block");
	buf_addn(&b, '#', ENV_SIZE - b.len);
	return fs_write_atomic(file, b.data, b.len, 0644, e);
}

static int write_block(const struct boot_place *p, const char *block, struct err *e)
{
	_cleanup_free_ char *file = beside_config(p, "custom.cfg");
	_cleanup_buf_ struct buf text = {0};
	int r = read_if(p, file, &text, e);

	if (r < 0)
		return r;
	_cleanup_free_ char *want = marked_block(buf_str(&text), block, false);
	if (str_eq(want, buf_str(&text)))
		return 0;
	if (!*want)
		return unlink(file) < 0 ? err_sys(e, errno, "removing '%s'", file) : 0;
	return fs_write_atomic(file, want, strlen(want), 0644, e);
}

// A menu in which what the old and what the new choice name are both at the top comes first: whichever of
// them the environment block has when the power goes, it names an entry that is there.
static int grub_write(const struct boot_place *p, const struct boot_menu *m, struct err *e)
{
	_cleanup_free_ char *file = place_file(p, "grub.cfg"), *bridge = NULL,
	                    *text = menu_text(m, &(struct boot_choice){0});
	_cleanup_choice_ struct boot_choice old = {0};
	int r = grub_read(p, &old, e);

	if (r == 0) {
		bridge = menu_text(m, &old);
		r = fs_write_atomic(file, bridge, strlen(bridge), 0644, e);
	}
	if (r == 0)
		r = write_env(p, &m->choice, e);
	if (r == 0 && !str_eq(bridge, text))
		r = fs_write_atomic(file, text, strlen(text), 0644, e);
	return r == 0 ? write_block(p, block_text, e) : r;
}

static int grub_remove(const struct boot_place *p, struct err *e)
{
	return write_block(p, NULL, e);
}

const struct loader loader_grub = {
        .name = "grub",
        .looks = "/boot/grub/grub.cfg or /boot/grub2/grub.cfg",
        .find = grub_find,
        .can_try = grub_can_try,
        .check = grub_check,
        .item = grub_item,
        .read = grub_read,
        .text = grub_text,
        .write = grub_write,
        .remove = grub_remove,
};
