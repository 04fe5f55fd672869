// SPDX-License-Identifier: GPL-2.0-or-later
// From generations to a boot menu: entries, the files that they need, whether it all fits, and what changes.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/fs.h"
#include "base/hmap.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootentry-impl.h"
#include "boot/bootspec.h"
#include "boot/settle.h"
#include "store/store.h"

#define RESERVE_BYTES (256 << 10) // for entries and folders

static double mib(uint64_t bytes)
{
	return (double)bytes / (1024.0 * 1024.0);
}

// The root file system as the distribution has it, for a configuration that does not say: "root=DEVICE rw".
// NULL: not known either.
static int host_root(const struct boot_place *p, char **ret, char **ret_snippet, struct err *e)
{
	_cleanup_free_ char *file = place_root(p, "/etc/fstab");
	_cleanup_strv_ char **root = NULL;
	int r = fstab_root(file, &root, e);

	*ret = NULL;
	if (!root)
		return r;
	*ret_snippet =
	        str_printf("fileSystems.\"/\" = { device = \"%s\"; fsType = \"%s\"; };", root[0], root[1]);
	*ret = str_printf("root=%s rw", root[0]);
	return 0;
}

static int root_params(struct boot_plan *p, const struct bootspec *spec, const char *id, bool wanted,
        char **ret, struct err *e)
{
	_cleanup_free_ char *snippet = NULL;

	*ret = spec->has_root ? mem_strdup("") : NULL;
	int r = *ret ? 0 : host_root(&p->b->place, ret, &snippet, e);
	if (r < 0)
		return r;
	if (!*ret && wanted) {
		err_set(e, -EINVAL,
		        "the system does not say which file system is its root, so it could not start");
		return err_hint(e, "Add to the configuration: fileSystems.\"/\" = { device = "
		                   "\"/dev/disk/by-uuid/...\"; fsType = \"ext4\"; };");
	}
	if (!*ret)
		*ret = mem_strdup("");
	if (wanted && snippet && !cmdline_has(spec->params, "root")) {
		log_warn("the system does not say which file system is its root; '%s' of /etc/fstab is put "
		         "into the boot entry %s, but the "
		         "initrd may lack the module for that file system. Better add to the "
		         "configuration:\n  %s",
		        *ret, id, snippet);
	}
	return 0;
}

// U-Boot starts the kernel with the tree that the entry names; other loaders with the firmware's.
static int device_tree_file(
        struct boot_plan *p, const struct bootspec *spec, struct boot_item *item, struct err *e)
{
	const struct bootfile *f;

	if (!spec->device_tree || p->b->loader != &loader_extlinux)
		return 0;
	int r = bootfiles_add(&p->files, spec->device_tree, "dtb", &f, e);
	if (r == 0)
		item->device_tree = mem_strdup(f->name);
	return r;
}

static int kernel_files(
        struct boot_plan *p, const struct bootspec *spec, struct boot_item *item, struct err *e)
{
	const struct bootfile *f;

	if (bootsecure_is_on(&p->secure))
		return bootsecure_files(p, spec, item, e);
	int r = bootfiles_add(&p->files, spec->kernel, "kernel", &f, e);

	if (r < 0)
		return r;
	item->kernel = mem_strdup(f->name);
	if (!spec->initrd || item->initrd) // one with secrets is named already
		return 0;
	r = bootfiles_add(&p->files, spec->initrd, "initrd", &f, e);
	if (r == 0)
		item->initrd = mem_strdup(f->name);
	return r;
}

static char *entry_title(const struct sysgen *g, const struct bootspec *spec, const char *variant)
{
	struct tm tm;
	char date[32];

	localtime_r(&g->created, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &tm);
	bool named = !str_eq(g->profile, "system");
	return str_printf("%s%s%s%s%s%s, generation %llu, %s", named ? g->profile : "", named ? ": " : "",
	        spec->label, *variant ? " (" : "", variant, *variant ? ")" : "",
	        (unsigned long long)g->number, date);
}

