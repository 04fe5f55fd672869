# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel that boots in QEMU and builds in a few minutes: everything is off but what is asked for here.
{ lib, pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_debian.override {
    defconfig = "allnoconfig";
    enableCommonConfig = false;
    autoModules = false;
    structuredExtraConfig = with lib.kernel; {
      # A processor with a console that can run programs.
      EXPERT = yes;
      "64BIT" = yes;
      SMP = yes;
      PRINTK = yes;
      BUG = yes;
      KALLSYMS = yes;
      UNWINDER_FRAME_POINTER = yes;
      KERNEL_ZSTD = yes;
      TTY = yes;
      SERIAL_8250 = yes;
      SERIAL_8250_CONSOLE = yes;
      BINFMT_ELF = yes;
      BINFMT_SCRIPT = yes;
      MULTIUSER = yes;
      FUTEX = yes;
      EPOLL = yes;
      EVENTFD = yes;
      SIGNALFD = yes;
      TIMERFD = yes;
      INOTIFY_USER = yes;
      POSIX_TIMERS = yes;
      HIGH_RES_TIMERS = yes;
      FILE_LOCKING = yes;
      ADVISE_SYSCALLS = yes;
      MEMBARRIER = yes;
      RTC_CLASS = yes;

      # The initial RAM disk, modules, and the file systems of every system.
      BLK_DEV_INITRD = yes;
      RD_GZIP = yes;
      RD_ZSTD = yes;
      MODULES = yes;
      MODULE_UNLOAD = yes;
      PROC_FS = yes;
      PROC_SYSCTL = yes;
      SYSFS = yes;
      DEVTMPFS = yes;
      SHMEM = yes;
      TMPFS = yes;

      # QEMU's machine: PCI, ACPI (for the power button), a virtio disc with ext4, random numbers.
      PCI = yes;
      ACPI = yes;
      HYPERVISOR_GUEST = yes;
      PARAVIRT = yes;
      KVM_GUEST = yes;
      BLOCK = yes;
      BLK_DEV = yes;
      VIRTIO_MENU = yes;
      VIRTIO_PCI = module;
      VIRTIO_BLK = module;
      HW_RANDOM = module;
      HW_RANDOM_VIRTIO = module;
      EXT4_FS = yes;
      MISC_FILESYSTEMS = yes;
      SQUASHFS = module;
      SQUASHFS_ZSTD = yes;
      OVERLAY_FS = module;

      # Enough of a network for its sysctls.
      NET = yes;
      UNIX = yes;
      INET = yes;
      NETDEVICES = yes;
      NET_CORE = yes;
      DUMMY = module;
    };
  });
}
