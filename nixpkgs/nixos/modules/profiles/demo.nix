# SPDX-License-Identifier: GPL-2.0-or-later
# A demonstration for virtual machines: user space, which stays with the distribution.
{ }
