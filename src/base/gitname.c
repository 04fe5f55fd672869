// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for names and addresses that are given to git.
#include "base/gitname.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include "base/mem.h"
#include "base/str.h"

const char *const gitname_protocols[] = {"https", "http", "ssh", "git", "file", NULL};

static bool name_is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

// A word for an error message: control characters would reach a terminal.
static char *name_shown(const char *s)
{
	char *text = mem_strdup(s);

	for (char *p = text; *p; p++) {
		if (name_is_control(*p))
			*p = '?';
	}
	return text;
}

static int name_refuse(const char *what, const char *name, const char *why, struct err *e)
{
	_cleanup_free_ char *shown = name_shown(name);

	return err_set(e, -EINVAL, "'%s' is not %s: %s", shown, what, why);
}

// One part of a ref between slashes; NULL when it is right.
static const char *ref_part_fault(const char *part, size_t len)
{
	static const char lock[] = ".lock";
	const size_t lock_len = sizeof(lock) - 1;

	if (len == 0)
		return "it has an empty part";
	if (part[0] == '.')
		return "a part begins with '.'";
	if (len >= lock_len && memcmp(part + len - lock_len, lock, lock_len) == 0)
		return "a part ends with '.lock'";
	return NULL;
}

static const char *ref_fault(const char *ref)
{
	size_t len = strlen(ref);

	for (const char *p = ref; *p; p++) {
		if (name_is_control(*p))
			return "it has a control character";
		if (strchr(" ~^:?*[\\", *p))
			return "it has one of the characters ' ~^:?*[\\'";
	}
	if (ref[0] == '-')
		return "it begins with '-'";
	if (strstr(ref, "..") || strstr(ref, "@{") || str_eq(ref, "@"))
		return "it has '..' or '@{', or is '@'";
	if (len && ref[len - 1] == '.')
		return "it ends with '.'";
	for (const char *part = ref;;) {
		size_t part_len = strcspn(part, "/");
		const char *why = ref_part_fault(part, part_len);
		if (why || !part[part_len])
			return why;
		part += part_len + 1;
	}
}

int gitname_check_ref(const char *ref, struct err *e)
{
	const char *why = ref_fault(ref);

	return why ? name_refuse("a name of a git ref", ref, why, e) : 0;
}

int gitname_check_object(const char *hex, struct err *e)
{
	size_t len = strlen(hex);

	if ((len != 40 && len != 64) || strspn(hex, "0123456789abcdefABCDEF") != len)
		return name_refuse("a git object", hex, "that is 40 or 64 hexadecimal digits", e);
	return 0;
}

static const char *path_fault(const char *path)
{
	if (path[0] == '/')
		return "it is absolute";
	if (path[0] == '-')
		return "it begins with '-'";
	for (const char *p = path; *p; p++) {
		if (name_is_control(*p))
			return "it has a control character";
	}
	for (const char *part = path;;) {
		size_t len = strcspn(part, "/");
		if (len == 0 || (len == 1 && part[0] == '.'))
			return "it has an empty part";
		if (len == 2 && memcmp(part, "..", 2) == 0)
			return "it has '..'";
		if (len == 4 && strncasecmp(part, ".git", 4) == 0)
			return "it has '.git'";
		if (!part[len] || !part[len + 1])
			return NULL;
		part += len + 1;
	}
}

int gitname_check_path(const char *path, struct err *e)
{
	const char *why = path_fault(path);

	return why ? name_refuse("a path in a git tree", path, why, e) : 0;
}

static bool url_is_scheme_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("+-.", c));
}

static int url_hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

// What git makes of an address before it looks at host and path: %XX decoded. %00 becomes a control character
// that is refused, too.
static char *url_decode(const char *url)
{
	char *text = mem_strdup(url), *to = text;

	for (const char *from = url; *from; to++) {
		if (from[0] == '%' && url_hex(from[1]) >= 0 && url_hex(from[2]) >= 0) {
			char c = (char)(url_hex(from[1]) << 4 | url_hex(from[2]));
			*to = c ? c : 1;
			from += 3;
		} else {
			*to = *from++;
		}
	}
	*to = 0;
	return text;
}

static bool url_allowed(const char *const *protocols, const char *scheme, size_t len)
{
	for (; *protocols; protocols++) {
		if (strlen(*protocols) == len && memcmp(*protocols, scheme, len) == 0)
			return true;
	}
	return false;
}

static bool url_scheme_ok(const char *const *protocols, const char *scheme, size_t len)
{
	static const char *const ssh[] = {"ssh+git", "git+ssh", NULL};

	return url_allowed(protocols, scheme, len) ||
	       (url_allowed(ssh, scheme, len) && url_allowed(protocols, "ssh", 3));
}

// USER@HOST of either form, len long.
static const char *url_host_fault(const char *host, size_t len)
{
	const char *at = memrchr(host, '@', len);
	const char *name = at ? at + 1 : host;
	size_t name_len = len - (size_t)(name - host);

	if (name_len && name[0] == '[') { // git takes these brackets off
		name++;
		name_len--;
	}
	if (name_len == 0)
		return "it names no host";
	if (host[0] == '-' || name[0] == '-')
		return "its user or host begins with '-'";
	return NULL;
}

static const char *url_remote_fault(const char *scheme, const char *rest)
{
	size_t len = strcspn(rest, "/");
	const char *path = rest + len;

	if (str_has_prefix(scheme, "file:"))
		return len ? "a file address has three slashes: file:///PATH" : NULL;
	if (path[0] && (path[1] == '-' || (path[1] == '~' && path[2] == '-')))
		return "its path begins with '-'";
	return url_host_fault(rest, len);
}

// HOST:PATH, which git reads as ssh, or a path.
static const char *url_short_fault(const char *url, const char *const *protocols)
{
	size_t len = strcspn(url, "[:/");

	if (url[len] == '[' &&
	        (len == 0 || url[len - 1] == '@')) // an IPv6 address, whose colons do not count
		len += strcspn(url + len, "]/");
	len += strcspn(url + len, ":/");
	if (url[len] != ':') {
		if (url[0] != '/')
			return "it is no address and no absolute path";
		return url_allowed(protocols, "file", 4) ? NULL : "local repositories are not allowed here";
	}
	if (!url_allowed(protocols, "ssh", 3))
		return "the protocol ssh is not allowed";
	if (url[len + 1] == '-' || !url[len + 1])
		return "its path is empty or begins with '-'";
	return url_host_fault(url, len);
}

static const char *url_fault(const char *url, const char *text, const char *const *protocols)
{
	size_t len = 0;

	for (const char *p = text; *p; p++) {
		if (name_is_control(*p))
			return "it has a control character";
	}
	if (url[0] == '-')
		return "it begins with '-'";
	while (url_is_scheme_char(url[len]))
		len++;
	if (strncmp(url + len, "::", 2) == 0)
		return "it names a helper program (HELPER::ADDRESS)";
	if (strncmp(url + len, "://", 3) != 0)
		return url_short_fault(url, protocols);
	if (!url_scheme_ok(protocols, url, len))
		return "its protocol is not one of those that are allowed";
	// Both as it stands and decoded: which of the two is looked at depends on the protocol.
	const char *why = url_remote_fault(url, url + len + 3);
	return why ? why : url_remote_fault(url, text + len + 3);
}

int gitname_check_url(const char *url, const char *const *protocols, struct err *e)
{
	_cleanup_free_ char *text = url_decode(url);
	const char *why = *url ? url_fault(url, text, protocols) : "it is empty";

	return why ? name_refuse("an address of a git repository", url, why, e) : 0;
}
