#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What of the toolchain keeps an option off: the missing program, the version that the tree needs and the one that is here are named, by explain,
# check and a build; with other programs nothing is said. On a tree with entries of the forms that Linux has, and on 6.12 itself.
# shellcheck source=tests/kconfig/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/../.." || exit 1
KERNIX_BUILD=$(realpath "$KERNIX_BUILD")
tools=$work
. tests/cmd/lib.sh
. tests/kconfig/mini-tree.sh
scratch=$work work=$tools
s=$(tree 6.12) || exit
work=$scratch
export XDG_CACHE_HOME=$work/cache
unset CC LLVM CROSS_COMPILE
t=$work/tree
mini_tree "$t"
mkdir -p "$t/scripts" "$work/bin"
cp "$s/scripts/min-tool-version.sh" "$s/scripts/rust_is_available.sh" "$s/scripts/pahole-version.sh" "$t/scripts/"
cat >>"$t/Kconfig" <<'X'
success = $(shell,{ $(1); } >/dev/null 2>&1 && echo y || echo n)
config CC_IS_CLANG
	def_bool $(success,$(CC) --version | grep -q clang)
config CLANG_VERSION
	int
	default $(shell,$(CC) --version | head -n 1 | sed -n 's/.*clang version \([0-9]*\)\..*/\10000/p;/clang/!s/.*/0/p')
config LD_IS_LLD
	def_bool $(success,$(LD) --version | grep -q LLD)
config RUST_IS_AVAILABLE
	def_bool $(success,$(srctree)/scripts/rust_is_available.sh)
config PAHOLE_VERSION
	int
	default $(shell,$(srctree)/scripts/pahole-version.sh $(PAHOLE))
config PAHOLE_HAS_LANG_EXCLUDE
	def_bool PAHOLE_VERSION >= 124
config HAS_LTO
	def_bool y
	depends on CC_IS_CLANG && LD_IS_LLD
	depends on $(success,false)
	depends on !EXPERT || CLANG_VERSION >= 170000
config LTO
	bool "lto"
	depends on HAS_LTO
config FULL
	bool "full"
	depends on LTO && NET
config CLANG_17
	bool "new"
	depends on CC_IS_CLANG && CLANG_VERSION >= 170000
config RUST
	bool "rust"
	depends on RUST_IS_AVAILABLE
	depends on PAHOLE_HAS_LANG_EXCLUDE
config EITHER
	bool "either"
	depends on PAHOLE_VERSION >= 199 || CC_IS_CLANG
X
config() { timeout 60 "$kernix" config "$@" --source "$t" --arch x86_64 --base allnoconfig; }
says() { # NAME 'TEXT|TEXT...' COMMAND...
  local name=$1 texts=$2 text missing=
  shift 2
  "$@" >"$work/out" 2>&1
  local IFS='|'
  for text in $texts; do grep -qF -- "$text" "$work/out" || missing="$missing [$text]"; done
  if [ -z "$missing" ]; then ok "$name"; else
    echo "does not say:$missing" >>"$work/out"
    bad "$name" "$work/out"
  fi
}
silent() { # NAME COMMAND...
  local name=$1
  shift
  "$@" >"$work/out" 2>&1
  grep -q 'toolchain' "$work/out" && bad "$name" "$work/out" || ok "$name"
}
tool() { # NAME TEXT: a program that says so
  printf '#!/bin/sh\ncase "$*" in *--version*) echo "%s" ;; *) exec gcc "$@" ;; esac\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
gcc=$(gcc --version | head -n 1)
least=$("$s/scripts/min-tool-version.sh" llvm)
export PATH=$work/bin:/usr/bin:/bin
tool pahole v1.23

says "the compiler: what is needed, what is here" "toolchain: CC_IS_CLANG: the compiler has to be clang $least or newer; CC=gcc is $gcc|LLVM=1" config explain CC_IS_CLANG
says "behind a test that failed, and a hidden symbol" "CC_IS_CLANG: the compiler|LD_IS_LLD: the linker has to be ld.lld $least or newer (package lld); LD=ld is GNU ld" config explain LTO
config explain LTO --json 2>/dev/null | jq -e '(.toolchain | length) == 2 and (.toolchain[0] | startswith("CC_IS_CLANG: "))' >"$work/out" && ok "as JSON" || bad "as JSON" "$work/out"
says "deeper" "CC_IS_CLANG: the compiler|LD_IS_LLD" config explain FULL
says "a version that is too old" "PAHOLE_VERSION: pahole 1.24 or newer is needed (package dwarves); here it is 1.23" config explain PAHOLE_HAS_LANG_EXCLUDE
says "Rust, in the words of the tree" "Rust needs rustc $("$s/scripts/min-tool-version.sh" rustc), bindgen|Rust compiler 'rustc' could not be found" env RUSTC=rustc PATH="$work/bin:/usr/bin:/bin" "$kernix" config explain RUST --source "$t" --arch x86_64 --base allnoconfig
says "and what else it needs" "PAHOLE_VERSION: pahole 1.24" config explain RUST
says "one of several ways" "one way: PAHOLE_VERSION: pahole 1.99 or newer|one way: CC_IS_CLANG" config explain EITHER
tool rustc 'rustc 1.50.0 (test)'
tool bindgen 'bindgen 0.65.1'
says "a Rust that is too old" "Rust compiler 'rustc' is too old. Your version: 1.50.0 Minimum version: $("$s/scripts/min-tool-version.sh" rustc)" config explain RUST
rm "$work/bin/rustc" "$work/bin/bindgen"
echo '{"RUST":"y","LTO":"y","NET":"y"}' >"$work/requests.json"
says "check: under one heading, each once" "of the toolchain:|  CC_IS_CLANG: the compiler|  RUST_IS_AVAILABLE: Rust needs" config check --request "$work/requests.json"
[ "$(grep -c '  CC_IS_CLANG: the compiler' "$work/out")" = 1 ] && ok "once" || bad "not once" "$work/out"
silent "what has nothing to do with it: nothing is said" config explain DRIVER
silent "nor where all is there" config explain NET
tool new-clang 'clang version 18.1.0'
tool old-clang 'clang version 14.0.6'
tool ld.lld 'LLD 18.1.0'
tool pahole v1.26
export CC=new-clang
silent "with the right compiler nothing is said of it" config explain CLANG_17
CC=old-clang says "an old one of the right kind" "CLANG_VERSION: clang 17.0 or newer is needed (package clang); here it is 14.0" config explain CLANG_17
silent "pahole that is new enough" config explain PAHOLE_HAS_LANG_EXCLUDE
unset CC

# The tree itself, in an environment without clang's and Rust's programs in use.
real() { timeout 120 env PATH=/usr/bin:/bin "$kernix" config "$@" --source "$s" --arch x86_64 --base defconfig; }
says "6.12: HAS_LTO_CLANG" "CC_IS_CLANG: the compiler has to be clang $least or newer; CC=gcc is $gcc|LD_IS_LLD: the linker has to be ld.lld $least|AS_IS_LLVM" real explain HAS_LTO_CLANG
says "6.12: LTO_CLANG_THIN" "CC_IS_CLANG: the compiler has to be clang" real explain LTO_CLANG_THIN
command -v rustc >/dev/null || says "6.12: RUST" "rustc 1.78.0|bindgen 0.65.1|could not be found" real explain RUST
finish
