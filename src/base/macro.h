// SPDX-License-Identifier: GPL-2.0-or-later
// Attributes and the few macros that the whole program shares. A macro here never hides control flow.
#pragma once

#include <stddef.h>

#define _cleanup_(f)                  __attribute__((cleanup(f)))
#define _nodiscard_                   __attribute__((warn_unused_result))
#define _noreturn_                    __attribute__((noreturn))
#define _printf_(a, b)                __attribute__((format(printf, a, b)))
#define _packed_                      __attribute__((packed))
#define _hot_                         __attribute__((hot))
#define _cold_                        __attribute__((cold))
#define _noinline_                    __attribute__((noinline))
#define LIKELY(x)                     __builtin_expect(!!(x), 1)
#define UNLIKELY(x)                   __builtin_expect(!!(x), 0)
#define ARRAY_SIZE(a)                 (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)                     ((a) < (b) ? (a) : (b))
#define MAX(a, b)                     ((a) > (b) ? (a) : (b))
#define CONTAINER_OF(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

// Takes the value out of a pointer variable and leaves NULL behind, to hand ownership over: return
// TAKE_PTR(x);
#define TAKE_PTR(p)                                                                                          \
	({                                                                                                   \
		__typeof__(p) *take_ = &(p);                                                                 \
		__typeof__(p) old_ = *take_;                                                                 \
		*take_ = NULL;                                                                               \
		old_;                                                                                        \
	})

// The same for a file descriptor: leaves -1 behind.
#define TAKE_FD(fd)                                                                                          \
	({                                                                                                   \
		int *take_ = &(fd);                                                                          \
		int old_ = *take_;                                                                           \
		*take_ = -1;                                                                                 \
		old_;                                                                                        \
	})
