// SPDX-License-Identifier: GPL-2.0-or-later
// The settings of nix.conf, by name and kind: each is a flag of the nix-* commands as well, and a name that
// `--option` takes without a word. What most of them ask for is a daemon's, a network's or a terminal's
// business and changes nothing here; session-options.c has those that do.

#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "cmd/session.h"

enum kind {
	KIND_VALUE,  // --NAME VALUE
	KIND_SWITCH, // --NAME and --no-NAME
	KIND_LIST,   // --NAME VALUES and --extra-NAME VALUES
};

struct setting {
	const char *name;
	enum kind kind;
};

static const struct setting settings[] = {
        {"abort-on-warn", KIND_SWITCH},
        {"accept-flake-config", KIND_SWITCH},
        {"access-tokens", KIND_LIST},
        {"allow-dirty", KIND_SWITCH},
        {"allow-dirty-locks", KIND_SWITCH},
        {"allow-import-from-derivation", KIND_SWITCH},
        {"allow-new-privileges", KIND_SWITCH},
        {"allow-symlinked-store", KIND_SWITCH},
        {"allow-unsafe-native-code-during-evaluation", KIND_SWITCH},
        {"allowed-impure-host-deps", KIND_LIST},
        {"allowed-uris", KIND_LIST},
        {"allowed-users", KIND_LIST},
        {"always-allow-substitutes", KIND_SWITCH},
        {"auto-allocate-uids", KIND_SWITCH},
        {"auto-optimise-store", KIND_SWITCH},
        {"bash-prompt", KIND_VALUE},
        {"bash-prompt-prefix", KIND_VALUE},
        {"bash-prompt-suffix", KIND_VALUE},
        {"build-dir", KIND_VALUE},
        {"build-hook", KIND_VALUE},
        {"build-poll-interval", KIND_VALUE},
        {"build-users-group", KIND_VALUE},
        {"builders", KIND_VALUE},
        {"builders-use-substitutes", KIND_SWITCH},
        {"commit-lock-file-summary", KIND_VALUE},
        {"compress-build-log", KIND_SWITCH},
        {"connect-timeout", KIND_VALUE},
        {"cores", KIND_VALUE},
        {"debugger-on-trace", KIND_SWITCH},
        {"debugger-on-warn", KIND_SWITCH},
        {"diff-hook", KIND_VALUE},
        {"download-attempts", KIND_VALUE},
        {"download-buffer-size", KIND_VALUE},
        {"download-speed", KIND_VALUE},
        {"eval-cache", KIND_SWITCH},
        {"eval-cores", KIND_VALUE},
        {"eval-profile-file", KIND_VALUE},
        {"eval-profiler", KIND_VALUE},
        {"eval-profiler-frequency", KIND_VALUE},
        {"eval-store", KIND_VALUE},
        {"eval-system", KIND_VALUE},
        {"experimental-features", KIND_LIST},
        {"extra-platforms", KIND_LIST},
        {"fallback", KIND_SWITCH},
        {"filter-syscalls", KIND_SWITCH},
        {"flake-registry", KIND_VALUE},
        {"fsync-metadata", KIND_SWITCH},
        {"fsync-store-paths", KIND_SWITCH},
        {"gc-keep-derivations", KIND_SWITCH},
        {"gc-keep-outputs", KIND_SWITCH},
        {"gc-reserved-space", KIND_VALUE},
        {"hashed-mirrors", KIND_LIST},
        {"http-connections", KIND_VALUE},
        {"http2", KIND_SWITCH},
        {"id-count", KIND_VALUE},
        {"ignore-try", KIND_SWITCH},
        {"ignored-acls", KIND_LIST},
        {"impersonate-linux-26", KIND_SWITCH},
        {"impure-env", KIND_LIST},
        {"json-log-path", KIND_VALUE},
        {"keep-build-log", KIND_SWITCH},
        {"keep-derivations", KIND_SWITCH},
        {"keep-env-derivations", KIND_SWITCH},
        {"keep-failed", KIND_SWITCH},
        {"keep-going", KIND_SWITCH},
        {"keep-outputs", KIND_SWITCH},
        {"log-lines", KIND_VALUE},
        {"max-build-log-size", KIND_VALUE},
        {"max-free", KIND_VALUE},
        {"max-silent-time", KIND_VALUE},
        {"max-substitution-jobs", KIND_VALUE},
        {"min-free", KIND_VALUE},
        {"min-free-check-interval", KIND_VALUE},
        {"nar-buffer-size", KIND_VALUE},
        {"narinfo-cache-negative-ttl", KIND_VALUE},
        {"narinfo-cache-positive-ttl", KIND_VALUE},
        {"netrc-file", KIND_VALUE},
        {"nix-shell-always-looks-for-shell-nix", KIND_SWITCH},
        {"nix-shell-shebang-arguments-relative-to-script", KIND_SWITCH},
        {"plugin-files", KIND_LIST},
        {"post-build-hook", KIND_VALUE},
        {"pre-build-hook", KIND_VALUE},
        {"preallocate-contents", KIND_SWITCH},
        {"print-missing", KIND_SWITCH},
        {"pure-eval", KIND_SWITCH},
        {"require-drop-supplementary-groups", KIND_SWITCH},
        {"require-sigs", KIND_SWITCH},
        {"restrict-eval", KIND_SWITCH},
        {"run-diff-hook", KIND_SWITCH},
        {"sandbox", KIND_SWITCH},
        {"sandbox-build-dir", KIND_VALUE},
        {"sandbox-dev-shm-size", KIND_VALUE},
        {"sandbox-fallback", KIND_SWITCH},
        {"sandbox-paths", KIND_LIST},
        {"secret-key-files", KIND_LIST},
        {"ssl-cert-file", KIND_VALUE},
        {"stalled-download-timeout", KIND_VALUE},
        {"start-id", KIND_VALUE},
        {"store", KIND_VALUE},
        {"substitute", KIND_SWITCH},
        {"substituters", KIND_LIST},
        {"sync-before-registering", KIND_SWITCH},
        {"system-features", KIND_LIST},
        {"tarball-ttl", KIND_VALUE},
        {"trace-function-calls", KIND_SWITCH},
        {"trace-import-from-derivation", KIND_SWITCH},
        {"trace-verbose", KIND_SWITCH},
        {"trust-tarballs-from-git-forges", KIND_SWITCH},
        {"trusted-public-keys", KIND_LIST},
        {"trusted-substituters", KIND_LIST},
        {"trusted-users", KIND_LIST},
        {"use-case-hack", KIND_SWITCH},
        {"use-cgroups", KIND_SWITCH},
        {"use-registries", KIND_SWITCH},
        {"use-sqlite-wal", KIND_SWITCH},
        {"use-xdg-base-directories", KIND_SWITCH},
        {"user-agent-suffix", KIND_VALUE},
        {"warn-dirty", KIND_SWITCH},
        {"warn-short-path-literals", KIND_SWITCH},
};

