# SPDX-License-Identifier: GPL-2.0-or-later
# All modules of a system, by subject. A new boot option goes into a file of boot/, or a new file that is added here.
[
  ./misc/nixpkgs.nix
  ./misc/assertions.nix
  ./misc/lib.nix
  ./misc/arguments.nix
  ./misc/version.nix
  ./misc/crashdump.nix
  ./misc/renamed.nix
  ./misc/foreign.nix
  ./misc/plain-text.nix
  ./misc/kernel-part.nix
  ./boot/kernel.nix
  ./boot/keymap.nix
  ./boot/kernel-config.nix
  ./boot/modprobe.nix
  ./boot/boot-test.nix
  ./boot/initrd.nix
  ./boot/storage.nix
  ./boot/initrd-network.nix
  ./boot/sysctl.nix
  ./boot/sysfs.nix
  ./boot/loader.nix
  ./boot/secure-boot.nix
  ./boot/fallback.nix
  ./boot/stage-2.nix
  ./boot/memory-file-systems.nix
  ./boot/specialisation.nix
  ./boot/tuning.nix
  ./boot/hardware-modules.nix
  ./boot/device-tree.nix
  ./hardware/report.nix
  ./hardware/trim.nix
  ./system/etc.nix
  ./system/file-systems.nix
  ./system/file-system-modules.nix
  ./system/hardware.nix
  ./system/networking.nix
  ./system/packages.nix
  ./system/systemd.nix
  ./system/top-level.nix
  ./services/earlyoom.nix
  ./services/oomd.nix
]
++ (if builtins.pathExists ./virtualisation/default.nix then [ ./virtualisation/default.nix ]
    else if builtins.pathExists ./virtualisation/vm.nix then [ ./virtualisation/vm.nix ] else [ ])
