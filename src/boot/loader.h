// SPDX-License-Identifier: GPL-2.0-or-later
// Boot loaders that kernix can add entries to, one row each (loader.c). On a distribution of its own nothing
// of the loader's or the distribution's is changed but one marked line; entries, kernels and state are ours,
// below BOOT/kernix or named kernix-*.
//
// Rules that all loaders keep, so that kill -9 at any instant leaves a menu that boots:
//   - files are written beside, synced and renamed; what an entry names is in place before the entry is;
//   - the normal entry (the default of every boot) is never taken out by write();
//   - a trial is tried choice.tries times; the loader itself counts, before the kernel starts. Then the
//   normal entry is the default again.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"

// Where a loader keeps its things. Owned strings.
struct boot_place {
	char *root;   // "" for the running system, else the folder that stands for /
	char *dir;    // the folder that holds kernix/: ROOT/boot or the EFI system partition
	char *seen;   // dir as the loader calls it: "" when it is a file system of its own
	char *config; // the loader's main configuration file
};

// Which entries start by themselves. NULL: none of ours (the distribution's own default).
struct boot_choice {
	char *normal;   // id
	char *trial;    // id
	unsigned tries; // left; 0: the trial was started the last time and has not been confirmed
};
void boot_choice_release(struct boot_choice *c);
struct boot_choice boot_choice_copy(const struct boot_choice *c);
#define _cleanup_choice_ _cleanup_(boot_choice_release)

struct boot_item {
	char *id, *title;
	char *parent;          // the id of the generation that it is a specialisation of, or NULL
	char *version;         // for sorting: newer ones are greater (strverscmp)
	char *kernel, *initrd; // names in kernix/; initrd may be NULL
	char *secrets;         // of the archive that follows the initrd, or NULL
	char *device_tree;     // its name in kernix/, or NULL
	char *params;          // the whole command line
	bool good;             // has come up once

	// Of all that one image in kernix/ (uki.h); kernel and initrd are NULL then. Else NULL.
	char *uki;
};

void boot_item_release(struct boot_item *item);

struct boot_menu {
	struct boot_item *items; // newest first
	size_t len, cap;
	struct boot_choice choice;
	bool oneshot;     // systemd-boot's: the trial is started by an EFI variable
	bool has_timeout; // else the distribution's stays
	int timeout_s;    // -1: for ever
};
void boot_menu_release(struct boot_menu *m);

struct loader {
	const char *name;  // for --loader
	const char *looks; // what says that it is there, for messages
	bool one_initrd;   // it hands the kernel one file only: secrets are in a copy of the initrd
	// Finds it below root: 1 and ret is filled, 0 when it is not there, or an error.
	int (*find)(const char *root, struct boot_place *ret, struct err *e);
	// Can it count tries here? 0, or an error that says why not.
	int (*can_try)(const struct boot_place *p, struct err *e);
	// How often it can try an entry at most; NULL: three times.
	int (*most_tries)(const struct boot_place *p, unsigned *ret, struct err *e);
	// Does it read what we write? Checked before anything is written.
	int (*check)(const struct boot_place *p, struct err *e);
	// May the entry be written? An error names what the loader's file cannot hold, for it knows no
	// quoting of it. Asked by item_check only; NULL: whatever fits in a line.
	int (*item)(const struct boot_item *item, struct err *e);
	int (*read)(const struct boot_place *p, struct boot_choice *ret, struct err *e);
	// The text of all our entries as they are now; each has a line "# kernix-entry ID". Empty when there
	// are none.
	int (*text)(const struct boot_place *p, struct buf *b, struct err *e);
	int (*write)(const struct boot_place *p, const struct boot_menu *m, struct err *e);
	int (*remove)(const struct boot_place *p, struct err *e);
};

extern const struct loader loader_grub, loader_systemd, loader_extlinux;
extern const struct loader *const loaders[]; // ends with NULL

// The loader of this root. name NULL: the one that has entries of ours, else the one that the firmware
// started (systemd-boot says so in an EFI variable), else the only one that is there. None or several: an
// error that says what was looked for.
int loader_find(const char *root, const char *name, const struct loader **ret, struct boot_place *ret_place,
        struct err *e);
void boot_place_release(struct boot_place *p);
// ROOT + path, owned. Links in a root that is not this machine's are followed within it, here and below
// (base/beneath.h).
char *place_root(const struct boot_place *p, const char *path);
// The whole file, appended, with blanks for zeros; the path begins with the root. What is no file (a FIFO) is
// -EINVAL.
int place_read(
        const struct boot_place *p, const char *path, size_t limit_bytes, struct buf *b, struct err *e);
// The same; 0 without a word where it is not there.
int place_read_maybe(
        const struct boot_place *p, const char *path, size_t limit_bytes, struct buf *b, struct err *e);
// dir/kernix/NAME, owned; name NULL: the folder.
char *place_file(const struct boot_place *p, const char *name);
// dir/kernix as the loader calls it, owned.
char *place_seen(const struct boot_place *p);

// Removes what an interrupted fs_write_atomic left in the loader's folders.
int place_sweep(const struct boot_place *p, struct err *e);

// Can the entry stand in this loader's files as it is? -EINVAL names the text that cannot: one with a line
// break or another control character would be lines of its own there. Everything that is written is asked
// about before, whatever the configuration's evaluation found: boot.json may be somebody else's.
int item_check(const struct loader *l, const struct boot_item *item, struct err *e);

// --- lines of somebody else's file that are ours: from "# BEGIN kernix" to "# END kernix" ---
// text with the block replaced by `block` (NULL: taken out), put at the end or, if first, at the beginning;
// owned.
char *marked_block(const char *text, const char *block, bool first);
bool marked_block_is_in(const char *text);
// The distribution's lines `default ...` as comments where the menu has a choice, and `timeout ...` where it
// has one of its own; all as they were with m NULL. any_case: the loader reads its words in either case.
// Owned.
char *hide_options(const char *text, const struct boot_menu *m, bool any_case);
