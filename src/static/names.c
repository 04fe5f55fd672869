// SPDX-License-Identifier: GPL-2.0-or-later
// Names of hosts and users in a static program: from files and DNS alone. What /etc/nsswitch.conf may name
// besides would be loaded from the machine's C library, which need not be there, or of our version.

#include <nss.h>

int __nss_configure_lookup(const char *database, const char *services);

static void __attribute__((constructor)) names_configure(void)
{
	__nss_configure_lookup("passwd", "files");
	__nss_configure_lookup("group", "files");
	__nss_configure_lookup("services", "files");
	__nss_configure_lookup("hosts", "files dns");
}
