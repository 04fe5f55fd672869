# SPDX-License-Identifier: GPL-2.0-or-later
# A shell for a module, with the kernel in a variable.
{ pkgs ? import <nixpkgs> { } }: let kernel = pkgs.linuxKernel.kernels.linux_6_12.dev; KERNEL = "${kernel}/lib/modules/${kernel.version}"; package = pkgs.stdenv.mkDerivation { pname = "kmod"; version = "0"; src = ./files/hello; inherit KERNEL; }; in pkgs.mkShell { inputsFrom = [ package ]; packages = with pkgs; [ bear clang-tools ]; inherit KERNEL; }
