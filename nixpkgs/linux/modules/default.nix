# SPDX-License-Identifier: GPL-2.0-or-later
# The out-of-tree modules of a kernel's package set; a new one is a row here or in more.nix, or a file beside this one and
# its name in `own`. Sets whose kernel is the distribution's own take the sources that the distribution has (*-dkms packages), which
# are known to build with it and need no access to a forge.
{ lib, pkgs, self, callPackage }:
let
  inherit (self) kernel mkKernelModule;
  folder = "${kernel.dev}/lib/modules/${kernel.modDirVersion}";
  fromDebian = kernel.fromDebian or false;
  lock = pkgs.debLock;
  debUpstream = name: builtins.elemAt (builtins.match "([0-9]+:)?([^-~+]*).*" lock.${name}.version) 1;
  inherit (pkgs) fetchFromGitHub;

  deb = package: pkgs.fetchDeb ({ inherit package; } // lock.${package});

  # A module from a Debian *-dkms package: the folder in its usr/src is the source.
  dkms = package: more: mkKernelModule ({
    pname = lib.removeSuffix "-dkms" package;
    version = debUpstream package;
    src = deb package;
    nativeBuildInputs = [ pkgs.buildPackages.dpkg ];
  } // more);
  either = debian: upstream: if fromDebian then debian else upstream;
  licence = name: lib.licenses.${name} or { free = true; };

  buildWith = words: subfolder: ''
    runHook preBuild
    make -C ${folder}/build M="$PWD${subfolder}" ${lib.concatStringsSep " " (kernel.commonMakeFlags ++ lib.optional (words != "") words)} modules
    runHook postBuild
  '';
  buildIn = buildWith "";
  own = {
    hello = callPackage ./hello.nix { };
  };
  zfs = callPackage ./zfs.nix;
in
import ./more.nix { inherit lib pkgs mkKernelModule buildWith; }
// import ./from-debian.nix { inherit lib pkgs kernel dkms either buildIn buildWith mkKernelModule; } // own // {
  bbswitch = either
    (dkms "bbswitch-dkms" { buildPhase = buildIn ""; meta.description = "Power switch for discrete NVIDIA cards"; })
    (mkKernelModule {
      pname = "bbswitch";
      version = "unstable-2021-11-29";
      src = fetchFromGitHub { owner = "Bumblebee-Project"; repo = "bbswitch"; rev = "23891174a80ea79c7720bcc7048a5c2bfcde5cd9"; hash = "sha256-50v1Jxem5kaI1dHOKmgBbPLxI82QeYxiaRHhrHpWRzU="; };
      patches = [ (pkgs.fetchpatch {
        url = "https://raw.githubusercontent.com/archlinux/svntogit-community/0bd986055ba52887b81048de5c61e618eec06eb0/trunk/0003-kernel-5.18.patch";
        hash = "sha256-va62/bR1qyBBMPg0lUwCH7slGG0XijxVCsFa4FCoHEQ=";
      }) ];
      buildPhase = buildIn "";
      meta = { description = "Power switch for discrete NVIDIA cards"; platforms = [ "x86_64-linux" "i686-linux" ]; };
    });

  v4l2loopback = either
    (dkms "v4l2loopback-dkms" {
      buildPhase = buildIn "";
      # strlcpy went away in 6.8.
      postPatch = lib.optionalString (lib.versionAtLeast kernel.version "6.8") "sed -i 's/\\bstrlcpy(/strscpy(/' *.c";
    })
    (mkKernelModule {
      pname = "v4l2loopback";
      version = "0.15.3";
      src = fetchFromGitHub { owner = "umlaeute"; repo = "v4l2loopback"; rev = "v0.15.3"; hash = "sha256-KXJgsEJJTr4TG4Ww5HlF42v2F1J+AsHwrllUP1n/7g8="; };
      buildFlags = [ "v4l2loopback.ko" ];
      meta = { description = "Virtual video devices"; license = licence "gpl2Only"; };
    });

  v4l2loopback-dc = mkKernelModule {
    pname = "v4l2loopback-dc";
    version = "1.6";
    src = fetchFromGitHub { owner = "aramg"; repo = "droidcam"; rev = "v1.6"; hash = "sha256-3RmEmLNUbwIh+yr7vtYZnMwbzfmtW3mz5u4Ohau9OLU="; };
    sourceRoot = "source/linux/v4l2loopback";
  };

  acpi_call = either
    (dkms "acpi-call-dkms" { buildPhase = buildIn ""; })
    (mkKernelModule {
      pname = "acpi-call";
      version = "1.2.2";
      src = fetchFromGitHub { owner = "nix-community"; repo = "acpi_call"; rev = "v1.2.2"; hash = "sha256-dydOZMOlm8Zt4vFvivf4PNN0WqyONirZ4dD5poZP8Og="; };
      moduleFolder = "misc";
      meta = { description = "Calls ACPI methods through /proc/acpi/call"; license = licence "gpl3Plus"; };
    });

  dm-writeboost = dkms "dm-writeboost-dkms" {
    buildPhase = buildIn "";
    # bd_inode went away in 6.10, blk_limits_io_opt in 6.11.
    postPatch = lib.optionalString (lib.versionAtLeast kernel.version "6.10") ''
      sed -i -e 's/i_size_read(dev->bdev->bd_inode)/bdev_nr_bytes(dev->bdev)/' \
        -e 's/blk_limits_io_\(opt\|min\)(limits, \(.*\));/limits->io_\1 = \2;/' *.c
    '';
  };
  ddcci-driver = dkms "ddcci-dkms" { buildPhase = "make -C ${folder}/build M=$PWD/ddcci modules && make -C ${folder}/build M=$PWD/ddcci-backlight KBUILD_EXTRA_SYMBOLS=$PWD/ddcci/Module.symvers modules"; };
  tp_smapi = dkms "tp-smapi-dkms" { };
  evdi = dkms "evdi-dkms" { buildPhase = buildIn ""; };
  openrazer = dkms "openrazer-driver-dkms" { buildPhase = buildIn "/driver"; };
  jool = dkms "jool-dkms" { buildPhase = buildIn "/src/mod"; };
  apfs = dkms "apfs-dkms" { buildPhase = buildIn ""; };
  vpoll = dkms "vpoll-dkms" { };
  lime-forensics = dkms "lime-forensics-dkms" { buildPhase = buildIn ""; };

  xpadneo = mkKernelModule {
    pname = "xpadneo";
    version = "0.9.7";
    src = fetchFromGitHub { owner = "atar-axis"; repo = "xpadneo"; rev = "v0.9.7"; hash = "sha256-evmjQrQPHe8F+6w12bnUv6P4QKGkm63cmP1HEv6equw="; };
    sourceRoot = "source/hid-xpadneo/src";
    buildPhase = ''
      runHook preBuild
      make -C ${folder}/build M="$PWD" VERSION=0.9.7 ${lib.concatStringsSep " " kernel.commonMakeFlags} modules
      runHook postBuild
    '';
    meta = { description = "Driver for Xbox One wireless gamepads"; license = licence "gpl3Only"; };
  };

  # 2.4 comes from Debian's source package: it needs no forge, and it is newer.
  zfs = if lib.versionOlder kernel.version "6.18" && !fromDebian then self.zfs_2_3 else self.zfs_2_4;
  zfs_2_3 = zfs { version = "2.3.5"; hash = "sha256-zTDdoQWbguKeWjQH5+FOTDhxfs3e7UPFnUX8ZugHQy4="; maxKernel = "6.18"; };
  zfs_2_4 = zfs {
    version = debUpstream "zfs-dkms";
    src = deb "zfs-dkms";
    # What its META file says, Linux-Maximum 7.2, and the next, which it is not for.
    maxKernel = "7.3";
  };
  zfs_unstable = self.zfs_2_4;
  zfsStable = self.zfs;
  zfsUnstable = self.zfs_unstable;

  # WireGuard is part of the kernel from 5.6 on: null, so that lists may name it for every kernel.
  wireguard = if lib.versionOlder kernel.version "5.6" then mkKernelModule {
    pname = "wireguard";
    version = "1.0.20220627";
    src = pkgs.fetchzip {
      url = "https://git.zx2c4.com/wireguard-linux-compat/snapshot/wireguard-linux-compat-1.0.20220627.tar.xz";
      hash = "sha256-skbho3e49lZ/GLp/JDQpf/yXIEjes86aYtw/dn6e0Uo=";
    };
    sourceRoot = "source/src";
    buildFlags = [ "module" ];
    maxKernel = "5.6";
  } else null;

  rtl8812au = mkKernelModule {
    pname = "rtl8812au";
    version = "unstable-2024-06-13";
    src = fetchFromGitHub { owner = "morrownr"; repo = "8812au-20210820"; rev = "c0efee9cd121d9f0c815d9771475f76339a8f7d3"; hash = "sha256-ZS0iUb77XnXR5BUMeQ1EDuly7hStRt430ECueFW4v4w="; };
    minKernel = "5.10";
    maxKernel = "6.15";
    moduleFolder = "kernel/drivers/net/wireless";
  };
  rtl88x2bu = mkKernelModule {
    pname = "rtl88x2bu";
    version = "unstable-2025-12-04";
    src = fetchFromGitHub { owner = "RinCat"; repo = "RTL88x2BU-Linux-Driver"; rev = "825556e195ecde9ce8f5f4cbad9953f398c8598e"; hash = "sha256-MkvVCWyMOCBzCRufbKMuaaFOPhokZdFnXHYnrAwBe6M="; };
    minKernel = "5.11";
    moduleFolder = "kernel/net/wireless";
  };
  tuxedo-drivers = mkKernelModule {
    pname = "tuxedo-drivers";
    version = "4.18.1";
    src = pkgs.fetchFromGitLab { owner = "tuxedocomputers/development/packages"; repo = "tuxedo-drivers"; rev = "v4.18.1"; hash = "sha256-TkzdFVffYpVYEKImhRj6nqeVTr4yvzh//wSSRqIrPyA="; };
    minKernel = "5.5";
  };
  tuxedo-keyboard = self.tuxedo-drivers;
  nullfs = self.nullfsvfs;
  cryptodev = mkKernelModule {
    pname = "cryptodev-linux";
    version = "1.14";
    src = fetchFromGitHub { owner = "cryptodev-linux"; repo = "cryptodev-linux"; rev = "cryptodev-linux-1.14"; hash = "sha256-N7fGOMEWrb/gm1MDiJgq2QyTOni6n9w2H52baXmRA1g="; };
    makeFlags = [ "prefix=$(out)" ];
  };
  r8125 = mkKernelModule {
    pname = "r8125";
    version = "9.016.01";
    src = pkgs.fetchFromGitLab { domain = "salsa.debian.org"; owner = "debian"; repo = "r8125"; rev = "refs/tags/upstream/9.016.01"; hash = "sha256-Sg+f27nujBFtk0UxhVlc3c07MZVGVkEFAP5BH/NE0C4="; };
    buildPhase = buildIn "/src";
    moduleFolder = "kernel/drivers/net/ethernet/realtek";
  };
  r8168 = mkKernelModule {
    pname = "r8168";
    version = "8.055.00";
    src = fetchFromGitHub { owner = "mtorromeo"; repo = "r8168"; rev = "8.055.00"; hash = "sha256-qL64+jlF1biWaYc5Ga/fjz8ZY3u72bcKVtDpiozHb1g="; };
    buildPhase = ''
      make -C ${folder}/build M="$PWD/src" EXTRA_CFLAGS="-DCONFIG_R8168_NAPI -DCONFIG_R8168_VLAN -DCONFIG_ASPM -DENABLE_S5WOL -DENABLE_EEE" ${lib.concatStringsSep " " kernel.commonMakeFlags} modules
    '';
    maxKernel = "6.13";
    moduleFolder = "kernel/drivers/net/wireless/realtek/r8168";
  };
  digimend = either
    (dkms "digimend-dkms" { buildPhase = buildIn ""; })
    (mkKernelModule {
      pname = "digimend";
      version = "13-unstable-2025-01-02";
      src = fetchFromGitHub { owner = "digimend"; repo = "digimend-kernel-drivers"; rev = "f3c7c7f1179fc786a8e5aad027d4db904c31b42c"; hash = "sha256-5kJj3SJfzrQ3n9r1YOn5xt0KO9WcEf0YpNMjiZEYMEo="; };
      buildPhase = buildIn "";
    });
  lttng-modules = either
    (dkms "lttng-modules-dkms" { })
    (mkKernelModule {
      pname = "lttng-modules";
      version = "2.13.22";
      src = fetchFromGitHub { owner = "lttng"; repo = "lttng-modules"; rev = "v2.13.22"; hash = "sha256-0fHjJBG/nTjXX8MVArvKDvn2ho9GLEodqAv/DcHLWis="; };
      kbuildInstall = true;
    });
  vmware = mkKernelModule {
    pname = "vmware-modules";
    version = "workstation-17.6.3-20250728";
    src = fetchFromGitHub { owner = "philipl"; repo = "vmware-host-modules"; rev = "6797e552638a28d1fa1e9ebd7ab5d3c628671ba0"; hash = "sha256-KCLxAF6UtNIdKcDoANviln2RJuz1Ld8jq5QFW9ONghs="; };
    moduleFolder = "misc";
  };
  # NVIDIA's driver by branch; `.open` of each has the open modules.
  nvidiaPackages = import ./nvidia-packages.nix { inherit lib pkgs callPackage; };
  nvidia_open_packages = self.nvidiaPackages;
  nvidia_x11 = self.nvidiaPackages.stable;
  nvidia_x11_production = self.nvidiaPackages.production;
  nvidia_x11_latest = self.nvidiaPackages.latest;
  nvidia_x11_beta = self.nvidiaPackages.beta;
  nvidia_x11_stable_open = self.nvidiaPackages.stable.open;
  nvidia_x11_production_open = self.nvidiaPackages.production.open;
  nvidia_x11_latest_open = self.nvidiaPackages.latest.open;
  nvidia_x11_beta_open = self.nvidiaPackages.beta.open;
  nvidia_open = self.nvidia_x11_production_open;

  # Tools that go with a kernel; the host's own, for what they are worth with another version.
  inherit (pkgs) perf cpupower turbostat x86_energy_perf_policy usbip bpftrace bcc systemtap;
}
