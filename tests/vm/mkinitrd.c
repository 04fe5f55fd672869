// SPDX-License-Identifier: GPL-2.0-or-later
// Test driver: makes an initrd from a JSON spec, as builtin:initrd does. mkinitrd SPEC.json OUT-FILE
#include <stdio.h>
#include "base/buf.h"
#include "base/fs.h"
#include "boot/initrd.h"

int main(int argc, char **argv)
{
	_cleanup_err_ struct err e = {0};
	_cleanup_buf_ struct buf json = {0};
	_cleanup_initrd_spec_ struct initrd_spec spec = {0};

	if (argc != 3) {
		fprintf(stderr, "usage: mkinitrd SPEC.json OUT-FILE\n");
		return 2;
	}
	int r = fs_read(argv[1], 0, &json, &e);
	if (r == 0)
		r = initrd_spec_parse_json(buf_str(&json), &spec, &e);
	if (r == 0)
		r = initrd_write(&spec, argv[2], &e);
	if (r < 0)
		fprintf(stderr, "error: %s\n", e.msg);
	return r < 0;
}
