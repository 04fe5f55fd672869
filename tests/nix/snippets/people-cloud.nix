# SPDX-License-Identifier: GPL-2.0-or-later
# A machine of a cloud.
# kind: configuration
# says: kernix manages the kernel
{ modulesPath, ... }: { imports = [ (modulesPath + "/virtualisation/amazon-image.nix") ]; ec2.hvm = true; }
