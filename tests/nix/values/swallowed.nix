# SPDX-License-Identifier: GPL-2.0-or-later
# What changes what is built or booted is done, or a warning names it.
{ pkgs, lib, nixpkgs }:
let
  with' = kernels: module: (import "${toString nixpkgs}/nixos/lib/eval-config.nix" {
    system = "x86_64-linux";
    modules = [ { boot.kernelPackages = lib.mkDefault kernels; nixpkgs.pkgs = import nixpkgs { system = "x86_64-linux"; config.allowUnfree = true; }; } module ];
  }).config;
  of = with' pkgs.linuxPackages_debian;
  says = module: texts: let told = lib.concatStringsSep "\n" (of module).warnings; in lib.all (text: lib.hasInfix text told) (lib.toList texts);
  names = packages: map (package: package.name) packages;
  built = module: names (of module).boot.extraModulePackages;
  has = text: list: lib.any (lib.hasInfix text) list;
  spec = module: builtins.fromJSON (builtins.unsafeDiscardStringContext (of module).system.build.initialRamdisk.spec);
  plain = of { };
  nvidia = settings: of { services.xserver.videoDrivers = [ "nvidia" ]; hardware.nvidia = settings; };
  units = of ({ config, pkgs, ... }: {
    age.secrets.a.file = ./a.age;
    systemd.services = lib.mapAttrs (_: text: { wantedBy = [ "multi-user.target" ]; serviceConfig.ExecStart = text; }) {
      secret = "/bin/x ${config.age.secrets.a.path}";
      package = "${config.services.nginx.package}/bin/nginx";
      fine = "/bin/y";
    };
  });
