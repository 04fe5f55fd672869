# SPDX-License-Identifier: GPL-2.0-or-later
# Options that are left to the distribution: accepted, named, never evaluated, and readable.
{ pkgs, lib, nixpkgs }:
let
  of = module: (import "${toString nixpkgs}/nixos/lib/eval-config.nix" {
    system = "x86_64-linux";
    modules = [ { boot.kernelPackages = pkgs.linuxPackages_debian; nixpkgs.pkgs = pkgs; } module ];
  }).config;
  told = module: lib.concatStringsSep "\n" (of module).warnings;
  evaluates = module: lib.isString (of module).system.build.toplevel.drvPath;
  fails = module: !(builtins.tryEval (of module).boot.kernelParams).success;
  lazy = { pkgs, ... }: {
    environment.systemPackages = with pkgs; [ firefox (vim_configurable.override { }) ] ++ pkgs.noSuchList;
    programs.neovim.configure.customRC = builtins.readFile ./no-such-file;
    users.users.alice.packages = with pkgs; [ kdePackages.kate ];
    services.printing.drivers = [ pkgs.hplip ];
    fonts.packages = [ pkgs.noto-fonts ];
    system.activationScripts.shell = "ln -sf ${pkgs.noShell}/bin/sh /bin/sh";
  };
  # What an undeclared option hangs on may be another one.
  conditional = { config, lib, ... }: {
    imports = [ { services.xserver.enable = true; } ];
    config = lib.mkIf config.services.xserver.enable {
      boot.kernelParams = [ "splash" ];
      services.blueman.enable = true;
      programs.waybar.enable = config.programs.hyprland.enable;
    };
  };
  own = { config, lib, ... }: {
    options.programs.mine.enable = lib.mkEnableOption "mine";
    options.users.mine = lib.mkOption { type = lib.types.str; default = "me"; };
    options.nix.mine = lib.mkEnableOption "mine";
    config.programs.mine.enable = true;
    config.boot.kernelModules = lib.mkIf config.programs.mine.enable [ config.users.mine ];
  };
  realWords = [
    "boot.zfs.allowHibernation" "boot.zfs.devNodes" "boot.zfs.enabled" "boot.zfs.extraPools" "boot.zfs.forceImportAll" "boot.zfs.forceImportRoot" "boot.zfs.package" "boot.zfs.passwordTimeout"
    "boot.zfs.pools" "boot.zfs.removeLinuxDRM" "boot.zfs.requestEncryptionCredentials" "boot.plymouth.enable" "boot.plymouth.theme" "boot.plymouth.themePackages" "boot.plymouth.logo"
    "boot.plymouth.font" "boot.binfmt.emulatedSystems" "boot.binfmt.preferStaticEmulators" "boot.lanzaboote.pkiBundle" "boot.lanzaboote.enable" "boot.loader.grub.devices" "boot.loader.grub.device"
    "boot.loader.grub.font" "boot.loader.grub.fontSize" "boot.loader.grub.users" "boot.loader.limine.enable" "boot.loader.external.enable" "boot.initrd.network.ssh.port" "boot.initrd.network.enable"
    "boot.initrd.systemd.users" "boot.initrd.systemd.root" "boot.initrd.systemd.paths" "boot.initrd.systemd.packages" "boot.initrd.systemd.tpm2" "boot.initrd.systemd.targets"
    "hardware.acpilight" "hardware.asahi" "hardware.block" "hardware.bluetooth" "hardware.bladeRF" "hardware.brillo" "hardware.bumblebee" "hardware.ckb-next" "hardware.coral" "hardware.cpu.amd.sev"
    "hardware.display" "hardware.enableKSM" "hardware.fancontrol" "hardware.flipperzero" "hardware.flirc" "hardware.gkraken" "hardware.glasgow" "hardware.gpgSmartcards" "hardware.graphics.enable32Bit"
    "hardware.hackrf" "hardware.infiniband" "hardware.intel-gpu-tools" "hardware.ipu6" "hardware.keyboard.qmk" "hardware.keyboard.zsa" "hardware.ksm" "hardware.ledger" "hardware.libftdi"
    "hardware.libjaylink" "hardware.logitech.wireless" "hardware.mcelog" "hardware.mwProCapture" "hardware.new-lg4ff" "hardware.nfc-nci" "hardware.nitrokey" "hardware.nvidia.open"
    "hardware.nvidia.nvidiaSettings" "hardware.nvidia.nvidiaPersistenced" "hardware.nvidia.prime.sync.enable" "hardware.nvidia.prime.intelBusId" "hardware.nvidia.prime.amdgpuBusId"
    "hardware.nvidia.powerManagement.finegrained" "hardware.nvidia.dynamicBoost.enable" "hardware.nvidia-container-toolkit" "hardware.onlykey" "hardware.opengl.driSupport32Bit"
    "hardware.opengl.driSupport" "hardware.opentabletdriver" "hardware.parallels" "hardware.pcmcia" "hardware.printers" "hardware.pulseaudio" "hardware.raid" "hardware.rasdaemon" "hardware.raspberry-pi"
    "hardware.saleae-logic" "hardware.sane.enable" "hardware.sata" "hardware.sensor.iio" "hardware.sensor.hddtemp" "hardware.spacenavd" "hardware.steam-hardware" "hardware.system76" "hardware.trackpoint"
    "hardware.trezor" "hardware.tuxedo-rs" "hardware.ubertooth" "hardware.usb-modeswitch" "hardware.usbStorage" "hardware.video" "hardware.wooting" "hardware.xone" "hardware.xpad-noone"
    "virtualisation.docker.enableOnBoot" "virtualisation.docker.enableNvidia" "virtualisation.docker.daemon" "virtualisation.docker.rootless" "virtualisation.docker.autoPrune"
    "virtualisation.libvirtd.onBoot" "virtualisation.libvirtd.onShutdown" "virtualisation.libvirtd.qemu" "virtualisation.lxc" "virtualisation.lxd.ui" "virtualisation.incus.ui" "virtualisation.podman"
    "virtualisation.oci-containers" "virtualisation.spiceUSBRedirection" "virtualisation.vmware.host" "virtualisation.virtualbox.guest.x11" "virtualisation.xen.boot" "virtualisation.useEFIBoot"
    "virtualisation.containers" "virtualisation.containerd" "virtualisation.vswitch" "virtualisation.kvmgt.device" "virtualisation.sharedDirectories" "virtualisation.writableStore"
    "services.croc" "services.ntp" "services.tor" "services.udisks2" "services.xserver.xkb" "services.tlp.settings" "networking.domains" "networking.nat.internalIPs" "networking.nat.internalInterfaces"
    "systemd.slices" "systemd.mounts" "systemd.paths" "systemd.user" "systemd.units" "containers" "users" "time" "environment.variables" "security.sudo" "security.audit.rules" "location" "fonts" "sound"
  ];
