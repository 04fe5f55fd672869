# SPDX-License-Identifier: GPL-2.0-or-later
# Kernel modules that configurations name and this set does not have: they are errors that say what to do.
[
  "akvcam" "amneziawg" "apple-bce" "asus-ec-sensors" "asus-wmi-sensors" "ax99100" "batman_adv" "broadcom_sta" "can-isotp" "chipsec" "corefreq" "decklink"
  "dpdk" "dpdk-kmods" "drbd" "falco-libs" "fanout" "fwts-efi-runtime" "gasket" "gcadapter-oc-kmod"
  "hid-fanatecff" "hid-ite8291r3" "hid-nintendo" "hid-t150" "hid-tmff2" "hpuefi-mod" "hyperv-daemons" "intel-speed-select" "iio-utils" "ipu6-drivers"
  "isgx" "ithc" "ivsc-driver" "ixgbevf" "jasper" "kernel-hardening" "kvmfr" "lenovo-legion-module" "liquidtux" "lkrg"
  "mbp2018-bridge-drv" "mbp2018-touchbar-drv" "msi-ec" "mstflint_access" "mwprocapture" "mxu11x0" "ndiswrapper" "netatop" "netconsd" "new-lg4ff"
  "nullfs" "nvidia_dc" "nvidia_dc_open"
  "nvidia_x11_vulkan_beta" "nvidiabl" "oci-seccomp-bpf-hook" "openafs" "opensnitch-ebpf" "phc-intel" "ply"
  "prl-tools" "qc71_laptop" "r8101" "rtl8188eus-aircrack" "rtl8189es" "rtl8189fs" "rtl8723bs" "rtl8723ds" "rtl8761b" "rtl8814au"
  "rtl8821au" "rtl8821cu" "rtl8822bu" "rtl8852au" "rtl8852bu" "rtl88xxau-aircrack" "rtw89" "sheep-net" "shufflecake"
  "sysdig" "system76" "system76-acpi" "system76-io" "system76-power" "systemtap" "tbs" "tmon" "trelay" "tsme-test" "tuxedo-keyboard"
  "veikk-linux-driver" "vhba" "virtio_vmmci" "virtualbox" "virtualboxGuestAdditions" "vmm_clock" "xmm7360-pci" "xpad-noone"
  "yt6801" "zenergy" "zfs_2_1" "zfs_2_2"
]
