// SPDX-License-Identifier: GPL-2.0-or-later
// What libkmod's configure would have found.
#pragma once
#define PACKAGE                        "kmod"
#define VERSION                        "30"
#define SYSCONFDIR                     "/etc"
#define KMOD_FEATURES                  "+ZSTD +XZ +ZLIB"
#define ENABLE_ZSTD                    1
#define ENABLE_XZ                      1
#define ENABLE_ZLIB                    1
#define HAVE_SECURE_GETENV             1
#define HAVE_STATIC_ASSERT             1
#define HAVE_LINUX_MODULE_H            1
#define HAVE_DECL_STRNDUPA             1
#define HAVE_DECL_BE16TOH              1
#define HAVE_STRUCT_STAT_ST_MTIM       1
#define HAVE___BUILTIN_UADDL_OVERFLOW  1
#define HAVE___BUILTIN_UADDLL_OVERFLOW 1
