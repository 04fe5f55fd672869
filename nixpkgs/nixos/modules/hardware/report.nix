# SPDX-License-Identifier: GPL-2.0-or-later
# hardware.kernix.report: what a machine is made of, as `kernix hardware` wrote it (doc/hardware.md has the form). With a report the initrd is
# made from that file and from the configuration alone: the same configuration gives the same derivations on any machine.
#
# The name is below hardware.kernix, not hardware.facter, since the file has another form than nixos-facter's; and it is one option, not a
# reportPath beside a report, since a path and what is in it are told apart by themselves.
{ config, lib, ... }:
let
  inherit (lib) mkDefault mkIf mkOption types;
  inherit (config.hardware.kernix) report;
  isFile = !builtins.isAttrs report;
  name = if isFile then toString report else "hardware.kernix.report";
  advice = "'kernix hardware -o FILE' writes such a file, on the machine that it is of";

  content =
    if !isFile then report
    else if !builtins.pathExists report then throw "hardware.kernix.report: the file '${name}' does not exist; ${advice}"
    else builtins.addErrorContext "while reading the report of hardware '${name}' (${advice})" (builtins.fromJSON (builtins.readFile report));
  read =
    if !builtins.isAttrs content || content.format or null != "kernix-hardware" then
      throw "${name}: it is no report of hardware ('format' must be \"kernix-hardware\"); ${advice}"
    else if !builtins.isInt (content.version or null) || content.version < 1 then wrong "version" "a number"
    else if content.version > 1 then throw "${name}: its version is ${toString content.version}, and this kernix reads version 1: it was written by a newer one"
    else content;

  # The file is somebody's: what is read of it is checked, and an error has the key.
  wrong = key: is: throw "${name}: '${key}' must be ${is}; ${advice}";
  get = path: lib.attrByPath path null read;
  dotted = lib.concatStringsSep ".";
  word = path: let value = get path; in if value == null || isWord value then value else wrong (dotted path) "a text of letters, digits, - and _, or null";
  isWord = value: builtins.isString value && builtins.match "[A-Za-z0-9_.-]+" value != null;
  wordsIn = key: value:
    if !builtins.isList value then wrong key "a list"
    else lib.imap0 (i: one: if isWord one then one else wrong "${key}[${toString i}]" "a text of letters, digits, - and _") value;
  words = path: wordsIn (dotted path) (get path);

  mounts =
    let all = get [ "fileSystems" ];
    in if builtins.isList all then lib.imap0 mount all else wrong "fileSystems" "a list";
  mount = i: fs:
    let key = "fileSystems[${toString i}]";
    in
    if !builtins.isAttrs fs then wrong key "a set"
    else if !builtins.isString (fs.mountPoint or null) || !lib.hasPrefix "/" fs.mountPoint then wrong "${key}.mountPoint" "a path"
    else if !isWord (fs.type or null) then wrong "${key}.type" "a text of letters, digits, - and _"
    else { inherit (fs) mountPoint type; layers = wordsIn "${key}.layers" (fs.layers or null); };
  ofBoot = builtins.filter (fs: builtins.elem fs.mountPoint [ "/" "/nix" "/nix/store" "/usr" "/var" "/etc" ]) mounts;
  layers = lib.unique (lib.concatMap (fs: fs.layers) ofBoot);
  on = layer: builtins.elem layer layers;
  isEncrypted = lib.any (lib.hasPrefix "luks") layers;
  # What is mounted without a file system's module of that name.
  special = [ "auto" "tmpfs" "overlay" "nfs" "nfs4" "zfs" "9p" "virtiofs" "cifs" "ceph" ];
  root = lib.findFirst (fs: fs.mountPoint == "/") null ofBoot;

  platform = word [ "platform" ];
  microcode = word [ "cpu" "microcodeOf" ];
  virtualisation = word [ "modules" "virtualisation" ];
in
{
  options.hardware.kernix.report = mkOption {
    type = types.nullOr (types.either types.path (types.attrsOf types.anything));
    default = null;
    example = lib.literalExpression "./hardware.json";
    description = "The report of the machine's hardware that `kernix hardware` wrote. The initrd's modules and the platform come from it.";
  };

  config = mkIf (report != null) {
    nixpkgs.hostPlatform = mkIf (platform != null) (mkDefault platform);
    hardware.cpu = lib.optionalAttrs (report != null && builtins.elem microcode [ "intel" "amd" ]) {
      ${microcode}.updateMicrocode = mkDefault config.hardware.enableRedistributableFirmware;
    };
    boot.kernelModules = mkIf (virtualisation != null) [ virtualisation ];
    boot.swraid.enable = mkIf (lib.any (lib.hasPrefix "raid") layers) (mkDefault true);
    boot.initrd = {
      availableKernelModules = words [ "modules" "initrd" ];
      # Those of a kernel that had them built in; and, where a passphrase may have to be typed in front of a screen that no firmware draws on,
      # the graphics.
      optionalKernelModules = words [ "modules" "initrdBuiltIn" ]
        ++ lib.optionals (isEncrypted && word [ "boot" "firmware" ] == "devicetree") (words [ "modules" "graphics" ]);
      supportedFilesystems = lib.subtractLists special (lib.unique (map (fs: fs.type) ofBoot));
      services.lvm.enable = mkIf (on "lvm") (mkDefault true);
    };
    warnings =
      lib.optional (config.boot.initrd.enable && root != null && !(config.fileSystems ? "/"))
        "the configuration does not say which file system is its root, and the report of hardware names no single disk: fileSystems.\"/\" = { device = \"/dev/disk/by-uuid/...\"; fsType = \"${root.type}\"; }; (nixos-generate-config writes that down)"
      ++ lib.optional (config.boot.initrd.enable && isEncrypted && config.boot.initrd.luks.devices == { })
        "the report of hardware says that root is encrypted, and boot.initrd.luks.devices opens nothing: boot.initrd.luks.devices.NAME.device = \"/dev/disk/by-uuid/...\"; (nixos-generate-config writes that down)";
  };
}
