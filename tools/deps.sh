#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs the packages that a purpose needs: deps.sh PURPOSE... (build demo test extra static distros bench fuzz). Does nothing, quickly and without a network, when
# all are there. A|B is whichever Debian's release has, ?A what some releases do not have (their tests say that they are skipped). The lists are Debian's;
# where another package manager is at home, build and demo are translated (deps-names), and the tests' packages are known for Debian alone.
set -euf

packages_build="gcc bison libc6-dev meson ninja-build pkg-config libarchive-dev libgit2-dev libcurl4-openssl-dev libsqlite3-dev libssl-dev libkmod-dev
  libseccomp-dev libjansson-dev libedit-dev libzstd-dev libbz2-dev zlib1g-dev liblzma-dev libcmocka-dev ca-certificates jq"
packages_demo="make bc bison flex libelf-dev libssl-dev kmod cpio zstd xz-utils bzip2 patch perl rsync e2fsprogs qemu-system-x86 binutils
  dwarves file git openssh-client"
packages_test="$packages_demo gpg gpg-agent gpgv python3-minimal grub-common grub-pc-bin grub-efi-amd64-bin extlinux syslinux-common ovmf systemd-boot-efi
  sbsigntool openssl mtools curl patchutils nix-bin jq xfsprogs btrfs-progs dosfstools erofs-utils f2fs-tools squashfs-tools fdisk busybox-static musl-tools
  tmux libncurses-dev libcmocka-dev procps util-linux passwd sqlite3 strace clang lld llvm qemu-system-arm gdb xvfb x11-utils iproute2
  libclang-rt-dev|libclang-rt-14-dev clang-format bison flex ?linux-source-6.12 ?linux-source-6.1 netbase g++ debootstrap device-tree-compiler ?iucode-tool"
# What only the long tests need, among it services.
packages_extra="shim-signed grub-efi-amd64-signed swtpm libtss2-tcti-swtpm0|libtss2-tcti-swtpm0t64 systemd-cryptsetup|systemd nfs-ganesha nfs-ganesha-vfs"
# A static kernix: what the static libraries of the build's list refer to, and libkmod's source is fetched by meson.
packages_static="libnghttp2-dev libpsl-dev libidn2-dev libunistring-dev libssh2-1-dev libgcrypt20-dev libbrotli-dev nettle-dev libacl1-dev libattr1-dev
  liblz4-dev libmbedtls-dev ?libhttp-parser-dev libpcre2-dev libncurses-dev libbsd-dev libmd-dev"
# Roots of other distributions.
packages_distros="debootstrap qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross busybox-static file"
packages_bench="nix-bin jq"
packages_fuzz="clang libclang-rt-dev|libclang-rt-14-dev"

# What a build needs may be there without Debian's packages, or by other ones than these (libcurl4-gnutls-dev): then there is nothing to do.
build_is_possible() {
  for tool in cc bison meson ninja pkg-config; do command -v "$tool" >/dev/null || return 1; done
  pkg-config --exists libarchive libgit2 libcurl sqlite3 libcrypto libkmod libseccomp jansson libedit libzstd zlib liblzma cmocka 2>/dev/null &&
    echo '#include <bzlib.h>' | cc -E - >/dev/null 2>&1 && [ -d /etc/ssl/certs ]
}

nl='
'
is_installed() { case $installed in *"$nl$1$nl"*) ;; *) return 1 ;; esac; }
# apt takes a name that it does not have for a pattern: linux-source-6.1 means linux-source-6.12, too.
apt_has() {
  apt-cache policy "$1" 2>/dev/null | awk -v p="$1:" '/^[^ ]/ { on = $0 == p } on && $1 == "Candidate:" && $2 != "(none)" { found = 1 } END { exit !found }'
}

# Is one of A|B|C installed? pick: the first that apt has.
satisfied() {
  for p in $(echo "${1#\?}" | tr '|' ' '); do
    if is_installed "$p"; then return 0; fi
  done
  return 1
}
pick() {
  for p in $(echo "${1#\?}" | tr '|' ' '); do
    if apt_has "$p"; then
      echo "$p"
      return
    fi
  done
  case $1 in '?'*) ;; *) echo "${1%%|*}" ;; esac
}
pick_all() {
  for entry in $pending; do pick "$entry"; done | tr '\n' ' '
}

