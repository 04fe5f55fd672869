// SPDX-License-Identifier: GPL-2.0-or-later
// Splits the kernel command line by the kernel's own rules (double quotes keep spaces together, "--" ends it)
// and picks out what stage 1 obeys.
#include "stage1/cmdline.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Cuts the next word out of *p in place, quotes removed; NULL at the end.
static char *next_word(char **p)
{
	char *in = *p;
	bool quoted = false;

	while (is_space(*in))
		in++;
	if (*in == '\0')
		return NULL;
	char *word = in;
	char *out = in;
	for (; *in != '\0' && (quoted || !is_space(*in)); in++) {
		if (*in == '"')
			quoted = !quoted;
		else
			*out++ = *in;
	}
	*p = *in == '\0' ? in : in + 1;
	*out = '\0';
	return word;
}

static void words_add(struct cmdline *c, size_t *cap, char *word)
{
	if (c->word_count == *cap) {
		*cap = *cap ? *cap * 2 : 64;
		char **grown = realloc(c->words, *cap * sizeof(*grown));
		if (!grown)
			abort();
		c->words = grown;
	}
	c->words[c->word_count++] = word;
}

// Seconds, or fallback when s is not a number from 0 to a day.
static int seconds(const char *s, int fallback)
{
	char *end;
	long n = strtol(s, &end, 10);

	return end != s && *end == '\0' && n >= 0 && n <= 86400 ? (int)n : fallback;
}

enum word_id {
	W_ROOT,
	W_FSTYPE,
	W_FLAGS,
	W_INIT,
	W_RESUME,
	W_RESUME_OFFSET,
	W_FSCK_MODE,
	W_DELAY,
	W_WAIT,
	W_NORESUME,
	W_RO,
	W_RW,
	W_SHELL,
	W_PANIC,
	W_TRACE,
	W_ROOT_ONLY,
	W_D1,
	W_D1D,
	W_D1M,
	W_TRIAL,
	W_WATCHDOG
};

static const struct {
	const char *name;
	bool value; // "name=" with a value; a word that may come without one is there twice
	enum word_id id;
} word_rows[] = {
        {"root", true, W_ROOT},
        {"rootfstype", true, W_FSTYPE},
        {"rootflags", true, W_FLAGS},
        {"init", true, W_INIT},
        {"resume", true, W_RESUME},
        {"resume_offset", true, W_RESUME_OFFSET},
        {"fsck.mode", true, W_FSCK_MODE},
        {"noresume", false, W_NORESUME},
        {"rootdelay", true, W_DELAY},
        {"rootwait", true, W_WAIT},
        {"rootwait", false, W_WAIT},
        {"ro", false, W_RO},
        {"rw", false, W_RW},
        {"boot.shell_on_fail", false, W_SHELL},
        {"boot.panic_on_fail", false, W_PANIC},
        {"stage1panic", true, W_PANIC},
        {"boot.trace", false, W_TRACE},
        {"debugtrace", false, W_TRACE},
        {"boot.root_only", false, W_ROOT_ONLY},
        {"boot.debug1", false, W_D1},
        {"debug1", false, W_D1},
        {"boot.debug1devices", false, W_D1D},
        {"debug1devices", false, W_D1D},
        {"boot.debug1mounts", false, W_D1M},
        {"debug1mounts", false, W_D1M},
        {"kernix.trial", true, W_TRIAL},
        {"kernix.watchdog", true, W_WATCHDOG},
};

static void obey_string(struct cmdline *c, enum word_id id, const char *value)
{
	const char **where[] = {[W_ROOT] = &c->root,
	        [W_FSTYPE] = &c->rootfstype,
	        [W_FLAGS] = &c->rootflags,
	        [W_INIT] = &c->init,
	        [W_RESUME] = &c->resume,
	        [W_RESUME_OFFSET] = &c->resume_offset,
	        [W_FSCK_MODE] = &c->fsck_mode};

	*where[id] = *value ? value : NULL;
}

// The number before the comma; *ret_rest is what follows it, NULL where there is none.
static int first_seconds(const char *value, int fallback, const char **ret_rest)
{
	char number[16] = "";
	size_t n = strcspn(value, ",");

	if (n < sizeof(number))
		memcpy(number, value, n);
	*ret_rest = value[n] ? value + n + 1 : NULL;
	return seconds(number, fallback);
}

static void obey_trial(struct cmdline *c, const char *value)
{
	const char *rest;

	c->trial = true;
	c->trial_s = first_seconds(value, c->trial_s, &rest);
	if (rest)
		c->trial_stage1_s = seconds(rest, c->trial_stage1_s);
}

