# SPDX-License-Identifier: GPL-2.0-or-later
# what: every option of the patch is in the final .config; boot.crashDump.enable does it too
must "the same system as real Nix" same_system "$row/snippet.nix"
must "the same with boot.crashDump.enable" same_system "$row/crashdump.nix"
# The final .config of a system, on Debian's source of the kernel.
final() {
  built "$nixpkgs/nixos" --arg configuration "{ pkgs, ... }: { imports = [ $1 ]; boot.kernelPackages = pkgs.linuxPackages_debian; }" \
    -A config.boot.kernelPackages.kernel.configfile
}
has_all() {
  local file option
  file=$(final "$1") || return
  for option in "${@:2}"; do says "$file" "^CONFIG_$option=y$" || return; done
}
must "all five are in the .config" has_all "$row/snippet.nix" CRASH_DUMP DEBUG_INFO PROC_VMCORE LOCKUP_DETECTOR HARDLOCKUP_DETECTOR
must "boot.crashDump.enable: the same" has_all "$row/crashdump.nix" CRASH_DUMP DEBUG_INFO PROC_VMCORE LOCKUP_DETECTOR HARDLOCKUP_DETECTOR
must "and the parameters that it needs" is true value "builtins.any (p: builtins.match \"crashkernel=.*\" p != null) (import <nixpkgs/nixos> { configuration = $row/crashdump.nix; }).config.boot.kernelParams"
wrong='[ { name = "mine"; patch = null; extraConfig = "CONFIG_CRASH_DUMP=y"; } ]'
must "CONFIG_ before a name is told" fails "write 'NAME VALUE', as in 'CRASH_DUMP y'" final "{ boot.kernelPatches = $wrong; }"
typo='[ { name = "mine"; patch = null; extraConfig = "CRASH_DUMPP y"; } ]'
must "a misspelt option is told, with who asked" fails "CRASH_DUMPP" final "{ boot.kernelPatches = $typo; }"
must "and what is near" says fails.log 'CRASH_DUMP([^P]|$)'
