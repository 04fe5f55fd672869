// SPDX-License-Identifier: GPL-2.0-or-later
// kernix boot keys: a machine owner's key, which shim takes after somebody at the machine has said yes to it
// (mokutil, MokManager); or PK, KEK and db for a firmware of one's own. Signed lists for the latter are made
// by sbsigntool (sbsiglist, sbvarsign). What is there already is kept, whatever it is.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/beneath.h"
#include "base/fs.h"
#include "base/immutable.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "boot/cert.h"
#include "boot/efistate.h"
#include "cmd/boot-secure.h"
#include "store/path.h"
#include "store/store.h"

#define KEYS_DIR   "/etc/kernix/secureboot"
#define OWNER_GUID "8f6e1d2c-5a3b-4c0e-9b7a-6b65726e6978" // who put the lists there: kernix
// The signature covers the attributes; sbvarsign's default is all of them, which firmware refuses.
#define ATTRIBUTE_NAMES "NON_VOLATILE,BOOTSERVICE_ACCESS,RUNTIME_ACCESS,TIME_BASED_AUTHENTICATED_WRITE_ACCESS"
#define TIMED_AUTH      0x27 // NV, boot and runtime access, time based authenticated write access

struct key_row {
	const char *name, *title;
	enum cert_use use;
	const char *guid, *signer, *defaults; // for the firmware's: signed by, and the maker's own list
};

static const struct key_row mok_row = {"mok", "machine owner key of", CERT_MOK, NULL, NULL, NULL};
// In the order in which they are written: the last one ends setup mode.
static const struct key_row own_rows[] = {
        {"db", "kernels of", CERT_FIRMWARE, EFI_IMAGE_GUID, "KEK", "dbDefault"},
        {"KEK", "key exchange key of", CERT_FIRMWARE, EFI_GLOBAL_GUID, "PK", "KEKDefault"},
        {"PK", "platform key of", CERT_FIRMWARE, EFI_GLOBAL_GUID, "PK", NULL},
};

static char *file_in(const char *dir, const struct key_row *row, const char *suffix)
{
	return str_printf("%s/%s.%s", dir, row->name, suffix);
}

static int make_pair(const char *dir, const struct key_row *row, struct err *e)
{
	_cleanup_buf_ struct buf key = {0}, pem = {0}, der = {0};
	struct utsname u = {0};

	uname(&u);
	_cleanup_free_ char *name = str_printf("kernix: %s %s", row->title, u.nodename),
	                    *key_file = file_in(dir, row, "key"), *pem_file = file_in(dir, row, "pem"),
	                    *der_file = file_in(dir, row, "cer");
	int r = cert_make(row->use, name, &key, &pem, &der, e);
	if (r == 0)
		r = fs_write_atomic(der_file, der.data, der.len, 0644, e);
	if (r == 0)
		r = fs_write_atomic(pem_file, pem.data, pem.len, 0644, e);
	// The key comes last: where it is, all is.
	if (r == 0)
		r = fs_write_atomic(key_file, key.data, key.len, 0600, e);
	if (key.data)
		explicit_bzero(key.data, key.len);
	return r;
}

static int ensure_pair(const char *dir, const struct key_row *row, bool dry_run, struct err *e)
{
	_cleanup_free_ char *key = file_in(dir, row, "key"), *pem = file_in(dir, row, "pem");
	int there = fs_lstat_maybe(key, NULL, e), cert = there >= 0 ? fs_lstat_maybe(pem, NULL, e) : there;

	if (cert < 0)
		return cert;
	if (there && !cert) {
		err_set(e, -EEXIST, "'%s' is there, but its certificate '%s' is not: nothing was changed",
		        key, pem);
		return err_hint(e,
		        "Bring the certificate back, or move the key away: a new pair is made then, "
		        "which has to be enrolled anew.");
	}
	if (there)
		log_note("kept: %s", key);
	else
		printf("%s: %s (for root only), %s\n", dry_run ? "would make" : "made", key, pem);
	return there || dry_run ? 0 : make_pair(dir, row, e);
}

// --- for the firmware

