# SPDX-License-Identifier: GPL-2.0-or-later
# What lies between disks and the file systems of stage 1: encrypted devices (boot.initrd.luks), LVM (boot.initrd.services.lvm),
# RAID (boot.swraid). Stage 1 gets a table of them (src/stage1/storage.h) and Debian's cryptsetup, lvm and mdadm.
{ config, lib, options, pkgs, ... }:
let
  inherit (lib) mkOption mkIf types optional optionals;
  inherit (config.boot) initrd swraid;
  inherit (initrd) luks;
  switch = default: text: mkOption { type = types.bool; inherit default; description = text; };

  devices = builtins.attrValues luks.devices;
  inherit (import ../../lib/boot-mounts.nix { inherit lib; inherit (config) fileSystems; }) mounts;
  devicesOf = map (fs: toString fs.device);
  # Stage 1 goes on without a file system that is nofail.
  needed = devicesOf (builtins.filter (fs: fs.mountPoint == "/" || !builtins.elem "nofail" fs.options) mounts) ++ map (device: device.device) devices;
  below = devicesOf mounts ++ map (device: device.device) devices ++ optional (lib.hasPrefix "/dev/" config.boot.resumeDevice) config.boot.resumeDevice;
  isArray = device: lib.any (prefix: lib.hasPrefix prefix device) [ "/dev/md" "/dev/disk/by-id/md-" ];
  # /dev/mapper/GROUP-VOLUME, where no encrypted device has that name, and /dev/GROUP/VOLUME.
  isMultipath = device: builtins.match "/dev/mapper/mpath[a-z]+([-_]?p?(art)?[0-9]+)?" device != null;
  isVolume = link: !isMultipath link && (
    let device = if lib.hasPrefix "/dev/disk/by-id/dm-name-" link then "/dev/mapper/${lib.removePrefix "/dev/disk/by-id/dm-name-" link}" else link; parts = builtins.match "/dev/(mapper|[^/]+)/([^/]+)" device;
    in parts != null && (if builtins.head parts == "mapper" then !(luks.devices ? ${lib.last parts}) && lib.hasInfix "-" (lib.last parts)
      else !builtins.elem (builtins.head parts) [ "disk" "block" "md" "input" "char" "fd" "net" "bus" ]));

  # /dev/mapper/NAME that nothing in stage 1 makes.
  unmade = device:
    let name = lib.removePrefix "/dev/mapper/" device;
    in name != device && !(isVolume device) && !isMultipath device && !lib.any (opened: opened.name == name) devices;
  # Names that stage 1 does not know (src/stage1/blockdev.c, diskid.c): udev makes them, which is not there.
  ofUdev = device: lib.hasPrefix "/dev/disk/" device && (builtins.match ".*/by-path/.*-(sas|fc|ip|vmbus)-.*" device != null || !lib.any (known: lib.hasPrefix "/dev/disk/${known}" device)
    ([ "by-uuid/" "by-label/" "by-partuuid/" "by-partlabel/" "by-path/" ] ++ map (kind: "by-id/${kind}-") [ "ata" "dm-name" "dm-uuid" "md-name" "md-uuid" "mmc" "nvme" "scsi" "usb" "virtio" "wwn" ]));
  otherNames = "stage 1 has no udev, which makes this name. Write /dev/disk/by-uuid/..., by-label, by-partuuid or by-partlabel (lsblk -o NAME,UUID,LABEL,PARTUUID,PARTLABEL shows them)";
  headers = builtins.filter (header: header != null) (map (device: device.header) devices);
  opens = if devices == [ ] then "boot.initrd.luks.devices opens none" else "boot.initrd.luks.devices opens ${lib.concatMapStringsSep ", " (opened: "/dev/mapper/${opened.name}") devices}";

  octal = builtins.replaceStrings [ "\\" " " "\t" "\n" ] [ "\\134" "\\040" "\\011" "\\012" ];
  word = key: value: optional (value != null) "${key}=${octal (toString value)}";
  flag = name: on: optional on name;
  token = kind: device: lib.any (lib.hasPrefix "${kind}-device=") device.crypttabExtraOpts;
  # "token-timeout=30" or "30s" of crypttab(5).
  tokenTimeout = device: let found = builtins.filter (match: match != null) (map (builtins.match "token-timeout=([0-9]+)(s|sec|)") device.crypttabExtraOpts); in if found == [ ] then null else builtins.head (builtins.head found);
  has = kind: lib.any (token kind) devices;
  # Options that the table above has, or that say only what is done anyhow.
  doneExtra = option: builtins.elem option [ "discard" "luks" "no-read-workqueue" "no-write-workqueue" "x-initrd.attach" "_netdev" ]
    || lib.any (prefix: lib.hasPrefix prefix option) [ "tpm2-" "fido2-" "token-timeout=" "pkcs11-" "tries=" "timeout=" ];
  # A file of the initrd that nothing puts there; what is in the store is named by a text, too.
  plain = builtins.unsafeDiscardStringContext;
  hasFile = text: let file = plain text; in initrd.extraFiles ? ${file} || lib.any (target: target == file || "/${target}" == file || lib.hasPrefix "${target}/" file) (builtins.attrNames initrd.secrets);
  lacksKey = device: device.keyFile != null && !lib.hasPrefix "/dev/" device.keyFile && builtins.match "[A-Z]+=.*" device.keyFile == null && !hasFile device.keyFile;
  lackOf = device:
    if lib.hasPrefix "${builtins.storeDir}/" device.keyFile then "It is in the store, where everybody can read it: name a file outside by its path, without \"\${...}\", and boot.initrd.secrets with the same path."
    else "boot.initrd.secrets.\"${device.keyFile}\" = \"/path/to/it\"; puts it there.";
  luksLine = device: lib.concatStringsSep " " ([ "luks" (octal device.name) (octal device.device) ]
    ++ word "header" device.header ++ word "key" device.keyFile ++ word "key-offset" device.keyFileOffset ++ word "key-size" device.keyFileSize
    ++ word "key-wait" device.keyFileTimeout ++ flag "fallback" (device.fallbackToPassword || lacksKey device || device.keyFileTimeout != null)
    ++ flag "empty" device.tryEmptyPassphrase ++ flag "discard" (device.allowDiscards || builtins.elem "discard" device.crypttabExtraOpts)
    ++ flag "no-queue" (device.bypassWorkqueues || builtins.elem "no-read-workqueue" device.crypttabExtraOpts || builtins.elem "no-write-workqueue" device.crypttabExtraOpts) ++ flag "tpm2" (token "tpm2" device) ++ flag "fido2" (token "fido2" device) ++ word "token-wait" (tokenTimeout device));
  # What NixOS has on for systems that are older than the option: nothing says that the machine has an array, nor that the kernel has md.
  saysRaid = lib.any isArray below || swraid.mdadmConf != "" || options.boot.swraid.enable.highestPrio < (lib.mkOptionDefault null).priority;
  table = optional swraid.enable (if saysRaid then "raid" else "raid optional") ++ optional initrd.services.lvm.enable "lvm" ++ map luksLine devices;

  hasLuks = devices != [ ] || luks.forceLuksSupportInInitrd;
  programs = optional hasLuks "cryptsetup" ++ optional (has "tpm2") "cryptsetup-tpm2" ++ optional (has "fido2") "cryptsetup-fido2" ++ optional initrd.services.lvm.enable "lvm" ++ optional swraid.enable "mdadm";
  # Without udev, without daemons, without a place to write to.
  lvmConf = ''
    devices { obtain_device_list_from_udev = 0 external_device_info_source = "none" use_devicesfile = 0 }
    activation { udev_sync = 0 udev_rules = 0 monitoring = 0 verify_udev_operations = 0 }
    global { use_lvmpolld = 0 thin_check_executable = "" cache_check_executable = "" vdo_format_executable = "" }
    backup { backup = 0 archive = 0 }
  '';
  mdadmConf = ''
    HOMEHOST <ignore>
    ${swraid.mdadmConf}
  '';
  text = name: content: { "/etc/${name}".source = pkgs.writeText (baseNameOf name) content; };

  deviceType = types.submodule ({ name, ... }: {
    options = {
      name = mkOption { type = types.str; default = name; description = "Name of the opened device, below /dev/mapper."; };
      device = mkOption { type = types.str; example = "/dev/disk/by-uuid/430e9eff-d852-4f68-aa3b-2fa3599ebe08"; description = "The encrypted device."; };
      header = mkOption { type = types.nullOr types.str; default = null; description = "Device or file of the header, where it is apart from the device."; };
      keyFile = mkOption { type = types.nullOr types.str; default = null; example = "/dev/disk/by-partlabel/key"; description = "Device or file in the initrd that holds the key. Without one a passphrase is asked for."; };
      keyFileOffset = mkOption { type = types.nullOr types.ints.unsigned; default = null; description = "Where in keyFile the key begins, in bytes."; };
      keyFileSize = mkOption { type = types.nullOr types.ints.positive; default = null; description = "Length of the key, in bytes."; };
      keyFileTimeout = mkOption { type = types.nullOr types.ints.unsigned; default = null; description = "Seconds to wait for keyFile before a passphrase is asked for."; };
      fallbackToPassword = switch false "Whether a passphrase is asked for when the key does not come or does not fit.";
      tryEmptyPassphrase = switch false "Whether the empty passphrase is tried first.";
      allowDiscards = switch false "Whether freed blocks are told to the disk: faster, and shows which are in use.";
      bypassWorkqueues = switch false "Whether reads and writes go round the kernel's work queues: faster on fast disks.";
      preLVM = switch true "Of no consequence: LVM and encrypted devices are opened as soon as what they are on is there.";
      crypttabExtraOpts = mkOption { type = types.listOf types.singleLineStr; default = [ ]; example = [ "tpm2-device=auto" ]; description = "Options as in crypttab: discard, tpm2-device=auto, fido2-device=auto, token-timeout=. Tokens are those of systemd-cryptenroll."; };
      preOpenCommands = mkOption { type = types.lines; default = ""; visible = false; };
      postOpenCommands = mkOption { type = types.lines; default = ""; visible = false; };
      gpgCard = mkOption { type = types.nullOr types.raw; default = null; visible = false; };
      yubikey = mkOption { type = types.nullOr types.raw; default = null; visible = false; };
      fido2 = mkOption { type = types.raw; default = { }; visible = false; };
    };
  });
  undone = device:
    optional (device.preOpenCommands != "") "preOpenCommands" ++ optional (device.postOpenCommands != "") "postOpenCommands"
    ++ optional (device.gpgCard != null) "gpgCard" ++ optional (device.yubikey != null) "yubikey"
    ++ optional (device.fido2 != { }) "fido2" ++ optional (lib.any (lib.hasPrefix "pkcs11-uri=") device.crypttabExtraOpts) "pkcs11-uri in crypttabExtraOpts";
