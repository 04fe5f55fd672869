// SPDX-License-Identifier: GPL-2.0-or-later
// Which files of a tree are drivers for a device: aliases of the whole tree, and matching.
#pragma once

#include "base/buf.h"
#include "kconfig/devtable.h"

struct dalias {
	const char *pattern, *file; // file: below the tree; or a module's name, from a modules.alias
};

// All zero is empty.
struct daliases {
	struct dalias *v;
	size_t len, cap, files, entries, unread; // unread: tables and entries that could not be read
	struct arena arena;
};

// Scans the C sources of the tree, folders of other architectures left out. prefixes: as of struct dscan.
void daliases_scan(struct daliases *a, struct kconfig *k, char *const *prefixes);
// Lines "alias PATTERN MODULE".
void daliases_read(struct daliases *a, const char *text, size_t len);
void daliases_release(struct daliases *a);
#define _cleanup_daliases_ _cleanup_(daliases_release)

// From what people type to aliases: "pci:8086:10d3", "8086:10d3" (PCI and USB), "usb:0bda:8153",
// "acpi:PNP0C0A", "of:VENDOR,DEVICE", a modalias. Fields that are not known are '\1'. Appends to ret (strv);
// false when the word is no device.
bool dquery(const char *word, char ***ret);
// The same of a line that 'lspci -n' or 'lsusb' prints. They do not tell interfaces.
bool dquery_line(const char *line, char ***ret);
enum dmatch { DMATCH_NONE, DMATCH_MAYBE, DMATCH_SURE };
// SURE: whatever the unknown fields are; MAYBE: by class, if it is of that one.
enum dmatch dmatch(const char *pattern, const char *query);
