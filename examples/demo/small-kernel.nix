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

      # QEMU's machine: PCI, ACPI (for the power button), a virtio disc with ext4, nothing else.
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
      EXT4_FS = yes;

      # Enough of a network for its sysctls.
      NET = yes;
      UNIX = yes;
      INET = yes;
      NETDEVICES = yes;
      NET_CORE = yes;
      DUMMY = module;
    } // lib.genAttrs [
      # What comes by default with the above, and what nobody needs in a machine of QEMU: each costs seconds of compiling.
      "IPV6" "WIRELESS" "WLAN" "ETHERNET" "INET_DIAG" "ETHTOOL_NETLINK" "VT" "INPUT" "HID_SUPPORT" "USB_SUPPORT" "IO_URING" "AIO" "COREDUMP"
      "MTRR" "CPU_FREQ" "SCHED_MC" "SCHED_CLUSTER" "INTEL_MEI" "PTP_1588_CLOCK" "PPS" "NETWORK_FILESYSTEMS" "MISC_FILESYSTEMS" "CRYPTO_HW"
      "RD_BZIP2" "RD_LZMA" "RD_XZ" "RD_LZO" "RD_LZ4" "XZ_DEC" "ACPI_AC" "ACPI_BATTERY" "ACPI_FAN" "ACPI_THERMAL" "ACPI_PROCESSOR" "ACPI_PCC" "THERMAL"
      "POWER_SUPPLY" "RTC_CLASS" "NVMEM" "PCIEASPM" "VGA_ARB" "VGA_CONSOLE" "SLUB_DEBUG" "RCU_TRACE" "FHANDLE" "SECRETMEM" "MAILBOX"
      "MODIFY_LDT_SYSCALL" "SERIAL_8250_EXAR" "SERIAL_8250_LPSS" "SERIAL_8250_MID" "SERIAL_8250_PERICOM" "PCSPKR_PLATFORM" "BLK_DEV_BSG"
      "PERF_EVENTS_INTEL_UNCORE" "PERF_EVENTS_INTEL_RAPL" "PERF_EVENTS_INTEL_CSTATE" "DEBUG_MISC" "LEGACY_TIOCSTI" "RSEQ" "CACHESTAT_SYSCALL"
    ] (_: no);
  });
}
