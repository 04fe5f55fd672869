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
  ];
}
