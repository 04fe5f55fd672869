# SPDX-License-Identifier: GPL-2.0-or-later
# A step more after a kernel's installation.
# kind: configuration
{ pkgs, lib, ... }: {
  boot.kernelPackages = pkgs.linuxPackages_6_12.extend (_final: prev: { kernel = prev.kernel.overrideAttrs (oldAttrs: { postInstall = (oldAttrs.postInstall or "") + ''
    if [ ! -e "$out/${prev.kernel.target}" ]; then ln -s vmlinuz "$out/${prev.kernel.target}"; fi
  ''; }); });
}
