# SPDX-License-Identifier: GPL-2.0-or-later
# A shell for menuconfig by overrideDerivation.
with import <nixpkgs> { }; linuxPackages.kernel.overrideDerivation (drv: { nativeBuildInputs = drv.nativeBuildInputs ++ [ ncurses pkgconfig ]; shellHook = ''
  addToSearchPath PKG_CONFIG_PATH ${ncurses.dev}/lib/pkgconfig
  echo to configure: 'make $makeFlags menuconfig'
''; })
