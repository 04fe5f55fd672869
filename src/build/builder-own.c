// SPDX-License-Identifier: GPL-2.0-or-later
// The table of builtins that src/build itself has. To add one, see builder.h.
#include "build/builtin.h"

const struct builder_builtin builder_own_builtins[] = {
        {"builtin:fetchurl", builtin_fetchurl, BUILTIN_FETCHER, NULL, builtin_fetchurl_prepare},
        {"builtin:fetch-deb", builtin_fetch_deb, BUILTIN_FETCHER, NULL, builtin_fetch_deb_prepare},
        {"builtin:debian-root", builtin_debroot, BUILTIN_FETCHER | BUILTIN_PINNED, NULL,
                builtin_debroot_prepare},
        {"builtin:fetchgit", builtin_fetchgit, BUILTIN_FETCHER, NULL, builtin_fetchgit_prepare},
        {"builtin:buildenv", builtin_buildenv, 0, NULL},
        {"builtin:unpack-channel", builtin_unpack_channel, 0, NULL},
        {NULL},
};
