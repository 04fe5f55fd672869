# SPDX-License-Identifier: GPL-2.0-or-later
# Containers by Incus.
# kind: configuration
{ virtualisation.incus.enable = true; networking.nftables.enable = true; networking.firewall.trustedInterfaces = [ "incusbr0" ]; boot.kernel.sysctl."fs.inotify.max_user_watches" = 2097152; }
