# SPDX-License-Identifier: GPL-2.0-or-later
# what: options reach loadable modules; for built-in ones the build says what to write instead
must "the same system as real Nix" same_system "$row/snippet.nix"
must "a loadable module's parameter" guest max_loop '^5$'
must "the page's example" guest blinkenlights '^(1|Y)$'
must "advice for a built-in module" guest_warns \
  'tcp_cubic is built into this kernel.*write boot.kernelParams = \[ "tcp_cubic.fast_convergence=0" \];'
must "a module that is none" guest_warns "boot.extraModprobeConfig: this kernel has no module 'yourmodulename'"
