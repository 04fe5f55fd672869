// SPDX-License-Identifier: GPL-2.0-or-later
// How Nix's protocols and exports write values: numbers in 8 bytes, little endian; strings by length, bytes
// and zeros up to a multiple of 8; lists by their number. What is read is a stranger's: lengths and numbers
// have limits, and strings no NUL.
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "store/nar.h"

#define WIRE_NAME_MAX 4096        // bytes of a path or name
#define WIRE_TEXT_MAX (64u << 20) // of a variable of a derivation, say
#define WIRE_LIST_MAX 1000000

void wire_u64(struct buf *b, uint64_t n);
void wire_str(struct buf *b, const char *s);
void wire_list(struct buf *b, char *const *list); // strv

// -EBADMSG where the input ends or is beyond a limit.
int wire_read(const struct source *in, void *data, size_t len, struct err *e);
int wire_read_u64(const struct source *in, uint64_t *ret, struct err *e);
int wire_read_str(const struct source *in, size_t max_bytes, char **ret, struct err *e); // owned
int wire_read_list(const struct source *in, char ***ret, struct err *e);                 // strv
// A store path; "" is an error but for _maybe, which gives NULL then.
int wire_read_path(const struct source *in, const char *store_dir, char **ret, struct err *e);
int wire_read_path_maybe(const struct source *in, const char *store_dir, char **ret, struct err *e);
int wire_read_paths(const struct source *in, const char *store_dir, char ***ret, struct err *e); // sorted
