# SPDX-License-Identifier: GPL-2.0-or-later
# A label is a word.
{ system.nixos.label = "a\nb"; }
