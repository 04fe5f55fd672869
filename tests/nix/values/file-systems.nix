# SPDX-License-Identifier: GPL-2.0-or-later
# Which file systems stage 1 mounts, in which order, and what checks them.
{ pkgs, lib, nixpkgs }:
let
  of = module: (import "${toString nixpkgs}/nixos/lib/eval-config.nix" {
    system = "x86_64-linux";
    modules = [ { boot.kernelPackages = pkgs.linuxPackages_debian; nixpkgs.pkgs = pkgs; } module ];
  }).config;
  ordered = fileSystems: import "${toString nixpkgs}/nixos/lib/boot-mounts.nix" {
    inherit lib;
    fileSystems = builtins.mapAttrs (mountPoint: fs: { inherit mountPoint; device = null; depends = [ ]; neededForBoot = false; } // fs) fileSystems;
  };
  order = fileSystems: map (fs: fs.mountPoint) (ordered fileSystems).mounts;
  on = device: { inherit device; };
  spec = module: builtins.fromJSON (builtins.unsafeDiscardStringContext (of module).system.build.initialRamdisk.spec);
  ext4 = more: { fileSystems."/" = { device = "/dev/vda"; fsType = "ext4"; } // more; };
  programs = module: (of module).boot.initrd.programs;
  checks = module: map (fs: fs.check or false) (spec module).fileSystems;
  overlaid = of {
    fileSystems."/" = { overlay = { lowerdir = [ "/ro" "/ro2" ]; upperdir = "/rw/upper"; workdir = "/rw/work"; }; };
    fileSystems."/ro" = { device = "/dev/vda"; fsType = "squashfs"; };
    fileSystems."/rw".fsType = "tmpfs";
  };
in
{
  onlyWhatBootNeeds = order { "/" = on "/dev/vda"; "/home" = on "/dev/vdb"; "/nix" = on "/dev/vdc"; "/boot" = on "/dev/vdd"; } == [ "/" "/nix" ];
  bound = order { "/" = on "none"; "/nix" = on "/persist/nix"; "/persist" = on "/dev/vda"; "/var/log" = on "/persist/log"; } == [ "/" "/persist" "/nix" "/var/log" ];
  parentsAndDepends = order { "/" = on "/dev/vda"; "/a/b/c" = on "/dev/x" // { neededForBoot = true; }; "/a/b" = on "/dev/y"; "/a" = on "/z/a"; "/z" = on "/dev/z" // { depends = [ "/q/" ]; }; "/q" = on "tmpfs"; }
    == [ "/" "/q" "/z" "/a" "/a/b" "/a/b/c" ];
  belowTheRoot = order { "/" = on "overlay" // { depends = [ "/ro" "/rw/u" ]; }; "/ro" = on "/host/x.img"; "/host" = on "/dev/vda"; "/rw" = on "tmpfs"; "/nix" = on "/host/nix"; } == [ "/host" "/ro" "/rw" "/" "/nix" ];
  cycle = (ordered { "/" = on "/dev/vda"; "/nix" = on "/a/nix"; "/a" = on "/nix/a"; }).cycle == "/a -> /nix -> /a";
  overlay = lib.elem "lowerdir=/ro:/ro2" overlaid.fileSystems."/".options && lib.elem "workdir=/rw/work" overlaid.fileSystems."/".options && overlaid.fileSystems."/".fsType == "overlay";
  overlayModules = lib.all (name: lib.any (module: module.name == name) (spec { fileSystems."/" = { device = "/host/a.img"; fsType = "squashfs"; }; fileSystems."/nix/store".overlay.lowerdir = [ "/a" ]; }).availableKernelModules) [ "overlay" "squashfs" "loop" ];
  e2fsck = programs (ext4 { }) == [ "e2fsck" ] && checks (ext4 { }) == [ true ];
  noCheck = programs (ext4 { noCheck = true; }) == [ ] && checks (ext4 { noCheck = true; }) == [ false ];
  checkJournalingFS = let c = ext4 { } // { boot.initrd.checkJournalingFS = false; }; in programs c == [ ] && checks c == [ false ];
  othersLookAfterThemselves = programs { fileSystems."/" = { device = "/dev/vda"; fsType = "btrfs"; }; } == [ ];
  nothingWithoutAType = programs { fileSystems."/".device = "/dev/vda"; } == [ ];
  nfsHasTheNetwork = let c = of { fileSystems."/" = { device = "10.0.0.1:/srv"; fsType = "nfs"; }; }; in c.boot.initrd.network.enable && lib.elem "busybox" c.boot.initrd.programs && !(of (ext4 { })).boot.initrd.network.enable;
  namesOfUdev = let c = of { fileSystems."/" = { device = "/dev/disk/by-diskseq/1"; fsType = "ext4"; }; fileSystems."/nix" = { device = "/dev/bcache0"; fsType = "ext4"; }; boot.initrd.luks.devices.c = { device = "/dev/disk/by-path/pci-0000:03:00.0-sas-phy0-lun-0"; header = "/dev/disk/by-id/lvm-pv-uuid-h"; keyFile = "/dev/disk/by-id/ieee1394-k"; }; }; in
    lib.length c.kernix.cannotStart == 4 && lib.any (lib.hasInfix "keyFile: /dev/disk/by-id/ieee1394-k is not found") c.warnings;
  namesThatStage1Makes = let c = of { fileSystems."/" = { device = "/dev/disk/by-id/ata-A-part1"; fsType = "ext4"; }; fileSystems."/nix" = { device = "/dev/disk/by-id/md-uuid-1:2"; fsType = "ext4"; }; boot.initrd.luks.devices.c = { device = "/dev/disk/by-path/pci-0000:00:1f.2-ata-1"; header = "/dev/disk/by-id/usb-h"; keyFile = "/dev/disk/by-id/mmc-k"; }; }; in
    c.kernix.cannotStart == [ ] && !lib.any (lib.hasInfix "is not found") c.warnings && c.boot.swraid.enable;
  nofailIsNotNeeded = (of { fileSystems."/var" = { device = "/dev/disk/by-diskseq/1"; fsType = "ext4"; options = [ "nofail" ]; }; }).kernix.cannotStart == [ ];
  loaderIsSaid = let said = loader: (of { boot = { inherit loader; }; }).boot.bootspec.extensions."org.kernix.loader.v1".name or "none"; in
    map said [ { } { grub.enable = true; } { systemd-boot.enable = true; } { grub.enable = false; generic-extlinux-compatible.enable = true; } ] == [ "none" "grub" "systemd-boot" "extlinux" ];
  raidOfOldSystems = let c = of { system.stateVersion = "22.05"; }; in
    c.boot.swraid.enable && c.boot.initrd.extraFiles."/etc/stage1/storage".source.text == "raid optional\n" && !lib.elem "md_mod" c.boot.initrd.availableKernelModules && !(of { system.stateVersion = "23.11"; }).boot.swraid.enable;
  raidSaid = (of { system.stateVersion = "22.05"; boot.swraid.enable = true; }).boot.initrd.extraFiles."/etc/stage1/storage".source.text == "raid\n" && !(of { system.stateVersion = "22.05"; boot.swraid.enable = false; }).boot.swraid.enable;
  encrypted = let c = of { fileSystems."/" = { device = "/dev/mapper/crypt"; fsType = "ext4"; encrypted = { enable = true; label = "crypt"; blkDev = "/dev/sda2"; }; }; swapDevices = [ { device = "/dev/mapper/s"; encrypted = { enable = true; label = "s"; blkDev = "/dev/sda3"; keyFile = "/dev/sdb"; }; } ]; }; in
    c.boot.initrd.luks.devices.crypt.device == "/dev/sda2" && c.boot.initrd.luks.devices.s.keyFile == "/dev/sdb" && c.kernix.cannotStart == [ ];
  notReached = lib.all (fs: lib.length (of { fileSystems."/" = fs; }).kernix.cannotStart == 1) [ { device = "/dev/mapper/mpatha-part1"; fsType = "ext4"; } { device = "/dev/mapper/mpathb"; fsType = "ext4"; } { device = "/dev/nbd0"; fsType = "ext4"; } { device = "//server/share"; fsType = "cifs"; } ];
  resumeFromNothing = let c = of { boot.resumeDevice = "none"; }; in !lib.any (lib.hasPrefix "resume=") c.boot.kernelParams && lib.any (lib.hasInfix "boot.resumeDevice = \"none\" names no device") c.warnings;
  keyInExtraFiles = lib.any (lib.hasInfix "comes into the initrd by boot.initrd.extraFiles") (of { boot.initrd.extraFiles."/k".source = ./file-systems.nix; boot.initrd.luks.devices.c = { device = "/dev/vda"; keyFile = "/k"; }; }).warnings;
  servicesAreNamed = lib.any (lib.hasPrefix "boot.initrd.services.bcache has no effect") (of { boot.initrd.services = { bcache.enable = true; lvm.enable = true; }; }).warnings;
  namesOfStage1 = (of { fileSystems."/" = { device = "/dev/disk/by-id/virtio-a"; fsType = "ext4"; }; fileSystems."/nix" = { device = "/dev/disk/by-partlabel/x"; fsType = "ext4"; }; }).kernix.cannotStart == [ ];
  volumesByOtherNames = (of { fileSystems."/" = { device = "/dev/disk/by-id/dm-name-vg-root"; fsType = "ext4"; }; }).boot.initrd.services.lvm.enable && (of { boot.initrd.kernelModules = [ "dm_snapshot" ]; }).boot.initrd.services.lvm.enable;
  arraysOfMdadmConf = (of { boot.initrd.mdadmConf = "ARRAY /dev/md0 UUID=1:2"; }).boot.swraid.enable;
  extraOptions = let c = of { boot.initrd.luks.devices.c = { device = "/dev/vda"; crypttabExtraOpts = [ "no-read-workqueue" "tpm2-device=auto" "tpm2-pcrs=7" "header=/dev/vdb" ]; }; }; in
    builtins.filter (lib.hasInfix "crypttabExtraOpts") c.warnings == [ "boot.initrd.luks.devices.c.crypttabExtraOpts: 'header=/dev/vdb' has no effect; the options beside it (header, keyFile, keyFileTimeout, tryEmptyPassphrase, ...) have." ];
  keyInStore = lib.any (lib.hasInfix "It is in the store") (of { boot.initrd.luks.devices.c = { device = "/dev/vda"; keyFile = "${./file-systems.nix}"; }; }).warnings;
  tokens = let c = of { boot.initrd.luks.devices.c = { device = "/dev/vda"; crypttabExtraOpts = [ "tpm2-device=auto" "token-timeout=9s" ]; }; }; in
    lib.elem "cryptsetup-tpm2" c.boot.initrd.programs && !lib.elem "cryptsetup-fido2" c.boot.initrd.programs && !lib.any (lib.hasInfix "not built") c.warnings
    && lib.hasInfix " tpm2 token-wait=9" c.boot.initrd.extraFiles."/etc/stage1/storage".source.text;
}
