# SPDX-License-Identifier: GPL-2.0-or-later
# Packages of Debian's archive, unpacked into the store: what development shells name that the host need not have.
# A new one: its .debs here, and tools/debian-lock.sh to pin them.
{ lib, pkgs }:
let
  inherit (pkgs) debPackage;
  inherit (pkgs.stdenv) hostPlatform buildPlatform;
  isCross = hostPlatform.system != buildPlatform.system;
  debArch = { aarch64-linux = "arm64"; armv7l-linux = "armhf"; }.${hostPlatform.system} or hostPlatform.parsed.cpu.name;
in
rec {
  ncurses = debPackage {
    pname = "ncurses";
    debs = [ "libncurses-dev" "libncurses6" "libncursesw6" "libtinfo6" ];
  };
  ncurses5 = ncurses;
  ncurses6 = ncurses;

  pkg-config = debPackage {
    pname = "pkg-config";
    debs = [ "pkgconf" "pkgconf-bin" "libpkgconf3" ];
    setupHook = ./pkg-config-hook.sh;
    postInstall = ''
      rm -f $out/bin/*pkgconf $out/bin/*pkg-config
      cp tree/usr/bin/pkgconf $out/bin/pkgconf-program
      {
        echo '#!/bin/bash'
        echo '# Runs pkgconf with the library beside it; what the host has is found after the inputs.'
        echo "export LD_LIBRARY_PATH=$out/lib\''${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
        echo 'host=/usr/local/lib/pkgconfig:/usr/local/share/pkgconfig:/usr/lib/x86_64-linux-gnu/pkgconfig:/usr/lib64/pkgconfig:/usr/lib/pkgconfig:/usr/share/pkgconfig'
        echo 'export PKG_CONFIG_LIBDIR=''${PKG_CONFIG_LIBDIR:-$host}'
        echo "exec -a pkg-config $out/bin/pkgconf-program \"\$@\""
      } > $out/bin/pkg-config
      chmod +x $out/bin/pkg-config
      ln -s pkg-config $out/bin/pkgconf
    '';
  };
  pkgconfig = pkg-config;

  qt5 = {
    qtbase = qtbase5;
    inherit (pkgs) stdenv;
    qmake = qtbase5;
    wrapQtAppsHook = pkgs.emptyDirectory;
  };
  libsForQt5 = qt5;
  qtbase5 = debPackage {
    pname = "qtbase";
    debs = import ./qtbase-debs.nix;
    version = "5.15.8";
    setupHook = ./qtbase-hook.sh;
    # Programs look for plugins in lib/qt-VERSION/plugins, as the wiki's shell says.
    postInstall = ''
      mkdir -p $out/lib/qt-5.15.8
      ln -sfn ../qt5/plugins $out/lib/qt-5.15.8/plugins
      for tool in moc rcc uic qmake; do
        if [ -x $out/lib/qt5/bin/$tool ]; then ln -sf ../lib/qt5/bin/$tool $out/bin/$tool; fi
      done
      printf '[Paths]\nPrefix=%s\nPlugins=lib/qt5/plugins\nLibraries=lib\nHeaders=include/qt5\n' $out > $out/lib/qt5/bin/qt.conf
    '';
  };

  # The userland of guests, for the machine that they are.
  busybox-static = debPackage {
    pname = "busybox";
    debs = [ (if isCross then "busybox-static:${debArch}" else "busybox-static") ];
  };
  busybox = busybox-static;
  pkgsStatic = { busybox = busybox-static; };

  hello = debPackage { pname = "hello"; debs = [ "hello" ]; };
  earlyoom = debPackage { pname = "earlyoom"; debs = [ "earlyoom" ]; };

  gllvm = pkgs.callPackage ./gllvm.nix { };
}
