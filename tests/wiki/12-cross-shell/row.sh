# SPDX-License-Identifier: GPL-2.0-or-later
# what: nix-shell enters the FHS environment, its exports are set, make defconfig for arm64 works; gcc 8 becomes the oldest there is
must "the same shell as real Nix" same "$row/snippet.nix"
must "gcc 8 is replaced with a warning" says same.ours 'gcc 8 is not on this machine; using gcc [0-9]+ in its place'
must "a clone of the sources" kernel_sources 'with import <nixpkgs> {}; linux_debian'
mkdir o
cp "$row/snippet.nix" shell.nix
# What the shell is made of, so that the terminal need not wait for it.
limit=900 must "its packages" ours nix-build -j 4 -E '(import ./shell.nix).inputDerivation' --no-out-link
term_rows=60 must "nix-shell" term_shell
term_line 'echo "=$ARCH=$hardeningDisable=$CROSS_COMPILE=$QT_QPA_PLATFORMTHEME="'
must "it is entered, with its exports" term_sees '^=arm64=all=aarch64-unknown-linux-gnu-=qt5ct=' 300
term_line '${CROSS_COMPILE}gcc -dumpmachine; gcc --version | head -n 1'
must "the cross compiler" term_sees '^aarch64-.*linux-gnu'
must "the native one" term_sees '^gcc .*[0-9]+\.[0-9]+'
term_line 'pkg-config --modversion ncurses Qt5Widgets; ls -d $QT_QPA_PLATFORM_PLUGIN_PATH/platforms'
must "ncurses through pkg-config" term_sees '^6\.[0-9]'
must "Qt too" term_sees '^5\.15'
must "the plugins of Qt" term_sees '^/nix/store/.*/lib/qt-5.*/plugins/platforms'
term_line "make -s -C $sources O=$PWD/o defconfig && echo =ma\"\"de="
must "make defconfig" term_sees '^=made=' 300
must "for arm64" says o/.config '^CONFIG_ARM64=y$'
must "with the cross compiler" says o/.config '^CONFIG_CC_VERSION_TEXT="aarch64-[a-z-]*gcc'
term_end