static void obey(struct cmdline *c, enum word_id id, const char *value)
{
	bool *flags[] = {[W_SHELL] = &c->shell_on_fail,
	        [W_PANIC] = &c->panic_on_fail,
	        [W_TRACE] = &c->trace,
	        [W_ROOT_ONLY] = &c->root_only,
	        [W_D1] = &c->debug1,
	        [W_D1D] = &c->debug1_devices,
	        [W_D1M] = &c->debug1_mounts};

	if (id <= W_FSCK_MODE)
		obey_string(c, id, value);
	else if (id == W_DELAY)
		c->wait_s = seconds(value, c->wait_s);
	else if (id == W_WAIT)
		c->wait_s = value ? seconds(value, -1) : -1;
	else if (id == W_TRIAL)
		obey_trial(c, value);
	else if (id == W_WATCHDOG)
		c->watchdog_s = first_seconds(value, CMDLINE_WATCHDOG_DEFAULT_S, &c->watchdog_modules);
	else if (id == W_NORESUME)
		c->noresume = true;
	else if (id == W_RO || id == W_RW)
		c->ro = id == W_RO;
	else
		*flags[id] = !value || strcmp(value, "0") != 0;
}

static void word_obey(struct cmdline *c, const char *word)
{
	size_t n = strcspn(word, "=");
	const char *value = word[n] == '=' ? word + n + 1 : NULL;

	for (size_t i = 0; i < sizeof(word_rows) / sizeof(word_rows[0]); i++)
		if (strlen(word_rows[i].name) == n && memcmp(word_rows[i].name, word, n) == 0 &&
		        word_rows[i].value == (value != NULL))
			obey(c, word_rows[i].id, value);
}

void cmdline_parse(const char *text, struct cmdline *ret)
{
	struct cmdline c = {.text = strdup(text),
	        .wait_s = CMDLINE_WAIT_DEFAULT_S,
	        .ro = -1,
	        .trial_stage1_s = CMDLINE_STAGE1_LIMIT_DEFAULT_S};
	size_t cap = 0;

	if (!c.text)
		abort();
	char *p = c.text;
	for (char *word = next_word(&p); word && strcmp(word, "--") != 0; word = next_word(&p)) {
		words_add(&c, &cap, word);
		word_obey(&c, word);
	}
	if (c.noresume)
		c.resume = c.resume_offset = NULL;
	*ret = c;
}

void cmdline_release(struct cmdline *c)
{
	free(c->words);
	free(c->text);
	*c = (struct cmdline){0};
}

bool cmdline_module_eq(const char *a, size_t n, const char *b)
{
	if (strlen(b) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((a[i] == '-' ? '_' : a[i]) != (b[i] == '-' ? '_' : b[i]))
			return false;
	return true;
}

// A value with a space gets its quotes back, or the kernel would split it in finit_module.
static size_t option_add(char *ret, size_t len, size_t size, const char *option)
{
	size_t eq = strcspn(option, "=");
	const char *quote = strpbrk(option, " \t") && option[eq] == '=' ? "\"" : "";
	size_t need = strlen(option) + 2 * strlen(quote) + (len > 0);

	if (len + need + 1 > size)
		return len;
	char *p = ret + len;
	if (len > 0)
		*p++ = ' ';
	size_t name = *quote ? eq + 1 : 0;
	p = mempcpy(p, option, name);
	p = mempcpy(p, quote, strlen(quote));
	p = mempcpy(p, option + name, strlen(option + name));
	p = mempcpy(p, quote, strlen(quote));
	*p = '\0';
	return (size_t)(p - ret);
}

size_t cmdline_module_options(const struct cmdline *c, const char *module, char *ret, size_t ret_size)
{
	size_t len = 0;

	if (ret_size > 0)
		ret[0] = '\0';
	for (size_t i = 0; i < c->word_count; i++) {
		size_t n = strcspn(c->words[i], ".=");

		if (c->words[i][n] == '.' && cmdline_module_eq(c->words[i], n, module))
			len = option_add(ret, len, ret_size, c->words[i] + n + 1);
	}
	return len;
}

bool cmdline_blacklists(const struct cmdline *c, const char *module)
{
	static const char key[] = "modprobe.blacklist=";

	for (size_t i = 0; i < c->word_count; i++) {
		if (strncmp(c->words[i], key, sizeof(key) - 1) != 0)
			continue;
		for (const char *p = c->words[i] + sizeof(key) - 1; *p;) {
			size_t n = strcspn(p, ",");
			if (cmdline_module_eq(p, n, module))
				return true;
			p += n + (p[n] == ',');
		}
	}
	return false;
}
