// SPDX-License-Identifier: GPL-2.0-or-later
// GRUB 2. The distribution's grub.cfg sources custom.cfg beside it (its script 41_custom); a marked block
// there sources our BOOT/kernix/grub.cfg, which has the entries. What starts by itself is in
// BOOT/kernix/grubenv, an environment block of our own (grub-env.h has where it is else): the distribution's
// is not touched. GRUB takes one of kernix_tries and saves the block before it starts the trial; if that
// fails, it starts the normal entry. All paths are made from GRUB's own ${prefix}, so no device has to be
// named.
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootspec.h"
#include "boot/grub-env.h"
#include "boot/loader.h"
#include "boot/settle.h"

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
        "set kernix_try=\n"
        "set kernix_tries=0\n";

static const char choose_text[] =
        "if [ -s \"${kernix_env}\" ]; then\n"
        "  load_env --file \"${kernix_env}\" kernix_default kernix_try kernix_tries\n"
        "fi\n"
        "if [ \"${boot_once}\" != true ]; then\n"
        "  if [ -n \"${kernix_default}\" ]; then set default=\"${kernix_default}\"; fi\n"
        "  if [ -n \"${kernix_try}\" -a \"${kernix_tries}\" != 0 ]; then\n"
        "    if [ \"${kernix_tries}\" = 3 ]; then set kernix_tries=2\n"
        "    elif [ \"${kernix_tries}\" = 2 ]; then set kernix_tries=1\n"
        "    else set kernix_tries=0; fi\n"
        "    if save_env --file \"${kernix_env}\" kernix_tries; then set "
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

// The text of our menu; empty when there is none.
static int grub_menu(const struct boot_place *p, struct buf *b, struct err *e)
{
	_cleanup_free_ char *file = place_file(p, "grub.cfg");

	return read_if(p, file, b, e);
}

static int grub_can_try(const struct boot_place *p, struct err *e)
{
	_cleanup_grub_env_ struct grub_env env = {0};
	_cleanup_buf_ struct buf menu = {0};
	int r = grub_menu(p, &menu, e);

	return r == 0 ? grub_env_place(p, buf_str(&menu), &env, e) : r;
}

static int grub_read(const struct boot_place *p, struct boot_choice *ret, struct err *e)
{
	_cleanup_grub_env_ struct grub_env env = {0};
	_cleanup_buf_ struct buf menu = {0};
	int r = grub_menu(p, &menu, e);

	if (r < 0)
		return r;
	grub_env_used(p, buf_str(&menu), &env);
	return grub_env_read(p, &env, ret, e);
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
	if (item->uki) {
		buf_addf(b, " {\n%s\tinsmod chain\n%s\tchainloader \"${kernix_boot}/kernix/%s\"\n%s}\n", tab,
		        tab, item->uki, tab);
		return;
	}
	buf_addf(b, " {\n%s\tlinux \"${kernix_boot}/kernix/%s\"", tab, item->kernel);
	add_params(b, item->params);
	if (item->initrd)
		buf_addf(b, "\n%s\tinitrd \"${kernix_boot}/kernix/%s\"", tab, item->initrd);
	if (item->initrd && item->secrets)
		buf_addf(b, " \"${kernix_boot}/kernix/%s\"", item->secrets);
	buf_addf(b, "\n%s}\n", tab);
}

// `set default=ID` finds an entry of the top level only, so those that may start by themselves are there, and
// their specialisations beside them.
static bool is_at_top(const struct boot_choice *c, const struct boot_item *item)
{
	const char *id = item->parent ? item->parent : item->id;

	return str_eq(id, c->normal) || str_eq(id, c->trial);
}