// GENERATION-NAME of a specialisation. No loader takes every character in an id; others are _XX.
static char *variant_id(const struct sysgen *g, const char *variant)
{
	struct buf b = {0};

	buf_addf(&b, "%s-", g->id);
	for (const char *c = variant; *c; c++)
		if (isalnum((unsigned char)*c) || strchr("-._", *c))
			buf_addc(&b, *c);
		else
			buf_addf(&b, "_%02x", (unsigned char)*c);
	return buf_steal(&b);
}

// What makes a trial that fails restart by itself: the kernel when it panics, stage 1's keeper when nothing
// comes (src/stage1/keeper.h). Stage 2 is only watched where something will confirm the start,
// or the configuration says so.
static void add_trial_params(const struct boot_plan *p, const struct bootspec *spec, struct buf *b)
{
	if (!cmdline_has(spec->params, "panic"))
		buf_adds(b, " " BOOT_TRIAL_PANIC);
	if (!cmdline_has(spec->params, "kernix.trial"))
		buf_addf(b, " kernix.trial=%u,%u", p->b->confirms || spec->trial_said ? spec->trial_s : 0,
		        spec->stage1_s);
}

// One entry, of the generation itself or of its variant (specialisation).
static int add_item(struct boot_plan *p, const struct sysgen *g, const struct bootspec *spec,
        const char *variant, struct err *e)
{
	_cleanup_free_ char *root = NULL, *id = *variant ? variant_id(g, variant) : mem_strdup(g->id);
	bool on_trial = str_eq(id, p->menu.choice.trial),
	     wanted = on_trial || str_eq(id, p->menu.choice.normal);
	struct boot_item item = {.id = TAKE_PTR(id), .parent = *variant ? mem_strdup(g->id) : NULL};
	_cleanup_buf_ struct buf params = {0};
	int r = root_params(p, spec, item.id, wanted, &root, e);

	buf_addf(&params, "init=%s%s%s%s%s", spec->init, *spec->params ? " " : "", spec->params,
	        root && *root ? " " : "", root ? root : "");
	if (on_trial)
		add_trial_params(p, spec, &params);
	item.params = buf_steal(&params);
	item.title = entry_title(g, spec, variant);
	item.version = str_printf("%llu-%s", (unsigned long long)g->number, spec->release);
	item.good = boot_is_good(p->b, g->toplevel);
	if (r == 0)
		r = item_check(p->b->loader, &item, e);
	if (r == 0)
		r = plan_secrets(p, g, spec, wanted, &item, e);
	if (r == 0)
		r = kernel_files(p, spec, &item, e);
	if (r == 0)
		r = device_tree_file(p, spec, &item, e);
	if (r < 0) {
		boot_item_release(&item);
		return r;
	}
	mem_grow(&p->menu.items, &p->menu.cap, p->menu.len + 1, sizeof(*p->menu.items));
	p->menu.items[p->menu.len++] = item;
	return 0;
}

static int add_generation(struct boot_plan *p, struct store *s, const struct sysgen *g, struct err *e)
{
	_cleanup_bootspec_ struct bootspec spec = {0};
	int r = bootspec_read(s, g->toplevel, &spec, e);

	if (r == 0)
		r = add_item(p, g, &spec, "", e);
	for (size_t i = 0; r == 0 && spec.specialisations && spec.specialisations[i]; i++) {
		_cleanup_bootspec_ struct bootspec variant = {0};
		_cleanup_free_ char *path =
		        str_printf("%s/specialisation/%s", g->toplevel, spec.specialisations[i]);
		r = bootspec_read(s, path, &variant, e);
		if (r == 0)
			r = add_item(p, g, &variant, spec.specialisations[i], e);
	}
	return r;
}

static bool is_chosen(const struct boot_plan *p, const struct sysgen *g)
{
	return str_eq(g->id, p->menu.choice.normal) || str_eq(g->id, p->menu.choice.trial);
}