in
{
  # The kernel's part of options (kernel-part.nix tries the whole table).
  displays = let p = (of { hardware.display.outputs = { "DP-1" = { mode = "e"; edid = "a.bin"; }; "HDMI-A-1".edid = "b.bin"; }; }).boot.kernelParams; in
    lib.elem "video=DP-1:e" p && lib.elem "drm.edid_firmware=DP-1:edid/a.bin,HDMI-A-1:edid/b.bin" p;
  soundCards = lib.hasInfix "options snd_intel_hda index=0,1 id=a,b" (of { hardware.alsa.cardAliases = { b = { driver = "snd_intel_hda"; id = 1; }; a = { driver = "snd_intel_hda"; id = 0; }; }; }).boot.extraModprobeConfig;
  msrSettings = lib.elem "msr.allow-writes=on" (of { hardware.cpu.x86.msr = { enable = true; settings.allow-writes = "on"; }; }).boot.kernelParams;
  tunnelKinds = let c = of { networking.wireguard.interfaces.a = { type = "amneziawg"; }; }; in lib.elem "amneziawg" c.boot.kernelModules && lib.any (m: lib.hasInfix "amneziawg" m.name) c.boot.extraModulePackages;
  interfaces = (of { networking.interfaces.eth0.proxyARP = true; networking.interfaces.tun0.virtual = true; }).boot.kernel.sysctl."net.ipv4.conf.eth0.proxy_arp";
  conditions = (of ({ config, ... }: { hardware.xone.enable = lib.mkIf config.networking.enableIPv6 true; virtualisation.docker.enable = lib.mkIf false true; })).boot.blacklistedKernelModules == [ "xpad" "mt76x2u" ];
  ownValuesWin = !(of { virtualisation.docker.enable = true; boot.kernel.sysctl."net.ipv4.conf.all.forwarding" = false; }).boot.kernel.sysctl."net.ipv4.conf.all.forwarding";
  withoutKernelNothing = (of { boot.kernel.enable = false; virtualisation.docker.enable = true; }).boot.kernelModules == [ ];
  initrdModulesAreAskedBy = has "hardware.infiniband.enable" (map (m: m.by) (spec { hardware.infiniband.enable = true; }).kernelModules);

  # NVIDIA's driver is the one that is named.
  nvidiaNames = map (c: lib.removeSuffix "-${plain.boot.kernelPackages.kernel.modDirVersion}" (lib.head (names c.boot.extraModulePackages))) [
    (nvidia { open = false; }) (nvidia { open = true; }) (nvidia { })
    (nvidia { open = false; package = plain.boot.kernelPackages.nvidiaPackages.legacy_470; })
    (of { services.xserver.videoDrivers = [ "nvidiaLegacy470" ]; })
  ] == [ "nvidia-x11-580.119.02" "nvidia-open-580.119.02" "nvidia-open-580.119.02" "nvidia-x11-470.256.02" "nvidia-x11-470.256.02" ];
  nvidiaSets = lib.hasPrefix "nvidia-x11" pkgs.linuxPackages.nvidia_x11.name && lib.hasPrefix "nvidia-open" pkgs.linuxPackages.nvidia_x11.open.name && lib.hasPrefix "nvidia-open" pkgs.linuxPackages.nvidia_open.name
    && (of { }).boot.kernelPackages.nvidia_x11_legacy470.version == "470.256.02";
  nvidiaParameters = lib.all (p: lib.elem p (nvidia { modesetting.enable = true; powerManagement.enable = true; moduleParams.nvidia.NVreg_X = 1; }).boot.kernelParams)
    [ "nvidia-drm.modeset=1" "nvidia.NVreg_PreserveVideoMemoryAllocations=1" "nvidia.NVreg_X=1" ];
  nvidiaKeepsNouveauOut = lib.elem "nouveau" (nvidia { }).boot.blacklistedKernelModules;
  nvidiaIsTold = lib.any (lib.hasInfix "hardware.nvidia.open is not set") (nvidia { }).warnings && !lib.any (lib.hasInfix "is not set") (nvidia { open = true; }).warnings;
  displaylink = has "evdi" (built { services.xserver.videoDrivers = [ "displaylink" "modesetting" ]; });

  # Stage 1.
  allowMissingModules = lib.all (m: m.optional) (spec { boot.initrd.allowMissingModules = true; boot.initrd.availableKernelModules = [ "nosuch" ]; }).availableKernelModules
    && lib.any (m: !m.optional) (spec { boot.initrd.availableKernelModules = [ "nosuch" ]; }).availableKernelModules;
  stage1IsNamed = says { boot.initrd = { overlayfs.a = 1; keepEverythingInMemory = true; verbose = false; systemd.services.a = { }; systemd.emergencyAccess = true; }; }
    [ "boot.initrd.overlayfs has no effect" "boot.initrd.keepEverythingInMemory has no effect" "boot.initrd.verbose has no effect" "boot.initrd.systemd.emergencyAccess, boot.initrd.systemd.services have no effect" ];
  devicesThatNothingMakes = let on = device: { fileSystems."/" = { inherit device; fsType = "ext4"; }; boot.initrd.luks.devices.c.device = "/dev/sda2"; }; made = module: !lib.hasInfix "made by nothing" (lib.concatStringsSep "\n" (of module).warnings); in
    says (on "/dev/mapper/d") [ "/dev/mapper/d, which boot needs, is made by nothing" "opens /dev/mapper/c" ] && says { fileSystems."/" = { device = "/dev/mapper/d"; fsType = "ext4"; }; } "opens none"
    && lib.all made [ (on "/dev/mapper/c") (on "/dev/mapper/vg-root") (on "/dev/vg/root") { fileSystems."/data" = { device = "/dev/mapper/d"; fsType = "ext4"; }; } ];
  compressors = (spec { boot.initrd.compressor = p: "${p.xz}/bin/xz -9"; }).compressor == "xz" && (spec { boot.initrd.compressor = "lz4"; }).compressor == "zstd" && says { boot.initrd.compressor = "lz4"; } "boot.initrd.compressor";
  vesa = lib.elem "vga=0x317" (of { boot.vesa = true; }).boot.kernelParams && !lib.elem "nomodeset" plain.boot.kernelParams;

  # File systems that Linux does not have.
  bcachefs = let root = { fileSystems."/" = { device = "/dev/a"; fsType = "bcachefs"; }; }; told = kernels: lib.any (lib.hasInfix "fileSystems.\"/\": bcachefs is not part of Linux") (with' kernels root).warnings; in
    told pkgs.linuxPackages_latest && told pkgs.linuxPackages_6_6 && !told pkgs.linuxPackages_6_12
    && has "BCACHEFS_FS" (map (d: d.configLine) (with' pkgs.linuxPackages_6_12 root).system.requiredKernelConfig)
    && has "bcachefs is not part" (with' pkgs.linuxPackages_latest { boot.supportedFilesystems = [ "bcachefs" ]; }).warnings;
  apfs = has "apfs" (built { boot.supportedFilesystems = [ "apfs" ]; });
  zfsHost = lib.hasInfix "options spl spl_hostid=0xdeadbeef" (of { boot.supportedFilesystems = [ "zfs" ]; networking.hostId = "deadbeef"; }).boot.extraModprobeConfig
    && says { networking.hostId = "deadbeef"; } "networking.hostId";
  zfsSleep = lib.elem "nohibernate" (of { boot.supportedFilesystems = [ "zfs" ]; }).boot.kernelParams && !lib.elem "nohibernate" (of { boot.supportedFilesystems = [ "zfs" ]; boot.zfs.allowHibernation = true; }).boot.kernelParams;

  # Options that are there and do nothing.
  inert = says { hardware.firmwareCompression = "zstd"; virtualisation.graphics = true; } [ "hardware.firmwareCompression" "virtualisation.graphics" ];
  disks = says { fileSystems."/a" = { device = "/dev/a"; autoResize = true; }; swapDevices = [ { device = "/swap"; size = 1; } ]; } [ "fileSystems.\"/a\": autoResize has no effect" "swapDevices (/swap): size has no effect" ];
  quiet = plain.warnings == [ ];
  images = lib.any (lib.hasInfix "image of an SD card (sdImage) is not made") (of { imports = [ (nixpkgs + "/nixos/modules/installer/sd-card/sd-image-x86_64.nix") ]; }).warnings
    && lib.any (lib.hasInfix "installation image") (of { imports = [ (nixpkgs + "/nixos/modules/installer/cd-dvd/installation-cd-minimal.nix") ]; }).warnings;
  profiles = lib.all (name: lib.isString (of { imports = [ (nixpkgs + "/nixos/modules/${name}.nix") ]; }).system.build.toplevel.drvPath)
    [ "profiles/image-based-appliance" "profiles/installation-device" "profiles/clone-config" "config/no-x-libs" "virtualisation/amazon-image" ];

  # What reads what is not there is left out, and named.
  unitsLeftOut = let files = units.environment.etc; in files ? "systemd/system/fine.service" && !files ? "systemd/system/secret.service" && !files ? "systemd/system/package.service";
  unitsAreNamed = let told = lib.concatStringsSep "\n" units.warnings; in lib.hasInfix "systemd.services.secret" told && lib.hasInfix "systemd.services.package" told;
  platforms = !(builtins.tryEval pkgs.linux_rpi4.drvPath).success && lib.isString (import nixpkgs { system = "x86_64-linux"; config.allowUnsupportedSystem = true; }).linux_rpi4.drvPath
    && lib.isString pkgs.pkgsCross.aarch64-multiplatform.linux_rpi4.drvPath;
}
