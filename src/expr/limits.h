// SPDX-License-Identifier: GPL-2.0-or-later
// How large one value may get. What is larger is said to be too large, before a size in bytes is computed of
// it: on machines of 32 bits such a size would wrap.
#pragma once

#include <stdint.h>

// Elements of a list, bytes of a string: more would fit into no memory of today, or into no address space.
#if SIZE_MAX > UINT32_MAX
#define LIST_MAX        ((size_t)1 << 30)
#define EVAL_STRING_MAX UINT32_MAX
#else
#define LIST_MAX        ((size_t)1 << 27)
#define EVAL_STRING_MAX ((size_t)1 << 31)
#endif