// A generation that is gone or was never one to boot gets no entry. What could not be read is something else:
// its entry would vanish, and perhaps the one that is known to come up with it.
static bool is_unfit(const struct err *why)
{
	static const int codes[] = {ENOENT, ENOTDIR, EISDIR, EINVAL, ELOOP, EFBIG};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (why->code == -codes[i])
			return true;
	return false;
}

// What the newest generation that can be booted says of the menu: boot.loader.timeout, and
// *.configurationLimit.
static int take_loader_options(struct boot_plan *p, struct store *s, uint64_t *ret_limit, struct err *e)
{
	*ret_limit = UINT64_MAX;
	for (size_t i = p->gens->len; i-- > 0;) {
		_cleanup_bootspec_ struct bootspec spec = {0};
		_cleanup_err_ struct err why = {0};
		if (bootspec_read(s, p->gens->gens[i].toplevel, &spec, &why) < 0) {
			if (!is_unfit(&why))
				return err_move(e, &why);
			continue;
		}
		p->menu.has_timeout = spec.has_timeout;
		p->menu.timeout_s = spec.timeout_s;
		if (spec.limit)
			*ret_limit = spec.limit;
		return bootsecure_init(p, s, &spec, e);
	}
	return 0;
}

static int add_all(struct boot_plan *p, struct store *s, struct err *e)
{
	uint64_t left;
	int r = take_loader_options(p, s, &left, e);

	if (r < 0)
		return r;
	for (size_t i = p->gens->len; i-- > 0;) {
		const struct sysgen *g = &p->gens->gens[i];
		_cleanup_err_ struct err why = {0};
		if (left == 0 && !is_chosen(p, g) && !boot_protects(p->b, g, NULL))
			continue;
		if (add_generation(p, s, g, &why) == 0) {
			left -= left != 0;
			continue;
		}
		if (is_chosen(p, g) || !is_unfit(&why))
			return err_move(e, &why);
		log_warn("generation %llu of profile %s gets no boot entry: %s",
		        (unsigned long long)g->number, g->profile, why.msg);
	}
	return 0;
}

static const struct boot_item *menu_find(const struct boot_menu *m, const char *id)
{
	for (size_t i = 0; id && i < m->len; i++)
		if (str_eq(m->items[i].id, id))
			return &m->items[i];
	return NULL;
}

// --- whether it fits

static bool uses(const struct boot_item *item, const char *file)
{
	return str_eq(item->kernel, file) || str_eq(item->initrd, file) || str_eq(item->uki, file) ||
	       str_eq(item->secrets, file) || str_eq(item->device_tree, file);
}

// Does the entry belong to the generation, itself or as a specialisation?
static bool belongs(const struct boot_item *item, const char *id)
{
	const char *rest = str_after(item->id, id);

	return rest && (*rest == 0 || *rest == '-');
}

// Bytes that only these generations' entries use. gone marks generations by their place.
static uint64_t freed_by(const struct boot_plan *p, const bool *gone)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < p->files.len; i++) {
		bool needed = false;
		for (size_t k = 0; k < p->menu.len && !needed; k++) {
			bool lost = false;
			for (size_t g = 0; g < p->gens->len; g++)
				lost = lost || (gone[g] && belongs(&p->menu.items[k], p->gens->gens[g].id));
			needed = !lost && uses(&p->menu.items[k], p->files.files[i].name);
		}
		sum += needed ? 0 : p->files.files[i].size_bytes;
	}
	return sum;
}

