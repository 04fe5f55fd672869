#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names as people write them, on the whole of 6.12: which option is meant has to be among the first that are named. A line: what is written, what
# is meant, and among how many of the first.
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/../.." || exit 1
KERNIX_BUILD=$(realpath "$KERNIX_BUILD")
tools=$work
. tests/cmd/lib.sh
scratch=$work work=$tools
s=$(tree 6.12) || exit
work=$scratch
export XDG_CACHE_HOME=$tools/cache
cat >"$work/rows" <<'X'
BTRFS BTRFS_FS 1
XFS XFS_FS 1
EXT4 EXT4_FS 1
VFAT VFAT_FS 1
NTFS NTFS3_FS 2
FUSE FUSE_FS 1
OVERLAYFS OVERLAY_FS 1
ISO9660 ISO9660_FS 1
AMDGPU DRM_AMDGPU 1
I915 DRM_I915 1
NOUVEAU_DRM DRM_NOUVEAU 1
VIRTIO_GPU DRM_VIRTIO_GPU 1
VIRTIO_BLOCK VIRTIO_BLK 1
VIRTIO_NETWORK VIRTIO_NET 1
NVME BLK_DEV_NVME 1
LOOP BLK_DEV_LOOP 1
LOOP_DEVICE BLK_DEV_LOOP 1
NFTABLES NF_TABLES 1
NET_BRIDGE BRIDGE 1
TUNTAP TUN 2
BLUETOOTH BT 1
SELINUX SECURITY_SELINUX 1
APPARMOR SECURITY_APPARMOR 1
TPM TCG_TPM 1
HDA SND_HDA 1
R8168 R8169 1
R8152 USB_RTL8152 1
RTL8821CE RTW88_8821CE 3
IWL IWLMVM 5
WACOM HID_WACOM 1
FTDI USB_SERIAL_FTDI_SIO 3
USB_KEYBOARD USB_KBD 4
SHA256 CRYPTO_SHA256 1
CGROUP CGROUPS 1
USERNS USER_NS 1
USER_NAMESPACES USER_NS 2
HUGEPAGES TRANSPARENT_HUGEPAGE 2
KVM_SUPPORT KVM 1
RETPOLINE MITIGATION_RETPOLINE 1
MITIGATION_RETPOLIN MITIGATION_RETPOLINE 1
BPF_JIT_ALWAYS BPF_JIT_ALWAYS_ON 1
PREEMPT_FULL PREEMPT 1
ZRAM_ZSTD ZRAM 1
MODULS MODULES 1
IKCONFG IKCONFIG 1
DEBUG_KERNL DEBUG_KERNEL 1
nfs_fs_ NFS_FS 1
THUNDERBOLT USB4 1
UVC USB_VIDEO_CLASS 5
LUKS DM_CRYPT 2
WIFI CFG80211 5
DOCKER NAMESPACES 1
X
jq -R 'split(" ")[0] | {(.): "y"}' "$work/rows" | jq -s add >"$work/requests.json"
"$kernix" config check --source "$s" --arch x86_64 --base allnoconfig --request "$work/requests.json" --json >"$work/json" 2>"$work/err"
jq -r '.failures[] | "\(.request // .name) \(.nearest | join(" "))"' "$work/json" >"$work/named"
while read -r written meant among; do
  read -ra first < <(sed -n "s/^$written //p" "$work/named")
  case " ${first[*]:0:among} " in *" $meant "*) ok "$written: $meant" ;; *) bad "$written: ${first[*]:-nothing}, meant is $meant" ;; esac
done <"$work/rows"

# What takes several options is said in one sentence, with what of it is not set.
expect_fail "DOCKER: what containers need, and what is missing" "containers need NAMESPACES,|not set here: UTS_NS,|VETH|OVERLAY_FS" \
  "$kernix" config explain DOCKER --source "$s" --arch x86_64 --base allnoconfig
expect_fail "and in check" "containers need|not set here: UTS_NS" "$kernix" config check --source "$s" --arch x86_64 --base allnoconfig \
  --request <(echo '{"NAMESPACES":"y","MULTIUSER":"y","PODMAN":"y"}')
sed -n 's/.*containers need \([^;]*\);.*/\1/p' "$work/out" | tr -d , | tr ' ' '\n' | sed 's/.*/CONFIG_&=y/' >"$work/all"
printf 'CONFIG_MODULES=y\nCONFIG_BLOCK=y\nCONFIG_NET=y\nCONFIG_INET=y\nCONFIG_NETFILTER=y\nCONFIG_NETFILTER_ADVANCED=y\nCONFIG_NETFILTER_XTABLES=y\nCONFIG_NF_CONNTRACK=y\nCONFIG_IP_NF_IPTABLES=y\nCONFIG_NETDEVICES=y\nCONFIG_NET_CORE=y\nCONFIG_BPF_SYSCALL=y\nCONFIG_MULTIUSER=y\nCONFIG_SMP=y\nCONFIG_64BIT=y\nCONFIG_IP_NF_IPTABLES_LEGACY=y\n' >>"$work/all"
expect_fail "with all of it set it says so" "containers need NAMESPACES|all of them are set" "$kernix" config explain DOCKER --source "$s" --arch x86_64 --base allnoconfig --fragment "$work/all"
finish
