# SPDX-License-Identifier: GPL-2.0-or-later
# A machine in the cloud.
# kind: configuration
{ modulesPath, ... }: { imports = [ "${modulesPath}/virtualisation/amazon-image.nix" ]; ec2.hvm = true; ec2.efi = true; }
