# SPDX-License-Identifier: GPL-2.0-or-later
# aggregateModules [ kernel.modules package... ]: one tree of kernel modules with depmod's data. A package's module takes
# the place of the kernel's own of the same name; packages of another kernel are refused, with both versions named.
{ lib, runCommand, kmod }:
modules:
runCommand "kernel-modules" {
  # A package that is named twice is one.
  trees = lib.unique (map (m: "${m.modules or m.out or m}") modules);
  nativeBuildInputs = [ kmod ];
  preferLocalBuild = true;
} "bash ${./aggregate-modules.sh} \"$out\" $trees"
