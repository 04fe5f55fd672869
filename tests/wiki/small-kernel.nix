# SPDX-License-Identifier: GPL-2.0-or-later
# Arguments for a kernel that the wiki's rows compile in a minute or two and boot in QEMU with `kernix vm`: everything is
# off but a console, programs, modules, and a virtio disk with ext4. `arch` is kbuild's ARCH.
{ lib, arch ? "x86_64" }:
let
  inherit (lib.kernel) yes no module;
  asked = answer: names: lib.genAttrs names (_: answer);
  pl011 = [ "SERIAL_AMBA_PL011" "SERIAL_AMBA_PL011_CONSOLE" "PCI_HOST_GENERIC" ];
  machine = {
    x86_64 = [ "64BIT" "SERIAL_8250" "SERIAL_8250_CONSOLE" "UNWINDER_FRAME_POINTER" "PROCESSOR_SELECT" "CC_OPTIMIZE_FOR_SIZE" ];
    arm64 = pl011;
    arm = pl011 ++ [ "MMU" "ARCH_MULTIPLATFORM" "ARCH_MULTI_V7" "ARCH_VIRT" "VFP" "NEON" "AEABI" ];
    riscv = [ "64BIT" "MMU" "SERIAL_8250" "SERIAL_8250_CONSOLE" "SERIAL_OF_PLATFORM" "PCI_HOST_GENERIC" "FPU" "RISCV_SBI" ];
  };
  # On by default where they are, and of no use in a virtual machine.
  superfluous.x86_64 = [
    "PERF_EVENTS_INTEL_UNCORE" "PERF_EVENTS_INTEL_RAPL" "PERF_EVENTS_INTEL_CSTATE" "MTRR" "CPU_SUP_INTEL" "CPU_SUP_AMD" "CPU_SUP_HYGON" "CPU_SUP_CENTAUR" "CPU_SUP_ZHAOXIN"
    "X86_VSYSCALL_EMULATION" "X86_16BIT" "MODIFY_LDT_SYSCALL" "INTEL_MEI" "SERIAL_8250_MID" "SERIAL_8250_LPSS" "PCSPKR_PLATFORM" "DMI" "SERIAL_8250_EXAR" "SERIAL_8250_PERICOM"
  ];
in
{
  defconfig = "allnoconfig";
  enableCommonConfig = false;
  autoModules = false;
  structuredExtraConfig =
    asked yes ([
      "EXPERT" "PRINTK" "BUG" "TTY" "BINFMT_ELF" "BINFMT_SCRIPT" "MULTIUSER" "FUTEX" "EPOLL" "SIGNALFD" "TIMERFD" "EVENTFD" "POSIX_TIMERS"
      "FILE_LOCKING" "ADVISE_SYSCALLS" "BLK_DEV_INITRD" "RD_ZSTD" "RD_GZIP" "MODULES" "MODULE_UNLOAD" "PROC_FS" "PROC_SYSCTL" "SYSFS" "DEVTMPFS"
      "SHMEM" "TMPFS" "PCI" "BLOCK" "BLK_DEV" "VIRTIO_MENU" "VIRTIO_PCI" "VIRTIO_BLK" "EXT4_FS" "PARTITION_ADVANCED"
    ] ++ machine.${arch})
    // asked module [ "BLK_DEV_LOOP" ]
    // asked no ([
      "RD_BZIP2" "RD_LZMA" "RD_XZ" "RD_LZO" "RD_LZ4" "IO_URING" "AIO" "COREDUMP" "VT" "INPUT" "HID_SUPPORT" "USB_SUPPORT" "RTC_CLASS" "NVMEM"
      "MISC_FILESYSTEMS" "VGA_ARB" "SLUB_DEBUG" "FHANDLE" "SECRETMEM" "PTP_1588_CLOCK" "PPS" "BLK_DEV_BSG" "SYSFS_SYSCALL" "NAMESPACES" "PCI_QUIRKS"
      "MEMBARRIER" "EFI_PARTITION" "DEBUG_MISC" "LEGACY_TIOCSTI" "RSEQ" "CACHESTAT_SYSCALL" "CRYPTO_HW" "PCIEASPM" "VIRTIO_PCI_LEGACY"
    ] ++ superfluous.${arch} or [ ]);
}
