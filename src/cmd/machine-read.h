// SPDX-License-Identifier: GPL-2.0-or-later
// What the files that read a machine share.
#pragma once

#include "cmd/machine.h"

#define MACHINE_FILE_BYTES ((size_t)4 << 20)

struct machine_reader {
	const char *from;
	const char *files; // where the files of the machine's root are: "" or a folder
	struct machine *m;
	char **seen; // strv: folders of /sys that were looked at
};

// Takes the text.
void machine_unclear(struct machine_reader *r, char *text);
// First line of a file of /sys or /proc, NULL when there is none (or it is no file, in a folder of
// somebody's); owned.
char *machine_line(const char *dir, const char *name);
// The whole file, "" when there is none; owned.
char *machine_text(const struct machine_reader *r, const char *path);
// The last part of where a link in the folder leads, NULL when there is none; owned.
char *machine_link(const char *dir, const char *name);
// The name by which a block device is found again after the next start: by its UUID where udev knows one.
char *machine_lasting_name(const struct machine_reader *r, const char *name);
// The real folder in /sys of block device NUMBER ("8:1"), NULL when there is none; owned.
char *machine_folder(const struct machine_reader *r, const char *number);
// Adds the driver's module, or the driver that is built in, of the device in this folder, and of all that it
// hangs on or is supplied by.
void machine_add_drivers(struct machine_reader *r, const char *folder);
// Adds a name to a list of modules, with _ for -, once.
void machine_add_name(char ***list, const char *name);

// What the block device in this folder of /sys lies on: remembers it, and adds the drivers.
void machine_look_below(struct machine_reader *r, const char *folder, int depth);
// A btrfs has a device number of its own; its devices are listed by the kernel.
void machine_look_below_btrfs(struct machine_reader *r, const char *uuid_name);
// Appends what it is made of by kinds, each once, top first.
void machine_layers(const char *folder, unsigned depth, char ***ret);
// \040 and the like of mountinfo and swaps; owned.
char *machine_decoded(const char *s);

void machine_read_mounts(struct machine_reader *r, const char *root);
void machine_read_swaps(struct machine_reader *r);
void machine_read_devices(struct machine_reader *r);
void machine_read_firmware(struct machine_reader *r);
void machine_read_facts(struct machine_reader *r);
void machine_read_boot(struct machine_reader *r);
void machine_release_devices(struct machine *m);
