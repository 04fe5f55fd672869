# SPDX-License-Identifier: GPL-2.0-or-later
# what: Module.symvers is copied from linux.dev
symvers() {
  cp "$(built -E '(import <nixpkgs> {}).linux_debian_bin.dev')"/src/linux-headers-*/Module.symvers .
}
must "cp" symvers
must "it has the kernel's symbols" says Module.symvers 'module_layout'
