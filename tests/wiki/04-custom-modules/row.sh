# SPDX-License-Identifier: GPL-2.0-or-later
# what: modules of the system's own kernel are built and found by modprobe; those of another kernel are refused
must "the same system as real Nix" same_system "$row/snippet.nix"
must "modprobe knows bbswitch" guest bbswitch '[1-9]'
must "acpi_call works" guest acpi_call there