# The package manager that is at home here, how it installs, and which column of deps-names is its own.
manager=none
for m in apt-get dnf pacman zypper apk; do
  if command -v "$m" >/dev/null; then
    manager=$m
    break
  fi
done
names=$(dirname "$0")/deps-names
translate() {
  case $manager in dnf) column=2 ;; pacman) column=3 ;; zypper) column=4 ;; apk) column=5 ;; esac
  for entry in "$@"; do awk -v p="$entry" -v c="$column" '$1 == p && $c != "-" { gsub(",", " ", $c); print $c }' "$names"; done
}
has_package() {
  case $manager in
    dnf | zypper) rpm -q --whatprovides "$1" ;;
    pacman) pacman -Q "$1" ;;
    apk) apk info -e "$1" ;;
  esac >/dev/null 2>&1
}
install_with() {
  case $manager in
    dnf) echo "dnf install -y $*" ;;
    pacman) echo "pacman -S --needed --noconfirm $*" ;;
    zypper) echo "zypper --non-interactive install $*" ;;
    apk) echo "apk add $*" ;;
  esac
}
# Not Debian: what has no row in the table is not asked for.
elsewhere() {
  list=
  for purpose in "$@"; do
    case $purpose in
      build) build_is_possible || list="$list $packages_build" ;;
      demo) list="$list $packages_demo" ;;
      *) echo "deps: the packages of '$purpose' are known for Debian only; what is missing will be said by the tests" >&2 ;;
    esac
  done
  if [ $manager = none ]; then
    # Programs and libraries may be there without any package manager. meson says what is missing.
    [ -z "$list" ] || echo "deps: no package manager is known here; needed is (Debian's names):$list" >&2
    exit 0
  fi
  missing=
  # shellcheck disable=SC2046,SC2086 # lists of words
  for p in $(translate $list | sort -u); do has_package "$p" || missing="$missing $p"; done
  [ -n "$missing" ] || exit 0
  # shellcheck disable=SC2086
  command=$(install_with $missing)
  if [ "$(id -u)" != 0 ]; then
    echo "deps: these packages are needed; as root run: $command" >&2
    exit 1
  fi
  echo "deps: $command"
  # shellcheck disable=SC2086
  $command || { echo "deps: that failed; a name that is not right here is to be mended in $names" >&2 && exit 1; }
  exit 0
}
[ $manager = apt-get ] || elsewhere "$@"

pending=
for purpose in "$@"; do
  [ "$purpose" != build ] || ! build_is_possible || continue
  [ -n "${installed:-}" ] || installed=$nl$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')$nl
  eval "list=\$packages_$purpose"
  for entry in $list; do
    case " $pending " in *" $entry "*) continue ;; esac
    satisfied "$entry" || pending="$pending $entry"
  done
done
[ -n "$pending" ] || exit 0
missing=$(command -v apt-cache >/dev/null && pick_all || echo "$pending" | tr -d '?')
missing=${missing% }
[ -n "$missing" ] || exit 0 # what this distribution does not have

if [ "$(id -u)" != 0 ]; then
  echo "deps: these packages are needed; as root run: apt-get install -y $missing" >&2
  exit 1
fi
echo "deps: installing through apt ($*): $missing"
export DEBIAN_FRONTEND=noninteractive
echo "deps: apt-get update"
apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null || echo "deps: apt-get update failed, going on with the lists that are there" >&2
missing=$(pick_all) # of today's lists
log=$(mktemp)
status=$(mktemp)
# What apt says goes to the log; of its downloads and packages every tenth is told.
# shellcheck disable=SC2086 # a list of words
{ apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $missing 2>&1; echo $? >"$status"; } | tee "$log" |
  awk '/^(Get:|Setting up )/ && ++n % 10 == 0 { print "deps: " $1, ($1 == "Setting" ? $2 " " $3 : $5); fflush() }'
if [ "$(cat "$status")" != 0 ]; then
  tail -n 20 "$log" >&2
  echo "deps: apt-get install failed (the whole log: $log)" >&2
  exit 1
fi
rm -f "$log" "$status"
echo "deps: done"
