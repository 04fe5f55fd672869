// SPDX-License-Identifier: GPL-2.0-or-later
// Things that take several options, and what their own documentation asks of a kernel. To add one: a row;
// options that a tree does not have are left out, so old and new names may stand beside each other.
#include <ctype.h>
#include <string.h>
#include "base/mem.h"
#include "base/str.h"
#include "kconfig/concepts.h"
#include "kconfig/model.h"

static const struct concept {
	const char *names; // what people write, in capitals
	const char *what;  // in words
	const char *options;
}
concepts[] = {
        {"DOCKER PODMAN CONTAINER CONTAINERS CONTAINERD KUBERNETES K8S K3S LXC LXD INCUS NSPAWN",
                "containers need",
                "NAMESPACES UTS_NS IPC_NS PID_NS NET_NS USER_NS CGROUPS CGROUP_CPUACCT CGROUP_DEVICE "
                "CGROUP_FREEZER CGROUP_SCHED CGROUP_PIDS CPUSETS MEMCG BLK_CGROUP FAIR_GROUP_SCHED "
                "CFS_BANDWIDTH KEYS SECCOMP SECCOMP_FILTER POSIX_MQUEUE OVERLAY_FS VETH BRIDGE "
                "BRIDGE_NETFILTER NF_NAT IP_NF_FILTER IP_NF_NAT IP_NF_TARGET_MASQUERADE "
                "NETFILTER_XT_MATCH_ADDRTYPE NETFILTER_XT_MATCH_CONNTRACK NETFILTER_XT_MARK CGROUP_BPF"},
        {"SYSTEMD", "systemd needs",
                "DEVTMPFS CGROUPS INOTIFY_USER SIGNALFD TIMERFD EPOLL UNIX SYSFS PROC_FS FHANDLE NET_NS "
                "USER_NS SECCOMP SECCOMP_FILTER CGROUP_BPF TMPFS TMPFS_XATTR TMPFS_POSIX_ACL AUTOFS_FS "
                "CRYPTO_USER_API_HASH CRYPTO_HMAC CRYPTO_SHA256 BINFMT_ELF DMIID"},
        {"LUKS CRYPTSETUP DMCRYPT DISKENCRYPTION", "encrypted disks need",
                "BLK_DEV_DM DM_CRYPT CRYPTO_XTS CRYPTO_AES CRYPTO_SHA256 CRYPTO_USER_API_SKCIPHER "
                "CRYPTO_USER_API_HASH"},
        {"LVM LVM2", "logical volumes need",
                "BLK_DEV_DM DM_SNAPSHOT DM_MIRROR DM_THIN_PROVISIONING DM_CACHE DM_RAID"},
        {"RAID MDADM MDRAID SOFTRAID", "software RAID needs",
                "MD BLK_DEV_MD MD_RAID0 MD_RAID1 MD_RAID10 MD_RAID456"},
        {"WIFI WLAN80211 WIRELESSLAN", "wireless networks need", "WIRELESS WLAN CFG80211 MAC80211 RFKILL"},
        {"FIREWALL NFT NFTABLES", "packet filters need",
                "NETFILTER NF_TABLES NF_TABLES_INET NF_CONNTRACK NFT_CT NFT_NAT NFT_MASQ NFT_REJECT "
                "NFT_LOG NFT_LIMIT"},
        {"IPTABLES XTABLES", "iptables needs",
                "NETFILTER NETFILTER_XTABLES IP_NF_IPTABLES IP_NF_FILTER IP_NF_NAT IP6_NF_IPTABLES "
                "NF_CONNTRACK NETFILTER_XT_MATCH_CONNTRACK"},
        {"LIBVIRT HYPERVISOR VIRTUALIZATION_HOST QEMU_KVM", "a host of virtual machines needs",
                "VIRTUALIZATION KVM KVM_INTEL KVM_AMD TUN VHOST_NET BRIDGE MACVTAP"},
        {"QEMU VMGUEST VIRTUALMACHINE VIRTIO_GUEST", "a guest of QEMU needs",
                "VIRTIO_MENU VIRTIO_PCI VIRTIO_BLK VIRTIO_NET SCSI_VIRTIO VIRTIO_CONSOLE VIRTIO_BALLOON "
                "HW_RANDOM_VIRTIO DRM_VIRTIO_GPU NET_9P_VIRTIO 9P_FS VIRTIO_FS VIRTIO_INPUT"},
        {"VIRTUALBOX VBOX", "a guest of VirtualBox needs", "VBOXGUEST DRM_VBOXVIDEO VBOXSF_FS"},
        {"VMWARE", "a guest of VMware needs",
                "VMXNET3 VMWARE_PVSCSI DRM_VMWGFX VMWARE_BALLOON VMWARE_VMCI VMWARE_VMCI_VSOCKETS"},
        {"HYPERV HYPER_V HYPERV_GUEST", "a guest of Hyper-V needs",
                "HYPERV HYPERV_STORAGE HYPERV_NET HYPERV_UTILS HYPERV_BALLOON HYPERV_KEYBOARD "
                "DRM_HYPERV PCI_HYPERV"},
        {"PASSTHROUGH VFIO_PASSTHROUGH IOMMU", "devices for guests need",
                "VFIO VFIO_PCI IOMMU_SUPPORT INTEL_IOMMU AMD_IOMMU"},
        {"SMB SAMBA WINDOWSSHARE", "shares of Windows are", "CIFS SMB_SERVER"},
        {"THUNDERBOLT", "Thunderbolt is", "USB4"},
        {"WEBCAM UVC CAMERA", "cameras at USB need",
                "MEDIA_SUPPORT MEDIA_CAMERA_SUPPORT MEDIA_USB_SUPPORT USB_VIDEO_CLASS"},
        {"SOUND_CARD AUDIO ALSA", "sound needs", "SOUND SND SND_HDA_INTEL SND_USB_AUDIO"},
        {"GAMEPAD JOYPAD CONTROLLER XBOX", "game controllers need",
                "INPUT_JOYDEV INPUT_JOYSTICK JOYSTICK_XPAD HID_PLAYSTATION HID_NINTENDO HID_MICROSOFT"},
        {"TOUCHPAD TRACKPAD", "touchpads need", "I2C_HID_ACPI HID_MULTITOUCH MOUSE_PS2 MOUSE_PS2_SYNAPTICS"},
        {"SDCARD SD_CARD EMMC CARDREADER", "memory cards need", "MMC MMC_BLOCK MMC_SDHCI MMC_SDHCI_PCI"},
        {"CDROM DVD BLURAY OPTICALDRIVE", "optical discs need", "BLK_DEV_SR ISO9660_FS UDF_FS"},
        {"SSD HARDDISK SATA_DISK", "disks need", "BLK_DEV_SD ATA SATA_AHCI BLK_DEV_NVME"},
        {"EBPF BCC BPFTRACE", "eBPF needs",
                "BPF BPF_SYSCALL BPF_JIT DEBUG_INFO_BTF KPROBES UPROBES FTRACE_SYSCALLS BPF_EVENTS"},
        {"VPN OPENVPN", "private networks need", "WIREGUARD TUN XFRM_USER INET_ESP"},
        {"ZFS OPENZFS", "ZFS is no part of Linux (its module is zfs of the kernel's packages), and needs",
                "MODULES ZLIB_INFLATE ZLIB_DEFLATE"},
        {"ANDROID WAYDROID", "Android in a container needs", "ANDROID_BINDER_IPC ANDROID_BINDERFS PSI MEMCG"},
        {"SECUREBOOT SECURE_BOOT", "secure boot needs",
                "EFI EFI_STUB MODULE_SIG SECURITY_LOCKDOWN_LSM INTEGRITY_PLATFORM_KEYRING"},
        {"INITRAMFS INITRD RAMDISK", "an initial RAM disk needs",
                "BLK_DEV_INITRD RD_GZIP RD_XZ RD_ZSTD TMPFS DEVTMPFS"},
        {"HIBERNATE SUSPEND_TO_DISK", "suspending to disk is", "HIBERNATION SWAP"},
};

