# SPDX-License-Identifier: GPL-2.0-or-later
# An Apple machine with a T2.
# kind: configuration
{ pkgs, ... }: { hardware.apple-t2.kernelChannel = "stable"; hardware.apple.touchBar.enable = true; boot.kernelParams = [ "intel_iommu=on" "iommu=pt" "pcie_ports=compat" ]; hardware.firmware = [ (pkgs.stdenvNoCC.mkDerivation { name = "brcm-firmware"; src = ./.; buildCommand = "mkdir -p $out/lib/firmware/brcm"; }) ]; }
