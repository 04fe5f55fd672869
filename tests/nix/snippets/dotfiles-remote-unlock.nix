# SPDX-License-Identifier: GPL-2.0-or-later
# Unlocking from afar.
# kind: configuration
{ boot.initrd = { availableKernelModules = [ "r8169" ]; network = { enable = true; ssh = { enable = true; port = 2222; hostKeys = [ "/k" ]; authorizedKeys = [ "ssh-rsa x" ]; }; }; }; boot.kernelParams = [ "ip=dhcp" ]; }
