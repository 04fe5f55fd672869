// SPDX-License-Identifier: GPL-2.0-or-later
// Which programs, in which version, an option waits for: "RUST_IS_AVAILABLE: Rust needs rustc 1.78.0, ...".
// Programs are asked for their versions in the environment of the tree's own probes.
#pragma once

#include "kconfig/request.h"

// Lines for one symbol that is n, each after "  toolchain: "; nothing where no program is the cause.
void kconfig_tool_facts(struct kconfig *k, const char *name, struct buf *b);
// The same for all that failed, under one heading, each once.
void kreport_tools(struct kconfig *k, const struct kreport *rep, struct buf *b);
