# SPDX-License-Identifier: GPL-2.0-or-later
# What people read of options that are not ours: `lib.mkIf config.services.xserver.enable` must not fail where nobody says
# whether it is. Values are NixOS's defaults for a configuration that says nothing.
{ lib, pkgs }:
let
  off = names: lib.genAttrs names (name: { enable = false; package = throw "the package of ${name} is the distribution's"; });
  no = { enable = false; };
  # Packages whose programs the distribution has: "''${config.systemd.package}/bin/systemctl".
  host = { outPath = "/usr"; out = "/usr"; bin = "/usr"; lib = "/usr"; version = "0"; };
in
{
  services = off [
    "acpid" "auto-cpufreq" "avahi" "blueman" "btrfs" "caddy" "chrony" "cron" "dbus" "desktopManager" "dnsmasq" "fail2ban" "flatpak" "fprintd"
    "fstrim" "fwupd" "geoclue2" "gitea" "forgejo" "gpm" "greetd" "gvfs" "home-assistant" "immich" "irqbalance" "jellyfin" "k3s" "kanata" "keyd"
    "kmscon" "libinput" "locate" "logind" "lvm" "mysql" "netdata" "nextcloud" "nginx" "ntp" "ollama" "openssh" "opensnitch" "pcscd" "pipewire"
    "plex" "postgresql" "power-profiles-daemon" "printing" "prometheus" "pulseaudio" "qemuGuest" "redis" "resolved" "rpcbind" "samba"
    "smartd" "spice-vdagentd" "sshd" "supergfxd" "asusd" "syncthing" "system76-scheduler" "thermald" "throttled" "timesyncd" "tlp" "tor"
    "touchegg" "traefik" "tuned" "udisks2" "undervolt" "unifi" "upower" "usbmuxd" "vaultwarden" "xrdp" "xe-guest-utilities" "zerotierone"
  ] // {
    displayManager = no // off [ "gdm" "sddm" "ly" "cosmic-greeter" "autoLogin" ];
    desktopManager = off [ "gnome" "plasma6" "cosmic" "lomiri" "budgie" ];
    gnome = off [ "gnome-keyring" "gnome-remote-desktop" "gnome-settings-daemon" "core-apps" ];
    grafana = no // { settings.server = { http_port = 3000; http_addr = "127.0.0.1"; }; };
    hardware = off [ "bolt" "openrgb" "pommed" "argonone" ];
    nfs.server = no;
    openssh = no // { ports = [ 22 ]; hostKeys = [ ]; settings = { }; };
    pipewire = no // { alsa = no; pulse = no; jack = no; };
    tailscale = no // { port = 41641; interfaceName = "tailscale0"; };
    thelounge = no // { port = 9000; };
    udev = { enable = true; packages = [ ]; };
    xserver = no // {
      videoDrivers = [ "modesetting" "fbdev" ];
      xkb = { layout = "us"; variant = ""; options = ""; model = "pc104"; };
      displayManager = off [ "gdm" "lightdm" "sddm" "startx" ];
      desktopManager = off [ "gnome" "plasma5" "xfce" "cinnamon" "mate" "budgie" "xterm" ];
      windowManager = off [ "i3" "awesome" "bspwm" "dwm" "xmonad" "qtile" ];
    };
    zfs = { autoScrub = no; autoSnapshot = no; trim.enable = true; };
  };
  programs = off [
    "adb" "bash" "corectrl" "dconf" "direnv" "firefox" "fish" "gamemode" "gamescope" "git" "hyprland" "i3lock" "kdeconnect" "light" "mtr" "neovim"
    "nh" "niri" "nix-ld" "noisetorch" "regreet" "river" "ssh" "starship" "steam" "sway" "thunar" "tmux" "uwsm" "vim" "virt-manager" "waybar"
    "wireshark" "xfconf" "xwayland" "zsh"
  ] // { gnupg.agent = no; };
  virtualisation = off [ "containerd" "containers" "docker" "incus" "kvmgt" "libvirtd" "lxc" "lxd" "podman" "waydroid" "xen" "hypervGuest" "spiceUSBRedirection" ]
    // { virtualbox = { host = no; guest = no; }; vmware = { host = no; guest = no; }; docker = no // { rootless = no; }; };
  networking = off [ "networkmanager" "wireguard" "nftables" "bonds" "dhcpcd" ] // {
    firewall.enable = true;
    wireless = no // { iwd = no; };
    useDHCP = true;
    useNetworkd = false;
    nameservers = [ ];
    interfaces = { };
    hosts = { };
  };
  hardware = off [ "bluetooth" "brillo" "cpu" "graphics" "opengl" "pulseaudio" "sane" "steam-hardware" "openrazer" "trackpoint" "nvidia-container-toolkit" ] // {
    nvidia = { open = null; modesetting = no; powerManagement = no // { finegrained = false; }; prime = { offload = no; sync = no; reverseSync = no; }; };
    graphics = no // { enable32Bit = false; };
  };
  security = off [ "audit" "auditd" "doas" "polkit" "rtkit" "sudo-rs" "tpm2" ] // { sudo.enable = true; };
  boot = {
    plymouth = no;
    bcache = no;
    lanzaboote = no;
    binfmt = { emulatedSystems = [ ]; registrations = { }; };
    zfs = {
      enabled = false;
      package = pkgs.zfs;
      extraPools = [ ];
    };
    enableContainers = true;
    loader = { grub = { device = ""; devices = [ ]; efiSupport = false; useOSProber = false; }; limine = no; supportsInitrdSecrets = true; };
  };
  powerManagement = { enable = true; powertop = no; };
  system = { autoUpgrade = no; activationScripts = { }; };
  systemd = { package = host; network = no; user = { services = { }; timers = { }; }; coredump.enable = true; };
  environment = { systemPackages = [ ]; variables = { }; sessionVariables = { }; shells = [ ]; shellAliases = { }; };
  users = { users = { }; groups = { }; mutableUsers = true; defaultUserShell = "/bin/bash"; };
  nix = { enable = true; settings = { }; nixPath = [ ]; registry = { }; package = host; };
  i18n = { defaultLocale = "en_US.UTF-8"; supportedLocales = [ "all" ]; extraLocaleSettings = { }; };
  time = { timeZone = null; hardwareClockInLocalTime = false; };
  console = { enable = true; font = null; keyMap = "us"; useXkbConfig = false; earlySetup = false; colors = [ ]; packages = [ ]; };
  documentation = { enable = true; man.enable = true; };
  fonts = { packages = [ ]; fontconfig.enable = true; };
  xdg.portal = no;
  sound = no;
  containers = { };
  home-manager.users = { };
}
