# SPDX-License-Identifier: GPL-2.0-or-later
# A system without Bash: user space, which stays with the distribution.
{ }
