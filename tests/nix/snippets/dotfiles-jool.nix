# SPDX-License-Identifier: GPL-2.0-or-later
# NAT64.
# kind: configuration
# says: the rest is left to the distribution: networking.jool.enable
{ networking.jool = { enable = true; nat64.default = { global.pool6 = "64:ff9b::/96"; }; }; }
