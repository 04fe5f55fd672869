// SPDX-License-Identifier: GPL-2.0-or-later
// Whose the home folder is that the environment names.
#include "base/home.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
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
