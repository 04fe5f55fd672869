# SPDX-License-Identifier: GPL-2.0-or-later
# For the tests of Kconfig: finds or unpacks a kernel tree, builds its conf, and runs conf and kernix with the same environment.
# Needs KERNIX_BUILD, the build folder. To be sourced.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
kernix=$(realpath "${KERNIX_BUILD:?}")/kernix
work=${KCONFIG_WORK:-$(realpath "$KERNIX_BUILD")/kconfig-work}
mkdir -p "$work"

# VERSION: of a tree that only newer suites of Debian have, what Kconfig reads. 77: it cannot be had.
newer_tree() {
  local v=$1 t=$work/linux-source-$1 deb
  deb=$("$here/../newer.sh" "linux-source-$v") || return 77
  rm -rf "$t"
  dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/linux-source-$v.tar.xz" |
    tar -C "$work" -xJ --wildcards '*/Kconfig*' '*/configs/*' "linux-source-$v/scripts/*" '*/Makefile*' '*/Kbuild*' || return 1
  touch "$t/.unpacked"
  echo "$t"
}

# VERSION: prints the folder of the tree. Suites that run beside each other share it: who comes second waits until it is there.
tree() { (flock 8 && tree_made "$1") 8>"$work/tree-$1.lock"; }
tree_made() {
  local v=$1 t
  for t in "${KERNIX_TREES:-/nonexistent}/linux-source-$v" "$work/linux-source-$v"; do
    [ -f "$t/.unpacked" ] || { [ -f "$t/Kconfig" ] && [ "$t" != "$work/linux-source-$v" ]; } && { echo "$t"; return; }
  done
  case $v in [7-9].*) newer_tree "$v"; return ;; esac
  [ -f "/usr/src/linux-source-$v.tar.xz" ] || { echo "linux-source-$v is not installed" >&2; return 77; }
  tar -C "$work" -xf "/usr/src/linux-source-$v.tar.xz" || return 1
  touch "$work/linux-source-$v/.unpacked"
  echo "$work/linux-source-$v"
}

# VERSION: prints the path of its conf, built with cached probes. With FAST_CONF its table of expressions, which nothing walks in order, gets a hash
# that collides less (since 6.12 that is most of conf's time).
conf_of() {
  local v=$1 s d
  s=$(tree "$v") || return
  d=$work/conf-$v${FAST_CONF:+-fast}
  (flock 8 && conf_made "$s" "$d") 8>"$d.lock"
}
conf_made() { # TREE FOLDER
  local s=$1 d=$2
  [ -x "$d/conf" ] && { echo "$d/conf"; return; }
  rm -rf "$d.tmp"
  mkdir -p "$d.tmp"
  (
    cd "$d.tmp" || exit 1
    cp "$s"/scripts/kconfig/*.[chly] .
    [ -z "${FAST_CONF:-}" ] || sed -i 's/^\thash = hash_32(.*hash_ptr(l).*hash_ptr(r));/\thash = (int)(((unsigned long)l * 31 + (unsigned long)r * 17 + type) * 0x9E3779B97F4A7C15ul >> 40);/' expr.c
    bison -o parser.tab.c --defines -t -l parser.y && flex -o lexer.lex.c -L lexer.l || exit 1
    inc=
    [ -d "$s/scripts/include" ] && inc="-I$s/scripts/include"
    gcc -O2 -w -c "$here/popen-cache.c" -o popen-cache.o
    # shellcheck disable=SC2086
    gcc -O2 -w -I. $inc -Dpopen=cached_popen -Dpclose=cached_pclose -o conf conf.c confdata.c expr.c lexer.lex.c menu.c parser.tab.c preprocess.c \
      symbol.c util.c popen-cache.o
  ) >&2 || return 1
  mv "$d.tmp" "$d"
  echo "$d/conf"
}

srcarch_of() {
  case $1 in x86_64 | i386) echo x86 ;; sparc32 | sparc64) echo sparc ;; parisc64) echo parisc ;; *) echo "$1" ;; esac
}

version_of() { # TREE
  sed -n 's/^VERSION = //p;s/^PATCHLEVEL = //p;s/^SUBLEVEL = //p' "$1/Makefile" | paste -sd.
}

# The environment of one run, as an array ENVIRON: tree, arch.
environment() {
  local s=$1 arch=$2
  ENVIRON=(env -i "HOME=$work" "PATH=$PATH" "ARCH=$arch" "SRCARCH=$(srcarch_of "$arch")" "srctree=$s" "KERNELVERSION=$(version_of "$s")" CC=gcc LD=ld
    AR=ar NM=nm OBJCOPY=objcopy HOSTCC=gcc HOSTCXX=g++ CONFIG_SHELL=sh RUSTC=rustc BINDGEN=bindgen PAHOLE=pahole PYTHON3=python3
    RUSTC_VERSION_TEXT= CLANG_FLAGS= HEADER_ARCH=x86 SUBARCH=x86 "CC_VERSION_TEXT=$(gcc --version | head -n 1)" "PAHOLE_VERSION=$("$s/scripts/pahole-version.sh" pahole)" "POPEN_CACHE=$work/probes-$arch"
    "XDG_CACHE_HOME=$work/cache" KCONFIG_SEED=7)
  mkdir -p "$work/probes-$arch"
}

# One comparison: .config, savedefconfig and warnings. Prints nothing when all are equal.
compare() { # VERSION ARCH BASE
  local v=$1 arch=$2 base=$3 s conf d mode bad=0
  s=$(tree "$v") && conf=$(conf_of "$v") || return
  environment "$s" "$arch"
  d=$(mktemp -d "$work/run.XXXXXX")
  mkdir "$d/conf" "$d/kernix"
  case $base in *_defconfig | */* | defconfig) mode=--defconfig=arch/$(srcarch_of "$arch")/configs/$base ;; *) mode=--$base ;; esac
  (cd "$d/conf" && "${ENVIRON[@]}" "$conf" "$mode" Kconfig >out 2>err && "${ENVIRON[@]}" "$conf" --savedefconfig=minimal Kconfig >out2 2>&1)
  (cd "$d/kernix" && "${ENVIRON[@]}" KBUILD_DEFCONFIG="$base" "$kernix" config solve --source "$s" --arch "$arch" --base "$base" -o .config >out 2>err &&
    "${ENVIRON[@]}" "$kernix" config solve --source "$s" --arch "$arch" --base savedefconfig -o minimal >out2 2>&1)
  local f
  for f in .config minimal err; do
    cmp -s "$d/conf/$f" "$d/kernix/$f" && [ -f "$d/conf/$f" ] && continue
    bad=1
    echo "$v $arch $base: $f differs"
    diff "$d/conf/$f" "$d/kernix/$f" 2>&1 | head -n 5
  done
  rm -rf "$d"
  return $bad
}
