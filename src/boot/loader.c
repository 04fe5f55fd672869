// SPDX-License-Identifier: GPL-2.0-or-later
// The table of boot loaders, how one is found, and what their files share.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/loader.h"

const struct loader *const loaders[] = {&loader_grub, &loader_systemd, &loader_extlinux, NULL};

void boot_choice_release(struct boot_choice *c)
{
	mem_free(c->normal);
	mem_free(c->trial);
	*c = (struct boot_choice){0};
}

struct boot_choice boot_choice_copy(const struct boot_choice *c)
{
	return (struct boot_choice){
	        .normal = c->normal ? mem_strdup(c->normal) : NULL,
	        .trial = c->trial ? mem_strdup(c->trial) : NULL,
	        .tries = c->tries,
	};
}

void boot_item_release(struct boot_item *item)
{
	char *owned[] = {item->id, item->title, item->parent, item->version, item->kernel, item->initrd,
	        item->secrets, item->params, item->uki, item->device_tree};

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		mem_free(owned[i]);
	*item = (struct boot_item){0};
}

void boot_menu_release(struct boot_menu *m)
{
	for (size_t i = 0; i < m->len; i++)
		boot_item_release(&m->items[i]);
	mem_free(m->items);
	boot_choice_release(&m->choice);
	*m = (struct boot_menu){0};
}

void boot_place_release(struct boot_place *p)
{
	mem_free(p->root);
	mem_free(p->dir);
	mem_free(p->seen);
	mem_free(p->config);
	*p = (struct boot_place){0};
}

char *place_root(const struct boot_place *p, const char *path)
{
	return beneath_path(p->root, path);
}

int place_read(const struct boot_place *p, const char *path, size_t limit_bytes, struct buf *b, struct err *e)
{
	_cleanup_free_ char *real = beneath_again(p->root, path);
	int r = fs_read_regular(real, limit_bytes, b, e);

	// Zeros, which a power cut leaves on FAT, must not hide what follows them.
	for (size_t i = 0; r == 0 && i < b->len; i++)
		b->data[i] = b->data[i] ? b->data[i] : ' ';
	return r;
}

int place_read_maybe(
        const struct boot_place *p, const char *path, size_t limit_bytes, struct buf *b, struct err *e)
{
	int r = fs_lstat_maybe(path, NULL, e);

	return r > 0 ? place_read(p, path, limit_bytes, b, e) : r;
}

char *place_file(const struct boot_place *p, const char *name)
{
	_cleanup_free_ char *path = str_printf("%s/kernix%s%s", p->dir, name ? "/" : "", name ? name : "");

	return beneath_again(p->root, path);
}

char *place_seen(const struct boot_place *p)
{
	return str_printf("%s/kernix", p->seen);
}

static bool has_control(const char *text)
{
	for (; text && *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

int item_check(const struct loader *l, const struct boot_item *item, struct err *e)
{
	const struct {
		const char *what, *text;
	} rows[] = {{"id", item->id}, {"title", item->title}, {"version", item->version},
	        {"kernel", item->kernel}, {"initrd", item->initrd}, {"kernel parameters", item->params}};
	size_t quotes = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (has_control(rows[i].text))
			return err_set(e, -EINVAL,
			        "the %s of the boot entry '%s' must be one line without control characters",
			        rows[i].what, has_control(item->id) ? "?" : item->id);
	if (strchr(item->id, '/'))
		return err_set(e, -EINVAL, "the id of the boot entry '%s' must not have a '/'", item->id);
	for (const char *c = item->params; *c; c++)
		quotes += *c == '"';
	if (quotes % 2)
		return err_set(e, -EINVAL, "the kernel parameters of the boot entry '%s' have an open '\"'",
		        item->id);
	return l->item ? l->item(item, e) : 0;
}

// NAME.tmp-XXXXXX, with a NAME that begins with prefix.
static int sweep_folder(const char *dir, const char *prefix, struct err *e)
{
	_cleanup_strv_ char **names = NULL;
	int r = fs_list_maybe(dir, &names, e);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		size_t len = strlen(names[i]), end = strlen(".tmp-XXXXXX");
		bool mark = len > end && str_has_prefix(names[i] + len - end, ".tmp-");
		_cleanup_free_ char *file = fs_join(dir, names[i]);
		if (mark && str_has_prefix(names[i], prefix) && unlink(file) < 0 && errno != ENOENT)
			r = err_sys(e, errno, "removing '%s'", file);
	}
	return r;
}

int place_sweep(const struct boot_place *p, struct err *e)
{
	_cleanup_free_ char *ours = place_file(p, NULL), *loader = str_printf("%s/loader/entries", p->dir),
	                    *entries = beneath_again(p->root, loader), *beside = str_dirname(p->config),
	                    *config = str_printf("%s.", str_basename(p->config));
	const struct {
		const char *dir, *prefix;
	} rows[] = {{ours, ""}, {entries, "kernix-"}, {beside, config}, {beside, "custom.cfg."},
	        {beside, "kernix-normal.conf."}};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++)
		r = sweep_folder(rows[i].dir, rows[i].prefix, e);
	return r;
}

// Is this the loader that is meant where there are several: one with entries of ours, or the one that ran?
// systemd-boot leaves its name for the system that it starts.
static int is_meant(const struct loader *l, const char *root, const struct boot_place *p, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	int r = l->text(p, &text, e);

	if (r < 0 || text.len || l != &loader_systemd || *root)
		return r < 0 ? r : text.len > 0;
	return fs_lstat_maybe(
	        "/sys/firmware/efi/efivars/LoaderEntries-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f", NULL, e);
}

