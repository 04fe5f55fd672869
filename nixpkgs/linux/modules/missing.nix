# SPDX-License-Identifier: GPL-2.0-or-later
# What is said of a kernel module that the set does not have (the evaluator asks this for its message): of some that people
# still name the kernel has them itself by now, or nobody keeps them.
let
  inTree = since: option: "Linux has it since ${since} (CONFIG_${option}): take it out of boot.extraModulePackages.";
  texts = {
    hid-nintendo = inTree "5.16" "HID_NINTENDO";
    rtl8723bs = inTree "4.12" "RTL8723BS";
    rtl8822bu = inTree "6.2" "RTW88_8822BU";
    rtl8761b = inTree "5.8" "BT_HCIBTUSB_RTL";
    rtlwifi_new = "It is called rtw88 today.";
    sch_cake = inTree "4.19" "NET_SCH_CAKE";
    can-isotp = inTree "5.10" "CAN_ISOTP";
    exfat-nofuse = inTree "5.7" "EXFAT_FS";
    kvdo = inTree "6.9" "DM_VDO";
    xmm7360-pci = inTree "5.18" "IOSM";
    isgx = inTree "5.11" "X86_SGX";
    virtualboxGuestAdditions = "Linux has the modules of VirtualBox's guests itself (CONFIG_VBOXGUEST, VBOXSF_FS, DRM_VBOXVIDEO); the programs come from the distribution (virtualbox-guest-utils).";
    phc-intel = "It is for kernels before 4.17.";
    prl-tools = "Parallels' tools have no kernel module any more.";
    amdgpu-pro = "AMD's proprietary driver is not kept any more; the kernel's own is CONFIG_DRM_AMDGPU.";
    ati_drivers_x11 = "ATI's old driver is for kernels before 4.1.";
    zfs_2_1 = "ZFS 2.1 is not kept any more; take zfs (zfs_2_3, zfs_2_4).";
    zfs_2_2 = "ZFS 2.2 is not kept any more; take zfs (zfs_2_3, zfs_2_4).";
  };
in
name: texts.${name} or "A module that is not here can be written down (how its source is fetched and built: the wiki page on the Linux kernel shows it) and taken with boot.extraModulePackages = [ (config.boot.kernelPackages.callPackage ./${name}.nix { }) ];"
