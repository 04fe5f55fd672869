# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel tree of a few files, for what only looks at Kconfig, and a configuration.nix for it. To be sourced.

mini_tree() { # FOLDER
  local tree=$1
  mkdir -p "$tree"/arch/{x86,arm64}/configs "$tree/drivers/net"
  printf 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\nEXTRAVERSION =\nNAME = test\n' >"$tree/Makefile"
  touch "$tree/Kbuild"
  cat >"$tree/Kconfig" <<'X'
mainmenu "Linux/$(ARCH) $(KERNELVERSION) Kernel Configuration"

config MODULES
	bool "modules"
	modules
config EXPERT
	bool "expert"
config NET
	bool "network"
config BUS
	tristate "bus"
	depends on NET
config DRIVER
	tristate "driver"
	depends on BUS
	help
	  Was OLD_DRIVER before.
config SECOND
	tristate "second driver"
	depends on BUS
config XFS_FS
	tristate "xfs"
config USER
	bool "user"
	select LIBRARY
config LIBRARY
	tristate "library"
config NUMBER
	int "number"
	range 2 64
	default 8
config ADDRESS
	hex "address"
	default 0x1000
config TEXT
	string "text"
	default "none"
choice
	prompt "speed"
	default SPEED_100
config SPEED_100
	bool "100"
config SPEED_250
	bool "250"
endchoice
config SPECIAL
	bool "special" if EXPERT
	default y
X
  printf 'config ARM_ONLY\n\tbool "arm"\n' >"$tree/arch/arm64/Kconfig"
  echo 'CONFIG_RENAMED_AWAY=y' >"$tree/arch/arm64/configs/defconfig"
  printf 'CONFIG_MODULES=y\nCONFIG_NET=y\nCONFIG_BUS=m\nCONFIG_DRIVER=m\nCONFIG_SECOND=m\nCONFIG_XFS_FS=m\n' >"$tree/arch/x86/configs/x86_64_defconfig"
  cat >"$tree/drivers/net/Makefile" <<'X'
obj-$(CONFIG_BUS) += thebus.o
obj-$(CONFIG_DRIVER) += the-driver.o
obj-$(CONFIG_SECOND) += second.o
obj-$(CONFIG_XFS_FS) += xfs/ xfs.o
X
}

mini_configuration() { # FOLDER OF THE TREE
  cat <<X
{ config, lib, pkgs, ... }:
{
  boot.kernelPackages = pkgs.linuxPackagesFor (pkgs.linux_debian.override {
    argsOverride = { version = "6.12.1"; src = $1; };
    defconfig = "x86_64_defconfig"; enableCommonConfig = false; autoModules = false;
  });
  boot.kernelModules = [ "the_driver" ];
  fileSystems."/" = { device = "LABEL=root"; fsType = "xfs"; };
  boot.kernelPatches = [ {
    name = "mine"; patch = null;
    structuredExtraConfig = with lib.kernel; {
      SPEED_250 = yes;
      NUMBER = freeform "12";
    };
    extraConfig = ''
      USER y
    '';
  } ];
  #here
}
X
}
