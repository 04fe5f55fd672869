# SPDX-License-Identifier: GPL-2.0-or-later
# Firmware and microcode under nixpkgs' names, from Debian's archive (main and non-free-firmware), and those names that it
# has nothing for: such a one is an empty package, with a warning, because a machine starts without it all the same.
#
#   linux-firmware is everything of the upstream collection that Debian has, some 320 MB to fetch; rows of single vendors
#   (firmware-iwlwifi, ...) are for those who want less.
{ lib, pkgs }:
let
  inherit (pkgs) debPackage debLock;
  # As nixpkgs has it: it may be handed on, so it is counted as free.
  redistributable = { shortName = "unfreeRedistributableFirmware"; fullName = "Unfree redistributable firmware"; redistributable = true; free = true; };
  package = pname: debs: debPackage { inherit pname debs; meta = { description = "Firmware: ${pname}"; license = redistributable; }; };

  # A list, so that the names of the package set do not depend on the lock file, which few evaluations need.
  vendors = map (vendor: "firmware-${vendor}") [
    "amd-graphics" "atheros" "bnx2" "bnx2x" "brcm80211" "cavium" "cirrus" "intel-graphics" "intel-misc" "intel-sound" "ivtv" "iwlwifi" "libertas"
    "marvell-prestera" "mediatek" "misc-nonfree" "myricom" "netronome" "netxen" "nvidia-graphics" "qcom-soc" "qlogic" "realtek" "samsung" "siano"
    "ti-connectivity"
  ];

  rows = {
    linux-firmware = [ "firmware-linux-free" ] ++ vendors;
    sof-firmware = [ "firmware-sof-signed" ];
    zd1211fw = [ "firmware-zd1211" ];
    ipw2100fw = [ "firmware-ipw2x00" ];
    ipw2200fw = [ "firmware-ipw2x00" ];
    intel2200BGFirmware = [ "firmware-ipw2x00" ];
    rtw88-firmware = [ "firmware-realtek" ];
    rtw89-firmware = [ "firmware-realtek" ];
    rtl8192su-firmware = [ "firmware-realtek" ];
    rtl8723bs-firmware = [ "firmware-realtek" ];
    rtl8761b-firmware = [ "firmware-realtek" ];
    rtlwifi_new-firmware = [ "firmware-realtek" ];
    rt5677-firmware = [ "firmware-intel-sound" ];
    broadcom-bt-firmware = [ "firmware-brcm80211" "bluez-firmware" ];
    libreelec-dvb-firmware = [ "firmware-misc-nonfree" "firmware-siano" "firmware-ivtv" ];
    ath9k-htc-blobless-firmware = [ "firmware-ath9k-htc" ];
    ath9k-htc-blobless-firmware-unstable = [ "firmware-ath9k-htc" ];
    raspberrypiWirelessFirmware = [ "firmware-brcm80211" "bluez-firmware" ];
    ipu6-camera-bins = [ "firmware-intel-misc" ];
    ivsc-firmware = [ "firmware-intel-misc" ];
    wireless-regdb = [ "wireless-regdb" ];
  } // lib.genAttrs vendors (name: [ name ]);

  absent = pname: what: lib.warn "pkgs.${pname}: Debian has no package of this firmware (${what}); it is left out. What the machine has in /lib/firmware is not touched."
    (pkgs.runCommand pname { meta.license = redistributable; } "mkdir -p $out/lib/firmware");
  nothing = {
    alsa-firmware = "old sound cards";
    facetimehd-firmware = "FaceTime HD cameras: Apple's, extracted from its driver";
    facetimehd-calibration = "FaceTime HD cameras";
    b43Firmware_5_1_138 = "Broadcom 43xx: apt-get install firmware-b43-installer gets it from Broadcom";
    b43Firmware_6_30_163_46 = "Broadcom 43xx: apt-get install firmware-b43-installer gets it from Broadcom";
    xow_dongle-firmware = "Microsoft's Xbox wireless dongle";
    armbian-firmware = "single-board computers";
    openelec-dvb-firmware = "television receivers";
    sof-tools = "no firmware, but tools of it";
    gpu-firmware = "no package of nixpkgs either";
    system76-firmware = "the firmware of System76's machines, no file that drivers load";
    firmware-updater = "a program";
    ifdnfc-firmware = "NFC readers";
    brcm-bt-firmware = "Broadcom Bluetooth dongles";
  };

  # The microcode of processors as an initrd of its own, in front of all others: kernel/x86/microcode/VENDOR.bin. Of Debian's package, or of a
  # folder as the machine itself has it.
  vendorOf = { intel = { file = "GenuineIntel"; deb = "intel-microcode"; }; amd = { file = "AuthenticAMD"; deb = "amd64-microcode"; }; };
  microcode = { vendor, version, sources }: pkgs.stdenvNoCC.mkDerivation {
    pname = "microcode-${vendor}";
    inherit version sources;
    inherit (vendorOf.${vendor}) file;
    folderName = "${vendor}-ucode";
    image = "${vendor}-ucode.img";
    nativeBuildInputs = [ pkgs.buildPackages.dpkg ];
    preferLocalBuild = true;
    buildCommand = "source ${./microcode.sh}";
    meta = { description = "Microcode (${vendor})"; license = redistributable; platforms = [ "x86_64-linux" "i686-linux" ]; };
  };
  fromDebian = vendor:
    let inherit (vendorOf.${vendor}) deb; in
    if debLock ? ${deb} then microcode { inherit vendor; version = builtins.head (builtins.match "([^-~+]*).*" debLock.${deb}.version); sources = pkgs.fetchDeb ({ package = deb; } // debLock.${deb}); }
    else throw "pkgs.microcode-${vendor}: the Debian package ${deb} is not pinned (tools/debian-lock.sh ${deb}, with non-free-firmware among apt's components). What this machine has: hardware.cpu.${vendor}.microcodePackage = pkgs.microcodeFrom \"${vendor}\" /lib/firmware/${vendor}-ucode;";
in
builtins.mapAttrs package rows // builtins.mapAttrs absent nothing // rec {
  microcode-intel = fromDebian "intel";
  microcode-amd = fromDebian "amd";
  # microcodeFrom "intel" /lib/firmware/intel-ucode: that of a folder, where Debian's package is not to be had.
  microcodeFrom = vendor: folder: microcode { inherit vendor; version = "local"; sources = builtins.path { name = "${vendor}-ucode"; path = folder; }; };
  microcodeIntel = microcode-intel;
  microcodeAmd = microcode-amd;
  amd-ucode = microcode-amd;
  amd-ucodegen = microcode-amd;

  # The Raspberry Pi's boot files.
  raspberrypifw = debPackage { pname = "raspberrypifw"; debs = [ "raspi-firmware" ]; meta.license = redistributable; };
  raspberrypi-firmware = raspberrypifw;
  raspberrypi-eeprom = absent "raspberrypi-eeprom" "the boot EEPROM of the Raspberry Pi 4 and 5: apt-get install rpi-eeprom";
}
