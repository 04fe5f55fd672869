// SPDX-License-Identifier: GPL-2.0-or-later
// cryptsetup does all that has to do with keys; here is what it is called with, and in which order keys are
// tried: a token, the key file, the empty passphrase, passphrases that opened another device, the person.
#include "stage1/luks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "stage1/run.h"

#define CRYPTSETUP       "/sbin/cryptsetup"
#define STATUS_WRONG_KEY 2 // "no permission (bad passphrase)" in cryptsetup(8)
#define ARGS_MAX         20
#define TOKEN_WAIT_S     5
#define PIN_TRIES        3
// What cryptsetup says when it wants a PIN and gets nothing.
#define NO_PIN_GIVEN "Nothing to read on input"

static char *copy(const char *s)
{
	char *p = strdup(s);

	if (!p)
		abort();
	return p;
}

static bool is_number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s) && strlen(s) < 19;
}

static bool set_value(struct luks *l, const char *key, const char *value)
{
	const struct {
		const char *key;
		char **where;
		bool number;
	} rows[] = {
	        {"header", &l->header, false},
	        {"key", &l->key_file, false},
	        {"key-offset", &l->key_offset, true},
	        {"key-size", &l->key_size, true},
	};

	if (is_number(value) && (strcmp(key, "key-wait") == 0 || strcmp(key, "token-wait") == 0)) {
		int seconds = strlen(value) < 6 ? (int)strtol(value, NULL, 10)
		                                : -1; // -1: as long as for any device
		*(key[0] == 'k' ? &l->key_wait_s : &l->token_wait_s) = seconds;
		return true;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].key, key) == 0 && *value && (!rows[i].number || is_number(value))) {
			free(*rows[i].where);
			*rows[i].where = copy(value);
			return true;
		}
	return false;
}

static bool set_flag(struct luks *l, const char *word)
{
	const struct {
		const char *word;
		bool *flag;
	} rows[] = {
	        {"fallback", &l->fallback},
	        {"empty", &l->empty},
	        {"discard", &l->discard},
	        {"no-queue", &l->no_queue},
	        {"tpm2", &l->tpm2},
	        {"fido2", &l->fido2},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, word) == 0) {
			*rows[i].flag = true;
			return true;
		}
	return false;
}

bool luks_parse(char *const *words, size_t n, struct luks *ret)
{
	struct luks l = {.key_wait_s = -1, .token_wait_s = TOKEN_WAIT_S};
	bool ok = n >= 2 && *words[0] && !strchr(words[0], '/') && *words[1];

	if (ok) {
		l.name = copy(words[0]);
		l.device = copy(words[1]);
	}
	for (size_t i = 2; ok && i < n; i++) {
		char *word = copy(words[i]);
		char *eq = strchr(word, '=');

		if (eq)
			*eq = '\0';
		ok = eq ? set_value(&l, word, eq + 1) : set_flag(&l, word);
		free(word);
	}
	*ret = l;
	if (!ok)
		luks_release(ret);
	return ok;
}

void luks_release(struct luks *l)
{
	char *const strings[] = {l->name, l->device, l->header, l->key_file, l->key_offset, l->key_size};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		free(strings[i]);
	*l = (struct luks){0};
}

// The place of a device or of a file in the initrd; false when the device is not here.
static bool place(const char *spec, const struct blockdev *v, size_t n, char *ret, size_t size)
{
	if (!blockdev_is_spec(spec)) {
		snprintf(ret, size, "%s", spec);
		return true;
	}
	const struct blockdev *d = blockdev_find(v, n, spec);
	if (d)
		blockdev_path(d, ret, size);
	return d != NULL;
}

// What luks_open works with; the paths are those of the devices that are here.
struct attempt {
	const struct luks *l;
	char device[300], header[300], key[300];
	const struct say *say;
};

static size_t common_args(const struct attempt *a, const char **argv)
{
	size_t n = 0;

	argv[n++] = CRYPTSETUP;
	argv[n++] = "open";
	argv[n++] = "--type=luks";
	if (a->l->header) {
		argv[n++] = "--header";
		argv[n++] = a->header;
	}
	if (a->l->discard)
		argv[n++] = "--allow-discards";
	if (a->l->no_queue) {
		argv[n++] = "--perf-no_read_workqueue";
		argv[n++] = "--perf-no_write_workqueue";
	}
	return n;
}

