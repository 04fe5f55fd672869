// SPDX-License-Identifier: GPL-2.0-or-later
// Which files an entry gets when kernels are signed or in unified images, and whether the firmware, or shim,
// will start them.
#include <errno.h>
#include <string.h>
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootentry-impl.h"
#include "boot/bootsecure.h"
#include "boot/efistate.h"
#include "boot/pe.h"
#include "boot/uki.h"

void bootsecure_release(struct bootsecure *s)
{
	signer_free(s->signer);
	mem_free(s->stub);
	buf_release(&s->held);
	*s = (struct bootsecure){0};
}

bool bootsecure_is_on(const struct bootsecure *s)
{
	return s->signer || s->stub;
}

// Can this loader start an EFI program at all?
static int check_loader(const struct boot_plan *p, struct err *e)
{
	const struct boot_place *place = &p->b->place;
	int efi = *place->root ? 1 : fs_lstat_maybe("/sys/firmware/efi", NULL, e);

	if (efi < 0)
		return efi;
	if (p->b->loader == &loader_extlinux || !efi) {
		err_set(e, -EOPNOTSUPP, "boot.kernix.uki: %s cannot start a unified kernel image",
		        efi ? "extlinux" : "a machine that was not started by UEFI");
		return err_hint(e, "Set boot.kernix.uki.enable = false;");
	}
	return 0;
}

int bootsecure_init(struct boot_plan *p, const struct store *s, const struct bootspec *newest, struct err *e)
{
	struct bootsecure *secure = &p->secure;
	int r = 0;

	if (newest->key_file && newest->cert_file)
		r = signer_new(p->b->place.root, s, newest->key_file, newest->cert_file, &secure->signer, e);
	if (r < 0 || !newest->uki_stub)
		return r;
	secure->stub = mem_strdup(newest->uki_stub);
	r = check_loader(p, e);
	if (r == 0 && p->b->loader == &loader_systemd)
		r = p->b->loader->text(&p->b->place, &secure->held, e);
	return r;
}

// Between double quotes, of which the readers know no escape.
static char *quotable(const char *text)
{
	char *copy = mem_strdup(text);

	for (char *c = copy; (c = strpbrk(c, "\"\\$`")); c++)
		*c = '\'';
	return copy;
}

// The same for every role of the entry, so that a change of roles needs no key (loader: uki-entry.c). The
// loader sorts by IMAGE_ID first: before the distribution's.
static char *os_release(const struct boot_item *item, const struct bootspec *spec)
{
	_cleanup_free_ char *title = quotable(item->title), *release = quotable(spec->release);

	return str_printf("# kernix-entry %s\nID=kernix\nNAME=kernix\nPRETTY_NAME=\"%s\"\n"
	                  "IMAGE_ID=\"!kernix\"\nKERNIX_KERNEL=\"%s\"\n",
	        item->id, title, release);
}

static int add_uki(struct boot_plan *p, const struct bootspec *spec, struct boot_item *item, struct err *e)
{
	const struct bootfile *f;
	bool panics = cmdline_has(item->params, "panic");
	// The command line is sealed: what a trial needs is in it always.
	struct uki_parts parts = {
	        .stub = mem_strdup(p->secure.stub),
	        .kernel = mem_strdup(spec->kernel),
	        .initrd = spec->initrd ? mem_strdup(spec->initrd) : NULL,
	        .cmdline = str_printf("%s%s", item->params, panics ? "" : " " BOOT_TRIAL_PANIC),
	        .osrel = os_release(item, spec),
	        .uname = mem_strdup(spec->release),
	};
	int r = bootfiles_add_uki(&p->files, &parts, p->secure.signer,
	        p->b->loader == &loader_systemd ? buf_str(&p->secure.held) : NULL, &f, e);

	if (r == 0)
		item->uki = mem_strdup(f->name);
	return r;
}

int bootsecure_files(struct boot_plan *p, const struct bootspec *spec, struct boot_item *item, struct err *e)
{
	const struct bootfile *f;

	if (p->secure.stub)
		return add_uki(p, spec, item, e);
	int r = bootfiles_add_signed(&p->files, spec->kernel, p->secure.signer, &f, e);
	if (r == 0)
		item->kernel = mem_strdup(f->name);
	if (r < 0 || !spec->initrd || item->initrd) // one with secrets is named already
		return r;
	r = bootfiles_add(&p->files, spec->initrd, "initrd", &f, e);
	if (r == 0)
		item->initrd = mem_strdup(f->name);
	return r;
}