static int need(const char *program, struct err *e)
{
	_cleanup_free_ char *path = proc_which(program);

	if (path)
		return 0;
	err_set(e, -ENOENT, "the program %s is not installed", program);
	return err_hint(e, "Install sbsigntool (Debian: apt install sbsigntool).");
}

// NAME.esl: our certificate, and what the maker of the machine has put in: without Microsoft's certificate
// the programs on graphics cards and network cards do not run any more.
static int make_list(const char *root, const char *dir, const struct key_row *row, struct err *e)
{
	_cleanup_free_ char *cer = file_in(dir, row, "cer"), *esl = file_in(dir, row, "esl");
	char *const argv[] = {(char *)"sbsiglist", (char *)"--owner", (char *)OWNER_GUID, (char *)"--type",
	        (char *)"x509", (char *)"--output", esl, cer, NULL};
	_cleanup_buf_ struct buf said = {0}, list = {0};
	const struct proc_opts o = {.out = &said, .err = &said};
	int r = proc_run_ok(argv, &o, e);

	if (r < 0 || !row->defaults)
		return r;
	r = fs_read(esl, 1 << 20, &list, e);
	if (r == 0)
		r = efi_var_read(root, row->defaults, EFI_GLOBAL_GUID, &list, e);
	if (r > 0)
		log_note("with what the machine's maker has in %s", row->defaults);
	return r > 0 ? fs_write_atomic(esl, list.data, list.len, 0644, e) : r;
}

static int sign_list(const char *dir, const struct key_row *row, struct err *e)
{
	_cleanup_free_ char *esl = file_in(dir, row, "esl"), *auth = file_in(dir, row, "auth"),
	                    *key = str_printf("%s/%s.key", dir, row->signer),
	                    *pem = str_printf("%s/%s.pem", dir, row->signer);
	char *const argv[] = {(char *)"sbvarsign", (char *)"--guid", (char *)row->guid, (char *)"--attr",
	        (char *)ATTRIBUTE_NAMES, (char *)"--key", key, (char *)"--cert", pem, (char *)"--output",
	        auth, (char *)row->name, esl, NULL};
	_cleanup_buf_ struct buf said = {0};
	const struct proc_opts o = {.out = &said, .err = &said};

	return proc_run_ok(argv, &o, e);
}

// efivarfs wants attributes and content in one write, and makes what is there immutable against accidents.
static int write_var(const char *root, const char *dir, const struct key_row *row, struct err *e)
{
	_cleanup_free_ char *auth = file_in(dir, row, "auth"),
	                    *var = beneath_printf(root, EFI_VARS_DIR "/%s-%s", row->name, row->guid);
	_cleanup_buf_ struct buf content = {0}, data = {0};
	int r = fs_read(auth, 1 << 20, &content, e), flags;

	if (r < 0)
		return r;
	r = immutable_lift(var, &flags, e);
	if (r < 0)
		return r;
	buf_add(&data, (const char[]){TIMED_AUTH, 0, 0, 0}, 4);
	buf_add(&data, content.data, content.len);
	_cleanup_close_ int fd = fs_open(var, O_WRONLY | O_CREAT, 0644, e);
	if (fd < 0)
		return fd;
	if (write(fd, data.data, data.len) != (ssize_t)data.len)
		return err_sys(e, errno, "the firmware does not take %s", row->name);
	printf("written: %s\n", row->name);
	return 0;
}

static int check_setup_mode(const char *root, struct err *e)
{
	_cleanup_efistate_ struct efistate s = {0};
	int r = efistate_read(root, &s, e);

	if (r < 0 || s.setup_mode)
		return r;
	if (!s.known)
		return err_set(
		        e, -ENODEV, "there are no EFI variables, so there is no firmware to write keys to");
	err_set(e, -EPERM,
	        "the firmware is in user mode: it takes keys only in setup mode; nothing was changed");
	return err_hint(e,
	        "In the firmware's setup, delete the platform key (often \"reset to setup mode\"), and "
	        "start this again. Or make a key for shim: kernix boot keys");
}

