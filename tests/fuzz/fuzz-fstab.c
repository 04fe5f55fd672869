// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: fstab lines, mount options and the table of storage, as stage 1 reads them, and as the boot
// menu's makers do.
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "boot/bootspec.h"
#include "stage1/mounts.h"
#include "stage1/storage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void options_of(const struct mount_entry *m)
{
	static const size_t sizes[] = {1, 2, 16, 4096};
	unsigned long flags;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_free_ char *text = mem_alloc(sizes[i]);
		if (mount_options_parse(m->options, &flags, text, sizes[i]) && strlen(text) >= sizes[i])
			abort();
	}
}

static void storage_of(const char *text)
{
	static struct say quiet = {.kmsg_fd = -1};
	struct storage s = {.say = &quiet};

	if (quiet.kmsg_fd < 0)
		quiet.kmsg_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	storage_parse(&s, text);
	for (size_t i = 0; i < s.luks_count; i++)
		if (!*s.luks[i].name || !*s.luks[i].device)
			abort();
	storage_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = mem_strndup((const char *)data, size);
	const char *at = text;
	struct mount_list l;
	char **fields;

	while ((fields = fstab_next(&at, "/")))
		strv_free(fields);
	mount_list_parse(text, &l);
	for (size_t i = 0; i < l.n; i++)
		options_of(&l.v[i]);
	mount_list_at(&l, "/");
	mount_list_put(&l, "/dev/vda", "/", "auto", "ro", true);
	if (mount_list_at(&l, "/") != l.v + mount_list_root(&l))
		abort();
	mount_list_cut(&l, mount_list_root(&l) + 1);
	mount_list_release(&l);
	storage_of(text);
	return 0;
}