in
{
  nothingIsForced = evaluates lazy;
  allAreNamed = lib.all (name: lib.hasInfix name (told lazy)) [ "environment.systemPackages" "programs" "users" "services.printing" "fonts" "system.activationScripts" ];
  oneWarning = lib.length (of lazy).warnings == 1;
  # Of names that are known to say nothing of the kernel few are named; of others all.
  manyAreFew = let text = told { services = lib.genAttrs [ "acpid" "avahi" "caddy" "chrony" "cron" "dbus" "flatpak" "openssh" ] (_: { enable = true; }); }; in lib.hasInfix "and 4 more of services" text;
  unknownAreNamed = let names = map (n: "s${toString n}") (lib.range 1 30); text = told { services = lib.genAttrs names (_: { enable = true; }); }; in lib.all (name: lib.hasInfix "services.${name}," "${text},") names;
  conditionsOnOthers = lib.elem "splash" (of conditional).boot.kernelParams && (of conditional).services.blueman.enable && !(of conditional).programs.waybar.enable;
  defaultsAreKnown = let c = of { services.foo.port = 1; }; in
    !c.services.foo.enable && !c.virtualisation.docker.enable && c.services.tailscale.port == 41641 && c.networking.firewall.enable && c.environment.systemPackages == [ ];
  ownOptionsAmongThem = (of own).boot.kernelModules == [ "me" ];
  priorities = (of { imports = [ { services.x.y = lib.mkDefault 1; } { services.x.y = 2; } { services.x.y = lib.mkIf false 3; } ]; }).services.x.y == 2;
  neverContradict = evaluates { imports = [ { services.x.y = 1; programs.z = [ ]; } { services.x.y = 2; programs.z.a = 1; } ]; };
  misspeltIsAMistake = lib.all fails [
    { hardware.enableRedistributableFirmwares = true; }
    { boot.kernelParam = [ ]; }
    { boot.initrd.kernelModule = [ ]; }
    { zramSwap.enabled = true; }
    { filesystems = { }; }
    { security.lockKernelModule = true; }
    { systemd.service = { }; }
    { boto.kernelParams = [ ]; }
    { bot.kernelParams = [ ]; }
    { hadrware.nvidia.open = true; }
    { filesSystem."/x" = { }; }
    { swapDevice = [ ]; }
    { hardware.nvida.open = true; }
    { hardware.nvidia.opn = true; }
    { hardware.nvidia.prime.offload.enabel = true; }
    { hardware = lib.mkIf false { nvidia = lib.mkMerge [ { opn = lib.mkForce true; } ]; }; }
    { virtualisation.docker = { enable = true; enabel = 3; }; }
    { virtualisation.dokcer.enable = true; }
    { virtualisation.virtualbox.host.enabel = true; }
    { boot.zfs.forceImportRot = false; }
    { boot.zfs.extraPool = [ ]; }
    { boot.plymouth.enabel = true; }
    { boot.plymoth.enable = true; }
    { boot.lanzaboote.enabl = true; }
    { boot.binfmt.emulatedSystem = [ ]; }
    { boot.initrd.systemd.enabl = true; }
    { boot.initrd.systemd.emergencyAcess = false; }
    { services.tlp.enabel = true; }
    { networking.nat.enbale = true; }
  ];
  # What NixOS has is none, however near it is to another word; nor is what cannot be looked at.
  realWordsAreNone = lib.isList (of { imports = map (name: lib.setAttrByPath (lib.splitString "." name) false) realWords; }).boot.kernelParams
    && lib.all (module: !fails module) [
      { hardware.nvidia = throw "unread"; virtualisation.docker = { enable = false; package = throw "unread"; }; }
      { hardware.bluetooth = { enable = true; package = pkgs.noSuch; }; }
      { boot.initrd.systemd = { enable = true; emergencyAccess = true; services.x.script = "y"; }; }
    ];
  # Beside what is done of a set, what nothing reads is named, whatever its value; what is done is not called without effect.
  unreadIsNamed = let
    says = module: name: lib.hasInfix " ${name}," "${lib.head (lib.splitString "\n" (told module))},";
    docker = { virtualisation.docker = { enable = true; fooBar = null; }; };
    lights = { services.hardware = { openrgb.enable = true; bolt.enable = true; }; };
  in says docker "virtualisation.docker.fooBar" && !says docker "virtualisation.docker" && says lights "services.hardware.bolt" && !says lights "services.hardware"
    && says { hardware.alsa = { enableRecorder = true; fooBar = false; }; } "hardware.alsa.fooBar"
    && says { services.udev = { packages = [ ]; extraRules = "x"; }; } "services.udev.packages"
    && !lib.hasInfix "no effect" (told { virtualisation.virtualbox.host.enable = true; });
}