// --- will it be started?

// Is the file signed by a certificate that the firmware or shim knows? 1 or 0.
static int is_trusted(const struct efistate *state, const char *file, struct err *e)
{
	const struct cert_list *const lists[] = {&state->db, &state->mok};
	int r = 0;

	for (size_t k = 0; r == 0 && k < (state->shim ? 2 : 1); k++)
		for (size_t i = 0; r == 0 && i < lists[k]->len; i++)
			if (!efistate_revokes(state, &lists[k]->certs[i]))
				r = cert_verifies(&lists[k]->certs[i], file, e);
	return r;
}

static int refused(const struct efistate *state, const char *id, struct err *e)
{
	err_set(e, -EKEYREJECTED,
	        "Secure Boot is on, and %s would refuse the kernel of %s: it is not signed by a certificate "
	        "that "
	        "it knows",
	        state->shim ? "shim" : "the firmware", id);
	return err_hint(e,
	        "Sign kernels with a key of your own: 'kernix boot keys' makes one and says what to "
	        "do. Or switch Secure Boot off. --force installs it all the same.");
}

static int check_cert(const struct efistate *state, const struct signer *g, struct err *e)
{
	const char *revoked = efistate_revokes(state, &g->der);

	if (revoked) {
		err_set(e, -EKEYREVOKED,
		        "Secure Boot is on, and the certificate '%s' (%s) is revoked: it is in %s", g->cert,
		        g->subject, revoked);
		return err_hint(e, "Make and enrol another one: kernix boot keys --dir DIR");
	}
	if (efistate_trusts(state, &g->der))
		return 0;
	err_set(e, -EKEYREJECTED, "Secure Boot is on, and the certificate '%s' (%s) is %s", g->cert,
	        g->subject,
	        state->shim ? "neither in db nor in shim's MokListRT" : "not in the firmware's db");
	return err_hint(e, "%s --force installs the kernel all the same.",
	        state->shim ? "Enrol it ('kernix boot keys' says how: mokutil --import) and reboot."
	                    : "Enrol it in the firmware's setup, or start through shim.");
}

static bool is_new_choice(const struct boot_plan *p, const char *id)
{
	const struct boot_choice *now = &p->menu.choice, *old = &p->b->choice;

	return (str_eq(id, now->trial) && !str_eq(id, old->trial)) ||
	       (str_eq(id, now->normal) && !str_eq(id, old->normal));
}

static const char *source_of(const struct boot_plan *p, const struct boot_item *item)
{
	const struct bootfile *f = bootfiles_find(&p->files, item->kernel);

	return f ? f->source : NULL;
}

// The program that the firmware will be given, before it is signed.
static int image_of(const struct boot_plan *p, const struct boot_item *item, struct buf *ret, struct err *e)
{
	const struct bootfile *f = bootfiles_find(&p->files, item->uki ? item->uki : item->kernel);

	if (!f || (item->uki && !f->uki))
		return 0;
	return item->uki ? uki_build(f->uki, ret, e) : fs_read(f->source, 0, ret, e);
}

// Whether the firmware, or shim, knows the image by its hash: *ret_trusted. An error where it is revoked.
static int check_hash(const struct boot_plan *p, const struct efistate *state, const struct boot_item *item,
        bool *ret_trusted, struct err *e)
{
	_cleanup_err_ struct err ignored = {0};
	_cleanup_buf_ struct buf image = {0};
	struct hash h;

	*ret_trusted = false;
	if (!state->dbx.images.len && !state->mokx.images.len && !state->db.images.len &&
	        !state->mok.images.len)
		return 0;
	int r = image_of(p, item, &image, e);
	for (int padded = 0; r == 0 && image.len && padded < 2; padded++) {
		if (pe_hash(&image, item->id, padded, &h, &ignored) <
		        0) // what is no program at all is refused elsewhere
			return 0;
		const char *revoked = efistate_revokes_image(state, &h);
		if (revoked) {
			err_set(e, -EKEYREVOKED,
			        "Secure Boot is on, and the hash of the kernel of %s is revoked: it is in %s",
			        item->id, revoked);
			return err_hint(e, "Choose another kernel; this one has a known fault. --force "
			                   "installs it all the same.");
		}
		*ret_trusted = *ret_trusted || efistate_trusts_image(state, &h);
	}
	return r;
}

