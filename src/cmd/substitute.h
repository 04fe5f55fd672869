// SPDX-License-Identifier: GPL-2.0-or-later
// Taking from binary caches what a plan would build: between the plan (build/plan.h), which asks what can be
// had, and the caches (cache/cache.h).
#pragma once

#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"
#include "build/plan.h"
#include "cmd/cache-settings.h"
#include "store/store.h"

struct substitute;
// *ret is NULL where no cache is named (or 'substitute' is false): everything below is fine with that.
int substitute_new(struct store *s, const struct cache_settings *settings, struct progress *progress,
        struct substitute **ret, struct err *e);
void substitute_free(struct substitute *sub);
void substitute_fill(struct substitute *sub, struct plan_opts *opts);
// *ret_whole false: something that the plan takes needs what nobody has; make another plan.
int substitute_check(struct substitute *sub, const struct plan *p, bool *ret_whole, struct err *e);
// "these N paths will be fetched (X MiB download, Y MiB unpacked):"; always: also when it is only one.
void substitute_print(struct substitute *sub, struct buf *out, bool always);
// Takes what substitute_check found. SUBSTITUTE_AGAIN (with the setting 'fallback'): something could not be
// taken, which was said; another plan builds it.
#define SUBSTITUTE_AGAIN 1
int substitute_take(struct substitute *sub, struct err *e);
