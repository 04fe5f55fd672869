# SPDX-License-Identifier: GPL-2.0-or-later
# A host of VirtualBox.
# kind: configuration
{ virtualisation.virtualbox.host.enable = true; virtualisation.virtualbox.host.enableExtensionPack = true; users.extraGroups.vboxusers.members = [ "me" ]; }
