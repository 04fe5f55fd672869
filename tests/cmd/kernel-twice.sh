#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel and its .config, built once more from nothing, are the same to the byte (nix-store --realise --check), in the demo's store.
#   kernel-twice.sh         the smallest kernel that has modules, of the demo's source tree: a minute or two
#   kernel-twice.sh demo    the demo's kernel and initrd themselves
set -u
cd "$KERNIX_SRC" || exit 1
. tests/cmd/lib.sh
export NIX_REMOTE="local?root=${KERNIX_DEMO_ROOT:-$PWD/.kernix/demo}" NIX_PATH=nixpkgs=$PWD/nixpkgs
system='(import <nixpkgs/nixos> { configuration = ./examples/demo/configuration.nix; }).config.system.build'
small="($system.kernel.override (old: with (import <nixpkgs> { }).lib; {
  defconfig = \"allnoconfig\";
  kernelPatches = map (patch: { inherit (patch) name patch; }) old.kernelPatches;
  structuredExtraConfig = genAttrs [ \"EXPERT\" \"64BIT\" \"PROCESSOR_SELECT\" \"MODULES\" ] (_: kernel.yes) // { CRC_ITU_T = kernel.module; }
    // genAttrs [ \"BLOCK\" \"TTY\" \"FUTEX\" \"EPOLL\" \"SIGNALFD\" \"TIMERFD\" \"EVENTFD\" \"AIO\" \"IO_URING\" \"PROC_FS\" \"POSIX_TIMERS\" \"INPUT\" \"VT\" \"HID_SUPPORT\"
      \"USB_SUPPORT\" \"CPU_SUP_INTEL\" \"CPU_SUP_AMD\" \"CPU_SUP_HYGON\" \"CPU_SUP_CENTAUR\" \"CPU_SUP_ZHAOXIN\" \"MTRR\" ] (_: kernel.no);
}))"

twice() { # NAME EXPRESSION
  local drv out
  drv=$("$bin/nix-instantiate" -E "$2" 2>"$work/err") || bad "$1: no derivation" "$work/err"
  drv=${drv%%!*}
  check "$1" "$bin/nix-store" --realise "$drv"
  for out in $("$bin/nix-store" -q --outputs "$drv"); do echo "    $("$bin/nix-store" -q --hash "$out") $out"; done
  check "$1 once more: the same" "$bin/nix-store" --realise --check "$drv"
}

if [ "${1:-}" = demo ]; then
  twice "the demo's .config" "$system.kernel.configfile"
  twice "the demo's initrd" "$system.initialRamdisk"
  twice "the demo's kernel" "$system.kernel"
else
  twice "a .config" "$small.configfile"
  twice "a kernel" "$small"
fi
finish
