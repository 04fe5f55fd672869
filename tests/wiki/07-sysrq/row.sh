# SPDX-License-Identifier: GPL-2.0-or-later
# what: SysRq is on; earlyoom and systemd-oomd are enabled
must "the same system as real Nix" same_system "$row/snippet.nix"
must "the sysctl is set" guest sysrq '^1$'
must "the units are enabled" guest units 'earlyoom.service.*systemd-oomd.service'
