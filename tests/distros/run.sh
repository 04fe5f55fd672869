#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernix on other distributions: roots that debootstrap makes, in which it is built and tested, and one with busybox and the static kernix alone. As root.
# ROWS="bookworm trixie sid i386 arm64 busybox" for some of them; DISTROS=FOLDER keeps the roots there for the next time (else they go at the end).
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
here=tests/distros
rows=${ROWS:-bookworm trixie sid i386 arm64 busybox}
mirror=${MIRROR:-http://deb.debian.org/debian}
roots=${DISTROS:-$work/roots}
mkdir -p "$roots/cache"
if [ "$(id -u)" != 0 ]; then
  echo "skipped: roots are made and entered by root"
  exit 0
fi
eval "$(sed -n '/^packages_build=/{:more;/"$/!{N;b more};p}' tools/deps.sh)"
# What the unit tests call besides.
# shellcheck disable=SC2154,SC2086 # set by that; a list of words
packages=$(echo $packages_build netbase procps zstd xz-utils binutils kmod git python3-minimal | tr ' ' ,)

root_make() { # NAME SUITE ARCH [OPTION...]
  local name=$1 suite=$2 arch=$3
  shift 3
  [ ! -e "$roots/$name.done" ] || return 0
  rm -rf "${roots:?}/$name"
  debootstrap --cache-dir="$(realpath "$roots/cache")" --variant=minbase --arch="$arch" --include="$packages" "$@" "$suite" "$roots/$name" "$mirror" || return 1
  touch "$roots/$name.done"
}
enter() { "$here/enter.sh" "$roots/$1" "$2"; }

# What needs programs that a build does not (QEMU, mkfs of ten file systems) is left to make test.
left_out='test-boottest test-probe'
# shellcheck disable=SC2016 # for the root's shell
unit_tests='cd /b && export SRCDIR=/src && for t in tests/unit/test-*; do
  [ -f "$t" ] && [ -x "$t" ] || continue
  case " $LEFT_OUT " in *" ${t##*/} "*) continue ;; esac
  timeout 300 "$t" >/tmp/said 2>&1 || { echo "$t"; cat /tmp/said; bad=1; }
done; exit ${bad:-0}'
# shellcheck disable=SC2016
builds='mkdir /tmp/bin && for l in $(/b/kernix --command-links); do ln -s /b/kernix /tmp/bin/$l; done && PATH=/tmp/bin:$PATH && export NIX_PATH=nixpkgs=/src/nixpkgs
test "$(nix-instantiate --eval -E 1+1)" = 2 &&
test "$(nix-instantiate --eval -E builtins.currentSystem)" = "\"$SYSTEM\"" &&
out=$(nix-build --store /tmp/st --no-out-link -E "derivation { name = \"x\"; system = builtins.currentSystem; builder = \"/bin/sh\"; args = [ \"-c\" \"echo hi > \$out\" ]; }") && cat /tmp/st$out &&
nix-instantiate --store /tmp/st "<nixpkgs>" -A linux &&
nix-build --store /tmp/st --no-out-link -E "import <nix/fetchurl.nix> { url = \"$MIRROR/dists/bookworm/Release\"; hash = \"\"; }" 2>&1 | grep "got: *sha256-"'

row_debian() { # NAME SUITE ARCH SYSTEM: built there, with whatever tools that release has
  check "$1: a root" root_make "$1" "$2" "$3" || return
  check "$1: builds" enter "$1" 'export LC_ALL=C.UTF-8; { [ -f /b/build.ninja ] || meson setup /b /src --buildtype=release; } && ninja -C /b'
  check "$1: unit tests (without $left_out)" enter "$1" "LEFT_OUT='$left_out'; $unit_tests"
  check "$1: evaluates, builds in the sandbox, downloads" enter "$1" "SYSTEM=$4 MIRROR=$mirror; $builds"
  check "$1: words of the language (messages)" enter "$1" 'export KERNIX_BUILD=/b KERNIX_SRC=/src; sh /src/tools/links.sh /b; cd /src && bash tests/lang/messages.sh /b/bin/nix-instantiate'
}
row_bookworm() { row_debian bookworm bookworm amd64 x86_64-linux; }
row_trixie() { row_debian trixie trixie amd64 x86_64-linux; }
row_sid() { row_debian sid sid amd64 x86_64-linux; }
row_i386() { row_debian i386 bookworm i386 i686-linux; }