bool session_knows_setting(const char *name)
{
	const char *base = str_after(name, "extra-");

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (str_eq(settings[i].name, name) ||
		        (base && settings[i].kind == KIND_LIST && str_eq(settings[i].name, base)))
			return true;
	return false;
}

static void add_row(struct opt_row *rows, size_t *n, char ***names, const char *prefix, const char *name,
        struct opt_row row)
{
	char *text = str_printf("--%s%s", prefix, name);

	strv_take(names, text);
	row.name = text;
	rows[(*n)++] = row;
}

size_t session_setting_rows(struct opt_row *rows, char ***names, int value, int on, int off)
{
	const struct opt_row takes = {NULL, NULL, 1, value, "VALUE", NULL},
	                     yes = {NULL, NULL, 0, on, NULL, NULL}, no = {NULL, NULL, 0, off, NULL, NULL};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *s = &settings[i];

		add_row(rows, &n, names, "", s->name, s->kind == KIND_SWITCH ? yes : takes);
		if (s->kind == KIND_SWITCH)
			add_row(rows, &n, names, "no-", s->name, no);
		else if (s->kind == KIND_LIST)
			add_row(rows, &n, names, "extra-", s->name, takes);
	}
	return n;
}

size_t session_setting_rows_max(void)
{
	return 2 * ARRAY_SIZE(settings);
}
