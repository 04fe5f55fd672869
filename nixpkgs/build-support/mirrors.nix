# SPDX-License-Identifier: GPL-2.0-or-later
# What `mirror://NAME/` stands for, in the order in which they are tried. Each ends in a slash.
{
  kernel = [
    "https://cdn.kernel.org/pub/"
    "http://linux-kernel.uio.no/pub/"
    "ftp://ftp.funet.fi/pub/mirrors/ftp.kernel.org/pub/"
  ];
  gnu = [
    "https://ftpmirror.gnu.org/"
    "https://ftp.gnu.org/pub/gnu/"
    "https://mirrors.kernel.org/gnu/"
  ];
  gcc = [ "https://gcc.gnu.org/pub/gcc/" "https://mirrors.kernel.org/sourceware/gcc/" ];
  savannah = [ "https://download.savannah.gnu.org/releases/" "https://mirror.easyname.at/nongnu/" ];
  sourceforge = [ "https://downloads.sourceforge.net/" "https://prdownloads.sourceforge.net/" ];
  debian = [
    "https://deb.debian.org/debian/"
    "http://deb.debian.org/debian/"
    "https://snapshot.debian.org/archive/debian/20261101T000000Z/"
  ];
  debian-security = [ "https://deb.debian.org/debian-security/" "https://security.debian.org/debian-security/" ];
  ubuntu = [ "https://archive.ubuntu.com/ubuntu/" ];
  apache = [ "https://dlcdn.apache.org/" "https://archive.apache.org/dist/" ];
  cpan = [ "https://cpan.metacpan.org/" "https://www.cpan.org/" ];
  pypi = [ "https://files.pythonhosted.org/packages/source/" "https://pypi.io/packages/source/" ];
  xorg = [ "https://xorg.freedesktop.org/releases/" ];
  gnome = [ "https://download.gnome.org/" ];
  kde = [ "https://download.kde.org/" ];
  qt = [ "https://download.qt.io/" ];
}