static int no_space(const struct boot_plan *p, uint64_t need, uint64_t have, struct err *e)
{
	_cleanup_free_ bool *gone = mem_array(p->gens->len + 1, sizeof(*gone));
	_cleanup_buf_ struct buf numbers = {0};
	uint64_t freed = 0;

	err_set(e, -ENOSPC,
	        "'%s' has %.1f MiB free, and %.1f MiB are needed for kernels and initrds; nothing was "
	        "changed",
	        p->b->place.dir, mib(have), mib(need));
	for (size_t i = 0; i < p->gens->len && have + freed < need; i++) {
		const struct sysgen *g = &p->gens->gens[i];
		if (boot_protects(p->b, g, NULL) || str_eq(g->id, p->menu.choice.trial) ||
		        str_eq(g->id, p->menu.choice.normal) || !str_eq(g->profile, "system"))
			continue;
		gone[i] = true;
		uint64_t now = freed_by(p, gone);
		if (now == freed)
			continue;
		err_hint(e, "  generation %llu: without it %.1f MiB less", (unsigned long long)g->number,
		        mib(now - freed));
		buf_addf(&numbers, " %llu", (unsigned long long)g->number);
		freed = now;
	}
	if (have + freed >= need)
		return err_hint(e,
		        "To make room: nix-env -p /nix/var/nix/profiles/system --delete-generations%s",
		        buf_str(&numbers));
	return err_hint(e,
	        "No old generation can make the room%s%s: the boot file system is too small for this kernel "
	        "and initrd.\n"
	        "A smaller initrd: boot.initrd.includeDefaultModules = false; boot.initrd.compressor = "
	        "\"xz\";",
	        numbers.len ? ", not even all of" : "", buf_str(&numbers));
}

static int check_space(struct boot_plan *p, const char *text, struct err *e)
{
	_cleanup_strv_ char **stale = NULL;
	uint64_t have = 0, stale_bytes = 0, need = bootfiles_missing_bytes(&p->files);
	int r = need ? bootfiles_stale(&p->files, text, &stale, &stale_bytes, e) : 0;

	if (r == 0 && need)
		r = bootfiles_free_bytes(p->files.dir, &have, e);
	if (r < 0 || !need || need + RESERVE_BYTES <= have + stale_bytes)
		return r;
	return no_space(p, need + RESERVE_BYTES, have + stale_bytes, e);
}

// --- what changes

// Ids of the entries that are on the disk.
static char **ids_in(const char *text)
{
	static const char mark[] = "# kernix-entry ";
	char **ids = NULL;

	for (const char *at = text; (at = strstr(at, mark)); at += strlen(mark))
		strv_take(&ids, mem_strndup(at + strlen(mark), strcspn(at + strlen(mark), "\n")));
	return ids;
}

static void say_choice(struct boot_plan *p)
{
	const struct boot_choice *old = &p->b->choice, *new = &p->menu.choice;

	if (new->trial && (!str_eq(old->trial, new->trial) || old->tries != new->tries))
		strv_take(&p->changes,
		        str_printf("try %s at the next boot only; until it has come up the default stays %s",
		                new->trial, new->normal ? new->normal : "the distribution's own"));
	if (!str_eq(old->normal ? old->normal : "", new->normal ? new->normal : ""))
		strv_take(&p->changes, str_printf("make %s the default of every boot",
		                               new->normal ? new->normal : "the distribution's own entry"));
	if (old->trial && !new->trial && !str_eq(old->trial, new->normal))
		strv_take(&p->changes, str_printf("no longer try %s", old->trial));
}

static const char *bootfile_verb(const struct bootfile *f)
{
	return f->uki ? "build a unified image of" : f->signer ? "sign and copy" : "copy";
}

static void say_changes(struct boot_plan *p, const char *text)
{
	_cleanup_strv_ char **old = ids_in(text);

	for (size_t i = 0; i < p->files.len; i++)
		if (!p->files.files[i].there && !p->files.files[i].source)
			strv_take(&p->changes,
			        str_printf("write secrets of the initrd to %s (mode 0600)", p->files.dir));
		else if (!p->files.files[i].there)
			strv_take(&p->changes,
			        str_printf("%s %s to %s/%s (%.1f MiB)", bootfile_verb(&p->files.files[i]),
			                p->files.files[i].source, p->files.dir, p->files.files[i].name,
			                mib(p->files.files[i].size_bytes)));
	for (size_t i = 0; i < p->menu.len; i++)
		if (!strv_has(old, p->menu.items[i].id))
			strv_take(&p->changes, str_printf("add the boot entry %s: %s", p->menu.items[i].id,
			                               p->menu.items[i].title));
	strv_for_each (id, old)
		if (!menu_find(&p->menu, id))
			strv_take(&p->changes, str_printf("remove the boot entry %s", id));
	say_choice(p);
}

