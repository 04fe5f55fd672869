# SPDX-License-Identifier: GPL-2.0-or-later
# A device tree that the kernel package compiles by hand.
# kind: configuration
{ pkgs, config, ... }: {
  hardware.deviceTree = { enable = true; name = "rockchip/x.dtb"; kernelPackage = config.boot.kernelPackages.kernel.overrideAttrs { outputs = [ "out" ]; configurePhase = "cp ${./files/overlay.dts} x.dts; mkdir -p $out/dtbs/rockchip; $CC -E -nostdinc -Iinclude -undef -D__DTS__ -x assembler-with-cpp x.dts | ${pkgs.dtc}/bin/dtc -I dts -O dtb -@ -o $out/dtbs/rockchip/x.dtb; exit 0"; }; };
}
