// SPDX-License-Identifier: GPL-2.0-or-later
// Whose the folders are that the environment names.
#include "base/home.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

// A folder that is still to be made is nobody else's.
static bool is_own(const char *dir)
{
	struct stat st;

	return dir && *dir == '/' && (stat(dir, &st) < 0 || st.st_uid == geteuid());
}

char *home_dir(void)
{
	static bool said;
	const char *home = getenv("HOME");

	if (is_own(home))
		return mem_strdup(home);
	const struct passwd *pw = getpwuid(geteuid());
	if (!pw || !pw->pw_dir || pw->pw_dir[0] != '/')
		return NULL;
	if (home && *home && !said)
		log_warn("$HOME ('%s') is not owned by you, falling back to the one defined in the 'passwd' "
		         "file ('%s')",
		        home, pw->pw_dir);
	said = true;
	return mem_strdup(pw->pw_dir);
}

char *config_dir(void)
{
	static bool said;
	const char *config = getenv("XDG_CONFIG_HOME");
	_cleanup_free_ char *home = NULL;

	if (is_own(config))
		return mem_strdup(config);
	if (config && *config && !said)
		log_warn(
		        "$XDG_CONFIG_HOME ('%s') is not a folder of yours, so nothing is read there", config);
	said = true;
	home = home_dir();
	return home ? str_printf("%s/.config", home) : NULL;
}

// Only its owner renames what is in a folder that is sticky, as /tmp is.
static bool is_held(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       (!(st.st_mode & 022) || (st.st_mode & S_ISVTX));
}

static bool is_held_all_the_way(const char *dir)
{
	char *real = realpath(dir, NULL);
	bool held = real && is_held(real);

	for (char *slash = held ? strrchr(real, '/') : NULL; held && slash && slash != real;
	        slash = strrchr(real, '/')) {
		*slash = '\0';
		held = is_held(real);
	}
	free(real);
	return held;
}

const char *temporary_dir(void)
{
	static bool said;
	const char *dir = getenv("TMPDIR");
	struct stat st;

	if (!dir || !*dir)
		return "/tmp";
	// One that is missing, or no folder, is an error of whoever makes something in it.
	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || is_held_all_the_way(dir))
		return dir;
	if (!said)
		log_warn("$TMPDIR ('%s') is a folder in which others could exchange our files; /tmp is used",
		        dir);
	said = true;
	return "/tmp";
}
