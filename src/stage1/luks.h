// SPDX-License-Identifier: GPL-2.0-or-later
// Encrypted devices: which there are to open, and opening them with cryptsetup.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "stage1/ask.h"
#include "stage1/blockdev.h"
#include "stage1/say.h"

// One line of S1_STORAGE_PATH; all strings are owned.
struct luks {
	char *name;                  // of the mapping, /dev/mapper/NAME
	char *device;                // as fileSystems name devices
	char *header;                // device or file of a detached header, or NULL
	char *key_file;              // device, or file in the initrd; NULL: a passphrase
	char *key_offset, *key_size; // bytes, as cryptsetup takes them, or NULL
	int key_wait_s;              // how long to wait for a key's device; -1: as long as for any device
	bool fallback;               // ask for a passphrase when the key does not come or does not fit
	bool empty;                  // try the empty passphrase first
	bool discard, no_queue;      // --allow-discards; no read and write work queues
	bool tpm2, fido2;            // such a token of systemd-cryptenroll may open it
	int token_wait_s;            // how long to wait for the chip or the stick
	bool opened, given_up;
};

enum luks_result { LUKS_OPENED, LUKS_NOT_YET, LUKS_GIVEN_UP };

// The words after "luks" in a line: NAME DEVICE KEY=VALUE...; false when they make no sense. words are
// borrowed.
bool luks_parse(char *const *words, size_t n, struct luks *ret);
void luks_release(struct luks *l);
// Opens it with the devices that are here. LUKS_NOT_YET: the device, its header or its key is not there;
// *ret_waits_for says which (borrowed). waited_ms: how long that has been so.
enum luks_result luks_open(struct luks *l, struct ask *ask, const struct blockdev *v, size_t n,
        int64_t waited_ms, const struct say *say, const char **ret_waits_for);
