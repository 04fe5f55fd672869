// SPDX-License-Identifier: GPL-2.0-or-later
// What the parts of an activation share while they plan: the list of steps. Private to src/boot.
#pragma once

#include "boot/activate.h"

enum step_kind { STEP_WRITE, STEP_LINK, STEP_REMOVE, STEP_SYSCTL, STEP_MODULE, STEP_UNIT };

struct step {
	enum step_kind kind;
	char *path; // file, sysctl's file, name of the module or unit ("" for systemd as a whole)
	char *text; // content, target, value or systemctl's verb
};

struct activation {
	struct step *steps;
	size_t len, cap;
	char **changes, **notes;
	const struct activate_opts *o; // only while planning
	struct store *s;
};

// path and text (may be NULL) are copied; change is taken, NULL for a step that a person need not read of.
void activation_step(
        struct activation *a, enum step_kind kind, const char *path, const char *text, char *change);
// Names in a folder, NULL when there is none; owned by the caller.
char **activation_names(const char *dir);
// Runs a command; where it fails, `what` and the first line of what it said go to *failed.
void activation_run(char *const *argv, int limit_ms, const char *what, char ***failed);
// The system's units below /run/systemd/system, where systemd runs (activate-units.c).
void activation_plan_units(struct activation *a);
int activation_do_unit(const struct step *s, char ***failed, struct err *e);
