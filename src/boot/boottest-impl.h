// SPDX-License-Identifier: GPL-2.0-or-later
// Inside of the boot test: the guest, and what is kept between two tests.
#pragma once

#include <stddef.h>
#include "base/buf.h"
#include "boot/boottest.h"

// --- the guest (boottest-guest.c) ---

enum guest_end {
	GUEST_STAGE2,
	GUEST_DIED,      // it ended, or its kernel panicked
	GUEST_HANGS,     // within the limits it said nothing more, or did not come to an end
	GUEST_NO_LAYOUT, // a step of the plan failed: `failure`
	GUEST_SILENT,    // not a word within GUEST_WORD_MS: KVM that does not work
	GUEST_UNCLEAR,   // it died or hangs, and it shows that we were not heard: see guest_run
	GUEST_NO_QEMU,   // QEMU itself failed
	GUEST_SIGNAL,
};

struct guest_opts {
	const char *qemu, *machine, *cpu, *console; // words for this architecture
	const char *accel;                          // kvm or tcg
	const char *kernel, *initrd, *params;
	const char *bus; // of the disks: a name of guest_buses
	const char *dir; // for the disks' files
	size_t disk_count;
	uint64_t silence_s, limit_s;
	bool types; // a passphrase is to be typed
};

// What a guest said is in `console`. GUEST_UNCLEAR: stage 1 did not obey the words that make the disks, or
// the disks were laid out and nothing is heard at the serial console, so that no passphrase can be typed
// there.
int guest_run(const struct guest_opts *o, enum guest_end *ret, struct buf *console, char **ret_failure,
        int *ret_signal, struct err *e);

// Kinds of disks, the best first; their drivers are looked for in this order.
struct guest_bus {
	const char *name, *modules[4];
	const char *controller; // a device before all disks, or NULL
	const char *device;     // -device of a disk; %zu is its number
};
extern const struct guest_bus guest_buses[]; // ends with name NULL
const struct guest_bus *guest_bus_find(const char *name);

// --- kept between two tests (boottest-keep.c) ---

// The name of the result of this test: its content decides. `kind` is what else belongs to it.
int keep_name(const struct boottest_input *in, const char *kind, char **ret, struct err *e);
// Was it kept? A folder that others may write to is not believed.
bool keep_has(const char *dir, const char *name);
void keep_add(const char *dir, const char *name, const char *text);
// KVM is there and does not run a kernel, in this boot of the machine.
bool keep_kvm_is_broken(const char *dir);
void keep_kvm_broken(const char *dir);
