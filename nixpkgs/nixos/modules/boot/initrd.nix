# SPDX-License-Identifier: GPL-2.0-or-later
# The initial RAM disk: what stage 1 loads and mounts. It is made by makeInitrd (build-support/make-initrd.nix).
{ config, lib, options, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.boot.initrd;
  moduleNames = import ./module-names.nix { inherit lib; };
  kernel = config.boot.kernelPackages.kernel;

  # The modules that a root file system on common hardware may need; a kernel need not have them.
  usual = [
    "ahci" "sata_nv" "sata_via" "ata_piix" "pata_marvell" "nvme" "sd_mod" "sr_mod" "mmc_block"
    "uhci_hcd" "ehci_hcd" "ehci_pci" "ohci_hcd" "ohci_pci" "xhci_hcd" "xhci_pci" "usbhid" "hid_generic" "usb_storage" "uas"
    "virtio_pci" "virtio_blk" "virtio_scsi" "virtio_mmio" "dm_mod"
  ];
  # What a file system of this type is mounted with.
  moduleOf = type: { vfat = [ "vfat" "nls_cp437" "nls_iso8859-1" "nls_ascii" "nls_utf8" ]; btrfs = [ "btrfs" ]; "9p" = [ "9pnet_virtio" "9p" ]; virtiofs = [ "virtiofs" ]; nfs = [ "nfs" "nfsv3" "nfsv4" ]; nfs4 = [ "nfs" "nfsv4" ]; }.${type} or [ type ];
  optional = by: name: { inherit name by; optional = true; };

  ordered = import ../../lib/boot-mounts.nix { inherit lib; inherit (config) fileSystems; };
  bootMounts = ordered.mounts;
  mount = fs: {
    inherit (fs) mountPoint fsType options;
    device = if fs.device != null then fs.device else if fs.label != null then "LABEL=${fs.label}" else fs.fsType;
  } // lib.optionalAttrs (isChecked fs) { check = true; };

  # Who checks a file system before it is mounted, where that is pinned for this machine. The other types look after themselves.
  inherit (pkgs.stdenv) hostPlatform;
  checkers = {
    e2fsck = [ "ext2" "ext3" "ext4" ];
    ${if hostPlatform.system == "x86_64-linux" then "fsck.fat" else null} = [ "vfat" "msdos" ];
    ${if hostPlatform.system == "x86_64-linux" then "fsck.f2fs" else null} = [ "f2fs" ];
  };
  journaling = [ "ext3" "ext4" "reiserfs" "xfs" "jfs" "f2fs" ];
  isChecked = fs: !fs.noCheck && !builtins.elem fs.fsType pseudo && (cfg.checkJournalingFS || !builtins.elem fs.fsType journaling);
  checked = map (fs: fs.fsType) (builtins.filter isChecked bootMounts);
  hasE2fsck = builtins.elem hostPlatform.system [ "x86_64-linux" "aarch64-linux" "armv7l-linux" ];
  checkerPrograms = builtins.filter (name: lib.any (type: builtins.elem type checkers.${name}) checked) (builtins.attrNames (if hasE2fsck then checkers else { }));

  types' = lib.unique (map (fs: fs.fsType) bootMounts ++ builtins.attrNames cfg.supportedFilesystems);
  # A file in the place of a device.
  isLoop = fs: builtins.elem "loop" fs.options || (fs.fsType != "none" && !lib.hasPrefix "nfs" fs.fsType && lib.hasPrefix "/" (toString fs.device) && !lib.hasPrefix "/dev/" fs.device);
  pseudo = [ "auto" "tmpfs" "ramfs" "proc" "sysfs" "devtmpfs" "none" ];

  # NixOS also takes a function of pkgs, and a command with arguments.
  plainly = builtins.isString cfg.compressor && compressors ? ${cfg.compressor};
  command = if builtins.isFunction cfg.compressor then cfg.compressor pkgs else toString cfg.compressor;
  program = if plainly then cfg.compressor else baseNameOf (builtins.head (lib.splitString " " (builtins.unsafeDiscardStringContext command)));
  compressors = { zstd = "zstd"; pzstd = "zstd"; gzip = "gzip"; pigz = "gzip"; xz = "xz"; pixz = "xz"; cat = "none"; none = "none"; };
  compressor = compressors.${program} or "zstd";

  # What people write for NixOS's stage 1, and this one does not do. Nobody looks at the values: they may need what is not here.
  undeclaredPaths = builtins.filter (path: lib.take 2 path == [ "boot" "initrd" ] && lib.length path > 2) config._module.undeclared;
  parts = builtins.partition (path: lib.elemAt path 2 == "systemd") undeclaredPaths;
  undeclared = map (path: lib.concatStringsSep "." (lib.take (if lib.elemAt path 2 == "services" then 2 else 1) (lib.drop 2 path))) parts.wrong;
  ofSystemd = lib.sort (a: b: a < b) (lib.unique (map lib.last parts.right));
  reasons = {
    overlayfs = "stage 1 mounts what fileSystems says; an overlay is an entry there (fileSystems.NAME.overlay)";
    keepEverythingInMemory = "stage 1 frees the initrd when the root file system is mounted";
    osRelease = "stage 1 has no os-release";
    nix-store-veritysetup = "stage 1 opens no verity devices";
  };
  # Paths stay paths: none of these files comes into the store.
  rooted = target: if lib.hasPrefix "/" target then target else "/${target}";
  secrets = lib.mapAttrs' (target: source: lib.nameValuePair (rooted target) (toString (if source == null then rooted target else source))) cfg.secrets;
  inStore = builtins.filter (target: lib.hasPrefix "${builtins.storeDir}/" secrets.${target}) (builtins.attrNames secrets);
  tools = pkgs.initrdTools { programs = lib.sort (a: b: a < b) (lib.unique cfg.programs); };
  reasonOf = name: reasons.${name} or "stage 1 is kernix's own small init, which finds the root file system and starts no services";
in
{
  options.boot.initrd = {
    enable = mkOption { type = types.bool; default = !config.boot.isContainer; description = "Whether there is an initial RAM disk."; };
    kernelModules = mkOption { type = moduleNames; default = [ ]; description = "Modules that stage 1 loads always, in this order."; };
    availableKernelModules = mkOption { type = moduleNames; default = [ ]; example = [ "sata_nv" "ext4" ]; description = "Modules that stage 1 loads when their hardware is found or when they are asked for."; };
    optionalKernelModules = mkOption { type = types.listOf types.str; default = [ ]; internal = true; description = "As availableKernelModules, where the kernel has them."; };
    allowMissingModules = mkOption { type = types.bool; default = false; description = "Whether a module that the kernel does not have is left out, where it is an error otherwise."; };
    includeDefaultModules = mkOption { type = types.bool; default = true; description = "Whether the usual modules for disks and keyboards are there too, where the kernel has them."; };
    supportedFilesystems = mkOption {
      type = moduleNames;
      default = [ ];
      apply = names: lib.genAttrs names (_: true);
      description = "Further file systems that stage 1 can mount.";
    };
    compressor = mkOption { type = types.either types.str types.raw; default = "zstd"; example = "gzip"; description = "zstd, gzip, xz or cat (none)."; };
    compressorArgs = mkOption { type = types.nullOr (types.listOf types.str); default = null; description = "Arguments such as [ \"-19\" ]: the level."; };
    secrets = mkOption {
      type = types.attrsOf (types.nullOr types.path);
      default = { };
      example = lib.literalExpression ''{ "/etc/disk.key" = "/root/disk.key"; }'';
      description = "Files of the machine that are in the initrd, by their path there (null: the same path), and never in the store: they are read when the boot entry is written.";
    };
    programs = mkOption { type = types.listOf types.str; default = [ ]; internal = true; description = "Programs of Debian's packages in it, by their names in pkgs.initrdTools."; };
    prepend = mkOption { type = types.listOf types.str; default = [ ]; description = "Archives put before it, such as microcode."; };
    checkJournalingFS = mkOption { type = types.bool; default = true; description = "Whether file systems with a journal (ext4, f2fs, ...) are checked before they are mounted, too. fileSystems.NAME.noCheck is for one of them."; };
    verbose = mkOption { type = types.bool; default = true; visible = false; };
    systemd.enable = mkOption { type = types.bool; default = false; visible = false; description = "Not here: stage 1 is kernix's own small init."; };
    extraFiles = mkOption { type = types.attrsOf types.raw; default = { }; description = "{ \"/path\".source = file; }: more files in it."; };
  };
  options.boot.isContainer = mkOption { type = types.bool; default = false; description = "Whether the system is a container without a kernel."; };

  config = lib.mkIf (config.boot.kernel.enable && cfg.enable) {
    boot.initrd.programs = checkerPrograms;
    boot.initrd.network.enable = lib.mkIf (lib.any (fs: lib.elem fs.fsType [ "nfs" "nfs4" ]) bootMounts) (lib.mkDefault true);
    boot.initrd.extraFiles = lib.mkIf (cfg.programs != [ ]) (lib.genAttrs tools.folders (folder: { source = "${tools}${folder}"; }));
    assertions = lib.optional (cfg.programs != [ ] && tools.linked) {
      assertion = hostPlatform.system == "x86_64-linux";
      message = "boot.initrd.luks, boot.initrd.services.lvm, boot.swraid and boot.initrd.network need programs that are pinned for x86_64-linux only: ${hostPlatform.system} is not built yet.";
    } ++ [ { assertion = ordered.cycle == null; message = "fileSystems cannot be put in an order: each needs the next one before it is mounted: ${toString ordered.cycle}."; } ];
    system.build.initialRamdisk = pkgs.makeInitrd {
      kernelModules = map (name: { inherit name; by = config.kernix.askedBy.${name} or "boot.initrd.kernelModules"; optional = cfg.allowMissingModules; }) cfg.kernelModules;
      availableKernelModules =
        map (name: { inherit name; by = config.kernix.askedBy.${name} or "boot.initrd.availableKernelModules"; optional = cfg.allowMissingModules; }) cfg.availableKernelModules
        ++ lib.concatMap (type: map (optional "the file system ${type}") (moduleOf type)) (lib.subtractLists pseudo types')
        ++ lib.optional (lib.any isLoop bootMounts) (optional "a loop device in fileSystems" "loop")
        ++ map (optional "hardware.enableAllHardware") (lib.subtractLists (cfg.availableKernelModules ++ usual) (lib.unique cfg.optionalKernelModules))
        ++ lib.optionals cfg.includeDefaultModules (map (optional "boot.initrd.includeDefaultModules")
          (lib.subtractLists cfg.availableKernelModules usual));
      modulesTree = config.system.modulesTree;
      modDirVersion = kernel.modDirVersion;
      firmware = config.hardware.firmware;
      modprobeConfig = config.boot.extraModprobeConfig;
      inherit (config.boot) blacklistedKernelModules;
      fileSystems = map mount bootMounts;
      contents = lib.mapAttrsToList (target: file: { inherit target; source = "${file.source or file}"; }) cfg.extraFiles;
      prepend = cfg.prepend;
      inherit compressor;
      compressorLevel =
        let levels = builtins.filter (m: m != null) (map (builtins.match "-([0-9]+)") (if cfg.compressorArgs == null then [ ] else cfg.compressorArgs));
        in if levels == [ ] then 0 else lib.toInt (builtins.head (builtins.head levels));
      kernelConfig = kernel.configfile;
    };
    boot.bootspec.extensions."org.kernix.secrets.v1" = lib.mkIf (secrets != { }) secrets;
    warnings =
      map (target: "boot.initrd.secrets.\"${target}\" is in the store, where everybody can read it: name the file by its path, without \"\${...}\".") inStore
      ++ map (name: "boot.initrd.${name} is not run: stage 1 is kernix's own small init, not a shell script.") (lib.unique (builtins.filter (lib.hasInfix "Commands") undeclared))
      ++ map (name: "boot.initrd.${name} has no effect: ${reasonOf name}.") (builtins.filter (name: !lib.hasInfix "Commands" name) (lib.unique undeclared))
      ++ lib.optional cfg.systemd.enable "boot.initrd.systemd.enable has no effect: stage 1 is kernix's own small init."
      ++ lib.optional (ofSystemd != [ ])
        "${lib.concatMapStringsSep ", " (name: "boot.initrd.systemd.${name}") ofSystemd} ${if lib.length ofSystemd == 1 then "has" else "have"} no effect: there is no systemd in stage 1."
      ++ lib.optional (!compressors ? ${program}) "boot.initrd.compressor: kernix compresses with zstd, gzip or xz, or not at all (cat), but not with ${program}: zstd is taken."
      ++ lib.optional (options.boot.initrd.verbose.highestPrio < 1500) "boot.initrd.verbose has no effect: what stage 1 says follows the kernel's parameters quiet and loglevel.";
    kernix.cannotStart = import ./unreachable-root.nix { inherit lib bootMounts; };
  };
}
