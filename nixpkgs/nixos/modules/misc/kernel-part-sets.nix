# SPDX-License-Identifier: GPL-2.0-or-later
# Rows of kernel-part.nix that are made from an option's value: its first two names, the rest of its name ("": none) = value: row.
{ config, lib }:
let
  inherit (builtins) attrNames concatMap filter isAttrs;
  entries = value: if isAttrs value then lib.attrValues value else [ ];
  namesWith = test: value: filter (name: test value.${name}) (attrNames value);
  amnezia = interfaces: lib.any (interface: interface.type or "wireguard" == "amneziawg") (entries interfaces);
  # wireguard and amneziawg are modules of their own.
  tunnels = interfaces: {
    modules = lib.optional (lib.any (i: i.type or "wireguard" == "wireguard") (entries interfaces)) "wireguard" ++ lib.optional (amnezia interfaces) "amneziawg";
    packages = lib.optional (amnezia interfaces) "amneziawg";
    packagesBefore."5.6" = [ "wireguard" ];
  };
  cards = aliases:
    map (driver: let own = namesWith (card: card.driver or "" == driver) aliases; in "options ${driver} index=${lib.concatMapStringsSep "," (name: toString aliases.${name}.id) own} id=${lib.concatStringsSep "," own}")
      (lib.unique (map (card: card.driver) (entries aliases)));

  # NVIDIA's driver: which modules, and what loads and configures them. Its programs and libraries are the distribution's, and must be of its version.
  nvidia = drivers:
    let
      cfg = config.hardware.nvidia or { };
      older = { nvidiaBeta = "beta"; nvidiaLegacy340 = "legacy_340"; nvidiaLegacy390 = "legacy_390"; nvidiaLegacy470 = "legacy_470"; };
      branch = lib.findFirst (branch: branch != null) "stable" (map (name: older.${name} or null) drivers);
      driver = cfg.package or config.boot.kernelPackages.nvidiaPackages.${branch};
      # Where nobody says which, a driver of today is taken with its open modules, as NVIDIA's own installer does.
      said = cfg.open or null;
      open = if said == null then lib.versionAtLeast (driver.version or "0") "560" else said;
      package = if open == true then driver.open or driver else driver;
      offload = cfg.prime.offload.enable or false;
      modeset = cfg.modesetting.enable or false || offload || cfg.prime.sync.enable or false || cfg.prime.reverseSync.enable or false;
      keepsMemory = cfg.powerManagement.enable or false;
      parameters = lib.concatMap (module: lib.mapAttrsToList (name: value: "${module}.${name}=${toString value}") cfg.moduleParams.${module}) (attrNames (cfg.moduleParams or { }));
    in
    {
      modulePackages = [ package ];
      modules = [ "nvidia" "nvidia_modeset" "nvidia_drm" "nvidia_uvm" ];
      blacklist = [ "nouveau" "nvidiafb" ];
      params = lib.optionals modeset [ "nvidia-drm.modeset=1" "nvidia-drm.fbdev=1" ]
        ++ lib.optional keepsMemory "nvidia.NVreg_PreserveVideoMemoryAllocations=1"
        ++ lib.optional (cfg.powerManagement.finegrained or false) "nvidia.NVreg_DynamicPowerManagement=0x02"
        ++ lib.optional (cfg.gsp.enable or true == false) "nvidia.NVreg_EnableGpuFirmware=0"
        ++ parameters;
      covers = [ "hardware.nvidia" ];
      say = "the kernel modules are those of NVIDIA's ${if open == true then "open sources" else "own driver"}, version ${driver.version or "?"}: the distribution's driver (libraries, firmware, X) must be of that very version${lib.optionalString (said == null && open) ". hardware.nvidia.open is not set: cards older than Turing need hardware.nvidia.open = false, which is unfree (nixpkgs.config.allowUnfree)"}";
    };
in
{
  hardware.display."outputs" = outputs: {
    whole = true;
    params = map (name: "video=${name}:${outputs.${name}.mode}") (namesWith (output: output.mode or null != null) outputs)
      ++ (let named = namesWith (output: output.edid or null != null) outputs;
          in lib.optional (named != [ ]) "drm.edid_firmware=${lib.concatMapStringsSep "," (name: "${name}:edid/${outputs.${name}.edid}") named}");
  };
  hardware.display."edid.packages" = packages: { whole = true; firmwarePackages = packages; };
  hardware.alsa."cardAliases" = aliases: { whole = true; modprobe = lib.concatStringsSep "\n" (cards aliases); };
  hardware.cpu."x86.msr.settings" = settings: {
    whole = true;
    params = map (name: "msr.${name}=${if lib.isBool settings.${name} then lib.boolToString settings.${name} else toString settings.${name}}") (namesWith (value: value != null) settings);
  };
  networking.wireguard."interfaces" = tunnels;
  networking.wg-quick."interfaces" = tunnels;
  networking.interfaces."" = interfaces: {
    modules = lib.optional (lib.any (i: i.virtual or false) (entries interfaces)) "tun";
    sysctl = lib.listToAttrs (concatMap
      (name: let i = interfaces.${name}; device = i.name or name; in
        lib.optional (i.proxyARP or false) (lib.nameValuePair "net.ipv4.conf.${device}.proxy_arp" true)
        ++ lib.optional (i ? tempAddress) (lib.nameValuePair "net.ipv6.conf.${device}.use_tempaddr" ({ disabled = 0; enabled = 1; default = 2; }.${i.tempAddress} or 2)))
      (attrNames interfaces));
  };
  services.xserver."videoDrivers" = drivers:
    if lib.any (name: lib.hasPrefix "nvidia" name) drivers then nvidia drivers
    else if lib.elem "displaylink" drivers then { packages = [ "evdi" ]; modules = [ "evdi" ]; }
    else if lib.elem "amdgpu-pro" drivers then { say = "amdgpu-pro's module is not in this package set; the kernel's own amdgpu is used"; }
    else { };
  hardware.nvidia."datacenter.enable" = _: nvidia [ "nvidia" ];
  virtualisation.kvmgt."vgpus" = _: { say = "no virtual GPUs are made: that is a service of the distribution's"; };
}