static int own_keys(const char *root, const char *dir, const struct boot_keys *k, struct err *e)
{
	int r = k->enroll ? check_setup_mode(root, e) : 0;

	if (r == 0)
		r = need("sbsiglist", e);
	if (r == 0)
		r = need("sbvarsign", e);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(own_rows); i++)
		r = ensure_pair(dir, &own_rows[i], k->dry_run, e);
	for (size_t i = 0; r == 0 && !k->dry_run && i < ARRAY_SIZE(own_rows); i++)
		r = make_list(root, dir, &own_rows[i], e);
	for (size_t i = 0; r == 0 && !k->dry_run && i < ARRAY_SIZE(own_rows); i++)
		r = sign_list(dir, &own_rows[i], e);
	for (size_t i = 0; r == 0 && k->enroll && i < ARRAY_SIZE(own_rows); i++)
		if (k->dry_run)
			printf("would write: %s\n", own_rows[i].name);
		else
			r = write_var(root, dir, &own_rows[i], e);
	return r;
}

// --- what to do next

static void say_configuration(const char *shown, const char *name)
{
	printf("\nIn the configuration:\n"
	       "  boot.kernix.secureBoot = { enable = true; keyFile = \"%s/%s.key\"; certFile = "
	       "\"%s/%s.pem\"; };\n",
	        shown, name, shown, name);
}

static void say_next(const struct boot_keys *k, const char *shown)
{
	if (!k->own) {
		printf("\nTo enrol it where shim starts the boot loader:\n"
		       "  mokutil --import %s/mok.cer      (asks for a password, for once)\n"
		       "  reboot                           (MokManager asks: Enroll MOK, and for that "
		       "password)\n"
		       "'kernix boot status' shows it below MokListRT then.\n",
		        shown);
		say_configuration(shown, "mok");
		return;
	}
	if (k->enroll)
		printf("\nSecure Boot is on from the next start: what is not signed with %s/db.key is "
		       "refused then, "
		       "also the boot loader:\n"
		       "  sbsign --key %s/db.key --cert %s/db.pem --output LOADER.efi LOADER.efi\n",
		        shown, shown, shown);
	else
		printf("\nTo enrol them: put the firmware into setup mode (in its setup, delete the platform "
		       "key), "
		       "then\n  kernix boot keys --own --enroll\n"
		       "or take %s/*.auth to the firmware's own menu.\n",
		        shown);
	say_configuration(shown, "db");
}

// Who can write there could put a key of their own in place of ours, or a link where we write.
static int check_dir(const char *dir, struct err *e)
{
	struct stat st;
	int r = fs_stat_maybe(dir, &st, e);

	if (r <= 0)
		return r;
	if (S_ISDIR(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()) && !(st.st_mode & 022))
		return 0;
	err_set(e, -EPERM, "'%s' is no folder that only we can write to: no keys are kept there", dir);
	return err_hint(e,
	        "Type: chown root: %s; chmod 700 %s, or take another --dir. Keys that others made "
	        "are not to be enrolled.",
	        dir, dir);
}

int boot_keys(const struct boot_target *t, const struct boot_keys *k, struct err *e)
{
	// The configuration wants absolute paths.
	_cleanup_free_ char *dir = k->dir ? NULL : beneath_path(t->root, KEYS_DIR);
	int r = k->dir ? fs_absolute(k->dir, &dir, e) : 0;
	const char *shown = k->dir ? dir : KEYS_DIR;

	if (r < 0)
		return r;
	if (k->enroll && !k->own)
		return err_set(e, -EINVAL,
		        "--enroll goes with --own: shim takes a key only from somebody at the machine");
	if (store_path_inside(store_dir(t->store), dir) || store_path_inside(store_real_dir(t->store), dir))
		return err_set(e, -EINVAL, "keys cannot be kept in the store, which everybody can read");
	_cleanup_free_ char *above = str_dirname(dir);
	if (!k->dry_run)
		r = fs_mkdir_p(above, 0755, e);
	if (r == 0 && !k->dry_run)
		r = fs_mkdir_p(dir, 0700, e);
	if (r == 0)
		r = check_dir(dir, e);
	if (r == 0)
		r = k->own ? own_keys(t->root, dir, k, e) : ensure_pair(dir, &mok_row, k->dry_run, e);
	if (r == 0)
		say_next(k, shown);
	return r;
}