// Adds what is opened, and calls it; text gets what it says.
static int run_it(
        const struct attempt *a, const char **argv, size_t n, const char *input, char *text, size_t size)
{
	struct run_opts o = {
	        .input = input, .input_bytes = input ? strlen(input) : 0, .out = text, .out_size = size};

	argv[n++] = "--";
	argv[n++] = a->device;
	argv[n++] = a->l->name;
	argv[n] = NULL;
	return run_program((char *const *)argv, &o);
}

// One call; quiet leaves out the message of a key that does not fit.
static int run_open(const struct attempt *a, const char **argv, size_t n, const char *passphrase, bool quiet)
{
	char text[2048];
	int status = run_it(a, argv, n, passphrase, text, sizeof(text));

	if (status != 0 && !(quiet && status == STATUS_WRONG_KEY))
		run_tell(a->say, CRYPTSETUP, text, status);
	return status;
}

static int open_with_passphrase(const struct attempt *a, const char *passphrase)
{
	const char *argv[ARGS_MAX];
	size_t n = common_args(a, argv);

	argv[n++] = "--key-file=-";
	return run_open(a, argv, n, passphrase, true);
}

static int open_with_key(const struct attempt *a)
{
	const char *argv[ARGS_MAX];
	size_t n = common_args(a, argv);

	argv[n++] = "--key-file";
	argv[n++] = a->key;
	if (a->l->key_offset) {
		argv[n++] = "--keyfile-offset";
		argv[n++] = a->l->key_offset;
	}
	if (a->l->key_size) {
		argv[n++] = "--keyfile-size";
		argv[n++] = a->l->key_size;
	}
	return run_open(a, argv, n, NULL, false);
}

static bool has_token(const struct luks *l)
{
	return l->tpm2 || l->fido2;
}

static int run_token(const struct attempt *a, const char *pin, char *text, size_t size)
{
	const char *argv[ARGS_MAX];
	size_t n = common_args(a, argv);

	argv[n++] = "--token-only";
	return run_it(a, argv, n, pin, text, size);
}

// What a program said at last.
static const char *last_line(char *text)
{
	char *end = text + strlen(text);

	while (end > text && (end[-1] == '\n' || end[-1] == ' '))
		*--end = '\0';
	char *nl = strrchr(text, '\n');
	return nl ? nl + 1 : text;
}

// A token that wants a PIN makes cryptsetup read it from its standard input.
static int run_token_with_pin(const struct attempt *a, struct ask *ask, char *text, size_t size)
{
	char question[400], pin[ASK_MAX_BYTES + 2];
	int status = -1;

	snprintf(question, sizeof(question), "PIN of the token for %s (%s): ", a->l->name, a->device);
	say_plain(question);
	for (int i = 0; status != 0 && i < PIN_TRIES && ask_passphrase(ask, question, pin) && *pin; i++) {
		memcpy(pin + strlen(pin), "\n", 2);
		status = run_token(a, pin, text, size);
		if (status != 0)
			say_person(a->say, "this PIN does not open %s: %s", a->l->name, last_line(text));
		ask_tell(ask, status == 0, status == 0 ? "this PIN opens it" : "this PIN does not open it");
	}
	explicit_bzero(pin, sizeof(pin));
	return status;
}

static bool open_with_token(const struct attempt *a, struct ask *ask)
{
	char text[2048];
	int status;

	// The person may have to touch it, without being asked by cryptsetup.
	if (a->l->fido2)
		say_person(a->say, "%s: touch the token if it blinks", a->l->name);
	status = run_token(a, NULL, text, sizeof(text));
	if (status != 0 && strstr(text, NO_PIN_GIVEN))
		status = run_token_with_pin(a, ask, text, sizeof(text));
	if (status != 0)
		say_person(a->say, "no token opens %s: %s", a->l->name,
		        *text ? last_line(text) : "cryptsetup found none that fits");
	return status == 0;
}

static bool open_with_kept(const struct attempt *a, const struct ask *ask)
{
	for (size_t i = ask->kept_count; i-- > 0;)
		if (open_with_passphrase(a, ask->kept[i]) == 0)
			return true;
	return false;
}