static int check_item(
        const struct boot_plan *p, const struct efistate *state, const struct boot_item *item, struct err *e)
{
	_cleanup_err_ struct err why = {0};
	const char *source = source_of(p, item);
	bool trusted;
	int r = check_hash(p, state, item, &trusted, e);

	if (r < 0 || trusted || p->secure.signer)
		return r;
	return !source || is_trusted(state, source, &why) <= 0 ? refused(state, item->id, e) : 0;
}

static int check_firmware(struct boot_plan *p, struct err *e)
{
	_cleanup_efistate_ struct efistate state = {0};
	int r = efistate_read(p->b->place.root, &state, e);

	if (r < 0 || !efistate_enforces(&state))
		return r;
	if (p->secure.signer)
		r = check_cert(&state, p->secure.signer, e);
	for (size_t i = 0; r == 0 && i < p->menu.len; i++)
		if (is_new_choice(p, p->menu.items[i].id))
			r = check_item(p, &state, &p->menu.items[i], e);
	return r;
}

// The image that the entry has on the disk: the first name of one that its text has, owned; NULL: none.
static char *image_before(const char *text, const char *id)
{
	_cleanup_free_ char *mark = str_printf("# kernix-entry %s\n", id);
	const char *begin = strstr(text, mark), *at = begin ? strstr(begin, "-uki") : NULL,
	           *next = begin ? strstr(begin + strlen(mark), "# kernix-entry ") : NULL;

	if (!at || (next && at > next) || at - begin < BOOTFILE_HASH_LEN)
		return NULL;
	return mem_strndup(at - BOOTFILE_HASH_LEN, BOOTFILE_HASH_LEN + strlen("-uki"));
}

// A change of roles must not fail for want of the key: an entry that has an image goes on with that, though
// another one would be made today. True when nothing is left to sign.
static bool keep_images(struct boot_plan *p, const char *text)
{
	bool all = true;

	for (size_t i = 0; i < p->menu.len; i++) {
		struct boot_item *item = &p->menu.items[i];
		struct bootfile *f = (struct bootfile *)bootfiles_find(&p->files, item->uki);
		if (!f || f->there)
			continue;
		char *before = image_before(text, item->id);
		all = all && before;
		if (!before)
			continue;
		mem_free(f->name);
		mem_free(item->uki);
		f->name = before;
		f->there = true;
		item->uki = mem_strdup(before);
	}
	return all;
}

static bool signs(const struct boot_plan *p)
{
	bool any = false;

	for (size_t i = 0; i < p->files.len; i++)
		any = any || (p->files.files[i].signer && !p->files.files[i].there);
	return any;
}

static int check_key(struct boot_plan *p, struct err *e)
{
	_cleanup_buf_ struct buf text = {0};
	_cleanup_err_ struct err why = {0};

	if (!signs(p) || signer_check(p->secure.signer, &why) == 0)
		return 0;
	if (p->b->firmware == BOOT_FIRMWARE_ANY && p->secure.stub &&
	        p->b->loader->text(&p->b->place, &text, e) < 0)
		return e->code;
	if (!text.len || !keep_images(p, buf_str(&text)) || signs(p))
		return err_move(e, &why);
	log_warn("unified kernel images stay as they are, for nothing can be signed: %s", why.msg);
	return 0;
}

int bootsecure_check(struct boot_plan *p, struct err *e)
{
	_cleanup_err_ struct err why = {0};
	int r = check_key(p, e);

	if (r < 0 || p->b->firmware == BOOT_FIRMWARE_ANY || check_firmware(p, &why) == 0)
		return r;
	if (p->b->firmware == BOOT_FIRMWARE_CHECKED)
		return err_move(e, &why);
	log_warn("%s", why.msg);
	return 0;
}
