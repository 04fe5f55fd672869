# SPDX-License-Identifier: GPL-2.0-or-later
# What a file of the search path answers.
42