# Cross-built, and run under qemu-user, which makes no namespaces: of the sandbox nothing is seen here.
unpack_arm64() {
  [ ! -e "$roots/arm64.unpacked" ] || return 0
  local deb
  for deb in "$roots"/arm64/var/cache/apt/archives/*.deb; do dpkg-deb -x "$deb" "$roots/arm64" || return 1; done
  rm -f "$roots"/arm64/var/cache/apt/archives/*.deb
  touch "$roots/arm64.unpacked"
}
build_arm64() {
  local root
  root=$(realpath "$roots/arm64")
  sed "s,KERNIX_SYSROOT,$root,g" "$here/cross-arm64.ini" >"$work/cross.ini"
  { [ -f "$roots/arm64-build/build.ninja" ] || meson setup "$roots/arm64-build" --cross-file "$work/cross.ini" --buildtype=release; } && ninja -C "$roots/arm64-build"
}
tests_arm64() {
  local t bad=0
  for t in "$roots"/arm64-build/tests/unit/test-*; do
    if [ ! -f "$t" ] || [ ! -x "$t" ]; then continue; fi
    case " $left_out test-build-sandbox " in *" ${t##*/} "*) continue ;; esac
    SRCDIR=$KERNIX_SRC timeout 300 qemu-aarch64-static -L "$roots/arm64" "$t" >"$work/said" 2>&1 || {
      echo "$t"
      cat "$work/said"
      bad=1
    }
  done
  return $bad
}
arm64() { NIX_PATH=nixpkgs=$KERNIX_SRC/nixpkgs qemu-aarch64-static -L "$roots/arm64" -0 nix-instantiate "$roots/arm64-build/kernix" "$@"; }
row_arm64() {
  if ! command -v qemu-aarch64-static >/dev/null || ! command -v aarch64-linux-gnu-gcc >/dev/null; then
    echo "skipped: arm64: qemu-user-static and gcc-aarch64-linux-gnu are not installed"
    return
  fi
  check 'arm64: a root' root_make arm64 bookworm arm64 --foreign
  check 'arm64: its libraries' unpack_arm64
  check 'arm64: builds' build_arm64
  check 'arm64: unit tests' tests_arm64
  check 'arm64: is aarch64-linux' test "$(arm64 --eval -E builtins.currentSystem)" = '"aarch64-linux"'
  check 'arm64: evaluates a kernel' arm64 --store "$work/arm-store" '<nixpkgs>' -A linux
}

# Nothing but a kernel, busybox and one file: no /usr, no /etc/passwd, no certificates, no package manager.
busybox_make() {
  local a
  rm -rf "$roots/busybox"
  mkdir -p "$roots/busybox/bin" "$roots/busybox/etc" "$roots/busybox/root" "$roots/busybox/lib/ssl"
  cp "$(command -v busybox)" "$roots/busybox/bin/busybox" || return 1
  for a in sh ls cat mkdir ln id test env rm su chown; do ln -s busybox "$roots/busybox/bin/$a"; done
  cp /etc/resolv.conf "$roots/busybox/etc/" && cp build-static/kernix "$roots/busybox/bin/kernix" || return 1
  for a in $(build-static/kernix --command-links); do ln -s kernix "$roots/busybox/bin/$a"; done
}
bare() { enter busybox "export PATH=/bin HOME=/root; $1"; }
# shellcheck disable=SC2016 # for the root's shell
row_busybox() {
  check 'busybox: a static kernix' make --no-print-directory static
  check 'busybox: it needs no library' test "$(file -b build-static/kernix | grep -c 'statically linked')" = 1
  check 'busybox: a root' busybox_make
  check 'busybox: evaluates' bare 'test "$(nix-instantiate --eval -E 1+1)" = 2'
  # The package set is in the file; paths are the same wherever it is evaluated without a toolchain of the machine's.
  check 'busybox: evaluates a kernel of the set that it has in itself' bare 'nix-instantiate --store /tmp/st "<nixpkgs>" -A linux'
  check 'busybox: the same source of it as here' test "$(bare 'nix-instantiate --store /tmp/st "<nixpkgs>" -A linux.src' 2>/dev/null)" = \
    "$("$KERNIX_BUILD/bin/nix-instantiate" --store "$work/st" "$KERNIX_SRC/nixpkgs" -A linux.src 2>/dev/null)"
  local x='derivation { name = \"x\"; system = builtins.currentSystem; builder = \"/bin/sh\"; args = [ \"-c\" \"echo hi > \$out\" ]; }'
  mkdir -p "$roots/busybox/home/u" && chown 1234 "$roots/busybox/home/u"
  # Without a build root the only program of a builder is the machine's own /bin, where there is one.
  check 'busybox: builds as root' bare "nix-build --store /tmp/st --no-out-link -E \"$x\""
  check 'busybox: downloads' bare "nix-build --store /tmp/st --no-out-link -E 'import <nix/fetchurl.nix> { url = \"$mirror/dists/bookworm/Release\"; hash = \"\"; }' 2>&1 | busybox grep 'got: *sha256-'"
  local secure="nix-build --store /tmp/st --no-out-link -E 'import <nix/fetchurl.nix> { url = \"https://deb.debian.org/debian/dists/bookworm/Release\"; hash = \"\"; }'"
  expect_fail 'busybox: https without certificates says what to name' 'SSL_CERT_FILE' bare "$secure"
  cp /etc/ssl/certs/ca-certificates.crt "$roots/busybox/lib/ssl/certs.crt"
  check 'busybox: https with them' bare "SSL_CERT_FILE=/lib/ssl/certs.crt $secure 2>&1 | busybox grep 'got: *sha256-'"
  check 'busybox: an ordinary user builds' bare "echo u:x:1234:1234::/home/u:/bin/sh >/etc/passwd; su u -c 'HOME=/home/u; $(printf %s "nix-build --store /home/u/st --no-out-link -E \"$x\"")'"
  check 'busybox: kernix words' bare 'kernix help && kernix config --help'
}

for row in $rows; do
  if [ "$(type -t "row_$row")" = function ]; then
    start=$SECONDS
    "row_$row"
    echo "row $row: $((SECONDS - start)) s"
  else
    bad "there is no row '$row'"
  fi
done
# The kernel of the demo, built in each root, has one NAR hash: that needs build roots, in which the host's toolchain is not seen.
echo "not yet: NAR hashes of the demo's kernel, modules, initrd and system are not compared (builds still see the machine's own toolchain)"
finish
