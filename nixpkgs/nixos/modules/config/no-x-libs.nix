# SPDX-License-Identifier: GPL-2.0-or-later
# Packages without X: user space, which stays with the distribution.
{ environment.noXlibs = true; }
