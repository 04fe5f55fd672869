# SPDX-License-Identifier: GPL-2.0-or-later
# boot.kernix.bootTest: whether `nixos-rebuild boot` and `switch` start a new kernel in QEMU before they install it, and how
# long that may take. It is told by boot.json, so that going back to a generation asks that generation.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.boot.kernix.bootTest;
  facts = lib.optionalAttrs (!cfg.enable) { enable = false; } // lib.optionalAttrs (cfg.timeout != null) { inherit (cfg) timeout; };
in
{
  options.boot.kernix.bootTest = {
    enable = mkOption { type = types.bool; default = true; description = "Whether a new kernel and initrd are started in QEMU, with a disposable root, before they are installed. Nothing is tested where QEMU is not installed."; };
    timeout = mkOption { type = types.nullOr types.ints.positive; default = null; example = 300; description = "Seconds after which a kernel counts as one that hangs; null: 30 with KVM (10 without a word), 120 without KVM (60 without a word)."; };
  };
  config.boot.bootspec.extensions."org.kernix.boottest.v1" = lib.mkIf (facts != { }) facts;
}