// A choice that names an entry which is not there any more (deleted by another program) is dropped.
static void drop_unknown(struct boot_plan *p)
{
	struct boot_choice *c = &p->menu.choice;
	char **names[] = {&c->normal, &c->trial};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (*names[i] && !menu_find(&p->menu, *names[i])) {
			log_warn("the boot entry %s has no generation any more", *names[i]);
			mem_free(TAKE_PTR(*names[i]));
		}
}

int boot_plan_new(struct boot *b, struct store *s, const struct sysgens *gens,
        const struct boot_choice *choice, struct boot_plan **ret, struct err *e)
{
	_cleanup_boot_plan_ struct boot_plan *p = NEW(struct boot_plan);
	_cleanup_free_ char *dir = place_file(&b->place, NULL);

	p->b = b;
	p->gens = gens;
	p->menu.choice = boot_choice_copy(choice);
	bootfiles_init(&p->files, dir);
	int r = b->loader->check(&b->place, e);
	if (r == 0)
		r = b->loader->text(&b->place, &p->text, e);
	if (r == 0)
		r = add_all(p, s, e);
	if (r == 0)
		r = bootsecure_check(p, e);
	if (r == 0)
		r = check_space(p, buf_str(&p->text), e);
	if (r < 0)
		return r;
	drop_unknown(p);
	say_changes(p, buf_str(&p->text));
	*ret = TAKE_PTR(p);
	return 0;
}

void boot_plan_free(struct boot_plan *p)
{
	if (!p)
		return;
	boot_menu_release(&p->menu);
	bootfiles_release(&p->files);
	bootsecure_release(&p->secure);
	strv_free(p->changes);
	buf_release(&p->text);
	mem_free(p);
}

char *const *boot_plan_changes(const struct boot_plan *p)
{
	return p->changes;
}

const struct boot_item *boot_plan_item(const struct boot_plan *p, const char *id)
{
	for (size_t i = 0; i < p->menu.len; i++)
		if (str_eq(p->menu.items[i].id, id))
			return &p->menu.items[i];
	return NULL;
}

static int remove_stale(struct boot_plan *p, struct err *e)
{
	_cleanup_strv_ char **stale = NULL;
	_cleanup_buf_ struct buf text = {0};
	uint64_t bytes;
	int r = p->b->loader->text(&p->b->place, &text, e);

	if (r == 0)
		r = bootfiles_stale(&p->files, buf_str(&text), &stale, &bytes, e);
	return r == 0 ? bootfiles_remove(&p->files, stale, e) : r;
}

// What no entry on the disk names goes first (it makes room); then files, then entries, then what entries no
// longer name.
int boot_plan_apply(struct boot_plan *p, struct err *e)
{
	int r = place_sweep(&p->b->place, e);

	if (r == 0)
		r = remove_stale(p, e);
	if (r == 0)
		r = bootfiles_copy(&p->files, e);
	// What entries name is where the loader finds it before they are written; and they are before what
	// only the old ones name goes.
	if (r == 0)
		r = boot_settle(&p->b->place, p->b->place.dir, e);
	if (r == 0)
		r = p->b->loader->write(&p->b->place, &p->menu, e);
	if (r == 0)
		r = boot_settle(&p->b->place, p->b->place.dir, e);
	if (r == 0)
		r = remove_stale(p, e);
	if (r == 0)
		r = boot_write_good(p->b, p->gens, e);
	if (r < 0)
		return r;
	boot_choice_release(&p->b->choice);
	p->b->choice = boot_choice_copy(&p->menu.choice);
	return 0;
}
