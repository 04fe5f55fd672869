# SPDX-License-Identifier: GPL-2.0-or-later
# What a folder of the search path answers.
"foo-default"