in
{
  options.boot = {
    initrd.luks = {
      devices = mkOption {
        type = types.coercedTo (types.listOf types.attrs) (list: builtins.listToAttrs (map (device: { name = device.name or (throw "boot.initrd.luks.devices: an entry of the list (device = \"${toString (device.device or "?")}\") has no name. Write boot.initrd.luks.devices.NAME.device = \"...\"; NAME is that of /dev/mapper/NAME"); value = device; }) list)) (types.attrsOf deviceType);
        default = { };
        example = lib.literalExpression ''{ root.device = "/dev/disk/by-uuid/430e9eff-d852-4f68-aa3b-2fa3599ebe08"; }'';
        description = "Encrypted devices (LUKS) that stage 1 opens, by the name of what comes out.";
      };
      cryptoModules = mkOption {
        type = types.listOf types.str;
        default = [ "aes" "aes_generic" "aesni_intel" "blowfish" "twofish" "serpent" "cbc" "xts" "lrw" "ecb" "essiv" "sha1" "sha256" "sha512" "sha256_generic" "sha512_generic" "af_alg" "algif_skcipher" "cryptd" "adiantum" ];
        description = "Modules of ciphers and hashes in the initrd, where the kernel has them as modules.";
      };
      reusePassphrases = switch true "Of no consequence: a passphrase that opened one device is tried for the others.";
      forceLuksSupportInInitrd = switch false "Whether cryptsetup is in the initrd though nothing asks for it.";
      mitigateDMAAttacks = switch true "Of no consequence: the initrd has no FireWire.";
      fido2Support = switch false "Not built.";
      gpgSupport = switch false "Not built.";
      yubikeySupport = switch false "Not built.";
    };
    initrd.services.lvm.enable = mkOption {
      type = types.bool;
      default = lib.any isVolume below || lib.any (name: name == "dm-snapshot" || name == "dm_snapshot") initrd.kernelModules;
      defaultText = lib.literalMD "whether a file system that boot needs names a logical volume, or `dm-snapshot` is in `boot.initrd.kernelModules`";
      description = "Whether stage 1 activates LVM volumes.";
    };
    swraid.enable = mkOption {
      type = types.bool;
      default = lib.any isArray below || swraid.mdadmConf != "" || (lib.versionOlder config.system.stateVersion "23.11" && pkgs.stdenv.hostPlatform.system == "x86_64-linux");
      defaultText = lib.literalMD "whether a file system that boot needs names an array, `boot.swraid.mdadmConf` says something, or `system.stateVersion` is before 23.11";
      description = "Whether stage 1 assembles RAID arrays (mdadm).";
    };
    swraid.mdadmConf = mkOption { type = types.lines; default = ""; example = "ARRAY /dev/md0 UUID=..."; description = "What /etc/mdadm/mdadm.conf says in the initrd."; };
  };

  config = mkIf (config.boot.kernel.enable && initrd.enable) {
    boot.initrd = mkIf (table != [ ] || hasLuks) {
      availableKernelModules = [ "dm_mod" ] ++ optional hasLuks "dm_crypt" ++ optional (swraid.enable && saysRaid) "md_mod";
      optionalKernelModules = optional swraid.enable "md_mod" ++
        optionals hasLuks luks.cryptoModules
        ++ optionals (has "tpm2") [ "tpm_tis" "tpm_crb" ] ++ optionals (has "fido2") [ "usbhid" "hid_generic" ]
        ++ optionals initrd.services.lvm.enable [ "dm_snapshot" "dm_mirror" "dm_raid" "dm_thin_pool" "dm_cache" "dm_cache_smq" "dm_writecache" "dm_integrity" "raid0" "raid1" "raid10" "raid456" ]
        ++ optionals swraid.enable [ "raid0" "raid1" "raid10" "raid456" "linear" ];
      inherit programs;
      extraFiles = text "stage1/storage" (lib.concatMapStrings (line: line + "\n") table)
        // lib.optionalAttrs initrd.services.lvm.enable (text "lvm/lvm.conf" lvmConf)
        // lib.optionalAttrs swraid.enable (text "mdadm/mdadm.conf" mdadmConf);
    };
    warnings = map (device: "boot.initrd.luks.devices.${device.name}: its key ${plain device.keyFile} is not in the initrd: a passphrase is asked for. ${lackOf device}") (builtins.filter lacksKey devices)
      ++ map (device: "boot.initrd.luks.devices.${device.name}.keyFile: ${device.keyFile} is not found: ${otherNames}.") (builtins.filter (device: device.keyFile != null && ofUdev device.keyFile) devices)
      ++ lib.optional (ofUdev config.boot.resumeDevice) "boot.resumeDevice: ${config.boot.resumeDevice} is not found: ${otherNames}."
      ++ map (device: "boot.initrd.luks.devices.${device.name}: its key ${device.keyFile} comes into the initrd by boot.initrd.extraFiles, so it is in the store, where everybody can read it: boot.initrd.secrets.\"${device.keyFile}\" = \"/path/to/it\"; keeps it out.")
        (builtins.filter (device: device.keyFile != null && initrd.extraFiles ? ${plain device.keyFile}) devices)
      ++ lib.concatMap (device: map (option: "boot.initrd.luks.devices.${device.name}.crypttabExtraOpts: '${option}' has no effect; the options beside it (header, keyFile, keyFileTimeout, tryEmptyPassphrase, ...) have.")
        (builtins.filter (option: !doneExtra option) device.crypttabExtraOpts)) devices
      ++ lib.concatMap (device: map (name: "boot.initrd.luks.devices.${device.name}: ${name} is not built: stage 1 opens it by keyFile or passphrase.") (undone device)) devices
      ++ map (name: "boot.initrd.luks.${name} has no effect: it is not built.") (builtins.filter (name: luks.${name}) [ "fido2Support" "gpgSupport" "yubikeySupport" ]);
    kernix.cannotStart = map (device: "${device}, which boot needs, is made by nothing in stage 1: ${opens}, and a logical volume is named GROUP-VOLUME. This generation cannot start without it.") (lib.unique (builtins.filter unmade needed))
      ++ map (device: "${device}, which boot needs, is found by nothing in stage 1: ${otherNames}. This generation cannot start without it.") (lib.unique (builtins.filter ofUdev (needed ++ headers)))
      ++ map (device: "${device}, which boot needs, is made by nothing in stage 1: it does not put the paths of a disk together (multipath). Write one of the paths by UUID, or /dev/disk/by-id/wwn-...: this generation cannot start with it.") (lib.unique (builtins.filter isMultipath needed))
      ++ map (device: "${device}, which boot needs, is made by nothing in stage 1: it connects no network block devices (NBD). This generation cannot start without it.") (lib.unique (builtins.filter (lib.hasPrefix "/dev/nbd") needed))
      ++ map (device: "${device}, which boot needs, is made by nothing in stage 1: it does not register the devices of bcache. This generation cannot start without it.") (lib.unique (builtins.filter (lib.hasPrefix "/dev/bcache") needed));
  };
}
