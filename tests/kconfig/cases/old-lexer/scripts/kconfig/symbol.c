// SPDX-License-Identifier: GPL-2.0-or-later
// Trees before 4.20 have zconf.l and zconf.gperf in place of lexer.l.
