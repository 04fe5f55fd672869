// SPDX-License-Identifier: GPL-2.0-or-later
// What `kernix boot status` says of Secure Boot, and the whole status as JSON.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/term.h"
#include "boot/cert.h"
#include "boot/efistate.h"
#include "cmd/boot-secure.h"

// shim as a file of the EFI system partition: EFI/NAME/shim*.efi. NULL: there is none, or it cannot be read.
static char *shim_file(const char *root)
{
	static const char *const places[] = {"/boot/efi", "/efi", "/boot"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *dir = beneath_printf(root, "%s/EFI", places[i]);
		_cleanup_strv_ char **names = NULL;
		_cleanup_err_ struct err ignored = {0};
		if (fs_list_maybe(dir, &names, &ignored) < 0)
			continue;
		strv_for_each (name, names) {
			_cleanup_free_ char *file =
			        beneath_printf(root, "%s/EFI/%s/shimx64.efi", places[i], name);
			_cleanup_err_ struct err none = {0};
			if (fs_lstat_maybe(file, NULL, &none) > 0)
				return TAKE_PTR(file);
		}
	}
	return NULL;
}

static const char *in_words(const struct efistate *s)
{
	return !s->known ? "not known (no EFI variables: the machine was not started by UEFI, or this is not "
	                   "it)"
	       : s->setup_mode   ? "off, the firmware is in setup mode: keys can be written"
	       : !s->secure_boot ? "off"
	       : s->shim_off     ? "on, but shim does not verify (mokutil --enable-validation)"
	                         : "on: what is not signed is refused";
}

static void print_certs(const char *what, const struct cert_list *l)
{
	for (size_t i = 0; i < l->len; i++) {
		_cleanup_free_ char *name = cert_subject(l->certs[i].data, l->certs[i].len);
		term_printf(stdout, "  %-10s %s\n", what, name ? name : "a certificate that cannot be read");
	}
}

int boot_status_secure(const struct boot_target *t, struct err *e)
{
	_cleanup_efistate_ struct efistate s = {0};
	_cleanup_free_ char *file = shim_file(t->root);
	int r = efistate_read(t->root, &s, e);

	if (r < 0)
		return r;
	term_printf(stdout, "Secure Boot: %s\n", in_words(&s));
	if (s.shim || file)
		term_printf(stdout, "shim: %s%s%s%s\n", s.shim ? "has started this system" : "is installed",
		        file ? " (" : "", file ? file : "", file ? ")" : "");
	print_certs("db:", &s.db);
	print_certs("MokListRT:", &s.mok);
	size_t revoked = s.dbx.images.len / hash_size(HASH_SHA256);
	if (revoked)
		term_printf(stdout, "  dbx has %zu hash%s of images\n", revoked, revoked == 1 ? "" : "es");
	return 0;
}

static json_t *certs_json(const struct cert_list *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->len; i++) {
		_cleanup_free_ char *name = cert_subject(l->certs[i].data, l->certs[i].len);
		json_array_append_new(list, name ? json_string(name) : json_null());
	}
	return list;
}

static json_t *secure_json(const struct boot_target *t, const struct efistate *s)
{
	_cleanup_free_ char *file = shim_file(t->root);
	json_t *o = json_object();

	json_object_set_new(o, "known", json_boolean(s->known));
	json_object_set_new(o, "secureBoot", json_boolean(s->secure_boot));
	json_object_set_new(o, "setupMode", json_boolean(s->setup_mode));
	json_object_set_new(o, "enforced", json_boolean(efistate_enforces(s)));
	json_object_set_new(o, "shim", json_boolean(s->shim));
	json_object_set_new(o, "shimVerifies", json_boolean(s->shim && !s->shim_off));
	json_object_set_new(o, "shimFile", file ? json_string(file) : json_null());
	json_object_set_new(o, "db", certs_json(&s->db));
	json_object_set_new(o, "dbx", certs_json(&s->dbx));
	json_object_set_new(o, "mokListRT", certs_json(&s->mok));
	return o;
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *generations_json(const struct boot_target *t, const struct boot *b, const struct sysgens *gens)
{
	json_t *list = json_array();

	for (size_t i = 0; i < gens->len; i++) {
		json_t *o = json_object();
		json_object_set_new(o, "id", json_string(gens->gens[i].id));
		json_object_set_new(o, "system", json_string(gens->gens[i].toplevel));
		json_object_set_new(o, "hasComeUp", json_boolean(boot_is_good(b, gens->gens[i].toplevel)));
		json_object_set_new(o, "running", json_boolean(str_eq(gens->gens[i].toplevel, t->booted)));
		json_array_append_new(list, o);
	}
	return list;
}

int boot_status_json(
        const struct boot_target *t, const struct boot *b, const struct sysgens *gens, struct err *e)
{
	_cleanup_efistate_ struct efistate s = {0};
	const struct boot_choice *choice = boot_choice(b);
	int r = efistate_read(t->root, &s, e);

	if (r < 0)
		return r;
	json_t *o = json_object();
	json_object_set_new(o, "loader", json_string(boot_loader(b)->name));
	json_object_set_new(o, "config", json_string(boot_place(b)->config));
	json_object_set_new(o, "default", text_or_null(choice->normal));
	json_object_set_new(o, "trial", text_or_null(choice->trial));
	json_object_set_new(o, "triesLeft", json_integer((json_int_t)choice->tries));
	json_object_set_new(o, "generations", generations_json(t, b, gens));
	json_object_set_new(o, "secureBoot", secure_json(t, &s));
	char *text = json_dumps(o, JSON_INDENT(2));
	printf("%s\n", text);
	free(text);
	json_decref(o);
	return 0;
}
