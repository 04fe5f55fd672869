# SPDX-License-Identifier: GPL-2.0-or-later
# A system without Perl: user space, which stays with the distribution.
{ }
