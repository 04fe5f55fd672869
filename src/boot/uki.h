// SPDX-License-Identifier: GPL-2.0-or-later
// Unified kernel images: systemd's stub, a kernel, its initrd and its command line in one EFI program, so
// that one signature covers them all. Section names are those of systemd-stub(7). The same parts give the
// same bytes.
#pragma once

#include "base/buf.h"
#include "base/err.h"

struct uki_parts {
	char *stub, *kernel, *initrd; // files; initrd may be NULL
	char *cmdline, *osrel, *uname;
};
void uki_parts_release(struct uki_parts *p);

// -EINVAL: the stub or the kernel is no EFI program, or they are not for the same machine.
int uki_build(const struct uki_parts *p, struct buf *ret, struct err *e);
// Can it be built at all? Reads headers only.
int uki_check(const struct uki_parts *p, struct err *e);
