# SPDX-License-Identifier: GPL-2.0-or-later
# what: an overlay with structuredExtraConfig; ignoreConfigErrors makes a warning of an error
must "the same system as real Nix" same_system "$row/snippet.nix"
kernel() { # ARGUMENTS: the .config of Debian's source with the page's overlay
  ours nix-build --no-out-link -E "with import <nixpkgs> { overlays = [ (self: super: { linuxMuQSS = super.linuxPackagesFor (super.linux_debian.kernel.override {
    structuredExtraConfig = with super.lib.kernel; { SCHED_MUQSS = yes; $1 };
    $2
  }); }) ]; }; linuxMuQSS.kernel.configfile"
}
must "an option that does not exist is an error" fails 'SCHED_MUQSS' kernel "" ""
must "that says what to do" says fails.log 'ignoreConfigErrors'
must "a warning with ignoreConfigErrors" kernel "IKHEADERS = module; LOCALVERSION = freeform \"-$RANDOM\";" "ignoreConfigErrors = true;"
must "that names the option" says must.log '^SCHED_MUQSS: wanted y'
must "the rest is set" says "$store$(tail -n 1 must.log)" '^CONFIG_IKHEADERS=m$'
