// SPDX-License-Identifier: GPL-2.0-or-later
// What the parts of an activation share while they plan: the list of steps. Private to src/boot.
#pragma once

#include "base/buf.h"
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
	struct err err; // the first: what is not known is not planned, so nothing is done
};

// path and text (may be NULL) are copied; change is taken, NULL for a step that a person need not read of.
void activation_step(
        struct activation *a, enum step_kind kind, const char *path, const char *text, char *change);
// Questions of the plan; an error is kept in a->err, which the plan then ends with.
// Names in a folder, none when it is not there; owned by the caller.
char **activation_names(struct activation *a, const char *dir);
// Where a link leads, NULL when there is none; owned.
char *activation_link(struct activation *a, const char *path);
// The real name of a file of the system, owned.
char *activation_file(struct activation *a, const char *logical);
// Does it exist; and its text, when it does.
bool activation_read(struct activation *a, const char *file, struct buf *b);
bool activation_exists(struct activation *a, const char *path);
bool activation_is_dir(struct activation *a, const char *path);
// Runs a command; where it fails, `what` and the first line of what it said go to *failed.
void activation_run(char *const *argv, int limit_ms, const char *what, char ***failed);
// The system's units below /run/systemd/system, where systemd runs (activate-units.c).
void activation_plan_units(struct activation *a);
int activation_do_unit(const struct step *s, char ***failed, struct err *e);
