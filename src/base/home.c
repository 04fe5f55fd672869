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

char *home_dir(void)
{
	static bool said;
	const char *home = getenv("HOME");
	struct stat st;

	if (home && *home == '/' && (stat(home, &st) < 0 || st.st_uid == geteuid()))
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
