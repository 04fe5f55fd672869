# SPDX-License-Identifier: GPL-2.0-or-later
# A shell with Python libraries and libclang.
{ pkgs ? import <nixpkgs> { } }: let devPackages = with pkgs; [ iproute2 (pkgs.python3.withPackages (p: (with p; [ tqdm ]))) openssh cmake rustup ]; in pkgs.mkShell { inputsFrom = [ pkgs.linux_latest ]; buildInputs = devPackages; hardeningDisable = [ "strictoverflow" "zerocallusedregs" ]; shellHook = ''export LIBCLANG_PATH="${pkgs.libclang.lib.outPath}/lib/libclang.so"''; }
