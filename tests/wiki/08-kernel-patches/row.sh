# SPDX-License-Identifier: GPL-2.0-or-later
# what: every option of the patch is in the final .config; boot.crashDump.enable does it too
must "the same system as real Nix" same_system "$row/snippet.nix"
must "five requests" is 5 value "builtins.length (builtins.filter (r: r.why == \"kernel patch 'crashdump-config' (extraConfig)\") (import <nixpkgs/nixos> { configuration = $row/snippet.nix; }).config.boot.kernelPackages.kernel.requests)"
