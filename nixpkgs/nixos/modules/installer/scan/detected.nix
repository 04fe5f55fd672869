# SPDX-License-Identifier: GPL-2.0-or-later
# What a hardware-configuration.nix imports where the scan knew the machine.
{ }