static char *menu_text(const struct boot_menu *m, const struct boot_choice *old, const struct grub_env *env)
{
	struct buf b = {0};
	bool others = false;

	buf_adds(&b, head_text);
	// Where the block cannot be read.
	buf_adds(&b, "set kernix_default=");
	add_quoted(&b, m->choice.normal ? m->choice.normal : "");
	buf_addc(&b, '\n');
	grub_env_script(env, &b);
	buf_adds(&b, choose_text);
	if (m->has_timeout)
		buf_addf(&b, "set timeout=%d\nset timeout_style=%s\n", m->timeout_s,
		        m->timeout_s ? "menu" : "hidden");
	for (size_t i = 0; i < m->len; i++)
		if (is_at_top(&m->choice, &m->items[i]) || is_at_top(old, &m->items[i]))
			add_entry(&b, &m->items[i], "");
		else
			others = true;
	if (others)
		buf_adds(&b, "submenu 'kernix: other generations' --class kernix --id 'kernix-others' {\n");
	for (size_t i = 0; i < m->len; i++)
		if (!is_at_top(&m->choice, &m->items[i]) && !is_at_top(old, &m->items[i]))
			add_entry(&b, &m->items[i], "\t");
	if (others)
		buf_adds(&b, "}\n");
	return buf_steal(&b);
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
	return boot_replace(p, file, want, strlen(want), e);
}

// Where the block moves, the new one begins as the old one is.
static int move_env(const struct boot_place *p, const struct grub_env *from, const struct grub_env *to,
        struct boot_choice *ret_old, struct err *e)
{
	int r = grub_env_read(p, from, ret_old, e);

	return r == 0 && !str_eq(from->file, to->file) ? grub_env_write(p, to, ret_old, e) : r;
}

// Nothing is tried where GRUB cannot write, so what it reads may be anywhere.
static int place_env(const struct boot_place *p, const struct boot_menu *m, const char *menu,
        struct grub_env *ret, struct err *e)
{
	_cleanup_err_ struct err why = {0};
	int r = grub_env_place(p, menu, ret, &why);

	if (r != -EOPNOTSUPP || (m->choice.trial && m->choice.tries))
		return r < 0 ? err_move(e, &why) : 0;
	grub_env_used(p, "", ret);
	return 0;
}

// A menu in which what the old and what the new choice name are both at the top comes first: whichever of
// them the environment block has when the power goes, it names an entry that is there.
static int grub_write(const struct boot_place *p, const struct boot_menu *m, struct err *e)
{
	_cleanup_free_ char *file = place_file(p, "grub.cfg"), *bridge = NULL, *text = NULL;
	_cleanup_grub_env_ struct grub_env used = {0}, env = {0};
	_cleanup_choice_ struct boot_choice old = {0};
	_cleanup_buf_ struct buf before = {0};
	int r = grub_menu(p, &before, e);

	if (r == 0)
		r = place_env(p, m, buf_str(&before), &env, e);
	if (r < 0)
		return r;
	grub_env_used(p, buf_str(&before), &used);
	r = move_env(p, &used, &env, &old, e);
	text = menu_text(m, &(struct boot_choice){0}, &env);
	bridge = menu_text(m, &old, &env);
	if (r == 0 && !str_eq(bridge, buf_str(&before)))
		r = boot_replace(p, file, bridge, strlen(bridge), e);
	if (r == 0)
		r = grub_env_write(p, &env, &m->choice, e);
	if (r == 0 && !str_eq(bridge, text))
		r = boot_replace(p, file, text, strlen(text), e);
	if (r == 0 && !str_eq(used.file, env.file) && unlink(used.file) < 0 && errno != ENOENT)
		r = err_sys(e, errno, "removing '%s'", used.file);
	return r == 0 ? write_block(p, block_text, e) : r;
}

static int grub_remove(const struct boot_place *p, struct err *e)
{
	_cleanup_grub_env_ struct grub_env env = {0};
	_cleanup_buf_ struct buf menu = {0};
	int r = grub_menu(p, &menu, e);

	if (r == 0)
		r = write_block(p, NULL, e);
	grub_env_used(p, buf_str(&menu), &env);
	// In BOOT/kernix it goes with the rest. Elsewhere the folder may be another system's, too.
	if (r == 0 && env.path && unlink(env.file) < 0 && errno != ENOENT)
		return err_sys(e, errno, "removing '%s'", env.file);
	if (r == 0 && env.path) {
		_cleanup_free_ char *dir = str_dirname(env.file);
		rmdir(dir);
	}
	return r;
}

const struct loader loader_grub = {
        .name = "grub",
        .looks = "/boot/grub/grub.cfg or /boot/grub2/grub.cfg",
        .find = grub_find,
        .can_try = grub_can_try,
        .check = grub_check,
        .item = grub_item,
        .read = grub_read,
        .text = grub_menu,
        .write = grub_write,
        .remove = grub_remove,
};
