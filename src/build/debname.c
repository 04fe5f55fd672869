// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for the names of Debian packages, their versions, architectures and files.
#include "build/debname.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static int name_refuse(const char *what, const char *name, const char *why, struct err *e)
{
	_cleanup_free_ char *shown = mem_strdup(name);

	for (char *p = shown; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	}
	return err_set(e, -EINVAL, "'%s' is not %s: %s", shown, what, why);
}

static bool name_starts_with_one_of(const char *s, const char *set)
{
	return *s && strchr(set, *s);
}

int debname_check_package(const char *name, struct err *e)
{
	static const char what[] = "the name of a Debian package";

	if (strlen(name) < 2)
		return name_refuse(what, name, "it is shorter than 2 characters", e);
	if (!name_starts_with_one_of(name, LOWER DIGITS))
		return name_refuse(what, name, "it does not begin with a small letter or a digit", e);
	if (name[strspn(name, LOWER DIGITS "+-.")])
		return name_refuse(
		        what, name, "it has characters other than small letters, digits and '+-.'", e);
	return 0;
}

int debname_check_arch(const char *arch, struct err *e)
{
	static const char what[] = "a Debian architecture";

	if (!name_starts_with_one_of(arch, LOWER DIGITS))
		return name_refuse(what, arch, "it does not begin with a small letter or a digit", e);
	if (arch[strspn(arch, LOWER DIGITS "-")])
		return name_refuse(
		        what, arch, "it has characters other than small letters, digits and '-'", e);
	return 0;
}

// What is wrong with the number before the colon; NULL: nothing.
static const char *version_epoch_fault(const char *version, const char *colon)
{
	_cleanup_free_ char *epoch = mem_strndup(version, (size_t)(colon - version));
	uint64_t n;

	if (str_to_u64(epoch, &n) < 0 || n > INT_MAX)
		return "its epoch is not a number";
	return colon[1] ? NULL : "nothing follows its epoch";
}

static const char *version_fault(const char *version)
{
	const char *colon = strchr(version, ':'), *dash, *why;
	const char *rest = colon ? colon + 1 : version;

	if (colon && (why = version_epoch_fault(version, colon)))
		return why;
	if (!name_starts_with_one_of(rest, DIGITS))
		return "it does not begin with a digit";
	dash = strrchr(rest, '-');
	size_t len = dash ? (size_t)(dash - rest) : strlen(rest);
	// More colons are only legal behind an epoch.
	if (strspn(rest, colon ? LOWER UPPER DIGITS ".+-~:" : LOWER UPPER DIGITS ".+-~") < len)
		return "it has characters other than letters, digits and '.+-~:'";
	if (dash && (!dash[1] || dash[1 + strspn(dash + 1, LOWER UPPER DIGITS "+.~")]))
		return "its revision is empty or has characters other than letters, digits and '+.~'";
	return NULL;
}

int debname_check_version(const char *version, struct err *e)
{
	const char *why = version_fault(version);

	return why ? name_refuse("a version of a Debian package", version, why, e) : 0;
}

static const char *pool_fault(const char *path)
{
	if (!str_has_prefix(path, "pool/") || !str_has_suffix(path, ".deb"))
		return "it is not pool/.../NAME.deb";
	if (path[strspn(path, LOWER UPPER DIGITS "+-.~_%/")])
		return "it has characters other than letters, digits and '+-.~_%/'";
	for (const char *part = path;;) {
		size_t len = strcspn(part, "/");
		if (len == 0 || part[0] == '.')
			return "it has a part that is empty or begins with '.'";
		if (!part[len])
			return NULL;
		part += len + 1;
	}
}

int debname_check_pool(const char *path, struct err *e)
{
	const char *why = pool_fault(path);

	return why ? name_refuse("a file of a Debian archive", path, why, e) : 0;
}
