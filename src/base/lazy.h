// SPDX-License-Identifier: GPL-2.0-or-later
// A library that is loaded at the first call of one of its functions. What every command links costs every
// start of every command; hardly any command unpacks an archive or reads kernel modules.
//
// A file defines LAZY_LIBRARY ("libNAME.so.N") and LAZY_PURPOSE (what cannot be done without it), then a row
// for each function, as the library's header declares it: LAZY(type, name, (parameters), (arguments)),
// LAZY_VOID(name, ...). A function that is missing is a link error: add its row. In a static kernix
// (KERNIX_STATIC) the libraries are linked, nothing is loaded, and the rows are nothing.
#pragma once

#include <stdbool.h>
#include "base/macro.h"

// The function's address; ends the process with a clear word when library or function is missing.
void *lazy_find(const char *library, const char *purpose, const char *name);
// For what can do without it.
bool lazy_is_there(const char *library);

#ifdef KERNIX_STATIC
// All of it is linked: the library's own functions are called.
#define LAZY(type, name, params, args)
#define LAZY_VOID(name, params, args)
#else
#define LAZY(type, name, params, args)                                                                       \
	type name params                                                                                     \
	{                                                                                                    \
		static type(*f) params;                                                                      \
                                                                                                             \
		if (UNLIKELY(!f))                                                                            \
			*(void **)&f = lazy_find(LAZY_LIBRARY, LAZY_PURPOSE, #name);                         \
		return f args;                                                                               \
	}
#define LAZY_VOID(name, params, args)                                                                        \
	void name params                                                                                     \
	{                                                                                                    \
		static void(*f) params;                                                                      \
                                                                                                             \
		if (UNLIKELY(!f))                                                                            \
			*(void **)&f = lazy_find(LAZY_LIBRARY, LAZY_PURPOSE, #name);                         \
		f args;                                                                                      \
	}
#endif