static int no_loader(const char *root, const char *name, struct err *e)
{
	_cleanup_free_ char *boot = beneath_path(root, "/boot");

	int r = fs_is_dir_maybe(boot, e);
	if (r < 0)
		return r;
	if (r == 0) {
		err_set(e, -ENOENT, "there is no folder '%s', so no boot loader to add an entry to", boot);
		return err_hint(e, "With '--root DIR' the system in DIR is meant; its boot file system must "
		                   "be mounted there.");
	}
	err_set(e, -ENOENT, "%s was %sfound below '%s'",
	        name ? name : "no known boot loader (GRUB 2, systemd-boot, extlinux)", name ? "not " : "",
	        boot);
	for (size_t i = 0; loaders[i]; i++)
		if (!name || str_eq(loaders[i]->name, name))
			err_hint(e, "Looked for %s: %s.", loaders[i]->name, loaders[i]->looks);
	return err_hint(e, "Is the boot file system mounted? 'nixos-rebuild build' and 'kernix vm ./result' "
	                   "need no boot loader.");
}

static int several(const struct loader *const *found, size_t n, struct err *e)
{
	_cleanup_buf_ struct buf names = {0};

	for (size_t i = 0; i < n; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", found[i]->name);
	err_set(e, -EEXIST,
	        "several boot loaders are there (%s), and which one starts this machine is not known",
	        buf_str(&names));
	return err_hint(e, "Say which: --loader NAME.");
}

int loader_find(const char *root, const char *name, const struct loader **ret, struct boot_place *ret_place,
        struct err *e)
{
	const struct loader *found[ARRAY_SIZE(loaders)];
	struct boot_place places[ARRAY_SIZE(loaders)] = {0};
	size_t n = 0, best = 0;
	bool known = false;
	int r = 0;

	for (size_t i = 0; loaders[i]; i++)
		known = known || (name && str_eq(loaders[i]->name, name));
	if (name && !known)
		return err_set(e, -EINVAL,
		        "unknown boot loader '%s': grub, systemd-boot and extlinux are known", name);
	for (size_t i = 0; r >= 0 && loaders[i]; i++) {
		if (name && !str_eq(loaders[i]->name, name))
			continue;
		struct err why = {0};
		r = loaders[i]->find(root, &places[n], &why);
		// An EFI partition is often closed to all but root. Who only asks does without; entries need
		// root.
		if (r == -EACCES && geteuid() != 0) {
			err_release(&why);
			r = 0;
		}
		if (r < 0)
			err_move(e, &why);
		if (r > 0)
			found[n++] = loaders[i];
	}
	bool sure = n == 1;
	for (size_t i = 0; r >= 0 && i < n && !sure; i++) {
		best = i;
		r = is_meant(found[i], root, &places[i], e);
		sure = r > 0;
	}
	if (r >= 0)
		r = sure ? 0 : n ? several(found, n, e) : no_loader(root, name, e);
	if (r == 0) {
		*ret = found[best];
		*ret_place = places[best];
		places[best] = (struct boot_place){0};
	}
	for (size_t i = 0; i < n; i++)
		boot_place_release(&places[i]);
	return r;
}

#define BEGIN "# BEGIN kernix (written by nixos-rebuild; 'nixos-rebuild uninstall' takes it out)\n"
#define END   "# END kernix\n"

bool marked_block_is_in(const char *text)
{
	return strstr(text, "# BEGIN kernix") != NULL;
}

char *marked_block(const char *text, const char *block, bool first)
{
	const char *begin = strstr(text, "# BEGIN kernix"), *end = begin ? strstr(begin, END) : NULL;
	_cleanup_buf_ struct buf rest = {0}, b = {0};

	if (begin)
		buf_add(&rest, text, (size_t)(begin - text));
	else
		buf_adds(&rest, text);
	if (end)
		buf_adds(&rest, end + strlen(END));
	if (rest.len && rest.data[rest.len - 1] != '\n')
		buf_addc(&rest, '\n');
	if (block && first)
		buf_addf(&b, BEGIN "%s" END, block);
	buf_adds(&b, buf_str(&rest));
	if (block && !first)
		buf_addf(&b, BEGIN "%s" END, block);
	return buf_steal(&b);
}

#define KEPT "#kernix keeps# " // before a line of the distribution's own

static bool is_option(const char *line, const char *option, bool any_case)
{
	size_t len = strlen(option);

	return (any_case ? strncasecmp(line, option, len) : strncmp(line, option, len)) == 0 &&
	       (line[len] == ' ' || line[len] == '\t');
}

char *hide_options(const char *text, const struct boot_menu *m, bool any_case)
{
	struct buf b = {0};
	bool chosen = m && (m->choice.normal || m->choice.trial), timed = m && m->has_timeout;

	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n'),
		       skip = str_has_prefix(line, KEPT) ? strlen(KEPT) : 0;
		if ((chosen && is_option(line + skip, "default", any_case)) ||
		        (timed && is_option(line + skip, "timeout", any_case)))
			buf_adds(&b, KEPT);
		buf_add(&b, line + skip, len - skip);
		line += len;
	}
	return buf_steal(&b);
}