static bool is_named(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = names; *p; p += strcspn(p, " "), p += *p == ' ')
		if (strcspn(p, " ") == len && !strncasecmp(p, name, len))
			return true;
	return false;
}

static const struct concept *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(concepts); i++)
		if (is_named(concepts[i].names, name))
			return &concepts[i];
	return NULL;
}

// The next option of a row that the tree has; *at moves behind it. NULL: no more.
static struct ksym *next(struct kconfig *k, const char **at)
{
	while (**at) {
		size_t n = strcspn(*at, " ");
		_cleanup_free_ char *name = mem_strndup(*at, n);
		struct ksym *s = kconfig_find(k, name);
		*at += n;
		*at += strspn(*at, " ");
		if (s)
			return s;
	}
	return NULL;
}

size_t kconcept_names(struct kconfig *k, const char *name, const char **ret, size_t max)
{
	const struct concept *c = find(name);
	const char *at = c ? c->options : "";
	struct ksym *s;
	size_t n = 0;

	while (n < max && (s = next(k, &at)))
		ret[n++] = s->name;
	return n;
}

void kconcept_say(struct kconfig *k, const char *name, struct buf *b)
{
	const struct concept *c = find(name);
	_cleanup_buf_ struct buf missing = {};
	const char *at = c ? c->options : "";
	struct ksym *s;
	size_t n = 0;

	while ((s = next(k, &at))) {
		const char *value = kconfig_value(k, s);
		buf_addf(b, "%s%s%s", n ? ", " : c->what, n ? "" : " ", s->name);
		if (str_eq(value, "n") || !*value)
			buf_addf(&missing, "%s%s", missing.len ? ", " : "; not set here: ", s->name);
		n++;
	}
	if (n)
		buf_addf(b, "%s\n",
		        missing.len ? buf_str(&missing)
		        : n == 1    ? "; it is set"
		                    : "; all of them are set");
}
