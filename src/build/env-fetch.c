// SPDX-License-Identifier: GPL-2.0-or-later
// What fetchers get of the caller's environment. The table is the whole of it.
#include "build/env.h"

#include <stdlib.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define CERTIFICATES_MAX_BYTES (16u << 20)

// The value as it is, or the name of a file with certificates.
enum fetch_var_kind { FETCH_VAR_TEXT, FETCH_VAR_CERTIFICATES };

static const struct {
	const char *name;
	enum fetch_var_kind kind;
} fetch_vars[] = {
        {"http_proxy", FETCH_VAR_TEXT},
        {"https_proxy", FETCH_VAR_TEXT},
        {"ftp_proxy", FETCH_VAR_TEXT},
        {"all_proxy", FETCH_VAR_TEXT},
        {"no_proxy", FETCH_VAR_TEXT},
        {"HTTP_PROXY", FETCH_VAR_TEXT},
        {"HTTPS_PROXY", FETCH_VAR_TEXT},
        {"FTP_PROXY", FETCH_VAR_TEXT},
        {"ALL_PROXY", FETCH_VAR_TEXT},
        {"NO_PROXY", FETCH_VAR_TEXT},
        {"NIX_SSL_CERT_FILE", FETCH_VAR_CERTIFICATES},
        {"SSL_CERT_FILE", FETCH_VAR_CERTIFICATES},
};

static bool fetch_var_is_file(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(fetch_vars); i++) {
		if (str_eq(fetch_vars[i].name, name))
			return fetch_vars[i].kind == FETCH_VAR_CERTIFICATES;
	}
	return false;
}

// Below these the sandbox of what may use the network shows the host's files.
static bool fetch_file_is_shown(const char *path)
{
	return str_has_prefix(path, "/etc/ssl/") || str_has_prefix(path, "/etc/pki/") ||
	       str_has_prefix(path, "/usr/");
}

int env_fetch_value(const struct env_spec *spec, const char *name, char **ret, struct err *e)
{
	const char *value = getenv(name);
	_cleanup_free_ char *file = str_printf(".certificates-%s", name);
	_cleanup_free_ char *path = fs_join(spec->build_dir, file);
	_cleanup_buf_ struct buf data = {0};
	_cleanup_err_ struct err unreadable = {0};
	int r = 0;

	// What cannot be read stays a name, about which the program that needs it complains.
	if (!value || !fetch_var_is_file(name) || fetch_file_is_shown(value) ||
	        fs_read(value, CERTIFICATES_MAX_BYTES, &data, &unreadable) < 0) {
		*ret = mem_strdup(value ? value : "");
		return 0;
	}
	r = fs_lstat_maybe(path, NULL, e);
	if (r == 0)
		r = env_write_file(spec, file, buf_str(&data), data.len, e);
	else if (r > 0)
		r = 0; // it was copied for another of the builder's variables
	if (r == 0)
		*ret = fs_join(spec->inside_dir, file);
	return r;
}

int env_fetch_make(const struct env_spec *spec, char ***ret_env, struct err *e)
{
	_cleanup_strv_ char **env = NULL;

	strv_add(&env, "PATH=/usr/bin:/bin:/usr/local/bin");
	strv_add(&env, "HOME=/homeless-shelter");
	strv_add(&env, "LC_ALL=C.UTF-8");
	strv_take(&env, str_printf("TMPDIR=%s", spec->inside_dir));
	for (size_t i = 0; i < ARRAY_SIZE(fetch_vars); i++) {
		_cleanup_free_ char *value = NULL;
		int r = env_fetch_value(spec, fetch_vars[i].name, &value, e);
		if (r < 0)
			return r;
		if (*value)
			strv_take(&env, str_printf("%s=%s", fetch_vars[i].name, value));
	}
	*ret_env = TAKE_PTR(env);
	return 0;
}
