# SPDX-License-Identifier: GPL-2.0-or-later
# A desktop: user space, which stays with the distribution.
{ }
