# SPDX-License-Identifier: GPL-2.0-or-later
# The .debs that make up qtbase: Qt's own, and the libraries that a widgets program under X11 needs to run.
[
  "qtbase5-dev" "qtbase5-dev-tools" "qt5-qmake" "qt5-qmake-bin"
  "libqt5core5a" "libqt5gui5" "libqt5widgets5" "libqt5dbus5" "libqt5network5" "libqt5xml5" "libqt5concurrent5" "libqt5printsupport5" "libqt5sql5" "libqt5test5"
  "libdouble-conversion3" "libicu72" "libpcre2-16-0" "libpcre2-8-0" "libglib2.0-0" "libharfbuzz0b" "libgraphite2-3" "libmd4c0"
  "libpng16-16" "libjpeg62-turbo" "libfreetype6" "libfontconfig1" "libbrotli1" "libexpat1"
  "libgl1" "libgl-dev" "libglvnd0" "libglx0" "libegl1" "libegl-dev" "libopengl0" "libdbus-1-3"
  "libx11-6" "libx11-xcb1" "libxau6" "libxdmcp6" "libbsd0" "libmd0"
  "libxcb1" "libxcb-glx0" "libxcb-icccm4" "libxcb-image0" "libxcb-keysyms1" "libxcb-randr0" "libxcb-render0" "libxcb-render-util0" "libxcb-shape0"
  "libxcb-shm0" "libxcb-sync1" "libxcb-util1" "libxcb-xfixes0" "libxcb-xinerama0" "libxcb-xinput0" "libxcb-xkb1" "libxkbcommon0" "libxkbcommon-x11-0" "xkb-data"
  "libsm6" "libice6" "libinput10" "libmtdev1" "libevdev2" "libgudev-1.0-0" "libwacom9" "libproxy1v5"
]
