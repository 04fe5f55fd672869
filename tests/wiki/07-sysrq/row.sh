# SPDX-License-Identifier: GPL-2.0-or-later
# what: the sysctl is set, Alt+SysRq+h on the guest's keyboard acts; earlyoom and systemd-oomd are enabled
must "the same system as real Nix" same_system "$row/snippet.nix"
must "the same with the two daemons" same_system "$row/daemons.nix"
must "the sysctl is set" guest sysrq '^1$'
must "the key acts" guest sysrq-key 'sysrq: HELP'
must "earlyoom is enabled" guest units 'multi-user.target.wants:.*earlyoom.service'
must "systemd-oomd is enabled" guest units 'multi-user.target.wants:.*systemd-oomd.service'
must "earlyoom's program" guest earlyoom '/nix/store/.*-earlyoom-.*/bin/earlyoom'
