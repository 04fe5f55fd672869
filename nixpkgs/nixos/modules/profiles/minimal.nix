# SPDX-License-Identifier: GPL-2.0-or-later
# A small system. What it leaves out on NixOS (documentation, fonts, desktop parts) is none of ours.
{ }
