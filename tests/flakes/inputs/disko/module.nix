{ lib, config, ... }: {
  options.disko.devices = lib.mkOption { type = lib.types.attrsOf lib.types.anything; default = { }; };
  config.fileSystems = lib.listToAttrs (lib.concatMap
    (disk: lib.concatMap
      (part: lib.optional (part.content.type or "" == "filesystem") {
        name = part.content.mountpoint;
        value = { device = "${disk.device}-part${toString (part.priority or 1)}"; fsType = part.content.format; };
      })
      (lib.attrValues disk.content.partitions))
    (lib.attrValues (config.disko.devices.disk or { })));
}
