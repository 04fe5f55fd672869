// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: names of block devices (by-label and the others, with \xNN), and the kernel's messages about
// devices. The first byte says which: u a message, else a name and, behind the first newline, the label it is
// compared with.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "stage1/blockdev.h"
#include "stage1/uevent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void name(const char *text, size_t len)
{
	struct blockdev d = {.name = "mapper!a", .major = 8, .minor = 1};
	_cleanup_free_ char *spec = mem_strndup(text, strcspn(text, "\n"));
	char path[16];

	snprintf(d.fs.label, sizeof(d.fs.label), "%s", strlen(spec) < len ? text + strlen(spec) + 1 : "x");
	snprintf(d.part.label, sizeof(d.part.label), "%s", d.fs.label);
	snprintf(d.fs.uuid, sizeof(d.fs.uuid), "%s", d.fs.label);
	snprintf(d.name, sizeof(d.name), "%s", d.fs.label);
	blockdev_is_spec(spec);
	blockdev_find(&d, 1, spec);
	blockdev_path(&d, path, sizeof(path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct uevent u;

	if (size && data[0] == 'u') {
		_cleanup_free_ char *exact = mem_dup(data, size);
		const char *values[4] = {0};
		if (uevent_parse(exact + 1, size - 1, &u)) {
			values[0] = u.action, values[1] = u.subsystem, values[2] = u.modalias;
			values[3] = u.devname;
		}
		for (size_t i = 0; i < 4; i++)
			if (values[i] && strlen(values[i]) >= size)
				abort();
		return 0;
	}
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);
	name(text, strlen(text));
	return 0;
}
