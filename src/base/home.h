// SPDX-License-Identifier: GPL-2.0-or-later
// The user's home folder, and the one for temporary files.
#pragma once

// $HOME, unless it belongs to somebody else (sudo may leave the caller's): then, and when it is not set, the
// folder of the passwd entry, with a warning once. What is read there decides what we do, and what is written
// follows the links in it. Owned; NULL when there is none.
char *home_dir(void);
// $XDG_CONFIG_HOME by the same rule, else .config in home_dir. Owned; NULL when there is none.
char *config_dir(void);
// Where temporary files are made: $TMPDIR, unless that, or a folder above it, is one in which somebody else
// than us and root could put other things in the place of ours (sudo may leave the caller's); then /tmp, with
// a warning once. Valid as long as the environment is.
const char *temporary_dir(void);
