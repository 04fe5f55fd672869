// SPDX-License-Identifier: GPL-2.0-or-later
// What Debian's static libcurl refers to and no static library has: Kerberos, LDAP and RTMP. None of it is
// ever asked for (build/fetch.c allows http, https, ftp and file, and no Kerberos), so calling it is our own
// bug, except for letting go of what there never was.

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define ABSENT(name)                                                                                         \
	void name(void);                                                                                     \
	void name(void)                                                                                      \
	{                                                                                                    \
		fprintf(stderr, "error: %s is not in a static kernix\n", #name);                             \
		abort();                                                                                     \
	}
#define NOTHING(name)                                                                                        \
	int name(void);                                                                                      \
	int name(void)                                                                                       \
	{                                                                                                    \
		return 0;                                                                                    \
	}

extern void *GSS_C_NT_HOSTBASED_SERVICE;
void *GSS_C_NT_HOSTBASED_SERVICE;

NOTHING(gss_delete_sec_context)
NOTHING(gss_release_buffer)
NOTHING(gss_release_name)
NOTHING(gss_release_oid_set)

ABSENT(RTMP_Alloc)
ABSENT(RTMP_Close)
ABSENT(RTMP_Connect1)
ABSENT(RTMP_ConnectStream)
ABSENT(RTMP_Free)
ABSENT(RTMP_Init)
ABSENT(RTMP_Read)
ABSENT(RTMP_SetBufferMS)
ABSENT(RTMP_SetupURL)
ABSENT(RTMP_Write)
ABSENT(ber_bvfree)
ABSENT(ber_free)
ABSENT(ber_memfree)
ABSENT(ber_sockbuf_add_io)
ABSENT(gss_display_name)
ABSENT(gss_display_status)
ABSENT(gss_import_name)
ABSENT(gss_indicate_mechs)
ABSENT(gss_init_sec_context)
ABSENT(gss_inquire_context)
ABSENT(gss_unwrap)
ABSENT(gss_wrap)
ABSENT(ldap_abandon_ext)
ABSENT(ldap_err2string)
ABSENT(ldap_free_urldesc)
ABSENT(ldap_get_attribute_ber)
ABSENT(ldap_get_dn_ber)
ABSENT(ldap_get_option)
ABSENT(ldap_init_fd)
ABSENT(ldap_memfree)
ABSENT(ldap_msgfree)
ABSENT(ldap_msgtype)
ABSENT(ldap_parse_result)
ABSENT(ldap_parse_sasl_bind_result)
ABSENT(ldap_pvt_url_scheme2proto)
ABSENT(ldap_result)
ABSENT(ldap_sasl_bind)
ABSENT(ldap_search_ext)
ABSENT(ldap_set_option)
ABSENT(ldap_start_tls)
ABSENT(ldap_unbind_ext)
ABSENT(ldap_url_parse)
