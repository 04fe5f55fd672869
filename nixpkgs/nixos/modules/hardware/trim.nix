# SPDX-License-Identifier: GPL-2.0-or-later
# boot.kernix.hardware: a kernel with what its machines need, and no other module. Reports of `kernix hardware` say what they have; what is
# declared (file systems and what they lie on, modules, switches that ask for some), what packages of modules build upon, and what people plug
# in (plug-in.json) is added here. The rest is done where the .config is made (src/kconfig/trimspec.c): nothing of this machine is looked at, so the same
# configuration gives the same kernel everywhere. `kernix config trim` says of each module why it stays or goes.
{ config, lib, options, ... }:
let
  inherit (lib) mkOption mkDefault mkIf types;
  cfg = config.boot.kernix;
  inherit (config.boot) initrd;
  attempt = import ../../lib/attempt.nix;
  reports = if builtins.isList cfg.hardware then cfg.hardware else [ cfg.hardware ];
  advice = "'kernix hardware -o FILE' writes such a file, on the machine that it is of";

  isFile = report: !builtins.isAttrs report;
  nameOf = report: if isFile report then "boot.kernix.hardware: '${toString report}'" else "boot.kernix.hardware";
  contentOf = report:
    if !isFile report then report
    else if !builtins.pathExists report then throw "${nameOf report} does not exist; ${advice}"
    else builtins.addErrorContext "while reading the report of hardware '${toString report}' (${advice})" (builtins.fromJSON (builtins.readFile report));
  checked = report:
    let content = contentOf report;
    in
    if !builtins.isAttrs content || content.format or null != "kernix-hardware" then
      throw "${nameOf report} is no report of hardware ('format' must be \"kernix-hardware\"); ${advice}"
    else content;
  contents = map checked reports;
  # What counts here, so that a new microcode or firmware builds no kernel. Whatever has another form is given on as it is: the builder says what is wrong with it.
  part = content: builtins.intersectAttrs { format = 0; version = 0; devices = 0; fileSystems = 0; fileSystemTypes = 0; } content // {
    modules = let all = content.modules or null; in if builtins.isAttrs all then builtins.intersectAttrs { initrd = 0; initrdBuiltIn = 0; loaded = 0; } all else all;
    devices = if builtins.isList (content.devices or null) then map deviceOf content.devices else content.devices or null;
  };
  deviceOf = device: if builtins.isAttrs device then builtins.intersectAttrs { modalias = 0; module = 0; } device else device;
  wordsOf = key: content: let words = (content.modules or { }).${key} or [ ]; in if builtins.isList words then builtins.filter builtins.isString words else [ ];
  virtualisation = builtins.filter builtins.isString (map (content: (content.modules or { }).virtualisation or null) contents);

  # A table of modules and options by who needs them, in two sets of names with that reason; of two reasons the first counts.
  isOption = name: builtins.match "[A-Z0-9_*?]+" name != null;
  byName = rows: builtins.listToAttrs (lib.concatMap (row: map (name: { inherit name; value = row.why; }) row.names) rows);
  modulesOf = rows: byName (map (row: row // { names = builtins.filter (name: !isOption name) row.names; }) rows);
  optionsOf = rows: byName (map (row: row // { names = builtins.filter isOption row.names; }) rows);
  rowsOf = who: sets: lib.mapAttrsToList (group: names: { inherit names; why = "${who}${group}"; }) sets;

  table = builtins.fromJSON (builtins.readFile ./plug-in.json);
  # What a file system of this type is mounted with: modules are not always called like it.
  mountedWith = type: { ext2 = [ "ext4" "ext2" ]; ext3 = [ "ext4" ]; vfat = [ "vfat" "nls_cp437" "nls_iso8859_1" "nls_ascii" "nls_utf8" ]; msdos = [ "msdos" "nls_cp437" ]; iso9660 = [ "isofs" ]; ntfs = [ "ntfs3" "ntfs" ];
    "9p" = [ "9p" "9pnet_virtio" ]; nfs = [ "nfs" "nfsv3" "nfsv4" ]; nfs4 = [ "nfs" "nfsv4" ]; smb3 = [ "cifs" ]; overlay = [ "overlay" ]; "fuse.sshfs" = [ "fuse" ]; zfs = [ ]; none = [ ]; auto = [ ]; swap = [ ]; }.${type} or [ type ];
  mounts = builtins.attrValues config.fileSystems;
  isLoop = fs: builtins.elem "loop" fs.options || (lib.hasPrefix "/" (toString fs.device) && !lib.hasPrefix "/dev/" fs.device && fs.fsType != "none");
  packageRows = lib.concatMap (package: let name = package.pname or (builtins.parseDrvName package.name).name;
    in lib.optional (table.packages ? ${name}) { names = table.packages.${name}; why = "boot.extraModulePackages: ${name}"; }) config.boot.extraModulePackages;
  optionRows = lib.concatMap (name: let tried = attempt (lib.attrByPath (lib.splitString "." name) null config); value = if tried.success then tried.value else null;
      isSet = if builtins.isAttrs value then (value.enable or false) == true || builtins.attrNames (removeAttrs value [ "enable" "package" ]) != [ ] else value != null && value != false && value != [ ];
    in lib.optional isSet { names = table.options.${name}; why = name; }) (builtins.attrNames table.options);
  demands = map (required: builtins.match "CONFIG_([A-Za-z0-9_]+)=(.*)" required.configLine) config.system.requiredKernelConfig;

  declared = [ { names = cfg.trimKeep; why = "boot.kernix.trimKeep"; } ]
    ++ [
      { names = config.boot.kernelModules; why = "boot.kernelModules"; }
      { names = initrd.kernelModules; why = "boot.initrd.kernelModules"; }
      { names = initrd.availableKernelModules; why = "boot.initrd.availableKernelModules"; }
      { names = initrd.optionalKernelModules; why = "what the initrd opens (boot.initrd.luks, services.lvm, boot.swraid)"; }
      { names = lib.concatMap (fs: mountedWith fs.fsType ++ lib.optional (isLoop fs) "loop" ++ lib.optional (lib.any (lib.hasPrefix "dax") fs.options) "FS_DAX") mounts; why = "fileSystems"; }
      { names = lib.concatMap mountedWith (builtins.attrNames initrd.supportedFilesystems); why = "boot.initrd.supportedFilesystems"; }
      { names = lib.concatMap mountedWith (builtins.filter (name: config.boot.supportedFilesystems.${name}) (builtins.attrNames config.boot.supportedFilesystems)); why = "boot.supportedFilesystems"; }
      { names = map builtins.head (builtins.filter (line: line != null && lib.last line != "n") demands); why = "system.requiredKernelConfig"; }
      { names = virtualisation; why = "the processor's virtualisation"; }
    ]
    ++ packageRows ++ optionRows
    ++ rowsOf "plugged in: " cfg.plugIn;
  kernel = config.boot.kernelPackages.kernel;
in
{
  options.boot.kernix = {
    hardware = mkOption {
      type = types.nullOr (types.either types.path (types.either (types.listOf (types.either types.path types.attrs)) types.attrs));
      default = null;
      example = lib.literalExpression "./hardware.json";
      description = "The report of `kernix hardware`, or a list of those of several machines: the kernel gets the modules that these, the configuration and boot.kernix.plugIn need, and no others.";
    };
    plugIn = mkOption {
      type = types.attrsOf (types.listOf (types.strMatching "[A-Za-z0-9_*?-]+"));
      default = { };
      example = { "USB serial adapters" = [ ]; "my scope" = [ "USB_TMC" ]; };
      description = "What may be plugged in or used though no machine had it when its report was written, by groups: names of options (with * and ?), or of modules. The groups of nixos/modules/hardware/plug-in.json are there; [ ] empties one.";
    };
    trimKeep = mkOption { type = types.listOf (types.strMatching "[A-Za-z0-9_*?-]+"); default = [ ]; example = [ "NBD" "uhid" ]; description = "Options (with * and ?) and modules that stay when boot.kernix.hardware trims the kernel."; };
    trim = mkOption { type = types.raw; internal = true; description = "What the kernel is trimmed to (argument trim of buildLinux)."; };
  };

  config = lib.mkMerge [
    { boot.kernix.plugIn = builtins.mapAttrs (_: mkDefault) table.general; }
    (mkIf (cfg.hardware != null) {
      boot.kernix.trim = {
        version = 1;
        reports = map part contents;
        modules = modulesOf declared;
        options = optionsOf declared;
      };
      # Several machines share an initrd, too; a single one has its report read in full.
      hardware.kernix.report = mkIf (lib.length reports == 1) (mkDefault (builtins.head reports));
      boot.initrd.optionalKernelModules = mkIf (lib.length reports > 1) (lib.unique (lib.concatMap (content: wordsOf "initrd" content ++ wordsOf "initrdBuiltIn" content) contents));
      warnings = lib.optional (config.boot.kernel.enable && kernel.trim or null == null)
        "boot.kernix.hardware has no effect: the .config of ${kernel.name} is a finished one. Take a kernel that is built from a base and requests, as pkgs.linux_6_12.override { defconfig = ./config; } is.";
    })
  ];
}
