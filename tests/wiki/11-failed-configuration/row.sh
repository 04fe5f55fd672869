# SPDX-License-Identifier: GPL-2.0-or-later
# what: --keep-failed keeps the build directory of a failed configuration
failing='with import <nixpkgs> { };
(linux_debian.override { defconfig = "allnoconfig"; enableCommonConfig = false; structuredExtraConfig.NO_SUCH_OPTION = lib.kernel.yes; }).configfile'
# Build directories lie in TMPDIR, which the test runner has of its own.
TMPDIR=/tmp limit=900 must "it fails and names the option" fails NO_SUCH_OPTION ours nix-build -E "$failing" --no-out-link --keep-failed
must "the note is Nix's" says fails.log "note: keeping build directory '/tmp/nix-build-linux-config-.*\.drv-[0-9]+'"
kept=$(sed -n "s/.*note: keeping build directory '\(.*\)'.*/\1/p" fails.log)
must "it is there" test -n "$(ls "$kept")"
rm -rf "$kept"
