// SPDX-License-Identifier: GPL-2.0-or-later
// The settings of nix.conf, by name and kind: each is a flag of the nix-* commands as well, and a name that
// `--option` takes without a word. What most of them ask for is a daemon's, a network's or a terminal's
// business and changes nothing here; session-options.c has those that do.

#include <string.h>
#include "base/str.h"
#include "cmd/session.h"

// --NAME VALUE; --NAME and --no-NAME; --NAME VALUES and --extra-NAME VALUES.
#define VALUE(name)                                                                                          \
	{                                                                                                    \
		"--" name, NULL, 1, SESSION_SETTING, "VALUE", NULL                                           \
	}
#define SWITCH(name)                                                                                         \
	{"--" name, NULL, 0, SESSION_SETTING_ON, NULL, NULL},                                                \
	{                                                                                                    \
		"--no-" name, NULL, 0, SESSION_SETTING_OFF, NULL, NULL                                       \
	}
#define LIST(name) VALUE(name), VALUE("extra-" name)

const struct opt_row session_setting_rows[] = {
        SWITCH("abort-on-warn"),
        SWITCH("accept-flake-config"),
        LIST("access-tokens"),
        SWITCH("allow-dirty"),
        SWITCH("allow-dirty-locks"),
        SWITCH("allow-import-from-derivation"),
        SWITCH("allow-new-privileges"),
        SWITCH("allow-symlinked-store"),
        SWITCH("allow-unsafe-native-code-during-evaluation"),
        LIST("allowed-impure-host-deps"),
        LIST("allowed-uris"),
        LIST("allowed-users"),
        SWITCH("always-allow-substitutes"),
        SWITCH("auto-allocate-uids"),
        SWITCH("auto-optimise-store"),
        VALUE("bash-prompt"),
        VALUE("bash-prompt-prefix"),
        VALUE("bash-prompt-suffix"),
        VALUE("build-dir"),
        VALUE("build-hook"),
        VALUE("build-poll-interval"),
        VALUE("build-users-group"),
        VALUE("builders"),
        SWITCH("builders-use-substitutes"),
        VALUE("commit-lock-file-summary"),
        SWITCH("compress-build-log"),
        VALUE("connect-timeout"),
        VALUE("cores"),
        SWITCH("debugger-on-trace"),
        SWITCH("debugger-on-warn"),
        VALUE("diff-hook"),
        VALUE("download-attempts"),
        VALUE("download-buffer-size"),
        VALUE("download-speed"),
        SWITCH("embedded-nixpkgs"),
        SWITCH("eval-cache"),
        VALUE("eval-cores"),
        VALUE("eval-profile-file"),
        VALUE("eval-profiler"),
        VALUE("eval-profiler-frequency"),
        VALUE("eval-store"),
        VALUE("eval-system"),
        LIST("experimental-features"),
        LIST("extra-platforms"),
        SWITCH("fallback"),
        SWITCH("filter-syscalls"),
        VALUE("flake-registry"),
        SWITCH("fsync-metadata"),
        SWITCH("fsync-store-paths"),
        SWITCH("gc-keep-derivations"),
        SWITCH("gc-keep-outputs"),
        VALUE("gc-reserved-space"),
        LIST("hashed-mirrors"),
        VALUE("http-connections"),
        SWITCH("http2"),
        VALUE("id-count"),
        SWITCH("ignore-try"),
        LIST("ignored-acls"),
        SWITCH("impersonate-linux-26"),
        LIST("impure-env"),
        VALUE("json-log-path"),
        SWITCH("keep-build-log"),
        SWITCH("keep-derivations"),
        SWITCH("keep-env-derivations"),
        SWITCH("keep-failed"),
        SWITCH("keep-going"),
        SWITCH("keep-outputs"),
        VALUE("log-lines"),
        VALUE("fetch-reserved-space"),
        VALUE("max-build-log-size"),
        VALUE("max-build-memory"),
        VALUE("max-build-processes"),
        VALUE("max-download-size"),
        VALUE("max-free"),
        VALUE("max-silent-time"),
        VALUE("max-substitution-jobs"),
        VALUE("max-unpacked-size"),
        VALUE("min-free"),
        VALUE("min-free-check-interval"),
        VALUE("nar-buffer-size"),
        VALUE("narinfo-cache-negative-ttl"),
        VALUE("narinfo-cache-positive-ttl"),
        VALUE("netrc-file"),
        SWITCH("nix-shell-always-looks-for-shell-nix"),
        SWITCH("nix-shell-shebang-arguments-relative-to-script"),
        LIST("plugin-files"),
        VALUE("post-build-hook"),
        VALUE("pre-build-hook"),
        SWITCH("preallocate-contents"),
        SWITCH("print-missing"),
        SWITCH("pure-eval"),
        SWITCH("require-drop-supplementary-groups"),
        SWITCH("require-sigs"),
        SWITCH("restrict-eval"),
        SWITCH("run-diff-hook"),
        SWITCH("sandbox"),
        VALUE("sandbox-build-dir"),
        VALUE("sandbox-dev-shm-size"),
        SWITCH("sandbox-fallback"),
        LIST("sandbox-paths"),
        LIST("secret-key-files"),
        VALUE("ssl-cert-file"),
        VALUE("stalled-download-timeout"),
        VALUE("start-id"),
        VALUE("store"),
        SWITCH("substitute"),
        LIST("substituters"),
        SWITCH("sync-before-registering"),
        LIST("system-features"),
        VALUE("tarball-ttl"),
        SWITCH("trace-function-calls"),
        SWITCH("trace-import-from-derivation"),
        SWITCH("trace-verbose"),
        SWITCH("trust-tarballs-from-git-forges"),
        LIST("trusted-public-keys"),
        LIST("trusted-substituters"),
        LIST("trusted-users"),
        SWITCH("use-case-hack"),
        SWITCH("use-cgroups"),
        SWITCH("use-registries"),
        SWITCH("use-sqlite-wal"),
        SWITCH("use-xdg-base-directories"),
        VALUE("user-agent-suffix"),
        SWITCH("warn-dirty"),
        SWITCH("warn-short-path-literals"),
        {NULL, NULL, 0, 0, NULL, NULL},
};

bool session_knows_setting(const char *name)
{
	for (const struct opt_row *row = session_setting_rows; row->name; row++)
		if (row->id != SESSION_SETTING_OFF && str_eq(row->name + strlen("--"), name))
			return true;
	return false;
}
