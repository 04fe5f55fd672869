# SPDX-License-Identifier: GPL-2.0-or-later
# More profiles.
# kind: configuration
{ modulesPath, ... }: { imports = [ ./hardware/scanned.nix (modulesPath + "/profiles/headless.nix") (modulesPath + "/profiles/all-hardware.nix") "${modulesPath}/profiles/base.nix" (modulesPath + "/hardware/network/broadcom-43xx.nix") ]; }
