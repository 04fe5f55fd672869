// SPDX-License-Identifier: GPL-2.0-or-later
// The user's home folder.
#pragma once

// $HOME, unless it belongs to somebody else (sudo may leave the caller's): then, and when it is not set, the
// folder of the passwd entry, with a warning once. What is read there decides what we do, and what is written
// follows the links in it. Owned; NULL when there is none.
char *home_dir(void);
// $XDG_CONFIG_HOME by the same rule, else .config in home_dir. Owned; NULL when there is none.
char *config_dir(void);