// The same words for those who are connected.
static void tell_remote(const struct attempt *a, struct ask *ask, int status)
{
	char text[300];

	snprintf(text, sizeof(text), "%s %s",
	        status == 0                  ? "this passphrase opens"
	        : status == STATUS_WRONG_KEY ? "this passphrase does not open"
	                                     : "cryptsetup failed (the console says more) to open",
	        a->l->name);
	say_plain(text);
	ask_tell(ask, status == 0, text);
}

// Until one fits. An error that another passphrase would not mend ends it.
static bool open_with_person(const struct attempt *a, struct ask *ask)
{
	char question[400], typed[ASK_MAX_BYTES + 1];
	int status = STATUS_WRONG_KEY;

	snprintf(question, sizeof(question), "Passphrase for %s (%s)%s: ", a->l->name, a->device,
	        has_token(a->l) ? ", or Enter for its token" : "");
	say_plain(question);
	say_info(a->say, "asking for the passphrase of %s", a->l->name);
	while (status == STATUS_WRONG_KEY && ask_passphrase(ask, question, typed)) {
		if (has_token(a->l) && !*typed && open_with_token(a, ask))
			return true;
		status = open_with_passphrase(a, typed);
		if (status == 0) {
			ask_keep(ask, typed);
		} else if (status == STATUS_WRONG_KEY) {
			say_person(a->say, "this passphrase does not open %s", a->l->name);
			say_info(a->say, "asking again for the passphrase of %s", a->l->name);
		}
		tell_remote(a, ask, status);
	}
	explicit_bzero(typed, sizeof(typed));
	if (status != 0)
		say_person(a->say, "%s stays closed: %s", a->l->name,
		        status == STATUS_WRONG_KEY ? "no passphrase was given"
		        : status == RUN_NO_PROGRAM ? "this initrd has no cryptsetup"
		                                   : "cryptsetup failed (see above)");
	return status == 0;
}

// True when it is open or there is no more to try but the person.
static bool try_keys(struct attempt *a, struct ask *ask, bool key_here)
{
	if (has_token(a->l) && open_with_token(a, ask))
		return true;
	if (a->l->key_file && key_here && open_with_key(a) == 0)
		return true;
	if (a->l->empty && open_with_passphrase(a, "") == 0)
		return true;
	return open_with_kept(a, ask);
}

// Whether a chip or a stick that may hold the key can still come.
static bool token_is_late(const struct luks *l, int64_t waited_ms)
{
	bool tpm2 = l->tpm2 && access("/dev/tpmrm0", F_OK) < 0;
	bool fido2 = l->fido2 && access("/dev/hidraw0", F_OK) < 0;

	return (tpm2 || fido2) && (l->token_wait_s < 0 || waited_ms < l->token_wait_s * 1000LL);
}

enum luks_result luks_open(struct luks *l, struct ask *ask, const struct blockdev *v, size_t n,
        int64_t waited_ms, const struct say *say, const char **ret_waits_for)
{
	struct attempt a = {.l = l, .say = say};
	bool key_given_up = l->key_wait_s >= 0 && waited_ms >= l->key_wait_s * 1000LL;

	*ret_waits_for = l->device;
	if (!place(l->device, v, n, a.device, sizeof(a.device)))
		return LUKS_NOT_YET;
	*ret_waits_for = l->header;
	if (l->header && !place(l->header, v, n, a.header, sizeof(a.header)))
		return LUKS_NOT_YET;
	*ret_waits_for = l->tpm2 ? "a TPM2 chip" : "a FIDO2 token";
	if (token_is_late(l, waited_ms))
		return LUKS_NOT_YET;
	*ret_waits_for = l->key_file;
	bool key_here = l->key_file && place(l->key_file, v, n, a.key, sizeof(a.key));
	if (l->key_file && !key_here && !key_given_up)
		return LUKS_NOT_YET;
	if (l->key_file && !key_here)
		say_person(say, "the key of %s, %s, did not appear", l->name, l->key_file);
	l->opened = try_keys(&a, ask, key_here);
	if (!l->opened && (!l->key_file || l->fallback || key_given_up))
		l->opened = open_with_person(&a, ask);
	else if (!l->opened)
		say_person(say, "%s stays closed: its key %s does not open it", l->name, l->key_file);
	l->given_up = !l->opened;
	if (l->opened)
		say_info(say, "opened %s (%s)", l->name, a.device);
	return l->opened ? LUKS_OPENED : LUKS_GIVEN_UP;
}
