# SPDX-License-Identifier: GPL-2.0-or-later
# what: Module.symvers is copied from linux.dev
symvers() {
  ours nix-shell '<nixpkgs>' -A linux_debian_bin.dev --run \
    "cp \$(nix-build -E '(import <nixpkgs> {}).linux_debian_bin.dev' --no-out-link)/lib/modules/*/build/Module.symvers ."
}
must "cp" symvers
must "it has the kernel's symbols" says Module.symvers $'^0x[0-9a-f]{8}\tmodule_layout\tvmlinux\tEXPORT_SYMBOL'
must "and those of its modules" says Module.symvers $'\tsound/core/snd\t'
must "thousands of them" test "$(wc -l <Module.symvers)" -gt 10000
