# SPDX-License-Identifier: GPL-2.0-or-later
# What every kernel of this package set is asked for unless enableCommonConfig = false: a kernel for a general machine,
# desktop or server, with everything else as modules. All entries have default priority, so that whatever a person asks
# for wins without mkForce. Optional entries are for what only some versions or architectures have.
{ lib, version, hostPlatform, features ? { }, isHardened ? false }:
with lib.kernel;
let
  inherit (whenHelpers version) whenAtLeast whenOlder whenBetween;
  yes' = option yes;
  no' = option no;
  module' = option module;
  text' = value: option (freeform value);
  all = answer: names: lib.genAttrs names (_: answer);
  is64 = hostPlatform.is64bit or true;
  isx86 = hostPlatform.isx86 or true;
  when = condition: answers: lib.optionalAttrs condition answers;

  boot = all yes' [ "EFI" "EFI_STUB" "EFIVAR_FS" "BLK_DEV_INITRD" "RD_GZIP" "RD_XZ" "RD_ZSTD" "RD_LZ4" "DEVTMPFS" "DEVTMPFS_MOUNT"
    "TMPFS" "TMPFS_POSIX_ACL" "TMPFS_XATTR" "PROC_FS" "SYSFS" "UNIX98_PTYS" "IKCONFIG" "IKCONFIG_PROC" "MODULES" "MODULE_UNLOAD" ]
    // { UEVENT_HELPER = no'; LEGACY_PTYS = no'; MODULE_SIG = no'; MODULE_COMPRESS_NONE = whenOlder "6.12" no'; SYSVIPC = yes'; POSIX_MQUEUE = yes'; };

  # What systemd and container engines need.
  userland = all yes' [ "CGROUPS" "CGROUP_SCHED" "CGROUP_PIDS" "CGROUP_DEVICE" "CGROUP_CPUACCT" "CGROUP_PERF" "CGROUP_BPF" "CGROUP_FREEZER" "CGROUP_HUGETLB"
    "MEMCG" "BLK_CGROUP" "CPUSETS" "FAIR_GROUP_SCHED" "CFS_BANDWIDTH" "NAMESPACES" "UTS_NS" "IPC_NS" "USER_NS" "PID_NS" "NET_NS"
    "INOTIFY_USER" "SIGNALFD" "TIMERFD" "EPOLL" "FANOTIFY" "FHANDLE" "EVENTFD" "AIO" "IO_URING" "SECCOMP" "SECCOMP_FILTER" "AUTOFS_FS"
    "CHECKPOINT_RESTORE" "AUDIT" "PSI" "BPF_SYSCALL" "BPF_JIT" "BPF_JIT_ALWAYS_ON" "KEYS" "MEMFD_CREATE" "CROSS_MEMORY_ATTACH" "DMIID" "EXPERT" ]
    // { RT_GROUP_SCHED = no'; BPF_UNPRIV_DEFAULT_OFF = yes'; CRYPTO_USER_API_HASH = module'; CRYPTO_USER_API_SKCIPHER = module'; };

  scheduling = {
    HIGH_RES_TIMERS = yes';
    NO_HZ_IDLE = yes';
    PREEMPT_VOLUNTARY = whenOlder "6.13" yes';
    PREEMPT_LAZY = whenAtLeast "6.13" yes';
    PREEMPT_DYNAMIC = yes';
    HZ_250 = yes';
    SCHED_AUTOGROUP = yes';
    SCHED_CORE = whenAtLeast "5.14" yes';
    UCLAMP_TASK = yes';
    RCU_NOCB_CPU = no';
    CPU_FREQ_DEFAULT_GOV_SCHEDUTIL = yes';
    ENERGY_MODEL = yes';
  };

  memory = all yes' [ "TRANSPARENT_HUGEPAGE" "COMPACTION" "MIGRATION" "KSM" "SWAP" "ZSWAP" "HUGETLBFS" ]
    // {
      TRANSPARENT_HUGEPAGE_MADVISE = yes';
      LRU_GEN = whenAtLeast "6.1" yes';
      LRU_GEN_ENABLED = whenAtLeast "6.1" yes';
      ZRAM = module';
      ZRAM_MULTI_COMP = whenAtLeast "6.2" yes';
      Z3FOLD = whenBetween "4.8" "6.12" module';
    } // when is64 { NUMA = yes'; NUMA_BALANCING = yes'; MEMORY_HOTPLUG = yes'; MEMORY_HOTREMOVE = yes'; };

  storage = all module' [ "BLK_DEV_LOOP" "BLK_DEV_NBD" "BLK_DEV_NVME" "SATA_AHCI" "ATA_PIIX" "BLK_DEV_SD" "BLK_DEV_SR" "SCSI_VIRTIO" "USB_STORAGE" "USB_UAS"
    "BLK_DEV_DM" "DM_CRYPT" "DM_SNAPSHOT" "DM_MIRROR" "DM_THIN_PROVISIONING" "DM_CACHE" "DM_VERITY" "DM_INTEGRITY" "BLK_DEV_MD" "MD_RAID0" "MD_RAID1" "MD_RAID10" "MD_RAID456" "MMC_BLOCK" "BCACHE" ]
    // all yes' [ "BLK_DEV_INTEGRITY" "BLK_SED_OPAL" "IOSCHED_BFQ" "MQ_IOSCHED_DEADLINE" "MQ_IOSCHED_KYBER" "MD" "PARTITION_ADVANCED" "EFI_PARTITION" "NVME_MULTIPATH" "SCSI_LOWLEVEL" "SCSI_SAS_ATA" "ASYNC_RAID6_TEST" ]
    // { ASYNC_RAID6_TEST = no'; };

  filesystems = all module' [ "EXT4_FS" "XFS_FS" "BTRFS_FS" "F2FS_FS" "FUSE_FS" "OVERLAY_FS" "SQUASHFS" "ISO9660_FS" "UDF_FS" "VFAT_FS" "EXFAT_FS" "NTFS3_FS" "CIFS" "NFS_FS" "NFSD" "NFS_V4" "CEPH_FS" "9P_FS" "EROFS_FS" "VIRTIO_FS" "ECRYPT_FS" "CUSE" ]
    // all yes' [ "EXT4_FS_POSIX_ACL" "EXT4_FS_SECURITY" "XFS_QUOTA" "XFS_POSIX_ACL" "XFS_RT" "BTRFS_FS_POSIX_ACL" "F2FS_FS_SECURITY" "F2FS_FS_COMPRESSION" "FS_ENCRYPTION" "FS_VERITY" "QUOTA" "NLS"
      "SQUASHFS_XATTR" "SQUASHFS_ZLIB" "SQUASHFS_LZO" "SQUASHFS_XZ" "SQUASHFS_LZ4" "SQUASHFS_ZSTD" "SQUASHFS_FILE_DIRECT" "SQUASHFS_CHOICE_DECOMP_BY_MOUNT"
      "NFSD_V4" "NFS_SWAP" "NFS_V4_1" "NFS_V4_2" "NFS_FSCACHE" "NFS_V4_SECURITY_LABEL" "CIFS_XATTR" "CIFS_POSIX" "CIFS_DFS_UPCALL" "CIFS_FSCACHE" "CEPH_FSCACHE" "CEPH_FS_POSIX_ACL" "9P_FS_POSIX_ACL" "UNICODE" ]
    // { BCACHEFS_FS = whenBetween "6.7" "6.17" module'; NLS_UTF8 = module'; NLS_CODEPAGE_437 = module'; NLS_ISO8859_1 = module'; NLS_DEFAULT = text' "utf8"; };

  network = all yes' [ "NET" "INET" "IPV6" "IP_ADVANCED_ROUTER" "IP_MULTIPLE_TABLES" "IP_MULTICAST" "IP_PNP" "IPV6_MULTIPLE_TABLES" "IPV6_SUBTREES" "IPV6_MROUTE" "IPV6_OPTIMISTIC_DAD" "IPV6_SEG6_LWTUNNEL" "NETFILTER" "NETFILTER_ADVANCED"
    "NET_SCHED" "NET_L3_MASTER_DEV" "NET_CLS_BPF" "NET_ACT_BPF" "NET_CLS_ACT" "BPF_STREAM_PARSER" "XDP_SOCKETS" "TCP_CONG_ADVANCED" "TCP_MD5SIG" "MPTCP" "MPTCP_IPV6" "CGROUP_NET_PRIO" "CGROUP_NET_CLASSID" "VLAN_8021Q_GVRP" "WIRELESS" "CFG80211_WEXT" "RFKILL_INPUT" "BT_HCIUART_LL" "HAMRADIO" ]
    // all module' [ "TCP_CONG_BBR" "TCP_CONG_CUBIC" "NET_SCH_FQ" "NET_SCH_FQ_CODEL" "NET_SCH_CAKE" "NET_CLS_BPF" "WIREGUARD" "TUN" "TAP" "VETH" "BRIDGE" "BONDING" "MACVLAN" "IPVLAN" "VXLAN" "DUMMY" "IFB" "VLAN_8021Q" "NET_VRF" "NETCONSOLE"
      "NF_TABLES" "NF_CONNTRACK" "NF_NAT" "NFT_CT" "NFT_NAT" "NFT_MASQ" "NFT_REJECT" "IP_NF_IPTABLES" "IP6_NF_IPTABLES" "IP_VS" "IP_SET" "BRIDGE_NETFILTER" "NETFILTER_XT_MATCH_CONNTRACK" "IP_NF_MATCH_RPFILTER" "IP6_NF_MATCH_RPFILTER"
      "E1000" "E1000E" "IGB" "IGC" "IXGBE" "R8169" "VIRTIO_NET" "MAC80211" "CFG80211" "IWLWIFI" "BT" "BT_HCIBTUSB" "USB_USBNET" "RFKILL" ]
    // { NF_TABLES_INET = yes'; NF_TABLES_NETDEV = yes'; NF_CONNTRACK_ZONES = yes'; NF_CONNTRACK_EVENTS = yes'; NF_CONNTRACK_TIMEOUT = yes'; NF_CONNTRACK_TIMESTAMP = yes';
         NETFILTER_XTABLES_LEGACY = whenAtLeast "6.18" yes'; NET_SCH_BPF = whenAtLeast "6.16" yes'; SUNRPC_DEBUG = yes'; WERROR = no'; };

  devices = all yes' [ "PCI" "PCIEPORTBUS" "HOTPLUG_PCI" "HOTPLUG_PCI_PCIE" "USB_SUPPORT" "USB_ANNOUNCE_NEW_DEVICES" "USB_HIDDEV" "HIDRAW" "HID_BATTERY_STRENGTH" "INPUT_JOYSTICK" "INPUT_TABLET" "INPUT_TOUCHSCREEN" "SERIAL_8250" "SERIAL_8250_CONSOLE" "SERIAL_DEV_BUS"
    "RTC_CLASS" "RTC_HCTOSYS" "WATCHDOG" "THERMAL" "POWERCAP" "PM" "SUSPEND" "HIBERNATION" "CPU_FREQ" "CPU_IDLE" "GPIOLIB" "SPI" "GPIO_CDEV" "PINCTRL" "LEDS_CLASS" "LEDS_TRIGGERS" "FW_LOADER_COMPRESS" "FW_LOADER_COMPRESS_ZSTD" "MEDIA_CAMERA_SUPPORT" "MEDIA_USB_SUPPORT" "MEDIA_DIGITAL_TV_SUPPORT" "MEDIA_PCI_SUPPORT" ]
    // all module' [ "USB" "USB_XHCI_HCD" "USB_EHCI_HCD" "USB_OHCI_HCD" "USB_UHCI_HCD" "HID_GENERIC" "USB_HID" "I2C_CHARDEV" "SPI_SPIDEV" "SND" "SND_HDA_INTEL" "SND_USB_AUDIO" "SND_SOC" "MEDIA_SUPPORT" "VIDEO_DEV" "USB_VIDEO_CLASS" "IIO" "HWMON" "TCG_TPM" "TCG_TIS" "DRM" "DRM_AMDGPU" "DRM_NOUVEAU" "DRM_VIRTIO_GPU" "DRM_VGEM" "DRM_VKMS" ]
    // { FRAMEBUFFER_CONSOLE = yes'; FRAMEBUFFER_CONSOLE_DEFERRED_TAKEOVER = yes'; FB = yes'; FB_EFI = yes'; DRM_SIMPLEDRM = whenAtLeast "5.14" module'; SYSFB_SIMPLEFB = whenAtLeast "5.15" yes'; DRM_FBDEV_EMULATION = yes'; DRM_AMD_DC_SI = yes'; DRM_AMDGPU_SI = yes'; DRM_AMDGPU_CIK = yes'; LOGO = no'; SND_DYNAMIC_MINORS = yes'; SND_HDA_RECONFIG = yes'; SND_HDA_PATCH_LOADER = yes'; SND_HDA_POWER_SAVE_DEFAULT = text' "1"; BT_HCIUART = module'; BT_HCIUART_BCSP = yes'; BT_HCIUART_H4 = yes'; STAGING = yes'; REGULATOR = yes'; DMABUF_HEAPS = yes'; ACCESSIBILITY = yes'; SPEAKUP = module'; };

  virtualisation = all module' [ "VIRTIO_PCI" "VIRTIO_BLK" "VIRTIO_CONSOLE" "VIRTIO_BALLOON" "VIRTIO_INPUT" "VIRTIO_MMIO" "HW_RANDOM_VIRTIO" "VSOCKETS" "VIRTIO_VSOCKETS" "VHOST_NET" "VHOST_VSOCK" "VFIO" "VFIO_PCI" ]
    // all yes' [ "VIRTUALIZATION" "VIRT_DRIVERS" "PARAVIRT" "KVM_GENERIC_DIRTYLOG_READ_PROTECT" "XEN" "XEN_DOM0" "HYPERV" "IOMMU_SUPPORT" "UDMABUF" ]
    // when isx86 (all yes' [ "HYPERVISOR_GUEST" "PARAVIRT_SPINLOCKS" "KVM_GUEST" "KVM_ASYNC_PF" "VFIO_PCI_VGA" ]
      // { KVM = module'; HYPERV = module'; VBOXGUEST = module'; DRM_VBOXVIDEO = module'; DRM_I915 = module'; })
    // when (!isx86) { KVM = yes'; HYPERV = module'; };

  security = all yes' [ "SECURITY" "SECURITY_YAMA" "SECURITY_LANDLOCK" "SECURITY_APPARMOR" "SECURITY_SELINUX" "SECURITY_DMESG_RESTRICT" "HARDENED_USERCOPY" "STRICT_KERNEL_RWX" "STRICT_MODULE_RWX" "STACKPROTECTOR_STRONG" "RANDOMIZE_BASE" "VMAP_STACK" ]
    // {
      SECURITY_SELINUX = no';
      SECURITY_DMESG_RESTRICT = if isHardened then yes' else no';
      DEFAULT_SECURITY_APPARMOR = yes';
      LSM = text' "landlock,yama,bpf";
      DEVKMEM = whenOlder "5.13" no';
      RANDOM_TRUST_CPU = whenOlder "6.2" yes';
      RANDOM_TRUST_BOOTLOADER = whenOlder "6.2" yes';
      STRICT_DEVMEM = yes';
      IO_STRICT_DEVMEM = yes';
      USER_NS = yes';
    };

  # BTF needs much memory and pahole; it is asked for where the host is big enough to build it with ease.
  debugging = {
    DEBUG_KERNEL = yes';
    DEBUG_FS = yes';
    DEBUG_INFO_NONE = whenAtLeast "5.18" yes';
    DEBUG_INFO_BTF = no';
    DEBUG_LIST = yes';
    DYNAMIC_DEBUG = yes';
    MAGIC_SYSRQ = yes';
    # As NixOS has it: sync only, until kernel.sysrq says more.
    MAGIC_SYSRQ_DEFAULT_ENABLE = text' "0x10";
    SCHEDSTATS = yes';
    DETECT_HUNG_TASK = yes';
    PANIC_ON_OOPS = no';
    FTRACE = yes';
    FUNCTION_TRACER = yes';
    DYNAMIC_FTRACE = yes';
    KPROBES = yes';
    KPROBE_EVENTS = yes';
    UPROBE_EVENTS = yes';
    BPF_EVENTS = yes';
    TRACEPOINTS = yes';
    PROVIDE_OHCI1394_DMA_INIT = no';
    RCU_TORTURE_TEST = no';
    KUNIT = no';
    CRC32_SELFTEST = no';
    BACKTRACE_SELF_TEST = no';
    GLOB_SELFTEST = no';
    LOCK_TORTURE_TEST = no';
    NOTIFIER_ERROR_INJECTION = no';
    INTERVAL_TREE_TEST = no';
    RBTREE_TEST = no';
    PERCPU_TEST = no';
    TEST_KMOD = no';
    PSTORE = yes';
    PSTORE_RAM = module';
    EFI_VARS_PSTORE = module';
  };

  x86 = all yes' [ "X86_MSR" "X86_CPUID" "MICROCODE" "X86_INTEL_PSTATE" "X86_AMD_PSTATE" "X86_X2APIC" "IRQ_REMAP" "INTEL_IOMMU" "INTEL_IOMMU_SVM" "AMD_IOMMU" "X86_CHECK_BIOS_CORRUPTION" "X86_MCE" "MTRR_SANITIZER" "EFI_MIXED" "IA32_EMULATION" "PVH" "PERF_EVENTS_AMD_BRS" "INTEL_IDLE" "INTEL_TURBO_MAX_3" "ACPI" "ACPI_DPTF" "ACPI_FPDT" "ACPI_HMAT" "X86_SGX" "X86_USER_SHADOW_STACK" "AMD_MEM_ENCRYPT" "VGA_SWITCHEROO" "KVM_INTEL" "KVM_AMD" "KVM_AMD_SEV" "CRYPTO_DEV_CCP" ]
    // { KERNEL_ZSTD = yes'; X86_MSR = module'; X86_CPUID = module'; KVM_INTEL = module'; KVM_AMD = module'; NR_CPUS = text' "512"; INTEL_RAPL = module'; PERF_EVENTS_INTEL_RAPL = module'; PERF_EVENTS_INTEL_UNCORE = module'; DRM_I915_GVT = yes'; CRASH_DUMP = yes'; KEXEC_FILE = yes'; KEXEC_JUMP = yes'; }
    // when (!(features.ia32Emulation or true)) { IA32_EMULATION = no'; };
in
boot // userland // scheduling // memory // storage // filesystems // network // devices // virtualisation // security // debugging
  // when isx86 x86
  // when (!isx86) { NR_CPUS = text' "512"; }
